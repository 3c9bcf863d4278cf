/*
 * A record being edited or made.
 *
 *   editing --^S--> reviewing (what changes) --Enter--> saving --> closed
 *      ^---------------Esc-----'      ^------failure------'
 *
 * 1. Typed values live in the line editors' secret memory, and in it only.
 * 2. A masked field shows its masked form until something is typed; its old value comes
 *    into the editor by an audited reveal alone.
 * 3. Only changed fields are saved, on the version that was shown: if somebody else was
 *    faster, the store says so and what was typed stays.
 * 4. What is typed is kept in the vault as a draft, sealed, within seconds: a crash
 *    loses no more. A lock closes the view at once; until the next unlock all of it is in
 *    secret memory too. Saving and leaving on purpose forget the draft.
 * 5. When the vault gets other fields, the editor begins anew with what was typed: each
 *    value stays with its field. While a save runs, that waits for its answer: else what
 *    was saved would be shown as unsaved, and saved twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"
#include "ui/tui/draft.h"
#include "ui/tui/view_edit.h"

const struct field *
edit_field_at(struct view_edit *e, size_t i)
{
	size_t n;

	return &app_fields(e->view.app, &n)[i];
}

const struct cell *
edit_cell_at(struct view_edit *e, size_t i)
{
	return e->record && i < e->record->n ? &e->record->cells[i] : NULL;
}

/* Whether the field shows the masked form of what is stored, which was not touched. */
bool
edit_is_veiled(struct view_edit *e, size_t i)
{
	const struct cell *c = edit_cell_at(e, i);

	return c && c->masked && c->len > 0 && !e->f[i].touched;
}

void
edit_check(struct view_edit *e, size_t i)
{
	const struct field *f = edit_field_at(e, i);
	size_t len = lineedit_len(e->f[i].line), cap = 2 * len + 32;
	char *out;

	e->f[i].why = NULL;
	e->f[i].unchecked = false;
	if (edit_is_veiled(e, i))
		return;
	if (len == 0) {
		e->f[i].why = f->required ? "required" : NULL;
		return;
	}
	out = secret_alloc(cap);
	if (!out)
		return;
	if (!type_normalise(
		f->type, lineedit_text(e->f[i].line), len, out, cap, &e->f[i].why) &&
	    !e->f[i].why)
		e->f[i].why = "not valid";
	secret_release(out);
}

void
edit_settle(struct view_edit *e)
{
	if (e->n > 0 && e->f[e->cursor].unchecked)
		edit_check(e, e->cursor);
}

static void
loaded(struct record_job *j)
{
	struct view_edit *e = j->job.owner;
	size_t i;

	if (j->job.rc != RC_OK) {
		app_failed(e->view.app, &j->job);
		app_pop(e->view.app, &e->view);
		return;
	}
	e->record = j->record;
	j->record = NULL;
	e->version = e->record->version;
	for (i = 0; i < e->n; i++) {
		const struct cell *c = edit_cell_at(e, i);

		if (c && !c->masked &&
		    lineedit_set(e->f[i].line, c->text, c->len) != RC_OK) {
			app_say(e->view.app, STYLE_BAD,
			    "not opened: out of secret memory for so long a record");
			app_pop(e->view.app, &e->view);
			return;
		}
		edit_check(e, i);
	}
	edit_put_draft(e);
}

static struct view_edit *edit_start(struct app *a, int64_t id, struct draft *d);

static void
edit_fields(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	struct app *a = v->app;
	struct draft *d = e->draft;
	const int field = e->n > 0 ? e->f[e->cursor].id : 0;
	const int64_t id = e->id;
	size_t at;

	e->outdated = true;
	if (e->saving)
		return;
	if (!d && edit_take_draft(e, &d) != RC_OK) {
		app_say(a, STYLE_BAD,
		    "closed, for the vault has other fields and secret memory is out; a "
		    "draft that was kept is offered after the next unlock");
		app_pop(a, v);
		return;
	}
	e->draft = NULL;
	app_pop(a, v);
	e = edit_start(a, id, d);
	at = e ? edit_place_of(e, field) : 0;
	if (e && at < e->n)
		e->cursor = at;
}

