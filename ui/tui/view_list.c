/*
 * The list of records: the view that everything else is opened from.
 *
 * 1. It touches no vault: it asks by jobs (list_jobs.c) and shows what its model holds.
 * 2. While the search line has the keys, letters are text; arrows still move the cursor.
 * 3. The model is wiped when the view closes.
 */
#include "ui/tui/view_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/op.h"
#include "ui/tui/fresh_job.h"
#include "ui/tui/jobs.h"
#include "ui/tui/keys_jobs.h"
#include "ui/tui/news_job.h"

#define WATCH_MS 2000
#define WHEEL	 3

static struct view_list *
self(struct view *v)
{
	return (struct view_list *)v;
}

static void
search_begin(struct view_list *l)
{
	l->searching = true;
	memcpy(l->kept, l->query, sizeof l->kept);
	lineedit_set(l->line, l->query, strlen(l->query));
	lineedit_changed(l->line);
}

static void
search_end(struct view_list *l, bool keep)
{
	l->searching = false;
	if (keep) {
		list_search(l, false);
		return;
	}
	lineedit_set(l->line, l->kept, strlen(l->kept));
	list_search(l, false);
}

static void
columns_chosen(void *arg, const int *columns, size_t n)
{
	struct view_list *l = arg;
	int *copy = calloc(n + 1, sizeof *copy);

	if (!copy)
		return;
	if (n > 0)
		memcpy(copy, columns, n * sizeof *copy);
	free(l->columns);
	l->columns = copy;
	l->column_n = n;
	l->scroll = 0;
}

static void
export_open(struct view_list *l)
{
	const struct export_from from = {.query = l->query,
	    .sort = l->sort,
	    .descending = l->descending,
	    .marks = l->marks,
	    .mark_n = l->mark_n,
	    .columns = l->columns,
	    .column_n = l->column_n};

	view_export_open(l->view.app, &from);
}

static bool
move_act(struct view_list *l, enum act act)
{
	int64_t page = l->height > 1 ? (int64_t)l->height - 1 : 1;

	switch (act) {
	case ACT_UP:
	case ACT_PREVIOUS:
		listmodel_move(l->model, -1);
		return true;
	case ACT_DOWN:
	case ACT_NEXT:
		listmodel_move(l->model, 1);
		return true;
	case ACT_PAGE_UP:
		listmodel_move(l->model, -page);
		return true;
	case ACT_PAGE_DOWN:
		listmodel_move(l->model, page);
		return true;
	case ACT_FIRST:
		listmodel_first(l->model);
		return true;
	case ACT_LAST:
		listmodel_last(l->model);
		return true;
	case ACT_LEFT:
		l->scroll -= l->scroll > 0;
		return true;
	case ACT_RIGHT:
		l->scroll += l->scroll + 1 < l->column_n;
		return true;
	default:
		return false;
	}
}

/* The screens that need nothing of the list. */
static bool
screen_act(struct app *a, enum act act)
{
	static const struct {
		enum act act;
		void (*open)(struct app *);
	} screens[] = {
	    {ACT_IMPORT, view_import_open},
	    {ACT_AUDIT, view_audit_open},
	    {ACT_STATS, view_stats_open},
	    {ACT_DOCTOR, view_doctor_open},
	    {ACT_VERIFY, view_verify_open},
	    {ACT_PASSWD, view_passwd_open},
	    {ACT_KEYS, view_keys_open},
	    {ACT_TRASH_LIST, view_trash_open},
	    {ACT_DUE, view_due_open},
	    {ACT_ALIKE, view_alike_open},
	};
	size_t i;

	for (i = 0; i < sizeof screens / sizeof *screens; i++)
		if (screens[i].act == act) {
			screens[i].open(a);
			return true;
		}
	return false;
}

static bool
open_act(struct view_list *l, enum act act)
{
	const struct record *r = listmodel_current(l->model);
	struct app *a = l->view.app;

	switch (act) {
	case ACT_OPEN:
		if (r)
			view_record_open(a, r->id);
		return true;
	case ACT_EDIT:
		if (r)
			view_edit_open(a, r->id);
		return true;
	case ACT_ADD:
		view_edit_open(a, 0);
		return true;
	case ACT_SORT:
		list_sort_choose(l);
		return true;
	case ACT_FILTER:
		list_filter(l);
		return true;
	case ACT_COLUMNS:
		view_columns_open(a, "Columns", l->columns, l->column_n, columns_chosen, l);
		return true;
	case ACT_EXPORT:
		export_open(l);
		return true;
	case ACT_COMMAND:
		view_palette_open(a, l->views, l->view_n, list_use_view, l);
		return true;
	default:
		return screen_act(a, act);
	}
}

