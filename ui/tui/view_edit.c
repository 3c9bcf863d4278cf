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
 * 4. What is typed is kept in the vault as a draft, sealed, within KEEP_MS: a crash loses no
 *    more. A lock closes the view at once; until the next unlock all of it is in secret
 *    memory too. Saving and leaving on purpose forget the draft.
 * 5. When the vault gets other fields, the editor begins anew with what was typed: each
 *    value stays with its field.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"
#include "ui/tui/draft.h"
#include "ui/tui/view_edit.h"

#define KEEP_MS 2000

void
draft_free(struct draft *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->n; i++)
		secret_free(d->changes[i].text);
	free(d->changes);
	free(d);
}

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

static void
check(struct view_edit *e, size_t i)
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
		check(e, e->cursor);
}

bool
edit_is_changed(struct view_edit *e, size_t i)
{
	const struct cell *c = edit_cell_at(e, i);
	const struct lineedit *line = e->f[i].line;

	if (!e->f[i].touched)
		return false;
	if (!c)
		return lineedit_len(line) > 0;
	if (c->masked)
		return true;
	return c->len != lineedit_len(line) ||
	       memcmp(c->text, lineedit_text(line), c->len) != 0;
}

static size_t
count_changes(struct view_edit *e)
{
	size_t i, n = 0;

	for (i = 0; i < e->n; i++)
		n += edit_is_changed(e, i);
	return n;
}

static void
free_changes(struct change_text *ch, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		secret_free(ch[i].text);
	free(ch);
}

/* All changes as copies in secret memory; NULL when memory is out: some are worse than none. */
static struct change_text *
take_changes(struct view_edit *e, size_t *n)
{
	struct change_text *ch = calloc(e->n + 1, sizeof *ch);
	size_t i;

	*n = 0;
	for (i = 0; ch && i < e->n; i++) {
		const struct secret *s = lineedit_secret(e->f[i].line);

		if (!edit_is_changed(e, i))
			continue;
		if (secret_from(secret_view(s), secret_len(s), &ch[*n].text) != RC_OK) {
			free_changes(ch, *n);
			*n = 0;
			return NULL;
		}
		ch[(*n)++].field = e->f[i].id;
	}
	return ch;
}

/* e->n when the field is gone. */
static size_t
place_of(const struct view_edit *e, int field)
{
	size_t i;

	for (i = 0; i < e->n && e->f[i].id != field; i++)
		;
	return i;
}

static void
put_draft(struct view_edit *e)
{
	struct draft *d = e->draft;
	size_t i, at, lost = 0;

	if (!d)
		return;
	for (i = 0; i < d->n; i++) {
		at = place_of(e, d->changes[i].field);
		if (at == e->n) {
			lost++;
			continue;
		}
		lineedit_set(e->f[at].line, (const char *)secret_view(d->changes[i].text),
		    secret_len(d->changes[i].text));
		e->f[at].touched = true;
		check(e, at);
	}
	e->kept = e->typed = true;
	e->version = d->version;
	app_say(e->view.app, STYLE_WARN, "here is the draft that was not saved%s",
	    lost > 0 ? "; some of its fields are gone" : "");
	draft_free(d);
	e->draft = NULL;
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
		check(e, i);
	}
	put_draft(e);
}

/* It was saved, or left on purpose. */
static void
forget_draft(struct view_edit *e)
{
	e->saved = true;
	if (e->kept)
		draft_keep(e->view.app, e->id, e->version, NULL, 0);
}

static void
edit_tick(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	struct change_text *changes;
	size_t n;

	if (!e->typed || e->saving || app_now(v->app) - e->kept_at < KEEP_MS ||
	    app_info(v->app)->readonly || app_info(v->app)->browse)
		return;
	e->kept_at = app_now(v->app);
	changes = take_changes(e, &n);
	if (!changes) /* the draft that there is stays */
		return;
	e->typed = false;
	e->kept = true;
	draft_keep(v->app, e->id, e->version, changes, n);
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
		return;
	}
	forget_draft(e);
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
		j->changes = take_changes(e, &j->change_n);
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
		check(e, i);
	for (i = 0; i < e->n; i++) {
		if (e->f[i].why && (edit_is_changed(e, i) || e->id == 0)) {
			e->cursor = i;
			app_say(e->view.app, STYLE_BAD, "%s: %s",
			    edit_field_at(e, i)->label, e->f[i].why);
			return;
		}
	}
	if (count_changes(e) == 0)
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

	check(e, e->cursor);
	if (to >= (int64_t)e->n)
		to = (int64_t)e->n - 1;
	e->cursor = to < 0 ? 0 : (size_t)to;
}

static void
leave(void *arg)
{
	struct view_edit *e = arg;

	forget_draft(e);
	app_pop(e->view.app, &e->view);
}

static void
back(struct view_edit *e)
{
	if (e->reviewing)
		e->reviewing = e->saving;
	else if (count_changes(e) == 0)
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

/* What was typed; NULL: nothing, or memory is out. */
static struct draft *
take_draft(struct view_edit *e)
{
	struct draft *d = count_changes(e) > 0 ? calloc(1, sizeof *d) : NULL;

	if (!d)
		return NULL;
	d->id = e->id;
	d->version = e->version;
	d->changes = take_changes(e, &d->n);
	if (d->changes)
		return d;
	draft_free(d);
	return NULL;
}

static void
keep_draft(struct view_edit *e)
{
	struct draft *d;

	if (e->saved || app_is_open(e->view.app))
		return;
	d = take_draft(e);
	if (d)
		app_keep_draft(e->view.app, d);
}

static struct view_edit *edit_start(struct app *a, int64_t id, struct draft *d);

static void
edit_fields(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	struct app *a = v->app;
	struct draft *d = e->draft ? e->draft : take_draft(e);
	const int field = e->n > 0 ? e->f[e->cursor].id : 0;
	const int64_t id = e->id;
	size_t at;

	e->draft = NULL;
	app_pop(a, v);
	e = edit_start(a, id, d);
	at = e ? place_of(e, field) : 0;
	if (e && at < e->n)
		e->cursor = at;
}

static void
edit_close(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	size_t i;

	if (v->app && (e->record || e->id == 0))
		keep_draft(e);
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
		draft_free(d);
		app_say(a, STYLE_BAD, "out of secret memory for so many fields");
		return NULL;
	}
	e->draft = d;
	if (!app_push(a, &e->view))
		return NULL;
	if (id)
		record_job_post(a, record_job_new(e, TASK_GET, id, loaded));
	else
		put_draft(e);
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
