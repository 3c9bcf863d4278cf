/*
 * Change of the passphrase.
 *
 * 1. The three passphrases live in secret memory and go with the dialog; the job has
 *    copies of its own, freed when the store has answered.
 * 2. The old one is asked for although the vault is open: who finds an unlocked terminal
 *    must not be able to lock its owner out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define LINES	     3
#define LABEL_WIDTH  14
#define STRENGTH_MAX 128 /* bytes: longer ones are not estimated while typing */

struct view_passwd {
	struct view view;
	struct lineedit *line[LINES]; /* old, new, new again */
	size_t at;
	struct vault_strength strength;
	bool estimated;
	char wrong[ERR_LEN];
};

struct passwd_job {
	struct slow_job slow;
	struct secret *old, *fresh;
	struct vault_kdf kdf;
};

static void
passwd_run(struct job *j, struct vault *v)
{
	struct passwd_job *p = (struct passwd_job *)j;
	struct vault_secret old = {VAULT_PASSPHRASE, p->old};
	struct vault_secret fresh = {VAULT_PASSPHRASE, p->fresh};

	j->rc = v ? vault_change_secret(v, &old, &fresh, &p->kdf, &j->err) : RC_LOCKED;
}

static void
passwd_done(struct job *j)
{
	struct app *a = j->owner;
	struct passwd_job *p = (struct passwd_job *)j;

	app_work_end(a);
	if (j->rc != RC_OK)
		app_failed(a, j);
	else
		app_say(a, STYLE_GOOD,
		    "the passphrase is changed (Argon2id, %u MiB). Older copies of the "
		    "file still "
		    "open with the old one",
		    p->kdf.memory_kib / 1024);
}

static void
passwd_free(struct job *j)
{
	struct passwd_job *p = (struct passwd_job *)j;

	secret_free(p->old);
	secret_free(p->fresh);
	free(p);
}

static const struct job_ops passwd_ops = {passwd_run, passwd_done, passwd_free};

static enum rc
copy_of(const struct lineedit *line, struct secret **out)
{
	const struct secret *s = lineedit_secret(line);

	return secret_from(secret_view(s), secret_len(s), out);
}

static void
start(struct view_passwd *w)
{
	struct app *a = w->view.app;
	struct passwd_job *p = calloc(1, sizeof *p);

	if (!p || copy_of(w->line[0], &p->old) != RC_OK ||
	    copy_of(w->line[1], &p->fresh) != RC_OK) {
		app_say(a, STYLE_BAD, "out of memory");
	} else if (app_work_begin(a, "passphrase change")) {
		p->slow.job.ops = &passwd_ops;
		p->slow.job.owner = a;
		p->slow.work = app_work(a);
		worker_post(app_back(a), &p->slow.job);
		term_forget_keys();
		app_pop(a, &w->view);
		return;
	}
	if (p)
		passwd_free(&p->slow.job);
}

static void
try_start(struct view_passwd *w)
{
	struct err err = {""};
	struct vault_strength strength;

	w->wrong[0] = '\0';
	if (lineedit_len(w->line[0]) == 0)
		snprintf(w->wrong, sizeof w->wrong, "type the passphrase of today first");
	else if (vault_strength(lineedit_secret(w->line[1]), &strength, &err) != RC_OK)
		snprintf(w->wrong, sizeof w->wrong, "%s", err.text);
	else if (!secret_equal(lineedit_secret(w->line[1]), lineedit_secret(w->line[2])))
		snprintf(
		    w->wrong, sizeof w->wrong, "the new one and its repetition differ");
	else
		start(w);
}

static void
estimate(struct view_passwd *w)
{
	size_t len = lineedit_len(w->line[1]);

	w->estimated =
	    len > 0 && len <= STRENGTH_MAX &&
	    vault_strength(lineedit_secret(w->line[1]), &w->strength, NULL) == RC_OK;
}