static void
click(struct view_list *l, const struct term_event *e)
{
	int row = e->row - pane_y(l->view.pane);
	size_t i, top = listmodel_top(l->model, l->height);

	if (row == 0)
		search_begin(l);
	else if (row == 1)
		list_sort_by(l, list_header_column(l, e->col - pane_x(l->view.pane)));
	if (row < 2 || (size_t)row - 2 >= l->height)
		return;
	i = top + (size_t)row - 2;
	if (i >= listmodel_size(l->model))
		return;
	if (i == listmodel_cursor(l->model))
		open_act(l, ACT_OPEN);
	else
		listmodel_go(l->model, i);
}

static bool
search_key(struct view_list *l, enum act act, const struct term_event *e)
{
	if (act == ACT_OPEN || act == ACT_BACK) {
		search_end(l, act == ACT_OPEN);
		return true;
	}
	if (e->key == K_UP || e->key == K_DOWN || e->key == K_PAGE_UP ||
	    e->key == K_PAGE_DOWN)
		return move_act(l, act);
	if (!lineedit_key(l->line, e->key))
		return false;
	if (lineedit_changed(l->line))
		list_search(l, true);
	return true;
}

static bool
list_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_list *l = self(v);

	if (l->searching && e->key != K_CLICK)
		return search_key(l, act, e);
	if (l->acting)
		return list_many_key(l, e->key);
	if (e->key == K_CLICK) {
		click(l, e);
		return true;
	}
	if (e->key == K_WHEEL_UP || e->key == K_WHEEL_DOWN) {
		listmodel_move(l->model, e->key == K_WHEEL_UP ? -WHEEL : WHEEL);
		return true;
	}
	if (move_act(l, act) || open_act(l, act) || list_change_act(l, act))
		return true;
	if (act == ACT_SEARCH)
		search_begin(l);
	else if (act == ACT_BACK && e->key == 'q')
		app_quit(v->app);
	else if (act == ACT_BACK && l->mark_n > 0) {
		l->mark_n = 0;
		app_say(v->app, STYLE_TEXT, "no row is marked now");
	} else if (act == ACT_BACK && l->query[0]) {
		lineedit_set(l->line, "", 0);
		list_search(l, false);
	} else
		return false;
	return true;
}

static bool
list_typing(struct view *v)
{
	return self(v)->searching;
}

static bool
list_waits(struct view *v)
{
	return !self(v)->searching && listmodel_is_empty(self(v)->model);
}

static const struct op_word *
list_words(struct view *v)
{
	return self(v)->searching ? op_query_words : NULL;
}

static const char *
list_heading(struct view *v)
{
	return self(v)->name;
}

static void
list_paste(struct view *v, int key)
{
	struct view_list *l = self(v);

	if (!l->searching || key < 32)
		return;
	lineedit_key(l->line, key);
	if (lineedit_changed(l->line))
		list_search(l, true);
}

static void
list_tick(struct view *v)
{
	struct view_list *l = self(v);
	int64_t now = app_now(v->app);

	if (l->generation != app_generation(v->app)) {
		l->generation = app_generation(v->app);
		list_reload(l);
		list_load_views(l);
	} else if (now - l->watched > WATCH_MS) {
		l->watched = now;
		list_watch(l);
	}
}

static void
list_close(struct view *v)
{
	struct view_list *l = self(v);

	listmodel_free(l->model);
	lineedit_free(l->line);
	list_forget_views(l);
	list_forget_offered(l);
	free(l->columns);
	free(l->marks);
	secret_wipe(l, sizeof *l);
	free(l);
}

