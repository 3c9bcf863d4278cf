/*
 * The form of a slot: add, change, test, remove.
 *
 *   asking --Enter on the last line--> working --ok--> closed, told in the status line
 *      ^                                  |      '---> the sheet (a new recovery code)
 *      '------- a sentence of what is wrong
 *
 * 1. Secrets live in the line editors' secret memory; a job has copies of its own, freed
 *    when the vault has answered.
 * 2. After a mistake everything typed still stands there.
 * 3. While it works no key is taken: what is under way can't be called back.
 */
#include "ui/tui/view_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/lineedit.h"
#include "ui/tui/wrap.h"

#define LABEL_WIDTH  14
#define STRENGTH_MAX 128 /* bytes: longer ones are not estimated while typing */
#define WORDS_ROWS   3	 /* for sentences */
#define COLS	     76

enum row { PRESENT, PRESENT_FILE, TYPE, ROLE, LABEL, FRESH, AGAIN, FRESH_FILE, ROWS };

struct view_slot {
	struct view view;
	enum slot_task task;
	struct key_slot slot, presents;
	enum vault_secret_kind kind; /* of the new secret */
	bool browse;
	struct lineedit *line[ROWS]; /* none for TYPE and ROLE */
	enum row at;
	struct vault_strength strength;
	bool estimated, working;
	int64_t began;
	char wrong[ERR_LEN];
};

static const char *const verbs[] = {[SLOT_ADD] = "add",
    [SLOT_CHANGE] = "change",
    [SLOT_TEST] = "test",
    [SLOT_REMOVE] = "remove"};

static bool
is_renewing(const struct view_slot *w)
{
	return w->task == SLOT_ADD || w->task == SLOT_CHANGE;
}

static bool
is_shown(const struct view_slot *w, enum row row)
{
	bool typed = slot_takes_text(w->kind) && w->kind != VAULT_RECOVERY;

	switch (row) {
	case PRESENT:
		return slot_takes_text(w->presents.kind);
	case PRESENT_FILE:
		return slot_takes_file(w->presents.kind);
	case TYPE:
	case ROLE:
	case LABEL:
		return w->task == SLOT_ADD;
	case FRESH:
	case AGAIN:
		return is_renewing(w) && typed;
	case FRESH_FILE:
		return is_renewing(w) && slot_takes_file(w->kind);
	case ROWS:
		break;
	}
	return false;
}

/* The next line that is shown, ${by} 1 or -1; ${row} itself when there is none. */
static enum row
beside(const struct view_slot *w, enum row row, int by)
{
	int i;

	for (i = (int)row + by; i >= 0 && i < ROWS; i += by)
		if (is_shown(w, (enum row)i))
			return (enum row)i;
	return row;
}

static size_t
shown_before(const struct view_slot *w, enum row row)
{
	size_t n = 0;
	int i;

	for (i = 0; i < (int)row; i++)
		n += is_shown(w, (enum row)i);
	return n;
}

static const char *
label_of(const struct view_slot *w, enum row row)
{
	static const char *const labels[ROWS] = {"Passphrase", "Key file", "Type", "Role",
	    "Label", "New one", "New again", "New key file"};

	return row == PRESENT && w->presents.kind == VAULT_RECOVERY ? "Recovery code"
								    : labels[row];
}

static void
slot_words(const struct key_slot *s, char *out, size_t cap)
{
	snprintf(out, cap, "slot %d%s%s%s", s->number, s->label[0] ? " \"" : "", s->label,
	    s->label[0] ? "\"" : "");
}

/* What is to be typed into the line with the cursor. */
static void
hint(const struct view_slot *w, char *out, size_t cap)
{
	char present[100], slot[100];

	slot_words(&w->presents, present, sizeof present);
	slot_words(&w->slot, slot, sizeof slot);
	if (w->at == TYPE)
		snprintf(out, cap, "Left and Right choose what opens the slot");
	else if (w->at == ROLE)
		snprintf(out, cap,
		    "Left and Right choose; browse opens nothing that is sealed");
	else if (w->at == LABEL)
		snprintf(out, cap, "a name for the slot, at most 64 bytes");
	else if (w->at == FRESH_FILE)
		snprintf(out, cap, "a file of 32 bytes or more that only you can read");
	else if (w->at == AGAIN)
		snprintf(out, cap, "the same once more");
	else if (w->at == FRESH)
		snprintf(out, cap, "some words that nobody could guess");
	else if (w->task == SLOT_REMOVE)
		snprintf(out, cap,
		    "%s will open nothing any more. To agree, give what opens %s", slot,
		    present);
	else
		snprintf(out, cap, "what opens %s%s", present,
		    w->task == SLOT_ADD ? ", as you opened the vault with it" : " now");
}

