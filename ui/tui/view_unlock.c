/*
 * The unlock screen.
 *
 *   asking --Enter on the last line--> opening --ok--> app_opened
 *      ^                                  |
 *      '------------ (delay) -------------'
 *
 * 1. What is typed lives in the line editors' secret memory; the job takes a copy and
 *    frees it when the vault has answered. What is shown does not betray its length.
 * 2. Only a wrong secret makes the next try wait (1, 2, 4, 8 s); a damaged or foreign
 *    file, and a recovery code with a mistake in it, are told in their own words.
 * 3. A secret given by option opens at once, one time, and is wiped then: after a lock it
 *    is asked for, in the way that opened the vault before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/failed.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/unlock_draw.h"
#include "ui/tui/unlock_jobs.h"
#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define FORGET_MS 30000 /* a field left alone is cleared */
#define DELAY_MAX 8000
#define DELAY_MIN 1000
#define WAYS	  4 /* of enum vault_secret_kind */
#define NOTE_ROWS 3 /* kept for sentences, as far as there is room */

enum row { WAY, TEXT, FILE_NAME, ROWS };

struct view_unlock {
	struct view view;
	struct lineedit *text, *file;
	enum row at;
	enum vault_secret_kind kind;
	bool ways[WAYS]; /* that this vault has a slot for */
	struct vault_peek peek;
	bool peeked, opening;
	bool none;    /* there is no such file */
	bool accepts; /* an older copy: it is the user who put it back */
	uint64_t generation; /* app_generation, as it was peeked at */
	enum style note_style;
	char note[ERR_LEN];
	int64_t typed_at, wait_until, delay, began;
};

static void
note(struct view_unlock *u, enum style style, const char *text)
{
	snprintf(u->note, sizeof u->note, "%s", text);
	u->note_style = style;
}

static int
way_count(const struct view_unlock *u)
{
	int i, n = 0;

	for (i = 0; i < WAYS; i++)
		n += u->ways[i];
	return n;
}

static bool
is_shown(const struct view_unlock *u, enum row row)
{
	switch (row) {
	case WAY:
		return way_count(u) > 1;
	case TEXT:
		return slot_takes_text(u->kind);
	case FILE_NAME:
		return slot_takes_file(u->kind);
	case ROWS:
		break;
	}
	return false;
}

/* The next line that is shown, ${by} 1 or -1; ${row} itself when there is none. */
static enum row
beside(const struct view_unlock *u, enum row row, int by)
{
	int i;

	for (i = (int)row + by; i >= 0 && i < ROWS; i += by)
		if (is_shown(u, (enum row)i))
			return (enum row)i;
	return row;
}

static void
choose(struct view_unlock *u, enum vault_secret_kind kind)
{
	u->kind = kind;
	if (u->at == WAY && is_shown(u, WAY))
		return;
	u->at = is_shown(u, TEXT) ? TEXT : FILE_NAME;
}

static void
choose_next(struct view_unlock *u, int by)
{
	int i = (int)u->kind;

	if (way_count(u) < 2) {
		if (u->peeked)
			note(u, STYLE_WARN, "there is no other way into this vault");
		return;
	}
	do
		i = (i + by + WAYS) % WAYS;
	while (!u->ways[i]);
	lineedit_set(u->text, "", 0);
	choose(u, (enum vault_secret_kind)i);
}

/* What the vault takes; a way that it does not take is left. */
static void
learn_ways(struct view_unlock *u)
{
	int way = 0;
	size_t i;

	memset(u->ways, 0, sizeof u->ways);
	for (i = 0; i < u->peek.slot_count; i++) {
		const struct vault_slot *s = &u->peek.slots[i];

		u->ways[s->takes_recovery			? VAULT_RECOVERY
			: s->takes_passphrase && s->takes_keyfile ? VAULT_BOTH
			: s->takes_keyfile			? VAULT_KEYFILE
								: VAULT_PASSPHRASE] = true;
	}
	while (way < WAYS && !u->ways[way])
		way++;
	if (!u->ways[u->kind] && way < WAYS)
		choose(u, (enum vault_secret_kind)way);
}

