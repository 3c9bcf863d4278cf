/*
 * The keys of the vault: slots, epochs, rotation.
 *
 * 1. It shows what the vault said last; after each change it asks again.
 */
#include "ui/tui/view_keys.h"

#include <stdio.h>
#include <stdlib.h>

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

	w->counted = j->slow.job.rc == RC_OK;
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
move_by(struct view_keys *w, int64_t by)
{
	int64_t to = (int64_t)w->cursor + by, last = (int64_t)rows_of(w) - 1;

	if (to > last)
		to = last;
	w->cursor = to < 0 ? 0 : (size_t)to;
}

static bool
move_act(struct view_keys *w, enum act act)
{
	int64_t page = w->height > 1 ? (int64_t)w->height - 1 : 1;
	int64_t all = (int64_t)rows_of(w);

	switch (act) {
	case ACT_UP:
		move_by(w, -1);
		return true;
	case ACT_DOWN:
		move_by(w, 1);
		return true;
	case ACT_PAGE_UP:
		move_by(w, -page);
		return true;
	case ACT_PAGE_DOWN:
		move_by(w, page);
		return true;
	case ACT_FIRST:
		move_by(w, -all);
		return true;
	case ACT_LAST:
		move_by(w, all);
		return true;
	default:
		return false;
	}
}

static void
rotate_agreed(void *arg)
{
	struct view_keys *w = arg;

	keys_rotate(w->view.app);
}

static void
rotate_ask(struct view_keys *w)
{
	if (keys_rotating(w->view.app) || (w->counted && w->status.active))
		keys_rotate(w->view.app);
	else
		view_confirm_open(w->view.app,
		    "Give the vault new page keys, and destroy the old ones?",
		    rotate_agreed, w);
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
	else if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN)
		move_by(w, e->key == K_WHEEL_UP ? -1 : 1);
	else if (act == ACT_ROTATE)
		rotate_ask(w);
	else if (act == ACT_PAUSE)
		keys_pause(v->app);
	else
		return move_act(w, act);
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

static const struct binding keys_keys[] = {{'j', ACT_DOWN, NULL, "next row"},
    {K_DOWN, ACT_DOWN, NULL, NULL}, {'k', ACT_UP, NULL, "row before"},
    {K_UP, ACT_UP, NULL, NULL}, {K_CTRL('d'), ACT_PAGE_DOWN, NULL, "page down"},
    {K_PAGE_DOWN, ACT_PAGE_DOWN, NULL, NULL}, {K_CTRL('u'), ACT_PAGE_UP, NULL, "page up"},
    {K_PAGE_UP, ACT_PAGE_UP, NULL, NULL}, {K_GG, ACT_FIRST, NULL, "first row"},
    {K_HOME, ACT_FIRST, NULL, NULL}, {'G', ACT_LAST, NULL, "last row"},
    {K_END, ACT_LAST, NULL, NULL},
    {'r', ACT_ROTATE, NULL, "rotate: new page keys; goes on with a paused rotation"},
    {K_F0 + 5, ACT_ROTATE, "Rotate", NULL}, {'p', ACT_PAUSE, NULL, "pause the rotation"},
    {K_F0 + 6, ACT_PAUSE, "Pause", NULL}, {'q', ACT_BACK, NULL, "close"},
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
