/*
 * The frame around the views: header, status line, the bar of function keys.
 *
 * 1. Everything is drawn into panes again at each batch of events; curses sends the
 *    difference.
 * 2. A colour never stands alone: a sign or a word says the same.
 */
#include "ui/tui/app_int.h"
#include "ui/tui/keys_jobs.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define FRAME_ROWS 3  /* header, status, bar */
#define BAR_WIDTH  22 /* of the work's bar */

bool
app_too_small(void)
{
	int rows, cols;

	term_size(&rows, &cols);
	return rows < TERM_ROWS_MIN || cols < TERM_COLS_MIN;
}

static void
place_view(struct view *v, int rows, int cols)
{
	int r = rows - FRAME_ROWS, c = cols;

	if (!v->ops->dialog) {
		pane_place(v->pane, r, c, 1, 0);
		return;
	}
	v->ops->size(v, &r, &c);
	if (r > rows - FRAME_ROWS)
		r = rows - FRAME_ROWS;
	if (c > cols)
		c = cols;
	pane_place(v->pane, r, c, 1 + (rows - FRAME_ROWS - r) / 2, (cols - c) / 2);
}

void
app_layout(struct app *a)
{
	struct view *v;
	int rows, cols;

	term_size(&rows, &cols);
	if (app_too_small()) {
		if (!a->small && pane_new(&a->small) != RC_OK)
			return;
		pane_place(a->small, rows, cols, 0, 0);
		return;
	}
	pane_free(a->small);
	a->small = NULL;
	pane_place(a->header, 1, cols, 0, 0);
	pane_place(a->status, 1, cols, rows - 2, 0);
	pane_place(a->bar, 1, cols, rows - 1, 0);
	for (v = a->top; v; v = v->under)
		place_view(v, rows, cols);
}

