/*
 * The key backup: the header sealed into a file, under a passphrase of its own.
 *
 * 1. The passphrase lives in the form's secret memory; the job has a copy, freed when the
 *    file is written.
 */
#include "ui/tui/view_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/form_view.h"

enum { FILE_NAME, FRESH, AGAIN, LINES };

struct backup_job {
	struct slow_job slow;
	char *file;
	struct secret *passphrase;
	struct vault_kdf kdf;
};

static void
backup_run(struct job *j, struct vault *v)
{
	struct backup_job *b = (struct backup_job *)j;

	j->rc = v ? keys_backup(v, b->file, b->passphrase, &b->kdf, &j->err) : RC_LOCKED;
}

static void
backup_done(struct job *j)
{
	struct backup_job *b = (struct backup_job *)j;
	struct form_view *w = j->owner;
	struct app *a = w->view.app;

	app_work_end(a);
	if (j->rc != RC_OK) {
		form_wrong(&w->form, j->rc == RC_INPUT ? FRESH : FILE_NAME,
		    j->err.text[0] ? j->err.text : rc_text(j->rc));
		return;
	}
	app_say(a, STYLE_GOOD,
	    "the keys are backed up to %s (Argon2id, %u MiB): make a new one when slots change",
	    b->file, (b->kdf.memory_kib + 512) / 1024);
	app_pop(a, &w->view);
}

static void
backup_free(struct job *j)
{
	struct backup_job *b = (struct backup_job *)j;

	secret_free(b->passphrase);
	free(b->file);
	free(b);
}

static const struct job_ops backup_ops = {backup_run, backup_done, backup_free};

static void
start(struct form_view *w)
{
	struct app *a = w->view.app;
	struct backup_job *b = calloc(1, sizeof *b);

	if (!b || !(b->file = strdup(form_text(&w->form, FILE_NAME))) ||
	    form_copy(&w->form, FRESH, &b->passphrase) != RC_OK) {
		app_say(a, STYLE_BAD, "out of memory");
	} else if (app_work_begin(a, "key backup")) {
		b->slow.job.ops = &backup_ops;
		b->slow.job.owner = w;
		b->slow.work = app_work(a);
		form_begin(&w->form, a);
		worker_post(app_back(a), &b->slow.job);
		return;
	}
	if (b)
		backup_free(&b->slow.job);
}

static void
try_start(struct form_view *w)
{
	if (!form_text(&w->form, FILE_NAME)[0])
		form_wrong(&w->form, FILE_NAME, "name the new file first");
	else if (form_fresh(&w->form, FRESH))
		start(w);
}

static const struct view_ops key_backup_ops = {.title = "Key backup", FORM_VIEW_OPS};

void
view_key_backup_open(struct app *a)
{
	static const struct form_line lines[LINES] = {
	    {"File", "a new file, better on another disk: it holds the header, and no record",
		false, false},
	    {"New one", "a passphrase for the backup, which is not the vault's", true, true},
	    {"New again", "the same once more", true, false}};
	const struct form_view model = {.view.ops = &key_backup_ops,
	    .title = "Back up the keys",
	    .verb = "back up",
	    .enter = try_start};

	form_view_open(a, &model, lines, LINES);
}