static void
slot_size(struct view *v, int *rows, int *cols)
{
	struct view_slot *w = (struct view_slot *)v;

	*rows = (int)shown_before(w, ROWS) + WORDS_ROWS + 3;
	*cols = COLS;
}

static void
draw_choice(struct pane *p, int row, const char *text, bool at)
{
	pane_putf(p, row, LABEL_WIDTH + 3, pane_cols(p) - LABEL_WIDTH - 5,
	    at ? STYLE_INPUT : STYLE_TEXT, "< %s >", text);
	if (at && term_plain())
		pane_cursor(p, row, LABEL_WIDTH + 3);
}

static void
draw_row(struct view_slot *w, int line, enum row row)
{
	struct pane *p = w->view.pane;
	int col = LABEL_WIDTH + 3, width = pane_cols(p) - col - 2;
	bool at = row == w->at, active = at && !w->working;

	pane_put(
	    p, line, 2, LABEL_WIDTH, at ? STYLE_SELECTED : STYLE_DIM, label_of(w, row));
	if (row == TYPE)
		draw_choice(p, line, slot_kind_name(w->kind), at);
	else if (row == ROLE)
		draw_choice(p, line, w->browse ? "browse only" : "full access", at);
	else if (row == PRESENT || row == FRESH || row == AGAIN)
		lineedit_draw_hidden(w->line[row], p, line, col, width, active);
	else
		lineedit_draw(w->line[row], p, line, col, width, active);
}

static void
draw_words(struct view_slot *w, int row, int rows)
{
	struct pane *p = w->view.pane;
	int64_t ms = app_now(w->view.app) - w->began;
	char text[400];

	if (w->working) {
		pane_putf(p, row, 2, pane_cols(p) - 4, STYLE_TEXT, "%c working, %d s",
		    "|/-\\"[ms / 100 & 3], (int)(ms / 1000));
	} else if (w->wrong[0]) {
		pane_put(p, row, 2, 2, STYLE_BAD, "!");
		wrap_put(p, row, 4, pane_cols(p) - 6, rows, STYLE_BAD, w->wrong);
	} else if (w->at == FRESH && w->estimated) {
		snprintf(text, sizeof text, "%s%s", w->strength.words,
		    w->strength.changed ? " (its normal form is used)" : "");
		wrap_put(p, row, 2, pane_cols(p) - 4, rows,
		    w->strength.score < 3 ? STYLE_WARN : STYLE_GOOD, text);
	} else {
		hint(w, text, sizeof text);
		wrap_put(p, row, 2, pane_cols(p) - 4, rows, STYLE_DIM, text);
	}
}

/* On a small screen the lines scroll, and sentences take what they need before them. */
static void
slot_draw(struct view *v)
{
	struct view_slot *w = (struct view_slot *)v;
	struct pane *p = v->pane;
	int inner = pane_rows(p) - 2, all = (int)shown_before(w, ROWS), words, lines, top,
	    i;
	bool roomy = inner >= all + 1 + WORDS_ROWS;
	char title[100] = "Add a slot";

	if (w->task != SLOT_ADD)
		snprintf(title, sizeof title, "%s%s slot %d",
		    w->task == SLOT_CHANGE ? "Change" : "",
		    w->task == SLOT_TEST     ? "Test"
		    : w->task == SLOT_REMOVE ? "Remove"
					     : "",
		    w->slot.number);
	pane_frame(p, title);
	words = roomy ? WORDS_ROWS : w->wrong[0] ? 3 : 2;
	lines = inner - words - roomy;
	top = (int)shown_before(w, w->at) - lines + 1;
	for (i = 0; i < ROWS; i++) {
		int line = (int)shown_before(w, (enum row)i) - (top > 0 ? top : 0);

		if (is_shown(w, (enum row)i) && line >= 0 && line < lines)
			draw_row(w, 1 + line, (enum row)i);
	}
	draw_words(w, 1 + (lines < all ? lines : all), words);
	if (roomy)
		pane_putf(p, inner, 2, pane_cols(p) - 4, STYLE_DIM,
		    "Tab: next   Enter: next, at last %s   Esc: leave", verbs[w->task]);
}