static void
saved(struct record_job *j)
{
	struct view_edit *e = j->job.owner;
	struct app *a = e->view.app;

	e->saving = false;
	if (j->job.rc != RC_OK) {
		e->reviewing = false;
		if (j->job.rc == RC_BUSY)
			app_say(a, STYLE_BAD,
			    "not saved: %s. What you typed is still here; Esc leaves it",
			    j->job.err.text);
		else
			app_failed(a, &j->job);
		if (e->outdated)
			edit_fields(&e->view);
		return;
	}
	edit_forget_draft(e);
	app_say(a, STYLE_GOOD, "record %lld is saved", (long long)j->id);
	app_changed(a);
	app_pop(a, &e->view);
}

static void
save(struct view_edit *e)
{
	struct record_job *j;

	if (e->saving)
		return;
	j = record_job_new(e, TASK_SAVE, e->id, saved);
	if (j)
		j->changes = edit_take_changes(e, &j->change_n);
	if (!j || !j->changes) {
		if (j)
			record_job_free(&j->job);
		app_say(e->view.app, STYLE_BAD,
		    "not saved: out of secret memory; save again");
		return;
	}
	j->version = e->version;
	e->saving = true;
	record_job_post(e->view.app, j);
}

static void
review(struct view_edit *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		edit_check(e, i);
	for (i = 0; i < e->n; i++) {
		if (e->f[i].why && (edit_is_changed(e, i) || e->id == 0)) {
			e->cursor = i;
			app_say(e->view.app, STYLE_BAD, "%s: %s",
			    edit_field_at(e, i)->label, e->f[i].why);
			return;
		}
	}
	if (edit_count_changes(e) == 0)
		app_say(e->view.app, STYLE_TEXT, "nothing has changed");
	else
		e->reviewing = true;
}

static void
revealed(struct record_job *j)
{
	struct view_edit *e = j->job.owner;

	if (j->job.rc != RC_OK) {
		app_failed(e->view.app, &j->job);
		return;
	}
	if (lineedit_set(e->f[j->index].line, (const char *)secret_view(j->value),
		secret_len(j->value)) != RC_OK) {
		app_say(e->view.app, STYLE_BAD, "not shown: out of secret memory");
		return;
	}
	e->f[j->index].touched = true;
}

static void
reveal(struct view_edit *e)
{
	struct record_job *j;

	if (!edit_is_veiled(e, e->cursor)) {
		app_say(e->view.app, STYLE_TEXT, "this field is not masked");
		return;
	}
	j = record_job_new(e, TASK_REVEAL, e->id, revealed);
	if (j) {
		j->index = (int)e->cursor;
		snprintf(j->reason, sizeof j->reason, "edit");
	}
	record_job_post(e->view.app, j);
}

static void
move(struct view_edit *e, int64_t by)
{
	int64_t to = (int64_t)e->cursor + by;

	edit_check(e, e->cursor);
	if (to >= (int64_t)e->n)
		to = (int64_t)e->n - 1;
	e->cursor = to < 0 ? 0 : (size_t)to;
}

static void
leave(void *arg)
{
	struct view_edit *e = arg;

	edit_forget_draft(e);
	app_pop(e->view.app, &e->view);
}

static void
back(struct view_edit *e)
{
	if (e->reviewing)
		e->reviewing = e->saving;
	else if (edit_count_changes(e) == 0)
		leave(e);
	else
		view_confirm_open(e->view.app, "Leave what you typed unsaved?", leave, e);
}

static void
type(struct view_edit *e, int key)
{
	struct edit_field *f = &e->f[e->cursor];

	if (key == '\n')
		lineedit_put(f->line, key);
	else if (!lineedit_key(f->line, key))
		return;
	if (lineedit_changed(f->line))
		f->touched = e->typed = f->unchecked = true;
	else if (key >= ' ' && key < K_UP)
		app_say(e->view.app, STYLE_BAD,
		    "there is no room for more in this field: what came last is not in it");
}

static bool
edit_key(struct view *v, enum act act, const struct term_event *ev)
{
	struct view_edit *e = (struct view_edit *)v;
	int row = ev->row - pane_y(v->pane) - EDIT_HEAD_ROWS;

	if (act == ACT_BACK)
		back(e);
	else if (e->reviewing && (act == ACT_OPEN || act == ACT_SAVE))
		save(e);
	else if (e->reviewing || (e->id && !e->record))
		return false;
	else if (act == ACT_SAVE)
		review(e);
	else if (act == ACT_NEXT || act == ACT_OPEN)
		move(e, 1);
	else if (act == ACT_PREVIOUS)
		move(e, -1);
	else if (act == ACT_REVEAL)
		reveal(e);
	else if (act == ACT_ADD)
		type(e, '\n');
	else if (ev->key == K_CLICK && row >= 0 && e->top + (size_t)row < e->n)
		move(e, (int64_t)e->top + row - (int64_t)e->cursor);
	else
		type(e, ev->key);
	return true;
}

