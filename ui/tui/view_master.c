/*
 * New master keys: each slot presents its secret, or is dropped.
 *
 *   slot --Enter--> proved --> next slot ... --> consent --"yes"--> replaced --> rotation
 *    ^  '--nothing typed: dropped--^                |
 *    '----------------- Esc leaves; nothing was changed
 *
 * 1. Nothing is changed before every slot has answered and the user has seen which ones go.
 * 2. The slot that opened the vault stays: its secret can't be left out.
 * 3. What was given is held in secret memory until the keys are replaced, the dialog closes
 *    or the vault is locked.
 */
#include "ui/tui/view_slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/tui/form_view.h"
#include "ui/tui/master_job.h"

struct view_master {
	struct form_view base; /* without a title: it changes */
	struct key_slot slots[KEYS_SLOTS];
	size_t n, at; /* ${at} = ${n}: consent is asked for */
	struct master_given given;
	char hint[KEYS_SLOTS * 128];
};

/* "slot 2 (recovery code, "safe")". */
static int
slot_words(const struct key_slot *s, char *out, size_t cap)
{
	return snprintf(out, cap, "slot %d (%s%s%s%s)", s->number, s->type,
	    s->label[0] ? ", \"" : "", s->label, s->label[0] ? "\"" : "");
}

static bool
is_opened(const struct view_master *w, const struct key_slot *s)
{
	return s->number == app_info(w->base.view.app)->slot;
}

/* One line for what is typed, one for a file, as the slot takes them. */
static enum rc
ask_slot(struct view_master *w)
{
	const struct key_slot *s = &w->slots[w->at];
	struct form_line lines[2];
	char slot[128];
	size_t n = 0;

	slot_words(s, slot, sizeof slot);
	snprintf(w->hint, sizeof w->hint, "what opens %s now%s", slot,
	    is_opened(w, s) ? ", as you opened the vault with it"
			    : ". Leave it empty to drop the slot");
	if (slot_takes_text(s->kind))
		lines[n++] = (struct form_line){
		    s->kind == VAULT_RECOVERY ? "Recovery code" : "Passphrase", w->hint, true,
		    false};
	if (slot_takes_file(s->kind))
		lines[n++] = (struct form_line){"Key file", w->hint, false, false};
	return form_set(&w->base.form, lines, n);
}

static enum rc
ask_consent(struct view_master *w)
{
	static const char words[] = "These slots open nothing any more: ";
	struct form_line line = {"Agree", w->hint, false, false};
	size_t len = 0, i;

	w->hint[0] = '\0';
	for (i = 0; i < w->n && len < sizeof w->hint - 256; i++) {
		if (w->given.kept[w->slots[i].number])
			continue;
		len += (size_t)snprintf(
		    w->hint + len, sizeof w->hint - len, "%s", len ? ", " : words);
		len += (size_t)slot_words(
		    &w->slots[i], w->hint + len, sizeof w->hint - len);
	}
	if (len < sizeof w->hint)
		snprintf(w->hint + len, sizeof w->hint - len,
		    "%sType yes: new master keys, then new page keys",
		    len ? ". " : "All slots stay. ");
	return form_set(&w->base.form, &line, 1);
}

static void
step(struct view_master *w)
{
	struct app *a = w->base.view.app;

	while (w->at < w->n && !w->slots[w->at].usable)
		w->at++;
	if ((w->at < w->n ? ask_slot(w) : ask_consent(w)) == RC_OK) {
		app_place(a);
		return;
	}
	app_say(a, STYLE_BAD, "out of memory");
	app_pop(a, &w->base.view);
}

static size_t
file_line(const struct key_slot *s)
{
	return slot_takes_text(s->kind) ? 1 : 0;
}

static bool
take_secret(struct view_master *w, const struct key_slot *s, struct slot_secret *out)
{
	out->kind = s->kind;
	if (slot_takes_text(s->kind) && form_copy(&w->base.form, 0, &out->typed) != RC_OK)
		return false;
	if (slot_takes_file(s->kind))
		out->file = strdup(form_text(&w->base.form, file_line(s)));
	return !slot_takes_file(s->kind) || out->file;
}