static void
was_peeked(struct peek_job *p)
{
	struct view_unlock *u = p->job.owner;

	u->peeked = p->job.rc == RC_OK;
	u->peek = p->peek;
	u->none = p->job.rc == RC_NOTFOUND;
	if (u->none) {
		note(u, STYLE_WARN, "there is no such vault; F7 makes it, F10 quits");
		return;
	}
	if (p->job.rc != RC_OK) {
		note(u, STYLE_BAD, p->job.err.text[0] ? p->job.err.text : rc_text(p->job.rc));
		return;
	}
	learn_ways(u);
	if (u->peek.copy_damaged && !u->opening && !u->note[0])
		note(u, STYLE_WARN,
		    "one copy of the header is damaged; unlocking repairs it");
}

static void
was_put_back(void *arg)
{
	struct view_unlock *u = arg;

	u->accepts = true;
	note(u, STYLE_WARN,
	    "unlock once more: then what was seen last of this vault is forgotten, and it is "
	    "taken as it is");
}

static void
refused(struct view_unlock *u, const struct open_job *o)
{
	const struct job *j = &o->job;
	int64_t now = app_now(u->view.app);

	u->opening = false;
	if (j->rc == RC_CANCELLED) {
		app_failed(u->view.app, j);
		return;
	}
	note(u, STYLE_BAD, j->err.text[0] ? j->err.text : rc_text(j->rc));
	if (o->older)
		view_confirm_open(u->view.app,
		    "This vault is older than it was here. Did you put it back yourself?",
		    was_put_back, u);
	if (j->rc != RC_PASS)
		return;
	u->delay = u->delay == 0 ? DELAY_MIN : u->delay * 2;
	if (u->delay > DELAY_MAX)
		u->delay = DELAY_MAX;
	u->wait_until = now + u->delay;
	app_fast(u->view.app, u->delay);
	unlock_peek(u->view.app, u, was_peeked);
}

static void
say_since(struct app *a, const struct vault_info *info)
{
	char when[32], times[FAILED_TIMES_LEN];

	failed_times(info, 3, times);
	if (info->clock_behind) {
		app_say(a, STYLE_WARN,
		    "the clock stands %llu minutes before the latest entry of the audit",
		    (unsigned long long)(info->clock_behind / 60));
		return;
	}
	if (!info->last_unlock)
		return;
	app_time(info->last_unlock, when, sizeof when);
	app_say(a, info->failed_since ? STYLE_WARN : STYLE_GOOD,
	    "last unlocked %s, %d failed attempt%s since%s%s%s", when, info->failed_since,
	    info->failed_since == 1 ? "" : "s", *times ? ": " : "", times,
	    info->repaired ? "; a damaged header copy was repaired" : "");
}

static void
was_opened(struct open_job *o)
{
	struct view_unlock *u = o->job.owner;
	struct app *a = u->view.app;
	struct vault *clone = o->clone;
	struct field *fields = o->fields;

	if (o->job.rc != RC_OK) {
		refused(u, o);
		return;
	}
	o->clone = NULL;
	o->fields = NULL;
	app_set_way(a, u->kind, lineedit_text(u->file));
	app_opened(a, clone, &o->info, fields, o->field_n); /* closes this view */
	say_since(a, &o->info);
}

static void
start(struct view_unlock *u, struct slot_secret *present)
{
	struct app *a = u->view.app;

	if (!unlock_open(a, u, present, u->accepts, was_opened)) {
		note(u, STYLE_BAD, "out of memory");
		return;
	}
	u->opening = true;
	u->began = app_now(a);
	u->note[0] = '\0';
	app_fast(a, 1000);
}

static bool
copy_of(const struct secret *s, struct secret **out)
{
	return secret_from(secret_view(s), secret_len(s), out) == RC_OK;
}

static void
draw_note(struct view_unlock *u, struct pane *p, int row)
{
	if (u->note[0] && u->note_style == STYLE_BAD)
		pane_put(p, row++, 1, 0, STYLE_BAD, "error:");
	wrap_put(
	    p, row, 1, pane_cols(p) - 2, pane_rows(p) - row, u->note_style, u->note);
}

