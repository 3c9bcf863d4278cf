/*
 * The unlock screen.
 *
 *   asking --Enter--> opening --ok--> app_opened
 *      ^                 |
 *      '-- (delay) ------'
 *
 * 1. The passphrase lives in the line editor's secret memory; the job takes a copy and
 *    frees it when the vault has answered. What is shown does not betray its length.
 * 2. Only a wrong passphrase makes the next try wait (1, 2, 4, 8 s); a damaged or foreign
 *    file is told in its own words.
 * 3. A secret given by option opens at once, one time: after a lock it is asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/failed.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"
#include "ui/tui/wrap.h"

#define FORGET_MS 30000 /* a field left alone is cleared */
#define DELAY_MAX 8000
#define DELAY_MIN 1000
#define LABEL_COL 13

struct view_unlock {
	struct view view;
	struct lineedit *pass;
	struct vault_peek peek;
	bool peeked, opening;
	enum style note_style;
	char note[ERR_LEN];
	int64_t typed_at, wait_until, delay, began;
};

struct peek_job {
	struct job job;
	const char *path;
	struct worker *other; /* must have closed the vault before: it writes the header */
	struct vault_peek peek;
};

struct open_job {
	struct job job;
	const char *path;
	struct secret *bytes;
	enum vault_secret_kind kind;
	struct worker *other; /* as above */
	struct vault *clone;
	struct vault_info info;
	struct field *fields;
	size_t field_n;
};

static void
note(struct view_unlock *u, enum style style, const char *text)
{
	snprintf(u->note, sizeof u->note, "%s", text);
	u->note_style = style;
}

static void
peek_run(struct job *j, struct vault *v)
{
	struct peek_job *p = (struct peek_job *)j;

	(void)v;
	worker_wait_locked(p->other);
	j->rc = vault_peek(p->path, &p->peek, &j->err);
}

static void
peek_done(struct job *j)
{
	struct view_unlock *u = j->owner;

	u->peeked = j->rc == RC_OK;
	u->peek = ((struct peek_job *)j)->peek;
	if (j->rc != RC_OK)
		note(u, STYLE_BAD, j->err.text[0] ? j->err.text : rc_text(j->rc));
	else if (u->peek.copy_damaged && !u->opening)
		note(u, STYLE_WARN,
		    "one copy of the header is damaged; unlocking repairs it");
}

static void
peek_free(struct job *j)
{
	free(j);
}

static const struct job_ops peek_ops = {peek_run, peek_done, peek_free};

static enum rc
copy_fields(struct open_job *o, struct vault *v)
{
	const struct field *fields = field_list(v, &o->field_n);

	o->fields = calloc(o->field_n + 1, sizeof *o->fields);
	if (!o->fields)
		return RC_NOMEM;
	if (o->field_n > 0)
		memcpy(o->fields, fields, o->field_n * sizeof *fields);
	return RC_OK;
}

static void
open_run(struct job *j, struct vault *none)
{
	struct open_job *o = (struct open_job *)j;
	struct vault_secret secret = {o->kind, o->bytes};
	struct vault *v;

	(void)none;
	worker_wait_locked(o->other);
	j->rc = vault_open(o->path, &secret, &v, &j->err);
	if (j->rc != RC_OK)
		return;
	j->rc = vault_info(v, &o->info);
	if (j->rc == RC_OK)
		j->rc = copy_fields(o, v);
	if (j->rc == RC_OK)
		j->rc = vault_clone(v, &o->clone, &j->err);
	if (j->rc == RC_OK)
		j->opened = v;
	else
		vault_close(v);
}

