/*
 * A new recovery code: shown once, typed back, then its slot is made.
 *
 *   showing --Enter--> typing --right--> working --> closed, the screen overwritten
 *      ^-------Esc-------'
 *
 * 1. The code stands in secret memory and on the screen; every cell is overwritten when
 *    it is covered and when the view closes. It is covered when the window loses the
 *    focus.
 * 2. There is no slot before the code has been typed back. A sheet written to a file is
 *    taken away again when the slot is not made (slot_order_free).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/recovery_sheet.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view_slot.h"
#include "ui/tui/wrap.h"

enum stage { SHOWING, COVERED, TYPING, WORKING };

struct view_sheet {
	struct view view;
	struct slot_order order;
	struct secret *sheet; /* its text */
	struct lineedit *line;
	enum stage stage;
	enum style note_style;
	char note[ERR_LEN + 64];
};

static void
note(struct view_sheet *w, enum style style, const char *before, const char *text)
{
	snprintf(w->note, sizeof w->note, "%s%s", before, text);
	w->note_style = style;
}

static bool
is_roomy(const struct pane *p)
{
	return pane_rows(p) > 10;
}

/* The facts at the head of the sheet; on a small screen they are left out. */
static int
draw_facts(struct view_sheet *w)
{
	struct pane *p = w->view.pane;
	const char *s = (const char *)secret_view(w->sheet), *end;
	int row = 0;

	if (pane_rows(p) < 18)
		return 0;
	while ((end = strchr(s, '\n')) != NULL && row < 8) {
		pane_putn(p, row, 1, pane_cols(p) - 1,
		    row == 0 ? STYLE_STRONG : STYLE_TEXT, s, (size_t)(end - s));
		row++;
		s = end + 1;
	}
	return row;
}

static int
draw_code(struct view_sheet *w, int row)
{
	struct pane *p = w->view.pane;
	const struct secret *code = w->order.fresh.typed;
	const char *s;

	if (w->stage != SHOWING) {
		pane_put(p, row, 3, pane_cols(p) - 3, STYLE_DIM,
		    w->stage == COVERED ? "(covered: Enter shows the code again)"
					: "(covered)");
		return row + 2;
	}
	s = (const char *)secret_view(code);
	pane_putn(p, row, 3, pane_cols(p) - 3, STYLE_STRONG, s, RECOVERY_HALF);
	pane_putn(p, row + 1, 3, pane_cols(p) - 3, STYLE_STRONG, s + RECOVERY_HALF,
	    secret_len(code) - RECOVERY_HALF);
	return row + 2;
}

/* What is to be done now; a small screen shows it until there is a note. */
static int
draw_task(struct view_sheet *w, int row)
{
	struct pane *p = w->view.pane;
	int cols = pane_cols(p) - 2;

	if (w->stage == TYPING) {
		row += wrap_put(p, row, 1, cols, 2, STYLE_TEXT,
		    "Type it back, to see that it is copied:");
		lineedit_draw(w->line, p, row++, 1, cols, true);
	} else if (w->stage == WORKING) {
		pane_put(p, row++, 1, cols, STYLE_TEXT, "making the slot");
	} else if (!w->note[0] || is_roomy(p)) {
		row += wrap_put(p, row, 1, cols, 4, STYLE_TEXT,
		    "It is shown this once. Copy it by hand, or w writes the sheet to a "
		    "file to be printed. Enter goes on.");
	}
	return row;
}

static void
sheet_draw(struct view *v)
{
	struct view_sheet *w = (struct view_sheet *)v;
	struct pane *p = v->pane;
	bool roomy = is_roomy(p);
	int row = 0;

	if (roomy || w->stage != TYPING) {
		row = draw_facts(w);
		pane_put(p, row, 1, pane_cols(p) - 2, STYLE_STRONG, "Recovery code");
		row = draw_code(w, row + 1 + roomy) + roomy;
	}
	row = draw_task(w, row) + roomy;
	if (w->note[0])
		wrap_put(p, row, 1, pane_cols(p) - 2, pane_rows(p) - row, w->note_style,
		    w->note);
}

static void
cover(struct view_sheet *w, enum stage stage)
{
	w->stage = stage;
	term_wipe();
}

static void
write_answered(void *arg, const char *path)
{
	struct view_sheet *w = arg;
	struct err err = {""};
	enum rc rc;

	if (!path[0])
		return;
	rc = recovery_sheet_write(path, app_opts(w->view.app)->path, w->sheet, &err);
	if (rc != RC_OK) {
		note(w, STYLE_BAD, "! ", err.text);
		return;
	}
	w->order.sheet = strdup(path);
	if (!w->order.sheet) {
		unlink(path);
		note(w, STYLE_BAD, "! ", "out of memory");
		return;
	}
	note(w, STYLE_GOOD, "the sheet is written; print it, then remove it: ", path);
}

static void
made(struct keys_job *j)
{
	struct view_sheet *w = j->slow.job.owner;
	struct app *a = w->view.app;
	char words[160];

	app_work_end(a);
	app_pop(a, &w->view);
	if (j->slow.job.rc != RC_OK) {
		view_tell_open(a, "No slot was made", j->slow.job.err.text);
		return;
	}
	slot_done_words(&j->order, words, sizeof words);
	app_say(a, STYLE_GOOD, "%s", words);
	app_changed(a);
}

