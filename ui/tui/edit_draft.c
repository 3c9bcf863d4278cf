/*
 * What was typed into a record: which fields it changes, and the draft of it.
 *
 * 1. A draft is whole, or it is not made and not put in: where secret memory is out,
 * nothing is marked as typed that is not there, so that no save can empty a stored value.
 * 2. Copies of what was typed are in secret memory only.
 */
#include <stdlib.h>
#include <string.h>

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

size_t
edit_count_changes(struct view_edit *e)
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

struct change_text *
edit_take_changes(struct view_edit *e, size_t *n)
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

size_t
edit_place_of(const struct view_edit *e, int field)
{
	size_t i;

	for (i = 0; i < e->n && e->f[i].id != field; i++)
		;
	return i;
}

/* ${lost}: how many are of fields that are gone. A failure leaves some of them put in. */
static enum rc
put_changes(struct view_edit *e, const struct draft *d, size_t *lost)
{
	size_t i, at;
	enum rc rc;

	*lost = 0;
	for (i = 0; i < d->n; i++) {
		const struct secret *s = d->changes[i].text;

		at = edit_place_of(e, d->changes[i].field);
		if (at == e->n) {
			++*lost;
			continue;
		}
		rc = lineedit_set(
		    e->f[at].line, (const char *)secret_view(s), secret_len(s));
		if (rc != RC_OK)
			return rc;
		e->f[at].touched = true;
		edit_check(e, at);
	}
	return RC_OK;
}

bool
edit_put_draft(struct view_edit *e)
{
	struct draft *d = e->draft;
	struct app *a = e->view.app;
	size_t lost;

	if (!d)
		return true;
	e->draft = NULL;
	if (put_changes(e, d, &lost) != RC_OK) {
		app_keep_draft(a, d);
		app_say(a, STYLE_BAD,
		    "not opened: out of secret memory for the draft; "
		    "lock and unlock to try again");
		app_pop(a, &e->view);
		return false;
	}
	e->kept = e->typed = true;
	e->version = d->version;
	app_say(a, STYLE_WARN, "here is the draft that was not saved%s",
	    lost > 0 ? "; some of its fields are gone" : "");
	draft_free(d);
	return true;
}

void
edit_forget_draft(struct view_edit *e)
{
	e->saved = true;
	if (e->kept)
		draft_keep(e->view.app, e->id, e->version, NULL, 0);
}

void
edit_tick(struct view *v)
{
	struct view_edit *e = (struct view_edit *)v;
	struct change_text *changes;
	size_t n;

	if (!e->typed || e->saving || app_now(v->app) - e->kept_at < KEEP_MS ||
	    app_info(v->app)->readonly || app_info(v->app)->browse)
		return;
	e->kept_at = app_now(v->app);
	changes = edit_take_changes(e, &n);
	if (!changes) /* the draft that there is stays */
		return;
	e->typed = false;
	e->kept = true;
	draft_keep(v->app, e->id, e->version, changes, n);
}

enum rc
edit_take_draft(struct view_edit *e, struct draft **out)
{
	struct draft *d;

	*out = NULL;
	if (edit_count_changes(e) == 0)
		return RC_OK;
	d = calloc(1, sizeof *d);
	if (!d)
		return RC_NOMEM;
	d->id = e->id;
	d->version = e->version;
	d->changes = edit_take_changes(e, &d->n);
	if (!d->changes) {
		free(d);
		return RC_NOMEM;
	}
	*out = d;
	return RC_OK;
}

void
edit_keep_draft(struct view_edit *e)
{
	struct draft *d;

	if (e->saved || app_is_open(e->view.app))
		return;
	if (edit_take_draft(e, &d) == RC_OK && d)
		app_keep_draft(e->view.app, d);
}