static void
refused(struct view_unlock *u, const struct job *j)
{
	int64_t now = app_now(u->view.app);

	u->opening = false;
	note(u, STYLE_BAD, j->err.text[0] ? j->err.text : rc_text(j->rc));
	if (j->rc != RC_PASS)
		return;
	u->delay = u->delay == 0 ? DELAY_MIN : u->delay * 2;
	if (u->delay > DELAY_MAX)
		u->delay = DELAY_MAX;
	u->wait_until = now + u->delay;
	app_fast(u->view.app, u->delay);
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
open_done(struct job *j)
{
	struct open_job *o = (struct open_job *)j;
	struct view_unlock *u = j->owner;
	struct app *a = u->view.app;
	struct vault *clone = o->clone;
	struct field *fields = o->fields;

	if (j->rc != RC_OK) {
		refused(u, j);
		return;
	}
	o->clone = NULL;
	o->fields = NULL;
	app_opened(a, clone, &o->info, fields, o->field_n); /* closes this view */
	say_since(a, &o->info);
}

static void
open_free(struct job *j)
{
	struct open_job *o = (struct open_job *)j;

	vault_close(o->clone);
	free(o->fields);
	secret_free(o->bytes);
	free(o);
}

static const struct job_ops open_ops = {open_run, open_done, open_free};

static void
post_open(struct view_unlock *u, enum vault_secret_kind kind, const struct secret *bytes)
{
	struct app *a = u->view.app;
	struct open_job *o = calloc(1, sizeof *o);

	if (!o ||
	    secret_from(secret_view(bytes), secret_len(bytes), &o->bytes) != RC_OK) {
		free(o);
		note(u, STYLE_BAD, "out of memory");
		return;
	}
	o->job.ops = &open_ops;
	o->job.owner = u;
	o->path = app_opts(a)->path;
	o->kind = kind;
	o->other = app_back(a);
	u->opening = true;
	u->began = app_now(a);
	u->note[0] = '\0';
	app_fast(a, 1000);
	worker_post(app_front(a), &o->job);
}

static void
post_peek(struct view_unlock *u)
{
	struct peek_job *p = calloc(1, sizeof *p);

	if (!p)
		return;
	p->job.ops = &peek_ops;
	p->job.owner = u;
	p->path = app_opts(u->view.app)->path;
	p->other = app_back(u->view.app);
	worker_post(app_front(u->view.app), &p->job);
}

static const char *
size_text(uint64_t bytes, char *out, size_t cap)
{
	if (bytes < 10 * 1024 * 1024)
		snprintf(out, cap, "%llu KiB", (unsigned long long)(bytes / 1024));
	else
		snprintf(out, cap, "%llu MiB", (unsigned long long)(bytes / 1024 / 1024));
	return out;
}

static int
draw_slots(struct view_unlock *u, struct pane *p, int row)
{
	size_t i;

	for (i = 0; i < u->peek.slot_count && row < pane_rows(p) - 6; i++) {
		const struct vault_slot *s = &u->peek.slots[i];

		pane_put(p, row, 1, 0, STYLE_DIM, i == 0 ? "slots" : "");
		pane_putf(p, row++, LABEL_COL, pane_cols(p) - LABEL_COL, STYLE_TEXT,
		    "%d %s  %s%s  Argon2id %u MiB", s->number, s->label,
		    s->takes_recovery                         ? "recovery code"
		    : s->takes_passphrase && s->takes_keyfile ? "passphrase and key file"
		    : s->takes_passphrase                     ? "passphrase"
							      : "key file",
		    s->browse ? "  browse" : "", s->kdf.memory_kib / 1024);
	}
	return row;
}

static int
draw_facts(struct view_unlock *u, struct pane *p, int row)
{
	char size[32], made[32];

	pane_put(p, row, 1, 0, STYLE_DIM, "vault");
	pane_put(p, row++, LABEL_COL, pane_cols(p) - LABEL_COL, STYLE_STRONG,
	    app_opts(u->view.app)->path);
	if (!u->peeked)
		return row;
	app_time(u->peek.created, made, sizeof made);
	pane_put(p, row, 1, 0, STYLE_DIM, "format");
	pane_putf(p, row++, LABEL_COL, pane_cols(p) - LABEL_COL, STYLE_TEXT,
	    "%d.%d, %s, made %s", u->peek.format_major, u->peek.format_minor,
	    size_text(u->peek.size, size, sizeof size), made);
	return draw_slots(u, p, row);
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
unlock_draw(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;
	struct pane *p = v->pane;
	int64_t now = app_now(v->app);
	int row = pane_rows(p) > 12 ? 1 : 0;

	row = draw_facts(u, p, row) + (pane_rows(p) > 12);
	pane_put(p, row, 1, 0, STYLE_STRONG, "Passphrase");
	lineedit_draw_hidden(
	    u->pass, p, row, LABEL_COL, pane_cols(p) - LABEL_COL - 2, !u->opening);
	row++;
	if (u->opening)
		pane_putf(p, row, LABEL_COL, 0, STYLE_TEXT, "%c unlocking, %d s",
		    "|/-\\"[(now - u->began) / 100 & 3], (int)((now - u->began) / 1000));
	else if (now < u->wait_until)
		pane_putf(p, row, LABEL_COL, 0, STYLE_WARN,
		    "wait %d s before the next try",
		    (int)((u->wait_until - now + 999) / 1000));
	else
		pane_put(p, row, LABEL_COL, 0, STYLE_DIM, "Enter unlocks, F10 quits");
	draw_note(u, p, row + 1);
}

static void
unlock_enter(struct view_unlock *u)
{
	if (u->opening || app_now(u->view.app) < u->wait_until)
		return;
	if (lineedit_len(u->pass) == 0) {
		note(u, STYLE_WARN, "type the passphrase, then Enter");
		return;
	}
	post_open(u, VAULT_PASSPHRASE, lineedit_secret(u->pass));
	lineedit_set(u->pass, "", 0);
	term_forget_keys();
}

static bool
unlock_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_unlock *u = (struct view_unlock *)v;

	if (act == ACT_OPEN) {
		unlock_enter(u);
		return true;
	}
	if (act == ACT_BACK) {
		lineedit_set(u->pass, "", 0);
		return true;
	}
	u->typed_at = app_now(v->app);
	return lineedit_key(u->pass, e->key);
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
	struct view_unlock *u = (struct view_unlock *)v;

	u->typed_at = app_now(v->app);
	if (key >= 32)
		lineedit_key(u->pass, key);
}

static void
unlock_tick(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;

	if (u->opening)
		app_fast(v->app, 1000);
	if (lineedit_len(u->pass) > 0 && app_now(v->app) - u->typed_at > FORGET_MS) {
		lineedit_set(u->pass, "", 0);
		note(u, STYLE_WARN, "the passphrase field was cleared after 30 s");
	}
}

static void
unlock_close(struct view *v)
{
	struct view_unlock *u = (struct view_unlock *)v;

	lineedit_free(u->pass);
	free(u);
}

static const struct binding unlock_keys[] = {{K_ENTER, ACT_OPEN, NULL, "unlock"},
    {K_ESC, ACT_BACK, NULL, "clear the field"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops unlock_ops = {.title = "Unlock",
    .keys = unlock_keys,
    .draw = unlock_draw,
    .key = unlock_key,
    .typing = unlock_typing,
    .paste = unlock_paste,
    .tick = unlock_tick,
    .close = unlock_close};

void
view_unlock_open(struct app *a, const char *why)
{
	const struct vault_secret *given = app_opts(a)->secret;
	struct view_unlock *u = calloc(1, sizeof *u);

	if (!u || lineedit_new(&u->pass) != RC_OK) {
		free(u);
		app_quit(a);
		return;
	}
	u->view.ops = &unlock_ops;
	if (!app_push(a, &u->view))
		return;
	if (why && given && given->kind != VAULT_PASSPHRASE)
		note(u, STYLE_TEXT,
		    given->kind == VAULT_RECOVERY
			? "locked. The recovery code is not used again: type a passphrase, "
			  "or quit and start again with the code"
			: "locked. The key file is not used again: type a passphrase, or "
			  "quit and start again with the key file");
	else if (why)
		note(u, STYLE_TEXT, why);
	post_peek(u);
	if (given && !why)
		post_open(u, given->kind, given->bytes);
}