static void
typed_back(struct view_sheet *w)
{
	struct app *a = w->view.app;
	struct err err = {""};
	struct keys_job *j;

	if (keys_recovery_confirm(lineedit_secret(w->line), w->order.fresh.typed, &err) !=
	    RC_OK) {
		note(w, STYLE_BAD, "! ", err.text);
		return;
	}
	j = keys_job_new(w, KEYS_ORDER, made);
	if (j && app_work(a)->label[0] == '\0') {
		j->order = w->order;
		w->order = (struct slot_order){.task = SLOT_TEST};
		lineedit_set(w->line, "", 0);
		w->note[0] = '\0';
		cover(w, WORKING);
		term_forget_keys();
	}
	keys_job_work(a, j, "key change");
}

static void
leave_agreed(void *arg)
{
	struct view_sheet *w = arg;

	app_say(w->view.app, STYLE_WARN, "no slot was made");
	app_pop(w->view.app, &w->view);
}

static bool
typing_key(struct view_sheet *w, enum act act, int key)
{
	if (act == ACT_OPEN) {
		typed_back(w);
	} else if (act == ACT_BACK) {
		lineedit_set(w->line, "", 0);
		w->note[0] = '\0';
		cover(w, SHOWING);
	} else {
		w->note[0] = '\0';
		return lineedit_key(w->line, key);
	}
	return true;
}

static bool
sheet_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_sheet *w = (struct view_sheet *)v;

	if (w->stage == TYPING)
		return typing_key(w, act, e->key);
	if (w->stage == WORKING)
		return false;
	if (act == ACT_BACK)
		view_confirm_open(
		    v->app, "Leave, without a slot for this code?", leave_agreed, w);
	else if (act == ACT_OPEN && w->stage == COVERED)
		w->stage = SHOWING;
	else if (act == ACT_OPEN)
		cover(w, TYPING);
	else if (act == ACT_EXPORT && w->order.sheet)
		note(w, STYLE_WARN, "! the sheet is written already: ", w->order.sheet);
	else if (act == ACT_EXPORT)
		view_ask_open(v->app, "Recovery sheet",
		    "A new file, for you alone to read", write_answered, w);
	else
		return false;
	return true;
}

static bool
sheet_typing(struct view *v)
{
	return ((struct view_sheet *)v)->stage == TYPING;
}

static void
sheet_paste(struct view *v, int key)
{
	struct view_sheet *w = (struct view_sheet *)v;

	if (w->stage == TYPING && key >= 32)
		lineedit_key(w->line, key);
}

static void
sheet_hide(struct view *v)
{
	struct view_sheet *w = (struct view_sheet *)v;

	if (w->stage == SHOWING)
		cover(w, COVERED);
}

static void
sheet_status(struct view *v, char *out, size_t cap)
{
	const struct view_sheet *w = (const struct view_sheet *)v;

	snprintf(out, cap,
	    w->order.sheet ? "the file has the code: print it, then remove it"
			   : "nothing of it is kept on this machine");
}

static void
sheet_close(struct view *v)
{
	struct view_sheet *w = (struct view_sheet *)v;

	slot_order_free(&w->order);
	secret_free(w->sheet);
	lineedit_free(w->line);
	free(w);
	term_wipe();
}

static const struct binding sheet_keys[] = {
    {K_ENTER, ACT_OPEN, NULL, "show it; cover it and type it back"},
    {'w', ACT_EXPORT, NULL, "write the sheet to a file"},
    {K_F0 + 5, ACT_EXPORT, "File", NULL},
    {K_ESC, ACT_BACK, NULL, "back; leave without a slot"}, {'q', ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops sheet_ops = {.title = "Recovery sheet",
    .keys = sheet_keys,
    .draw = sheet_draw,
    .key = sheet_key,
    .typing = sheet_typing,
    .paste = sheet_paste,
    .hide = sheet_hide,
    .status = sheet_status,
    .close = sheet_close};

void
view_sheet_open(struct app *a, struct slot_order *o)
{
	struct view_sheet *w = calloc(1, sizeof *w);
	const struct recovery_sheet facts = {
	    app_opts(a)->path, app_info(a)->id, o->label, o->browse};
	struct err err = {""};
	enum rc rc;

	if (!w)
		return;
	w->view.ops = &sheet_ops;
	w->order = *o;
	*o = (struct slot_order){.task = SLOT_TEST};
	rc = keys_recovery_new(&w->order.fresh.typed, &err);
	if (rc == RC_OK)
		rc = recovery_sheet_make(&facts, w->order.fresh.typed, &w->sheet);
	if (rc == RC_OK)
		rc = lineedit_new(&w->line);
	if (rc == RC_OK) {
		app_push(a, &w->view);
		return;
	}
	sheet_close(&w->view);
	app_say(a, STYLE_BAD, "%s", err.text[0] ? err.text : rc_text(rc));
}