static void
passwd_size(struct view *v, int *rows, int *cols)
{
	(void)v;
	*rows = 7;
	*cols = 72;
}

static void
passwd_draw(struct view *v)
{
	static const char *const labels[LINES] = {"Passphrase", "New one", "New again"};
	struct view_passwd *w = (struct view_passwd *)v;
	struct pane *p = v->pane;
	size_t i;

	pane_frame(p, "Change the passphrase");
	for (i = 0; i < LINES; i++) {
		bool at = i == w->at;

		pane_put(p, 1 + (int)i, 2, LABEL_WIDTH, at ? STYLE_SELECTED : STYLE_DIM,
		    labels[i]);
		lineedit_draw_hidden(w->line[i], p, 1 + (int)i, LABEL_WIDTH + 3,
		    pane_cols(p) - LABEL_WIDTH - 5, at);
	}
	if (w->wrong[0])
		pane_putf(p, 4, 2, pane_cols(p) - 3, STYLE_BAD, "! %s", w->wrong);
	else if (w->estimated)
		pane_putf(p, 4, 2, pane_cols(p) - 3,
		    w->strength.score < 3 ? STYLE_WARN : STYLE_GOOD, "%s%s",
		    w->strength.words,
		    w->strength.changed ? " (its normal form is used)" : "");
	pane_put(p, 5, 2, pane_cols(p) - 3, STYLE_DIM,
	    "Tab: next   Enter: change   Esc: leave");
}

static bool
passwd_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_passwd *w = (struct view_passwd *)v;

	if (act == ACT_BACK) {
		app_pop(v->app, v);
	} else if (act == ACT_NEXT) {
		w->at = (w->at + 1) % LINES;
	} else if (act == ACT_PREVIOUS) {
		w->at = (w->at + LINES - 1) % LINES;
	} else if (act == ACT_OPEN && w->at + 1 < LINES) {
		w->at++;
	} else if (act == ACT_OPEN) {
		try_start(w);
	} else if (lineedit_key(w->line[w->at], e->key)) {
		w->wrong[0] = '\0';
		if (w->at == 1)
			estimate(w);
	} else {
		return false;
	}
	return true;
}

static bool
passwd_typing(struct view *v)
{
	(void)v;
	return true;
}

static void
passwd_paste(struct view *v, int key)
{
	struct view_passwd *w = (struct view_passwd *)v;

	if (key >= 32)
		lineedit_key(w->line[w->at], key);
	if (w->at == 1)
		estimate(w);
}

static void
passwd_close(struct view *v)
{
	struct view_passwd *w = (struct view_passwd *)v;
	size_t i;

	for (i = 0; i < LINES; i++)
		lineedit_free(w->line[i]);
	secret_wipe(&w->strength, sizeof w->strength);
	free(w);
}

static const struct binding passwd_keys[] = {{'\t', ACT_NEXT, NULL, "next line"},
    {K_DOWN, ACT_NEXT, NULL, NULL}, {K_BACKTAB, ACT_PREVIOUS, NULL, "line before"},
    {K_UP, ACT_PREVIOUS, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "next line; on the last one: change"},
    {K_ESC, ACT_BACK, NULL, "leave"}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops passwd_view_ops = {.title = "Passphrase",
    .keys = passwd_keys,
    .dialog = true,
    .size = passwd_size,
    .draw = passwd_draw,
    .key = passwd_key,
    .typing = passwd_typing,
    .paste = passwd_paste,
    .close = passwd_close};

void
view_passwd_open(struct app *a)
{
	struct view_passwd *w = calloc(1, sizeof *w);
	size_t i;

	if (!w)
		return;
	w->view.ops = &passwd_view_ops;
	for (i = 0; i < LINES; i++) {
		if (lineedit_new(&w->line[i]) != RC_OK) {
			passwd_close(&w->view);
			app_say(a, STYLE_BAD, "out of memory");
			return;
		}
	}
	app_push(a, &w->view);
}