static const struct binding list_keys[] = {
    MOVE_KEYS("next row", "row before", "first row", "last row"),
    {'h', ACT_LEFT, NULL, "columns to the left"}, {K_LEFT, ACT_LEFT, NULL, NULL},
    {'l', ACT_RIGHT, NULL, "columns to the right"}, {K_RIGHT, ACT_RIGHT, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "open the record"},
    {'/', ACT_SEARCH, NULL, "search; F1 in it tells what can be typed"},
    {K_F0 + 3, ACT_SEARCH, "Search", NULL}, {'n', ACT_NEXT, NULL, "next hit"},
    {'N', ACT_PREVIOUS, NULL, "hit before"}, {'o', ACT_SORT, NULL, "sort by a column"},
    {K_F0 + 6, ACT_SORT, "Sort", NULL},
    {'f', ACT_FILTER, NULL, "filter: a saved view, the trash, what is due"},
    {K_F0 + 4, ACT_FILTER, "Filter", NULL},
    {'c', ACT_COLUMNS, NULL, "choose the columns"},
    {K_F0 + 2, ACT_COLUMNS, "Columns", NULL}, {'a', ACT_ADD, NULL, "add a record"},
    {K_F0 + 7, ACT_ADD, "New", NULL}, {'e', ACT_EDIT, NULL, "edit the record"},
    {'d', ACT_TRASH, NULL, "put it in the trash"},
    {K_F0 + 8, ACT_TRASH, "Trash", NULL},
    {'u', ACT_UNDO, NULL, "bring it back from the trash, or undo the last change"},
    {'x', ACT_EXPORT, NULL, "export the marked rows, the hits or all to a file"}, {K_F0 + 5, ACT_EXPORT, "Export", NULL},
    {K_CTRL('r'), ACT_REDO, NULL, "redo"},
    {'y', ACT_COPY, NULL, "copy a field to the clipboard"},
    {'t', ACT_TAG, NULL, "put tags on, take them off"},
    {'T', ACT_TAG_ALL, NULL, "tag all hits"}, {' ', ACT_TOGGLE, NULL, "mark the row"},
    {';', ACT_MANY, NULL, "then a key: for the marked rows; without any, all hits"},
    {'H', ACT_HISTORY, NULL, "versions of the record"},
    {'D', ACT_ERASE, NULL, "erase it for good"},
    {'R', ACT_TRASH_LIST, NULL, "the trash: bring back, erase, purge"},
    {'U', ACT_DUE, NULL, "what is due: kept until a day that is past or near"},
    {'=', ACT_ALIKE, NULL, "duplicates: records that are alike in some fields"},
    {'i', ACT_IMPORT, NULL, "import a file"},
    {'A', ACT_AUDIT, NULL, "audit: who looked at what"},
    {'#', ACT_STATS, NULL, "statistics"},
    {'!', ACT_DOCTOR, NULL, "doctor: what weakens protection here"},
    {'C', ACT_VERIFY, NULL, "check the whole vault"},
    {'P', ACT_PASSWD, NULL, "change the passphrase"},
    {'K', ACT_KEYS, NULL, "keys: slots, epochs, rotation"},
    {':', ACT_COMMAND, NULL, "palette: a command or a saved view"},
    {K_ESC, ACT_BACK, NULL, "take the marks off; end the search"}, {'q', ACT_BACK, NULL, "quit"},
    {0, ACT_NONE, NULL, NULL}};

/* The columns, the order and the values on the screen are known by index. */
static void
list_fields(struct view *v)
{
	struct view_list *l = (struct view_list *)v;
	size_t n, i;
	int *columns;

	app_fields(v->app, &n);
	columns = calloc(n + 1, sizeof *columns);
	for (i = 0; columns && i < n; i++)
		columns[i] = (int)i;
	free(l->columns);
	l->columns = columns;
	l->column_n = columns ? n : 0;
	l->scroll = 0;
	l->sort = SORT_ID;
	l->descending = false;
	l->name[0] = '\0';
	listmodel_begin(l->model, FROM_FIRST, 0);
	list_begin(l);
}

static const struct view_ops list_ops = {.title = "Records",
    .keys = list_keys,
    .draw = list_draw,
    .key = list_key,
    .typing = list_typing,
    .waits = list_waits,
    .paste = list_paste,
    .tick = list_tick,
    .status = list_status,
    .words = list_words,
    .heading = list_heading,
    .fields = list_fields,
    .close = list_close};

static bool
list_init(struct view_list *l, size_t fields)
{
	size_t i;

	l->columns = calloc(fields + 1, sizeof *l->columns);
	for (i = 0; l->columns && i < fields; i++)
		l->columns[l->column_n++] = (int)i;
	l->sort = SORT_ID;
	l->count = -1;
	return l->columns && listmodel_new(&l->model) == RC_OK &&
	       lineedit_new(&l->line) == RC_OK;
}

void
view_list_open(struct app *a)
{
	struct view_list *l = calloc(1, sizeof *l);
	size_t n;

	app_fields(a, &n);
	if (!l || !list_init(l, n)) {
		app_quit(a);
		if (l)
			list_close(&l->view);
		return;
	}
	l->view.ops = &list_ops;
	l->generation = app_generation(a);
	if (!app_push(a, &l->view))
		return;
	list_reload(l);
	list_load_views(l);
	keys_remind(a);
	fresh_look(a);
	news_look(a);
}
