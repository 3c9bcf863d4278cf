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

#include "ui/tui/form.h"

enum { FILE_NAME, FRESH, AGAIN, LINES };

struct view_key_backup {
	struct view view;
	struct form form;
};

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
	struct view_key_backup *w = j->owner;
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
start(struct view_key_backup *w)
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
key_backup_size(struct view *v, int *rows, int *cols)
{
	form_size(&((struct view_key_backup *)v)->form, rows, cols);
}

static void
key_backup_draw(struct view *v)
{
	form_draw(&((struct view_key_backup *)v)->form, v, "Back up the keys", "back up");
}

static bool
key_backup_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_key_backup *w = (struct view_key_backup *)v;
	enum form_answer answer = form_key(&w->form, v, act, e);

	if (answer == FORM_LEFT)
		app_pop(v->app, v);
	else if (answer == FORM_DONE && !form_text(&w->form, FILE_NAME)[0])
		form_wrong(&w->form, FILE_NAME, "name the new file first");
	else if (answer == FORM_DONE && form_fresh(&w->form, FRESH))
		start(w);
	return true;
}

static bool
key_backup_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
key_backup_paste(struct view *v, int key)
{
	form_paste(&((struct view_key_backup *)v)->form, key);
}

static void
key_backup_tick(struct view *v)
{
	if (((struct view_key_backup *)v)->form.working)
		app_fast(v->app, 1000);
}

static void
key_backup_close(struct view *v)
{
	form_free(&((struct view_key_backup *)v)->form);
	free(v);
}

static const struct view_ops key_backup_ops = {.title = "Key backup",
    .keys = form_keys,
    .dialog = true,
    .size = key_backup_size,
    .draw = key_backup_draw,
    .key = key_backup_key,
    .typing = key_backup_typing,
    .paste = key_backup_paste,
    .tick = key_backup_tick,
    .close = key_backup_close};

void
view_key_backup_open(struct app *a)
{
	static const struct form_line lines[LINES] = {
	    {"File", "a new file, better on another disk: it holds the header, and no record",
		false, false},
	    {"New one", "a passphrase for the backup, which is not the vault's", true, true},
	    {"New again", "the same once more", true, false}};
	struct view_key_backup *w = calloc(1, sizeof *w);

	if (!w || form_set(&w->form, lines, LINES) != RC_OK) {
		free(w);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	w->view.ops = &key_backup_ops;
	app_push(a, &w->view);
}
