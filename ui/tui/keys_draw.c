/*
 * Drawing of the keys screen: slots, epochs, and at the bottom how a rotation stands.
 *
 * 1. What has no room on a narrow screen stands in the status line, for the row under the
 *    cursor.
 */
#include <stdio.h>
#include <string.h>

#include "ui/tui/view_keys.h"

#define NARROW 60 /* columns: below, the chief columns only */
#define MIDDLE 78 /* below, neither creation nor cost */
#define ROOMY  96
#define DAY    86400000000ull

struct column {
	const char *head;
	int width; /* 0: the rest of the line */
	int from;  /* shown on screens as wide as this */
};

enum { NUMBER, TYPE, ROLE, LABEL, CREATED, USED, COST, SLOT_COLUMNS };
static const struct column slot_columns[SLOT_COLUMNS] = {{"NO", 3, 0}, {"TYPE", 14, 0},
    {"ROLE", 7, 0}, {"LABEL", 13, 0}, {"CREATED", 11, MIDDLE}, {"LAST USED", 17, NARROW},
    {"COST", 0, MIDDLE}};

enum { KIND, EPOCH, STATE, AGE, WRITES, DUE, BEGUN, RETIRED, EPOCH_COLUMNS };
static const struct column epoch_columns[EPOCH_COLUMNS] = {{"KEYS", 6, 0}, {"NO", 4, 0},
    {"STATE", 13, 0}, {"AGE", 7, NARROW}, {"WRITES", 12, NARROW}, {"DUE", 13, 0},
    {"CREATED", 11, MIDDLE}, {"RETIRED", 0, MIDDLE}};

static const char *
type_words(const struct key_slot *s)
{
	return s->usable && s->kind == VAULT_BOTH ? "phrase + file" : s->type;
}

static void
day(uint64_t at, char *out, size_t cap)
{
	app_time(at, out, cap);
	if (at > 0 && cap > 10)
		out[10] = '\0';
}

static void
cost_words(const struct key_slot *s, char *out, size_t cap)
{
	if (s->kdf.memory_kib == 0)
		snprintf(out, cap, "none");
	else
		snprintf(out, cap, "%u MiB x %u", (s->kdf.memory_kib + 512) / 1024,
		    s->kdf.passes);
}

static bool
is_past(uint64_t at)
{
	return at <= (uint64_t)app_clock();
}

static int
width_of(const struct pane *p, const struct column *c, int at)
{
	int extra = pane_cols(p) >= ROOMY && strcmp(c->head, "LABEL") == 0 ? 14 : 0;

	return c->width ? c->width + extra : pane_cols(p) - at;
}

static void
draw_cells(struct pane *p, int row, const struct column *columns, size_t n,
    const char (*texts)[48], enum style style)
{
	int at = 2;
	size_t i;

	for (i = 0; i < n; i++) {
		int width = width_of(p, &columns[i], at);

		if (pane_cols(p) < columns[i].from || at >= pane_cols(p))
			continue;
		pane_put(p, row, at, width - (columns[i].width > 0), style,
		    texts ? texts[i] : columns[i].head);
		at += width;
	}
}

static void
draw_slot(struct pane *p, int row, const struct key_slot *s, enum style style)
{
	char texts[SLOT_COLUMNS][48] = {""};

	snprintf(texts[NUMBER], sizeof texts[0], "%d", s->number);
	snprintf(texts[TYPE], sizeof texts[0], "%s", type_words(s));
	snprintf(texts[ROLE], sizeof texts[0], "%s", s->browse ? "browse" : "full");
	snprintf(texts[LABEL], sizeof texts[0], "%.47s", s->label);
	day(s->created, texts[CREATED], sizeof texts[0]);
	app_time(s->last_used, texts[USED], sizeof texts[0]);
	cost_words(s, texts[COST], sizeof texts[0]);
	draw_cells(p, row, slot_columns, SLOT_COLUMNS, (const char(*)[48])texts, style);
}

static void
draw_epoch(struct pane *p, int row, const struct key_epoch *e, enum style style)
{
	char texts[EPOCH_COLUMNS][48] = {""};
	char due[32];
	uint64_t now = (uint64_t)app_clock();

	snprintf(texts[KIND], sizeof texts[0], "%s", e->field ? "field" : "page");
	snprintf(texts[EPOCH], sizeof texts[0], "%u", e->number);
	snprintf(texts[STATE], sizeof texts[0], "%s", e->state);
	snprintf(texts[AGE], sizeof texts[0], "%llu d",
	    (unsigned long long)(now > e->created ? (now - e->created) / DAY : 0));
	snprintf(texts[WRITES], sizeof texts[0], "%llu", (unsigned long long)e->writes);
	day(e->due, due, sizeof due);
	if (e->due > 0)
		snprintf(
		    texts[DUE], sizeof texts[0], "%s%s", e->due_soon ? "! " : "", due);
	day(e->created, texts[BEGUN], sizeof texts[0]);
	if (e->retired > 0)
		day(e->retired, texts[RETIRED], sizeof texts[0]);
	if (e->due_soon && style == STYLE_TEXT)
		style = STYLE_WARN;
	draw_cells(p, row, epoch_columns, EPOCH_COLUMNS, (const char(*)[48])texts, style);
}