static void
wrong(struct view_slot *w, enum row at, const char *text)
{
	snprintf(w->wrong, sizeof w->wrong, "%s", text);
	w->at = at;
}

static bool
is_empty(const struct view_slot *w, enum row row)
{
	return is_shown(w, row) && lineedit_len(w->line[row]) == 0;
}

static bool
is_complete(struct view_slot *w)
{
	struct vault_strength strength;
	struct err err = {""};

	w->wrong[0] = '\0';
	if (is_empty(w, PRESENT))
		wrong(w, PRESENT,
		    w->presents.kind == VAULT_RECOVERY ? "type the recovery code first"
						       : "type the passphrase first");
	else if (is_empty(w, PRESENT_FILE))
		wrong(w, PRESENT_FILE, "name the key file first");
	else if (is_empty(w, FRESH_FILE))
		wrong(w, FRESH_FILE,
		    "name the new key file: head -c 64 /dev/urandom makes a good one");
	else if (is_shown(w, FRESH) && vault_strength(lineedit_secret(w->line[FRESH]),
					   &strength, &err) != RC_OK)
		wrong(w, FRESH, err.text);
	else if (is_shown(w, FRESH) && !secret_equal(lineedit_secret(w->line[FRESH]),
					   lineedit_secret(w->line[AGAIN])))
		wrong(w, AGAIN, "the new one and its repetition differ");
	else if (w->presents.kind == VAULT_RECOVERY &&
		 keys_recovery_check(lineedit_secret(w->line[PRESENT]), &err) != RC_OK)
		wrong(w, PRESENT, err.text);
	secret_wipe(&strength, sizeof strength);
	return !w->wrong[0];
}

static bool
take_secret(struct view_slot *w, enum row text, enum row file,
    enum vault_secret_kind kind, struct slot_secret *out)
{
	const struct secret *s = lineedit_secret(w->line[text]);

	out->kind = kind;
	if (is_shown(w, text) &&
	    secret_from(secret_view(s), secret_len(s), &out->typed) != RC_OK)
		return false;
	if (is_shown(w, file))
		out->file = strdup(lineedit_text(w->line[file]));
	return !is_shown(w, file) || out->file;
}

static bool
take_order(struct view_slot *w, struct slot_order *o)
{
	o->task = w->task;
	o->slot = w->slot.number;
	o->presents = w->presents.number;
	o->browse = w->task == SLOT_ADD ? w->browse : w->slot.browse;
	o->label =
	    strdup(w->task == SLOT_ADD ? lineedit_text(w->line[LABEL]) : w->slot.label);
	return o->label &&
	       take_secret(w, PRESENT, PRESENT_FILE, w->presents.kind, &o->present) &&
	       take_secret(w, FRESH, FRESH_FILE, w->kind, &o->fresh);
}

void
slot_done_words(const struct slot_order *o, char *out, size_t cap)
{
	char cost[64] = "";

	if (o->kdf.memory_kib > 0)
		snprintf(cost, sizeof cost, " (Argon2id, %u MiB)",
		    (o->kdf.memory_kib + 512) / 1024);
	if (o->task == SLOT_ADD)
		snprintf(out, cap, "slot %d is added%s", o->slot, cost);
	else if (o->task == SLOT_TEST)
		snprintf(out, cap, "the secret opens slot %d", o->slot);
	else
		snprintf(out, cap, "slot %d is %s%s; older copies still open with %s",
		    o->slot, o->task == SLOT_CHANGE ? "changed" : "removed", cost,
		    o->task == SLOT_CHANGE ? "the old secret" : "it");
}

static void
answered(struct keys_job *j)
{
	struct view_slot *w = j->slow.job.owner;
	struct app *a = w->view.app;
	char words[160];

	app_work_end(a);
	w->working = false;
	if (j->slow.job.rc != RC_OK) {
		snprintf(w->wrong, sizeof w->wrong, "%s",
		    j->slow.job.err.text[0] ? j->slow.job.err.text
					    : rc_text(j->slow.job.rc));
		return;
	}
	app_pop(a, &w->view);
	if (j->task == KEYS_PROVE) {
		view_sheet_open(a, &j->order);
		return;
	}
	slot_done_words(&j->order, words, sizeof words);
	app_say(a, STYLE_GOOD, "%s", words);
	app_changed(a);
}