static void
draw_line(struct view_unlock *u, struct pane *p, int row, enum row line)
{
	int width = pane_cols(p) - UNLOCK_COL - 2;
	bool at = u->at == line;

	pane_put(p, row, 1, 0, at ? STYLE_STRONG : STYLE_DIM,
	    line == WAY			  ? "Open with"
	    : line == FILE_NAME		  ? "Key file"
	    : u->kind == VAULT_RECOVERY ? "Code"
					  : "Passphrase");
	if (line == WAY) {
		pane_putf(p, row, UNLOCK_COL, width, at ? STYLE_INPUT : STYLE_TEXT, "< %s >",
		    slot_kind_name(u->kind));
		if (at && term_plain())
			pane_cursor(p, row, UNLOCK_COL);
	} else if (line == TEXT) {
		lineedit_draw_hidden(
		    u->text, p, row, UNLOCK_COL, width, at && !u->opening);
	} else {
		lineedit_draw(u->file, p, row, UNLOCK_COL, width, at && !u->opening);
	}
}

static void
draw_state(struct view_unlock *u, struct pane *p, int row)
{
	int64_t now = app_now(u->view.app);

	if (u->opening)
		pane_putf(p, row, UNLOCK_COL, 0, STYLE_TEXT, "%c unlocking, %d s",
		    "|/-\\"[(now - u->began) / 100 & 3], (int)((now - u->began) / 1000));
	else if (now < u->wait_until)
		pane_putf(p, row, UNLOCK_COL, 0, STYLE_WARN,
		    "wait %d s before the next try",
		    (int)((u->wait_until - now + 999) / 1000));
	else if (u->at == WAY)
		pane_put(p, row, UNLOCK_COL, 0, STYLE_DIM, "Left and Right choose");
	else
		pane_put(p, row, UNLOCK_COL, 0, STYLE_DIM, "Enter unlocks, F10 quits");
}

static void
unlock_draw(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;
	struct pane *p = v->pane;
	bool roomy = pane_rows(p) > 12;
	int row = roomy, i, form = 1;

	for (i = 0; i < ROWS; i++)
		form += is_shown(u, (enum row)i);
	row = unlock_draw_facts(p, app_opts(v->app)->path, u->peeked ? &u->peek : NULL, row,
		  pane_rows(p) - form - NOTE_ROWS) +
	      roomy;
	for (i = 0; i < ROWS; i++)
		if (is_shown(u, (enum row)i))
			draw_line(u, p, row++, (enum row)i);
	draw_state(u, p, row);
	draw_note(u, p, row + 1);
}

/* What is missing or mistyped, before anything is derived from it. */
static bool
is_complete(struct view_unlock *u)
{
	struct err err = {""};

	if (is_shown(u, TEXT) && lineedit_len(u->text) == 0) {
		u->at = TEXT;
		note(u, STYLE_WARN,
		    u->kind == VAULT_RECOVERY ? "type the recovery code, then Enter"
					      : "type the passphrase, then Enter");
		return false;
	}
	if (is_shown(u, FILE_NAME) && lineedit_len(u->file) == 0) {
		u->at = FILE_NAME;
		note(u, STYLE_WARN, "name the key file, then Enter");
		return false;
	}
	if (u->kind != VAULT_RECOVERY ||
	    keys_recovery_check(lineedit_secret(u->text), &err) == RC_OK)
		return true;
	note(u, STYLE_BAD, err.text);
	return false;
}

static void
unlock_enter(struct view_unlock *u)
{
	struct slot_secret present = {.kind = u->kind};

	if (u->opening || app_now(u->view.app) < u->wait_until || !is_complete(u))
		return;
	if (is_shown(u, FILE_NAME))
		present.file = strdup(lineedit_text(u->file));
	if ((is_shown(u, FILE_NAME) && !present.file) ||
	    (is_shown(u, TEXT) && !copy_of(lineedit_secret(u->text), &present.typed))) {
		slot_secret_free(&present);
		note(u, STYLE_BAD, "out of memory");
		return;
	}
	start(u, &present);
	lineedit_set(u->text, "", 0);
	term_forget_keys();
}

static bool
type(struct view_unlock *u, int key)
{
	u->typed_at = app_now(u->view.app);
	if (u->at == WAY)
		return false;
	return lineedit_key(u->at == TEXT ? u->text : u->file, key);
}

