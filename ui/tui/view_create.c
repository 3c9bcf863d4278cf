/*
 * A new vault, where the unlock screen found none: its secret, and what "init" takes.
 *
 * 1. The passphrase is typed twice; with a key file alone none is needed.
 * 2. Secrets live in the form's memory and in the job, which frees its copies when it ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/form.h"
#include "ui/tui/unlock_jobs.h"

enum { PASSPHRASE, AGAIN, KEY_FILE, LABEL, SCHEMA, PAGE_SIZE, LINES };

struct view_create {
	struct view view;
	struct form form;
};

static void
was_made(struct open_job *o)
{
	struct view_create *w = o->job.owner;
	struct app *a = w->view.app;
	struct vault *clone = o->clone;
	struct field *fields = o->fields;

	if (o->job.rc != RC_OK) {
		form_wrong(&w->form, PASSPHRASE,
		    o->job.err.text[0] ? o->job.err.text : rc_text(o->job.rc));
		return;
	}
	o->clone = NULL;
	o->fields = NULL;
	app_set_way(a, o->present.kind, o->present.file ? o->present.file : "");
	app_opened(a, clone, &o->info, fields, o->field_n); /* closes this view */
	app_say(a, STYLE_GOOD, "the vault is made (Argon2id, %u MiB, %u ms); K then a adds "
	    "a recovery code", o->kdf.memory_kib / 1024, o->kdf.ms);
}

static bool
copy_text(const struct form *f, size_t i, char **out)
{
	*out = NULL;
	return form_text(f, i)[0] == '\0' || (*out = strdup(form_text(f, i))) != NULL;
}

static bool
copy_all(const struct form *f, struct slot_secret *present, struct unlock_make *make)
{
	const bool typed = secret_len(form_secret(f, PASSPHRASE)) > 0;

	present->kind = form_text(f, KEY_FILE)[0] == '\0' ? VAULT_PASSPHRASE
			: typed				  ? VAULT_BOTH
							  : VAULT_KEYFILE;
	return copy_text(f, KEY_FILE, &present->file) &&
	       (!typed || form_copy(f, PASSPHRASE, &present->typed) == RC_OK) &&
	       copy_text(f, LABEL, &make->label) && copy_text(f, SCHEMA, &make->schema);
}

static void
start(struct view_create *w, uint32_t page_size)
{
	struct app *a = w->view.app;
	struct slot_secret present = {.kind = VAULT_PASSPHRASE};
	struct unlock_make make = {.page_size = page_size};

	if (!copy_all(&w->form, &present, &make)) {
		slot_secret_free(&present);
		free(make.label);
		free(make.schema);
		form_wrong(&w->form, PASSPHRASE, "out of memory");
	} else if (!unlock_make(a, w, &present, &make, was_made)) {
		form_wrong(&w->form, PASSPHRASE, "out of memory");
	} else {
		form_begin(&w->form, a);
		app_fast(a, 1000);
	}
}

static bool
read_page_size(const char *text, uint32_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	*out = (uint32_t)n;
	return errno == 0 && *end == '\0' && n <= 65536 && text[0] != '-';
}

static void
try_start(struct view_create *w)
{
	struct form *f = &w->form;
	const bool typed =
	    secret_len(form_secret(f, PASSPHRASE)) > 0 || secret_len(form_secret(f, AGAIN)) > 0;
	uint32_t page_size;

	if (!typed && !form_text(f, KEY_FILE)[0])
		form_wrong(f, PASSPHRASE, "type a passphrase, or name a key file");
	else if (!read_page_size(form_text(f, PAGE_SIZE), &page_size))
		form_wrong(f, PAGE_SIZE, "a page has 512 to 65536 bytes; leave it empty for 4096");
	else if (!typed || form_fresh(f, PASSPHRASE))
		start(w, page_size);
}

static void
create_size(struct view *v, int *rows, int *cols)
{
	form_size(&((struct view_create *)v)->form, rows, cols);
}

static void
create_draw(struct view *v)
{
	form_draw(&((struct view_create *)v)->form, v, "Make a vault", "make it");
}

static bool
create_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_create *w = (struct view_create *)v;
	enum form_answer answer = form_key(&w->form, v, act, e);

	if (answer == FORM_LEFT)
		app_pop(v->app, v);
	else if (answer == FORM_DONE)
		try_start(w);
	return true;
}

static bool
create_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
create_paste(struct view *v, int key)
{
	form_paste(&((struct view_create *)v)->form, key);
}

static void
create_tick(struct view *v)
{
	if (((struct view_create *)v)->form.working)
		app_fast(v->app, 1000);
}

static void
create_close(struct view *v)
{
	form_free(&((struct view_create *)v)->form);
	free(v);
}

static const struct view_ops create_ops = {.title = "New vault",
    .keys = form_keys,
    .dialog = true,
    .size = create_size,
    .draw = create_draw,
    .key = create_key,
    .typing = create_typing,
    .paste = create_paste,
    .tick = create_tick,
    .close = create_close};

void
view_create_open(struct app *a)
{
	static const struct form_line lines[LINES] = {
	    {"Passphrase", "of the new vault; nobody can open it without", true, true},
	    {"Again", "the same passphrase", true, false},
	    {"Key file",
		"with a passphrase both are needed, without one the file is all; else empty",
		false, false},
	    {"Slot's label", "a name for this way of opening it; or empty", false, false},
	    {"Schema", "a file as \"schema show\" prints it; empty: customers", false, false},
	    {"Page size", "512 to 65536 bytes; empty: 4096", false, false}};
	struct view_create *w = calloc(1, sizeof *w);

	if (!w || form_set(&w->form, lines, LINES) != RC_OK) {
		free(w);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = &create_ops;
	app_push(a, &w->view);
}
