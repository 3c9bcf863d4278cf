/*
 * The keys of the vault: slots, epochs, rotation.
 *
 * 1. It shows what the vault said last; after each change it asks again.
 */
#include "ui/tui/view_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/tui/cursor.h"
#include "ui/tui/view_slot.h"

static size_t
rows_of(const struct view_keys *w)
{
	return w->keys.slot_n + w->keys.epoch_n;
}

const struct key_slot *
keys_slot_at(const struct view_keys *w)
{
	return w->cursor < w->keys.slot_n ? &w->keys.slots[w->cursor] : NULL;
}

/* The slots' head, the slots, a blank line, the epochs' head, the epochs. */
size_t
keys_line_of(const struct view_keys *w, size_t cursor)
{
	return cursor + (cursor < w->keys.slot_n ? 1 : 3);
}

int
keys_cursor_of(const struct view_keys *w, size_t line)
{
	size_t n = w->keys.slot_n;

	if (line == 0 || line == n + 1 || line == n + 2)
		return -1;
	return (int)(line <= n ? line - 1 : line - 3);
}

static void
was_read(struct keys_job *j)
{
	struct view_keys *w = j->slow.job.owner;
	const struct key_epoch *due = keys_due(&j->keys);

	if (j->slow.job.rc != RC_OK) {
		app_failed(w->view.app, &j->slow.job);
		return;
	}
	w->keys = j->keys;
	w->loaded = true;
	if (w->cursor >= rows_of(w))
		w->cursor = rows_of(w) ? rows_of(w) - 1 : 0;
	app_set_due(w->view.app, due ? due->due : 0);
}

static void
was_counted(struct keys_job *j)
{
	struct view_keys *w = j->slow.job.owner;

	if (j->slow.job.rc != RC_OK)
		return;
	w->counted = true;
	w->status = j->status;
}

static void
look(struct view_keys *w)
{
	struct app *a = w->view.app;

	w->generation = app_generation(a);
	keys_job_post(a, keys_job_new(w, KEYS_READ, was_read));
	if (!app_work(a)->label[0])
		keys_job_post(a, keys_job_new(w, KEYS_STATUS, was_counted));
}

static void
rotate_agreed(void *arg)
{
	struct view_keys *w = arg;

	keys_rotate(w->view.app);
}

static void
rotate_denied(struct view_keys *w)
{
	char text[ERR_LEN];
	size_t i = 0;

	while (i < w->keys.slot_n && w->keys.slots[i].browse)
		i++;
	if (i == w->keys.slot_n)
		return;
	snprintf(text, sizeof text,
	    "A browse slot opened the vault, and its keys are rotated with full access "
	    "only. Lock (^X) and unlock with what opens slot %d%s%s%s.",
	    w->keys.slots[i].number, w->keys.slots[i].label[0] ? " \"" : "",
	    w->keys.slots[i].label, w->keys.slots[i].label[0] ? "\"" : "");
	view_tell_open(w->view.app, "The keys can't be rotated", text);
}

static void
rotate_ask(struct view_keys *w)
{
	if (app_info(w->view.app)->browse)
		rotate_denied(w);
	else if (keys_rotating(w->view.app) || (w->counted && w->status.active))
		keys_rotate(w->view.app);
	else
		view_confirm_open(
		    w->view.app, "New page keys, and destroy the old?", rotate_agreed, w);
}

static void
master_ask(struct view_keys *w)
{
	struct app *a = w->view.app;

	if (app_info(a)->browse)
		rotate_denied(w);
	else if (keys_rotating(a) || (w->counted && w->status.active))
		app_say(a, STYLE_WARN, "a rotation is under way: r brings it to its end first");
	else if (app_info(a)->readonly)
		app_say(a, STYLE_WARN, "the vault is open for reading only");
	else if (w->loaded)
		view_master_open(a, w->keys.slots, w->keys.slot_n);
}

static const struct key_slot *
slot_numbered(const struct view_keys *w, int number)
{
	size_t i;

	for (i = 0; i < w->keys.slot_n; i++)
		if (w->keys.slots[i].number == number)
			return &w->keys.slots[i];
	return NULL;
}

static const char *
task_title(enum slot_task task)
{
	static const char *const titles[] = {[SLOT_ADD] = "No slot can be added",
	    [SLOT_CHANGE] = "The slot can't be changed",
	    [SLOT_TEST] = "The slot can't be tested",
	    [SLOT_REMOVE] = "The slot can't be removed"};

	return titles[task];
}