static bool
unlock_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_unlock *u = (struct view_unlock *)v;

	if (act == ACT_OPEN && beside(u, u->at, 1) != u->at)
		u->at = beside(u, u->at, 1);
	else if (act == ACT_OPEN)
		unlock_enter(u);
	else if (act == ACT_NEXT || act == ACT_PREVIOUS)
		u->at = beside(u, u->at, act == ACT_NEXT ? 1 : -1);
	else if (act == ACT_TOGGLE && !u->opening)
		choose_next(u, 1);
	else if (act == ACT_RESTORE && !u->opening)
		view_key_restore_open(v->app);
	else if (act == ACT_ADD && u->none)
		view_create_open(v->app);
	else if (act == ACT_ADD)
		note(u, STYLE_WARN, "there is a file of this name: no vault is made over it");
	else if (act == ACT_DOCTOR)
		view_doctor_open(v->app);
	else if (u->at == WAY && (e->key == K_LEFT || e->key == K_RIGHT || e->key == ' '))
		choose_next(u, e->key == K_LEFT ? -1 : 1);
	else if (act == ACT_BACK)
		lineedit_set(u->at == FILE_NAME ? u->file : u->text, "", 0);
	else
		return type(u, e->key);
	return true;
}

static bool
unlock_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
unlock_paste(struct view *v, int key)
{
	if (key >= 32)
		type((struct view_unlock *)v, key);
}

static void
unlock_tick(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;

	if (u->opening)
		app_fast(v->app, 1000);
	if (u->generation != app_generation(v->app)) { /* its header was put back */
		u->generation = app_generation(v->app);
		u->note[0] = '\0';
		unlock_peek(v->app, u, was_peeked);
	}
	if (lineedit_len(u->text) > 0 && app_now(v->app) - u->typed_at > FORGET_MS) {
		lineedit_set(u->text, "", 0);
		note(u, STYLE_WARN,
		    u->kind == VAULT_RECOVERY
			? "the field of the code was cleared after 30 s"
			: "the passphrase field was cleared after 30 s");
	}
}

static void
unlock_close(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;

	lineedit_free(u->text);
	lineedit_free(u->file);
	free(u);
}

static const struct binding unlock_keys[] = {
    {K_ENTER, ACT_OPEN, NULL, "next line; on the last one: unlock"},
    {K_F0 + 2, ACT_TOGGLE, "With", "another way: passphrase, key file, recovery code"},
    {K_F0 + 5, ACT_RESTORE, "Restore", "put a damaged header back from a key backup"},
    {K_F0 + 7, ACT_ADD, NULL, "make the vault, where there is none"},
    {K_F0 + 6, ACT_DOCTOR, "Doctor", "what weakens protection here"},
    {'\t', ACT_NEXT, NULL, "next line"}, {K_DOWN, ACT_NEXT, NULL, NULL},
    {K_BACKTAB, ACT_PREVIOUS, NULL, "line before"}, {K_UP, ACT_PREVIOUS, NULL, NULL},
    {K_ESC, ACT_BACK, NULL, "clear the field"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops unlock_ops = {.title = "Unlock",
    .keys = unlock_keys,
    .draw = unlock_draw,
    .key = unlock_key,
    .typing = unlock_typing,
    .paste = unlock_paste,
    .tick = unlock_tick,
    .close = unlock_close};

/* What an option gave, for once. */
static void
start_given(struct view_unlock *u, const struct vault_secret *given)
{
	struct slot_secret present = {.kind = given->kind};
	struct face *f = app_opts(u->view.app)->face;

	if (copy_of(given->bytes, &present.typed))
		start(u, &present);
	else
		note(u, STYLE_BAD, "out of memory");
	if (f->ops->forget)
		f->ops->forget(f);
}

static struct view_unlock *
unlock_new(const struct app *a)
{
	struct view_unlock *u = calloc(1, sizeof *u);
	const char *file;
	enum vault_secret_kind way = app_way(a, &file);

	if (!u)
		return NULL;
	u->view.ops = &unlock_ops;
	u->generation = app_generation(a);
	if (lineedit_new(&u->text) != RC_OK || lineedit_new(&u->file) != RC_OK ||
	    (file && lineedit_set(u->file, file, strlen(file)) != RC_OK)) {
		unlock_close(&u->view);
		return NULL;
	}
	u->at = TEXT;
	choose(u, way);
	return u;
}

void
view_unlock_open(struct app *a, const char *why)
{
	const struct vault_secret *given = app_take_secret(a);
	struct view_unlock *u = unlock_new(a);

	if (!u) {
		app_quit(a);
		return;
	}
	if (!app_push(a, &u->view))
		return;
	if (why)
		note(u, STYLE_TEXT, why);
	unlock_peek(a, u, was_peeked);
	if (given)
		start_given(u, given);
}