static void
draw_line(struct view_keys *w, int row, size_t line)
{
	struct pane *p = w->view.pane;
	int index = keys_cursor_of(w, line);
	bool at = index >= 0 && (size_t)index == w->cursor;
	enum style style = at ? STYLE_SELECTED : STYLE_TEXT;

	if (index < 0 && line == 0)
		draw_cells(p, row, slot_columns, SLOT_COLUMNS, NULL, STYLE_STRONG);
	else if (index < 0 && line > w->keys.slot_n + 1)
		draw_cells(p, row, epoch_columns, EPOCH_COLUMNS, NULL, STYLE_STRONG);
	if (index < 0)
		return;
	pane_put(p, row, 0, 2, style, at ? "> " : "  ");
	if ((size_t)index < w->keys.slot_n)
		draw_slot(p, row, &w->keys.slots[index], style);
	else
		draw_epoch(
		    p, row, &w->keys.epochs[(size_t)index - w->keys.slot_n], style);
	if (at && term_plain())
		pane_cursor(p, row, 0);
}

static void
draw_running(struct view_keys *w, int row)
{
	struct pane *p = w->view.pane;
	const struct work *work = app_work(w->view.app);
	double done = (double)atomic_load(&work->done);
	double all = (double)atomic_load(&work->all);
	double ms = (double)(app_now(w->view.app) - work->began) + 1;
	bool wide = pane_cols(p) >= NARROW;
	int filled = all > 0 ? (int)(done * 10 / all) : 0;
	int left = done > 0 && all > done ? (int)(ms * (all - done) / done / 1000) : 0;

	if (filled > 10)
		filled = 10;
	if (done <= 0 || all <= 0)
		pane_putf(p, row, 1, pane_cols(p) - 1, STYLE_GOOD,
		    "Rotation begins; p pauses it");
	else if (wide)
		pane_putf(p, row, 1, pane_cols(p) - 1, STYLE_GOOD,
		    "Rotation [%.*s%.*s] %.0f %%  %.1f of %.1f MB  %.1f MB/s  %02d:%02d "
		    "left  p pauses",
		    filled, "##########", 10 - filled, "----------", done * 100 / all,
		    done / 1e6, all / 1e6, done / 1000 / ms, left / 60, left % 60);
	else
		pane_putf(p, row, 1, pane_cols(p) - 1, STYLE_GOOD,
		    "[%.*s%.*s] %.0f %% %.1f MB/s %02d:%02d", filled, "##########",
		    10 - filled, "----------", done * 100 / all, done / 1000 / ms,
		    left / 60, left % 60);
}

static void
draw_rotation(struct view_keys *w, int row)
{
	struct pane *p = w->view.pane;
	const struct rotate_status *s = &w->status;
	bool wide = pane_cols(p) >= NARROW;

	if (keys_rotating(w->view.app))
		draw_running(w, row);
	else if (w->counted && s->active)
		pane_putf(p, row, 1, pane_cols(p) - 1, STYLE_WARN,
		    wide ? "! The rotation is paused: %.1f of %.1f MB are under older "
			   "keys; r goes on"
			 : "! paused: %.1f of %.1f MB left; r goes on",
		    (double)s->left * s->page_size / 1e6,
		    (double)s->pages * s->page_size / 1e6);
	else if (w->counted)
		pane_putf(p, row, 1, pane_cols(p) - 1, STYLE_DIM,
		    wide ? "%llu pages, all under the key of epoch %u; r gives new page "
			   "keys"
			 : "%llu pages, epoch %u; r: new keys",
		    (unsigned long long)s->pages, s->epoch);
}

static void
draw_reminder(struct view_keys *w, int row)
{
	const struct key_epoch *e = keys_due(&w->keys);
	char due[32];

	if (!e)
		return;
	day(e->due, due, sizeof due);
	pane_putf(w->view.pane, row, 1, pane_cols(w->view.pane) - 1, STYLE_WARN,
	    pane_cols(w->view.pane) >= NARROW
		? "! The %s key of epoch %u %s due on %s: r gives new ones"
		: "! %s key %u %s due on %s",
	    e->field ? "field" : "page", e->number, is_past(e->due) ? "was" : "is", due);
}

void
keys_draw(struct view *v)
{
	struct view_keys *w = (struct view_keys *)v;
	struct pane *p = v->pane;
	bool due = keys_due(&w->keys) != NULL;
	size_t at = keys_line_of(w, w->cursor), i;
	size_t lines = w->keys.slot_n + w->keys.epoch_n + 3;

	w->height = (size_t)pane_rows(p) - (due ? 2 : 1);
	if (!w->loaded) {
		pane_put(p, 0, 2, 0, STYLE_DIM, "reading the keys");
		return;
	}
	if (at < w->top + 1)
		w->top = at - 1; /* a head may stand before it */
	if (at >= w->top + w->height)
		w->top = at - w->height + 1;
	for (i = 0; i < w->height && w->top + i < lines; i++)
		draw_line(w, (int)i, w->top + i);
	draw_rotation(w, pane_rows(p) - (due ? 2 : 1));
	draw_reminder(w, pane_rows(p) - 1);
}

void
keys_status(struct view *v, char *out, size_t cap)
{
	struct view_keys *w = (struct view_keys *)v;
	const struct key_slot *s = keys_slot_at(w);
	char made[32], used[32], cost[48];

	if (!w->loaded || w->keys.slot_n + w->keys.epoch_n == 0)
		return;
	if (s) {
		day(s->created, made, sizeof made);
		app_time(s->last_used, used, sizeof used);
		cost_words(s, cost, sizeof cost);
		snprintf(out, cap, "slot %d: made %s, used %s, KDF %s", s->number, made,
		    used, cost);
	} else {
		const struct key_epoch *e = &w->keys.epochs[w->cursor - w->keys.slot_n];

		day(e->created, made, sizeof made);
		snprintf(out, cap, "%s epoch %u: made %s, %llu writes",
		    e->field ? "field" : "page", e->number, made,
		    (unsigned long long)e->writes);
	}
}