static void
was_proved(struct keys_job *j)
{
	struct view_master *w = j->slow.job.owner;
	int number = j->order.slot;

	app_work_end(w->base.view.app);
	if (j->slow.job.rc != RC_OK) {
		form_wrong(&w->base.form, 0,
		    j->slow.job.err.text[0] ? j->slow.job.err.text
					    : rc_text(j->slow.job.rc));
		return;
	}
	w->given.kept[number] = true;
	w->given.secrets[number] = j->order.present;
	j->order.present = (struct slot_secret){.kind = VAULT_PASSPHRASE};
	w->at++;
	step(w);
}

static void
prove(struct view_master *w, const struct key_slot *s)
{
	struct keys_job *j = keys_job_new(w, KEYS_PROVE, was_proved);

	if (j) {
		j->order.task = SLOT_TEST;
		j->order.slot = j->order.presents = s->number;
	}
	if (j && !take_secret(w, s, &j->order.present)) {
		keys_job_free(j);
		j = NULL;
	}
	if (keys_job_work(w->base.view.app, j, "slot's secret"))
		form_begin(&w->base.form, w->base.view.app);
}

static void
slot_given(struct view_master *w)
{
	const struct key_slot *s = &w->slots[w->at];
	bool text = slot_takes_text(s->kind), file = slot_takes_file(s->kind);
	bool typed = text && secret_len(form_secret(&w->base.form, 0)) > 0;
	bool named = file && form_text(&w->base.form, file_line(s))[0];
	struct err err = {""};

	if (!typed && !named && !is_opened(w, s)) {
		w->at++;
		step(w);
	} else if (text && !typed) {
		form_wrong(&w->base.form, 0, "type what opens the slot first");
	} else if (file && !named) {
		form_wrong(&w->base.form, file_line(s), "name the key file first");
	} else if (s->kind == VAULT_RECOVERY &&
		   keys_recovery_check(form_secret(&w->base.form, 0), &err) != RC_OK) {
		form_wrong(&w->base.form, 0, err.text);
	} else {
		prove(w, s);
	}
}

static void
was_replaced(void *owner, const struct job *j)
{
	struct view_master *w = owner;
	struct app *a = w->base.view.app;

	if (j->rc != RC_OK) {
		w->base.form.working = false;
		view_tell_open(a, "The master keys were not replaced",
		    j->err.text[0] ? j->err.text : rc_text(j->rc));
		app_pop(a, &w->base.view);
		return;
	}
	app_pop(a, &w->base.view);
	app_say(a, STYLE_GOOD, "the master keys are new; the pages get new keys now");
	app_changed(a);
	keys_rotate(a);
}

static void
agreed(struct view_master *w)
{
	if (strcmp(form_text(&w->base.form, 0), "yes") != 0)
		form_wrong(&w->base.form, 0, "type yes, or leave with Esc: nothing was changed");
	else if (master_job_start(w->base.view.app, w, &w->given, was_replaced))
		form_begin(&w->base.form, w->base.view.app);
}

static void
master_draw(struct view *v)
{
	struct view_master *w = (struct view_master *)v;
	char title[80] = "New master keys";

	if (w->at < w->n)
		snprintf(title, sizeof title, "New master keys: slot %zu of %zu", w->at + 1,
		    w->n);
	form_draw(&w->base.form, v, title, w->at < w->n ? "go on" : "replace");
}

static bool
master_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_master *w = (struct view_master *)v;
	enum form_answer answer = form_key(&w->base.form, v, act, e);

	if (answer == FORM_LEFT)
		app_pop(v->app, v);
	else if (answer == FORM_DONE && w->at < w->n)
		slot_given(w);
	else if (answer == FORM_DONE)
		agreed(w);
	return true;
}

static void
master_close(struct view *v)
{
	master_given_free(&((struct view_master *)v)->given);
	form_view_close(v);
}

static const struct view_ops master_view_ops = {.title = "Master keys",
    .keys = form_keys,
    .dialog = true,
    .size = form_view_size,
    .draw = master_draw,
    .key = master_key,
    .typing = form_view_typing,
    .paste = form_view_paste,
    .tick = form_view_tick,
    .close = master_close};

void
view_master_open(struct app *a, const struct key_slot *slots, size_t n)
{
	struct view_master *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->base.view.ops = &master_view_ops;
	w->n = n;
	memcpy(w->slots, slots, n * sizeof *slots);
	if (app_push(a, &w->base.view))
		step(w);
}
