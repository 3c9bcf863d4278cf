/*
 * A damaged header, put back from a key backup, before the vault is open.
 *
 *   form --> what the backup says --(the header is damaged)-----------> restored
 *                     '---(it is whole)--> a question --yes--> --^
 *
 * 1. A header that is whole is replaced only by one who was told what that means.
 * 2. Secrets live in the form's memory and in the job, which frees its copies when it ends.
 */
#include "ui/tui/unlock_jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/keys.h"
#include "ui/tui/form_view.h"

enum { BACKUP, BACKUP_PASS, SECRET, KEY_FILE, LINES };

struct restore_job {
	struct job job;
	const char *path;
	struct worker *other; /* must have closed the vault before */
	char *file;
	struct secret *passphrase;
	struct slot_secret present;
	bool agreed, whole; /* the header that is there */
	struct keys_backup backup;
};

static void start(struct form_view *w, bool agreed);

static enum rc
restore(struct restore_job *r)
{
	struct keys_restore k = {.path = r->path, .file = r->file,
	    .passphrase = r->passphrase, .even_if_newer = r->agreed};
	struct vault_secret secret;
	struct secret *own;
	struct vault *v = NULL;
	enum rc rc = slot_secret_read(&r->present, &secret, &own, &r->job.err);

	k.secret = &secret;
	if (rc == RC_OK)
		rc = keys_restore(&k, &v, &r->job.err);
	secret_free(own);
	vault_close(v);
	return rc;
}

static void
restore_run(struct job *j, struct vault *none)
{
	struct restore_job *r = (struct restore_job *)j;

	(void)none;
	worker_wait_locked(r->other);
	j->rc = keys_backup_peek(r->path, r->file, &r->backup, &j->err);
	r->whole = j->rc == RC_OK && r->backup.present != KEYS_HEADER_DAMAGED;
	if (j->rc == RC_OK && (r->agreed || !r->whole))
		j->rc = restore(r);
}

static void
agreed(void *arg)
{
	start(arg, true);
}

static void
ask(struct form_view *w, const struct keys_backup *b)
{
	char made[32], now[32], question[200];

	app_time(b->made, made, sizeof made);
	app_time(b->present_modified, now, sizeof now);
	snprintf(question, sizeof question,
	    "The header is whole, of %s. Put back the slots of %s?", now, made);
	w->form.working = false;
	view_confirm_open(w->view.app, question, agreed, w);
}

static void
restore_done(struct job *j)
{
	struct restore_job *r = (struct restore_job *)j;
	struct form_view *w = j->owner;
	struct app *a = w->view.app;

	if (j->rc != RC_OK) {
		form_wrong(&w->form, BACKUP, j->err.text[0] ? j->err.text : rc_text(j->rc));
		return;
	}
	if (r->whole && !r->agreed) {
		ask(w, &r->backup);
		return;
	}
	app_pop(a, &w->view);
	app_changed(a);
	app_say(a, STYLE_GOOD, "the header is put back: unlock with a secret of its slots");
}

static void
restore_free(struct job *j)
{
	struct restore_job *r = (struct restore_job *)j;

	free(r->file);
	secret_free(r->passphrase);
	slot_secret_free(&r->present);
	free(r);
}

static const struct job_ops restore_ops = {restore_run, restore_done, restore_free};

/* What is typed and named says which kind of secret it is; a code has check digits. */
static bool
take_secret(const struct form_view *w, struct slot_secret *out)
{
	const char *file = form_text(&w->form, KEY_FILE);
	const struct secret *typed = form_secret(&w->form, SECRET);

	out->kind = file[0] && secret_len(typed) > 0		      ? VAULT_BOTH
		    : file[0]					      ? VAULT_KEYFILE
		    : keys_recovery_check(typed, NULL) == RC_OK ? VAULT_RECOVERY
								: VAULT_PASSPHRASE;
	if (file[0] && !(out->file = strdup(file)))
		return false;
	return secret_len(typed) == 0 || form_copy(&w->form, SECRET, &out->typed) == RC_OK;
}

static void
start(struct form_view *w, bool agreed_to)
{
	struct app *a = w->view.app;
	struct restore_job *r = calloc(1, sizeof *r);

	if (!r || !(r->file = strdup(form_text(&w->form, BACKUP))) ||
	    form_copy(&w->form, BACKUP_PASS, &r->passphrase) != RC_OK ||
	    !take_secret(w, &r->present)) {
		if (r)
			restore_free(&r->job);
		form_wrong(&w->form, BACKUP, "out of memory");
		return;
	}
	r->job.ops = &restore_ops;
	r->job.owner = w;
	r->path = app_opts(a)->path;
	r->other = app_back(a);
	r->agreed = agreed_to;
	form_begin(&w->form, a);
	worker_post(app_front(a), &r->job);
}

static void
try_start(struct form_view *w)
{
	if (!form_text(&w->form, BACKUP)[0])
		form_wrong(&w->form, BACKUP, "name the key backup first");
	else if (secret_len(form_secret(&w->form, BACKUP_PASS)) == 0)
		form_wrong(&w->form, BACKUP_PASS, "type the passphrase of the backup first");
	else if (secret_len(form_secret(&w->form, SECRET)) == 0 &&
		 !form_text(&w->form, KEY_FILE)[0])
		form_wrong(&w->form, SECRET,
		    "type what opens a full slot, or name its key file");
	else
		start(w, false);
}

static const struct view_ops key_restore_ops = {.title = "Key restore", FORM_VIEW_OPS};

void
view_key_restore_open(struct app *a)
{
	static const struct form_line lines[LINES] = {
	    {"Key backup", "the file that a key backup wrote", false, false},
	    {"Its passphrase", "the one that was given to the backup", true, false},
	    {"Vault's secret",
		"a passphrase or recovery code of a full slot; with a key file: what goes with it",
		true, false},
	    {"Key file", "of a slot that takes one; else leave it empty", false, false}};
	const struct form_view model = {.view.ops = &key_restore_ops,
	    .title = "Put the header back from a key backup",
	    .verb = "restore",
	    .enter = try_start};

	form_view_open(a, &model, lines, LINES);
}