void
app_time(uint64_t microseconds, char *out, size_t cap)
{
	time_t t = (time_t)(microseconds / 1000000);
	struct tm tm;

	if (microseconds == 0 || !localtime_r(&t, &tm))
		snprintf(out, cap, "never");
	else
		strftime(out, cap, "%Y-%m-%d %H:%M", &tm);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* The saved view that the list shows. */
static void
draw_heading(struct app *a, int at, int end)
{
	const char *name = "";
	struct view *v;

	for (v = a->top; v; v = v->under)
		if (v->ops->heading)
			name = v->ops->heading(v);
	if (*name && at + 9 < end)
		pane_putf(a->header, 0, at, end - at, STYLE_BAR, "  view: %s", name);
}

static void
draw_header(struct app *a)
{
	int cols = pane_cols(a->header), at;
	int64_t left = a->opts.idle_seconds - (app_now(a) - a->last_input) / 1000;
	char right[64] = "locked ";

	pane_erase(a->header);
	pane_put(a->header, 0, 0, cols, STYLE_BAR, "");
	at = 1 + pane_put(a->header, 0, 1, 0, STYLE_BAR, base_name(a->opts.path));
	if (a->open) {
		if (left < 0)
			left = 0;
		snprintf(right, sizeof right, "%s%s  locks in %d:%02d ",
		    cols < 60	     ? ""
		    : a->info.browse ? "browse access"
				     : "full access",
		    a->info.readonly ? " (read only)" : "", (int)(left / 60),
		    (int)(left % 60));
		if (cols >= 60 && a->info.records >= 0)
			at += pane_putf(a->header, 0, at, 0, STYLE_BAR, "  %lld record%s",
			    (long long)a->info.records, a->info.records == 1 ? "" : "s");
		draw_heading(a, at, cols - (int)strlen(right) - 1);
	}
	at = cols - (int)strlen(right);
	pane_put(a->header, 0, at > 0 ? at : 0, 0, STYLE_BAR, right);
}

/* "export [####------] 40 %  00:12 left  ^G cancels" */
static int
draw_work(struct app *a, int cols)
{
	uint64_t done = atomic_load(&a->work.done), all = atomic_load(&a->work.all);
	int64_t ms = app_now(a) - a->work.began;
	char bar[BAR_WIDTH + 1], text[160];
	int filled = all ? (int)(done * 10 / all) : 0, at;
	const char *stops = keys_rotating(a) ? "pauses" : "cancels";

	if (filled > 10)
		filled = 10;
	snprintf(bar, sizeof bar, "[%.*s%.*s]", filled, "##########", 10 - filled,
	    "----------");
	if (all && done && done <= all)
		snprintf(text, sizeof text, "%s %s %d %%  %02d:%02d left  ^G %s ",
		    a->work.label, bar, (int)(done * 100 / all),
		    (int)(ms * (int64_t)(all - done) / (int64_t)done / 60000),
		    (int)(ms * (int64_t)(all - done) / (int64_t)done / 1000 % 60),
		    stops);
	else
		snprintf(text, sizeof text, "%s %c  ^G %s ", a->work.label,
		    "|/-\\"[ms / 100 & 3], stops);
	at = cols - (int)strlen(text);
	if (at < 0)
		at = 0;
	pane_put(a->status, 0, at, 0, STYLE_BAR, text);
	return at;
}

static void
draw_status(struct app *a)
{
	int cols = pane_cols(a->status), room = cols;
	static const char *const signs[STYLE_COUNT] = {
	    [STYLE_GOOD] = "ok: ", [STYLE_WARN] = "! ", [STYLE_BAD] = "error: "};
	char text[256] = "";

	pane_erase(a->status);
	pane_put(a->status, 0, 0, cols, STYLE_BAR, "");
	if (a->work.label[0])
		room = draw_work(a, cols);
	if (a->said[0]) {
		int at = 0;

		if (signs[a->said_style])
			at = pane_put(
			    a->status, 0, 0, 0, a->said_style, signs[a->said_style]);
		pane_put(a->status, 0, at, room - at, a->said_style, a->said);
		return;
	}
	if (a->top && a->top->ops->status)
		a->top->ops->status(a->top, text, sizeof text);
	if (room > 1)
		pane_put(a->status, 0, 1, room - 1, STYLE_BAR, text);
	secret_wipe(text, sizeof text);
}

static const struct binding *
bar_binding(struct app *a, int n)
{
	const struct binding *b = a->top ? keymap_bar(a->top->ops->keys, n) : NULL;

	if (!b && (a->open || n == 1 || n == 10))
		b = keymap_bar(keymap_global, n);
	return b;
}

/* Columns of one entry: "F5", its label, a blank. */
static int
bar_width(const struct binding *b, int n)
{
	return (n > 9 ? 3 : 2) + (int)strlen(b->bar) + 1;
}

int
app_bar_key(struct app *a, int col)
{
	int n, at = 0;

	for (n = 1; n <= 10; n++) {
		const struct binding *b = bar_binding(a, n);

		if (!b)
			continue;
		if (col >= at && col < at + bar_width(b, n) - 1)
			return K_F0 + n;
		at += bar_width(b, n);
	}
	return 0;
}

static void
draw_bar(struct app *a)
{
	int n, at = 0;

	pane_erase(a->bar);
	for (n = 1; n <= 10; n++) {
		const struct binding *b = bar_binding(a, n);

		if (!b || at + bar_width(b, n) > pane_cols(a->bar) + 1)
			continue;
		pane_putf(a->bar, 0, at, 0, STYLE_KEY, "F%d", n);
		pane_put(a->bar, 0, at + (n > 9 ? 3 : 2), 0, STYLE_LABEL, b->bar);
		at += bar_width(b, n);
	}
}

/*
 * In words short enough for any width but one column: that would be dots alone, after which
 * curses and the terminal do not agree where the cursor is.
 */
static void
draw_small(struct app *a)
{
	static const char *const words[] = {"terminal", "too small:", "at least"};
	int at = 0, row = 0, cols = pane_cols(a->small);
	char size[16];
	size_t i;

	pane_erase(a->small);
	snprintf(size, sizeof size, "%dx%d", TERM_COLS_MIN, TERM_ROWS_MIN);
	for (i = 0; i < 4 && cols > 1; i++) {
		const char *word = i < 3 ? words[i] : size;

		if (at > 0 && at + (int)strlen(word) > cols) {
			at = 0;
			row++;
		}
		at += 1 + pane_put(a->small, row, at, 0, STYLE_STRONG, word);
	}
	term_flush(a->small);
}

static void
draw_views(struct view *v)
{
	if (v->ops->dialog && v->under)
		draw_views(v->under);
	pane_erase(v->pane);
	v->ops->draw(v);
}

void
app_draw(struct app *a)
{
	if (app_too_small()) {
		if (a->small)
			draw_small(a);
		return;
	}
	draw_header(a);
	draw_status(a);
	draw_bar(a);
	if (a->top)
		draw_views(a->top);
	term_flush(NULL);
}