static bool
edit_typing(struct view *v)
{
	(void)v;
	return true;
}

static bool
edit_waits(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;

	return e->id && !e->record;
}

static void
edit_paste(struct view *v, int key)
{
	struct view_edit *e = (struct view_edit *)v;
	bool note = edit_field_at(e, e->cursor)->type == TYPE_NOTE;

	if (e->reviewing || (e->id && !e->record))
		return;
	if (key == K_ENTER)
		type(e, note ? '\n' : ' ');
	else if (key >= 32 && key != 127)
		type(e, key);
}

static void
edit_status(struct view *v, char *out, size_t cap)
{
	struct view_edit *e = (struct view_edit *)v;
	const struct field *f;

	if (e->n == 0 || e->reviewing)
		return;
	edit_settle(e);
	f = edit_field_at(e, e->cursor);
	if (e->f[e->cursor].why)
		snprintf(out, cap, "! %s", e->f[e->cursor].why);
	else if (edit_is_veiled(e, e->cursor))
		snprintf(out, cap, "masked: typing replaces it, ^R reveals it here");
	else
		snprintf(out, cap, "%s, %s%s", type_name(f->type), class_name(f->cls),
		    f->type == TYPE_NOTE ? ", ^N breaks the line" : "");
}

static void
edit_close(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	size_t i;

	if (v->app && (e->record || e->id == 0))
		edit_keep_draft(e);
	for (i = 0; e->f && i < e->n; i++)
		lineedit_free(e->f[i].line);
	free(e->f);
	draft_free(e->draft);
	record_free(e->record);
	free(e);
}

static const struct binding edit_keys[] = {{'\t', ACT_NEXT, NULL, "next field"},
    {K_DOWN, ACT_NEXT, NULL, NULL}, {K_ENTER, ACT_OPEN, NULL, NULL},
    {K_BACKTAB, ACT_PREVIOUS, NULL, "field before"}, {K_UP, ACT_PREVIOUS, NULL, NULL},
    {K_CTRL('s'), ACT_SAVE, NULL, "see what changes, then save"},
    {K_F0 + 2, ACT_SAVE, "Save", NULL},
    {K_CTRL('r'), ACT_REVEAL, NULL, "reveal a masked field, to edit it"},
    {K_F0 + 3, ACT_REVEAL, "Reveal", NULL},
    {K_CTRL('n'), ACT_ADD, NULL, "break the line in a note"},
    {K_ESC, ACT_BACK, NULL, "leave"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops edit_ops = {.title = "Edit",
    .keys = edit_keys,
    .draw = edit_draw,
    .key = edit_key,
    .typing = edit_typing,
    .waits = edit_waits,
    .paste = edit_paste,
    .tick = edit_tick,
    .status = edit_status,
    .fields = edit_fields,
    .close = edit_close};

static struct view_edit *
edit_new(struct app *a, int64_t id)
{
	struct view_edit *e = calloc(1, sizeof *e);
	const struct field *fields;
	size_t n;

	if (!e)
		return NULL;
	fields = app_fields(a, &n);
	e->view.ops = &edit_ops;
	e->id = id;
	e->f = calloc(n + 1, sizeof *e->f);
	for (; e->f && e->n < n && lineedit_new(&e->f[e->n].line) == RC_OK; e->n++)
		e->f[e->n].id = fields[e->n].id;
	if (e->n == n)
		return e;
	edit_close(&e->view);
	return NULL;
}

/* NULL: it could not be opened, and that is told. */
static struct view_edit *
edit_start(struct app *a, int64_t id, struct draft *d)
{
	struct view_edit *e = edit_new(a, id);

	if (!e) {
		if (d)
			app_keep_draft(a, d);
		app_say(
		    a, STYLE_BAD, "not opened: out of secret memory for so many fields");
		return NULL;
	}
	e->draft = d;
	if (!app_push(a, &e->view))
		return NULL;
	if (id)
		record_job_post(a, record_job_new(e, TASK_GET, id, loaded));
	else if (!edit_put_draft(e))
		return NULL;
	return e;
}

void
view_edit_open(struct app *a, int64_t id)
{
	edit_start(a, id, NULL);
}

void
view_edit_resume(struct app *a, struct draft *d)
{
	edit_start(a, d->id, d);
}