/* The vault has said whether it could be done at all. */
static void
was_allowed(struct keys_job *j)
{
	struct view_keys *w = j->slow.job.owner;
	struct app *a = w->view.app;
	const struct slot_order *o = &j->order;
	const struct key_slot *opened = slot_numbered(w, app_info(a)->slot);
	const struct key_slot *slot =
	    o->task == SLOT_ADD ? NULL : slot_numbered(w, o->slot);

	if (j->slow.job.rc != RC_OK)
		view_tell_open(a, task_title(o->task), j->slow.job.err.text);
	else if (slot && !slot->usable && o->task != SLOT_REMOVE)
		view_tell_open(a, task_title(o->task),
		    "This program does not know slots of this type: a newer one made "
		    "it.");
	else if (!opened && o->task != SLOT_TEST && o->task != SLOT_CHANGE)
		view_tell_open(a, task_title(o->task),
		    "The slot that opened the vault is no longer there: lock (^X) and "
		    "unlock with another one.");
	else if (slot || o->task == SLOT_ADD)
		view_slot_open(a, o->task, slot, opened);
}

static void
order(struct view_keys *w, enum slot_task task)
{
	const struct key_slot *slot = keys_slot_at(w);
	struct keys_job *j;

	if (!w->loaded)
		return;
	if (!slot && task != SLOT_ADD) {
		app_say(
		    w->view.app, STYLE_WARN, "an epoch has no secret; move to a slot");
		return;
	}
	j = keys_job_new(w, KEYS_ALLOWED, was_allowed);
	if (j) {
		j->order.task = task;
		j->order.slot = slot ? slot->number : 0;
		j->order.browse = true; /* a full one may be asked for later */
	}
	keys_job_post(w->view.app, j);
}

static bool
order_act(struct view_keys *w, enum act act)
{
	switch (act) {
	case ACT_ADD:
		order(w, SLOT_ADD);
		return true;
	case ACT_EDIT:
		order(w, SLOT_CHANGE);
		return true;
	case ACT_TEST:
		order(w, SLOT_TEST);
		return true;
	case ACT_TRASH:
		order(w, SLOT_REMOVE);
		return true;
	default:
		return false;
	}
}

static void
click(struct view_keys *w, const struct term_event *e)
{
	int row = e->row - pane_y(w->view.pane), at;

	if (row < 0 || (size_t)row >= w->height)
		return;
	at = keys_cursor_of(w, w->top + (size_t)row);
	if (at >= 0 && (size_t)at < rows_of(w))
		w->cursor = (size_t)at;
}

static bool
keys_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_keys *w = (struct view_keys *)v;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (e->key == K_CLICK)
		click(w, e);
	else if (act == ACT_ROTATE)
		rotate_ask(w);
	else if (act == ACT_PAUSE)
		keys_pause(v->app);
	else if (act == ACT_KEY_BACKUP)
		view_key_backup_open(v->app);
	else if (act == ACT_MASTER)
		master_ask(w);
	else
		return cursor_key(act, e, rows_of(w), w->height, &w->cursor) ||
		       order_act(w, act);
	return true;
}

static void
keys_tick(struct view *v)
{
	struct view_keys *w = (struct view_keys *)v;
	bool rotating = keys_rotating(v->app);

	if (w->generation != app_generation(v->app) || w->rotating != rotating)
		look(w);
	w->rotating = rotating;
}

static void
keys_close(struct view *v)
{
	free(v);
}

static const struct binding keys_keys[] = {
    MOVE_KEYS("next row", "row before", "first row", "last row"),
    {'a', ACT_ADD, NULL, "add a slot: passphrase, key file, recovery code"},
    {K_F0 + 7, ACT_ADD, "Add", NULL}, {'t', ACT_TEST, NULL, "test the slot's secret"},
    {K_F0 + 2, ACT_TEST, "Test", NULL},
    {'e', ACT_EDIT, NULL, "give the slot another secret"},
    {K_F0 + 4, ACT_EDIT, "Change", NULL}, {K_ENTER, ACT_EDIT, NULL, NULL},
    {'d', ACT_TRASH, NULL, "remove the slot"}, {K_F0 + 8, ACT_TRASH, "Remove", NULL},
    {'r', ACT_ROTATE, NULL, "rotate: new page keys; goes on with a paused rotation"},
    {K_F0 + 5, ACT_ROTATE, "Rotate", NULL}, {'p', ACT_PAUSE, NULL, "pause the rotation"},
    {K_F0 + 6, ACT_PAUSE, "Pause", NULL},
    {'M', ACT_MASTER, NULL, "new master keys, for all slots that can be asked"},
    {'b', ACT_KEY_BACKUP, NULL, "back up the keys to a file"}, {'q', ACT_BACK, NULL, "close"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops keys_view_ops = {.title = "Keys",
    .keys = keys_keys,
    .draw = keys_draw,
    .key = keys_key,
    .tick = keys_tick,
    .status = keys_status,
    .close = keys_close};

void
view_keys_open(struct app *a)
{
	struct view_keys *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &keys_view_ops;
	w->rotating = keys_rotating(a);
	if (app_push(a, &w->view))
		look(w);
}
