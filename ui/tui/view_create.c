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

#include "ui/tui/form_view.h"
#include "ui/tui/unlock_jobs.h"

enum { PASSPHRASE, AGAIN, KEY_FILE, LABEL, SCHEMA, PAGE_SIZE, LINES };

static void
was_made(struct open_job *o)
{
	struct form_view *w = o->job.owner;
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
start(struct form_view *w, uint32_t page_size)
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
try_start(struct form_view *w)
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

static const struct view_ops create_ops = {.title = "New vault", FORM_VIEW_OPS};

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
	const struct form_view model = {.view.ops = &create_ops,
	    .title = "Make a vault",
	    .verb = "make it",
	    .enter = try_start};

	form_view_open(a, &model, lines, LINES);
}