static void
start(struct view_slot *w)
{
	struct app *a = w->view.app;
	bool sheet = is_renewing(w) && w->kind == VAULT_RECOVERY;
	struct keys_job *j = keys_job_new(w, sheet ? KEYS_PROVE : KEYS_ORDER, answered);

	if (j && !take_order(w, &j->order)) {
		keys_job_free(j);
		j = NULL;
	}
	if (!keys_job_work(a, j, "key change"))
		return;
	w->working = true;
	w->began = app_now(a);
	term_forget_keys();
}

static void
toggle(struct view_slot *w, int by)
{
	if (w->at == ROLE)
		w->browse = !w->browse;
	else if (w->at == TYPE)
		w->kind = (enum vault_secret_kind)(((int)w->kind + by + 4) % 4);
	app_place(w->view.app);
}

static void
estimate(struct view_slot *w)
{
	size_t len = lineedit_len(w->line[FRESH]);

	w->estimated =
	    len > 0 && len <= STRENGTH_MAX &&
	    vault_strength(lineedit_secret(w->line[FRESH]), &w->strength, NULL) == RC_OK;
}

static void
type(struct view_slot *w, int key)
{
	if (w->line[w->at])
		lineedit_key(w->line[w->at], key);
	w->wrong[0] = '\0';
	if (w->at == FRESH)
		estimate(w);
}

static bool
slot_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_slot *w = (struct view_slot *)v;
	bool choice = w->at == TYPE || w->at == ROLE;

	if (w->working)
		app_say(v->app, STYLE_WARN, "it is under way and can't be called back");
	else if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_NEXT)
		w->at = beside(w, w->at, 1);
	else if (act == ACT_PREVIOUS)
		w->at = beside(w, w->at, -1);
	else if (act == ACT_OPEN && beside(w, w->at, 1) != w->at)
		w->at = beside(w, w->at, 1);
	else if (act == ACT_OPEN && is_complete(w))
		start(w);
	else if (choice && (e->key == K_LEFT || e->key == K_RIGHT || e->key == ' '))
		toggle(w, e->key == K_LEFT ? -1 : 1);
	else if (act != ACT_OPEN)
		type(w, e->key);
	return true;
}

static bool
slot_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
slot_paste(struct view *v, int key)
{
	struct view_slot *w = (struct view_slot *)v;

	if (key >= 32 && !w->working)
		type(w, key);
}

static void
slot_tick(struct view *v)
{
	if (((struct view_slot *)v)->working)
		app_fast(v->app, 1000);
}

static void
slot_close(struct view *v)
{
	struct view_slot *w = (struct view_slot *)v;
	size_t i;

	for (i = 0; i < ROWS; i++)
		lineedit_free(w->line[i]);
	secret_wipe(w, sizeof *w);
	free(w);
}

static const struct binding slot_keys[] = {{'\t', ACT_NEXT, NULL, "next line"},
    {K_DOWN, ACT_NEXT, NULL, NULL}, {K_BACKTAB, ACT_PREVIOUS, NULL, "line before"},
    {K_UP, ACT_PREVIOUS, NULL, NULL},
    {K_LEFT, ACT_NONE, NULL, "choose, on Type and Role"}, {K_RIGHT, ACT_NONE, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "next line; on the last one: do it"},
    {K_ESC, ACT_BACK, NULL, "leave"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops slot_ops = {.title = "Slot",
    .keys = slot_keys,
    .dialog = true,
    .size = slot_size,
    .draw = slot_draw,
    .key = slot_key,
    .typing = slot_typing,
    .paste = slot_paste,
    .tick = slot_tick,
    .close = slot_close};

void
view_slot_open(struct app *a, enum slot_task task, const struct key_slot *slot,
    const struct key_slot *opened)
{
	const struct key_slot *presents =
	    task == SLOT_ADD || task == SLOT_REMOVE ? opened : slot;
	struct view_slot *w = presents ? calloc(1, sizeof *w) : NULL;
	enum rc rc = RC_OK;
	int i;

	if (!w)
		return;
	w->view.ops = &slot_ops;
	w->task = task;
	w->slot = slot ? *slot : (struct key_slot){.number = 0};
	w->presents = *presents;
	w->kind = slot ? slot->kind : VAULT_PASSPHRASE;
	for (i = 0; rc == RC_OK && i < ROWS; i++)
		if (i != TYPE && i != ROLE)
			rc = lineedit_new(&w->line[i]);
	if (rc != RC_OK) {
		slot_close(&w->view);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->at = is_shown(w, PRESENT) ? PRESENT : PRESENT_FILE;
	app_push(a, &w->view);
}
