/*
 * The list under a name: saved views, filters that every vault has, the order.
 *
 * 1. The names are kept from job to job, so that a chooser opens at once: a key that is
 *    typed after it never reaches the list below.
 * 2. What is chosen is what stood on the line, though views were saved or dropped meanwhile.
 * 3. A view that is used sets query, columns and order; another query ends it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/savedview.h"
#include "ui/tui/view_list.h"

#define OWN_SORTS 3 /* before the fields; three more after them */

static const struct {
	const char *label, *query;
} filters[] = {{"All records", ""}, {"In the trash", "is:trash"},
    {"To be kept no longer", "is:due"}, {"With values that are not valid", "is:invalid"}};

#define FILTERS (sizeof filters / sizeof *filters)

enum view_task { VIEW_NAMES, VIEW_GET, VIEW_SAVE, VIEW_REPLACE };

struct view_job {
	struct job job;
	enum view_task task;
	char name[SAVEDVIEW_NAME_MAX + 1];
	char *names[SAVEDVIEW_MAX];
	size_t n;
	struct savedview *view;						/* that was got */
	char query[LIST_QUERY_MAX], *columns, sort[FIELD_NAME_MAX + 2]; /* to be saved */
};

static void
free_names(char **names, size_t n)
{
	while (n > 0)
		free(names[--n]);
}

void
list_forget_views(struct view_list *l)
{
	free_names(l->views, l->view_n);
	free(l->views);
	l->views = NULL;
	l->view_n = 0;
}

void
list_forget_offered(struct view_list *l)
{
	free_names(l->offered, l->offered_n);
	free(l->offered);
	l->offered = NULL;
	l->offered_n = 0;
}

static bool
offer(struct view_list *l)
{
	size_t i;

	list_forget_offered(l);
	l->offered = calloc(l->view_n + 1, sizeof *l->offered);
	for (i = 0; l->offered && i < l->view_n; i++)
		if ((l->offered[i] = strdup(l->views[i])) != NULL)
			l->offered_n++;
		else
			break;
	return l->offered && l->offered_n == l->view_n;
}

static bool
take_name(void *arg, const struct savedview *s)
{
	struct view_job *j = arg;

	if (j->n < SAVEDVIEW_MAX && (j->names[j->n] = strdup(s->name)))
		j->n++;
	return true;
}

static void
view_run(struct job *job, struct vault *v)
{
	struct view_job *j = (struct view_job *)job;
	struct savedview view = {j->name, j->query, j->columns, j->sort};

	if (!v)
		job->rc = RC_LOCKED;
	else if (j->task == VIEW_NAMES)
		job->rc = savedview_list(v, take_name, j);
	else if (j->task == VIEW_GET)
		job->rc = savedview_get(v, j->name, &j->view);
	else
		job->rc = savedview_save(v, &view, j->task == VIEW_REPLACE, NULL);
	if (job->rc != RC_OK)
		err_set(&job->err, job->rc, "%s", v ? vault_err(v) : "");
}

static void
names_done(struct view_list *l, struct view_job *j)
{
	list_forget_views(l);
	l->views = calloc(j->n + 1, sizeof *l->views);
	if (!l->views)
		return;
	memcpy(l->views, j->names, j->n * sizeof *l->views);
	l->view_n = j->n;
	j->n = 0;
}

static int
field_named(struct view_list *l, const char *name, size_t len)
{
	size_t n, i;
	const struct field *fields = app_fields(l->view.app, &n);

	for (i = 0; i < n; i++)
		if (strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

/* The fields among ${names}; what else a view of the command line shows stays away. */
static void
use_columns(struct view_list *l, const char *names)
{
	size_t fields, n = 0, len;
	int *columns, at;

	app_fields(l->view.app, &fields);
	columns = calloc(fields + 1, sizeof *columns);
	for (; columns && *names && n < fields; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		at = field_named(l, names, len);
		if (at >= 0)
			columns[n++] = at;
	}
	if (!columns || n == 0) {
		free(columns);
		return;
	}
	free(l->columns);
	l->columns = columns;
	l->column_n = n;
	l->scroll = 0;
}

static const struct {
	const char *name;
	int sort;
} own_sorts[] = {{"id", SORT_ID}, {"_id", SORT_ID}, {"_updated", SORT_UPDATED},
    {"_created", SORT_CREATED}, {"rank", SORT_RANK}, {"_rank", SORT_RANK},
    {"_trashed", SORT_DELETED}, {"_keep_until", SORT_KEEP}};

static void
use_sort(struct view_list *l, const char *sort)
{
	int field;
	size_t i;

	l->descending = *sort == '-';
	sort += l->descending;
	l->sort = SORT_ID;
	field = field_named(l, sort, strlen(sort));
	for (i = 0; i < sizeof own_sorts / sizeof *own_sorts; i++)
		if (strcmp(own_sorts[i].name, sort) == 0)
			l->sort = own_sorts[i].sort;
	if (field >= 0)
		l->sort = field;
}

static void
use_query(struct view_list *l, const char *query, const char *name)
{
	snprintf(l->query, sizeof l->query, "%s", query);
	snprintf(l->name, sizeof l->name, "%s", name);
	lineedit_set(l->line, l->query, strlen(l->query));
	lineedit_changed(l->line);
	l->live = false;
	list_begin(l);
}

static void
get_done(struct view_list *l, struct view_job *j)
{
	const struct savedview *s = j->view;

	if (strlen(s->query) >= sizeof l->query) {
		app_say(l->view.app, STYLE_BAD,
		    "the query of view %s is too long for the search line: use the "
		    "command "
		    "line",
		    s->name);
		return;
	}
	use_columns(l, s->columns);
	use_sort(l, s->sort);
	use_query(l, s->query, s->name);
}

static void post(struct view_list *l, enum view_task task, const char *name);

static void
replace_confirmed(void *arg)
{
	struct view_list *l = arg;

	post(l, VIEW_REPLACE, l->saving);
}

static void
save_done(struct view_list *l, struct view_job *j)
{
	snprintf(l->name, sizeof l->name, "%s", j->name);
	app_say(l->view.app, STYLE_GOOD, "view %s is saved: f or : shows it", j->name);
	list_load_views(l);
}

static void
view_done(struct job *job)
{
	struct view_job *j = (struct view_job *)job;
	struct view_list *l = job->owner;
	char question[160];

	if (job->rc == RC_EXISTS && j->task == VIEW_SAVE) {
		snprintf(l->saving, sizeof l->saving, "%s", j->name);
		snprintf(question, sizeof question, "Replace the view %s?", j->name);
		view_confirm_open(l->view.app, question, replace_confirmed, l);
	} else if (job->rc != RC_OK) {
		app_failed(l->view.app, job);
	} else if (j->task == VIEW_NAMES) {
		names_done(l, j);
	} else if (j->task == VIEW_GET) {
		get_done(l, j);
	} else {
		save_done(l, j);
	}
}

static void
view_free(struct job *job)
{
	struct view_job *j = (struct view_job *)job;

	free_names(j->names, j->n);
	savedview_free(j->view);
	free(j->columns);
	secret_wipe(j->query, sizeof j->query);
	free(j);
}

static const struct job_ops view_job_ops = {view_run, view_done, view_free};

/* The names of the columns shown, comma-separated; the job's. */
static char *
column_names(struct view_list *l)
{
	size_t n, i, cap = l->column_n * (FIELD_NAME_MAX + 1) + 1, used = 0;
	const struct field *fields = app_fields(l->view.app, &n);
	char *out = calloc(1, cap);

	for (i = 0; out && i < l->column_n; i++)
		if (l->columns[i] >= 0 && (size_t)l->columns[i] < n)
			used += (size_t)snprintf(out + used, cap - used, "%s%s",
			    used ? "," : "", fields[l->columns[i]].name);
	return out;
}

static void
put_sort(struct view_list *l, char *out, size_t cap)
{
	size_t n, i;
	const struct field *fields = app_fields(l->view.app, &n);
	const char *name = "id";

	for (i = 0; i < sizeof own_sorts / sizeof *own_sorts; i++)
		if (own_sorts[i].sort == l->sort)
			name = own_sorts[i].name;
	if (l->sort >= 0 && (size_t)l->sort < n)
		name = fields[l->sort].name;
	snprintf(out, cap, "%s%s", l->descending ? "-" : "", name);
}

static void
post(struct view_list *l, enum view_task task, const char *name)
{
	struct view_job *j = calloc(1, sizeof *j);
	bool saves = task == VIEW_SAVE || task == VIEW_REPLACE;

	if (j && saves)
		j->columns = column_names(l);
	if (!j || (saves && !j->columns)) {
		free(j);
		app_say(l->view.app, STYLE_BAD, "out of memory");
		return;
	}
	j->job.ops = &view_job_ops;
	j->job.owner = l;
	j->task = task;
	snprintf(j->name, sizeof j->name, "%s", name);
	if (saves) {
		memcpy(j->query, l->query, sizeof j->query);
		put_sort(l, j->sort, sizeof j->sort);
	}
	worker_post(app_front(l->view.app), &j->job);
}

void
list_load_views(struct view_list *l)
{
	post(l, VIEW_NAMES, "");
}

void
list_use_view(void *arg, const char *name)
{
	post(arg, VIEW_GET, name);
}

static void
save_named(void *arg, const char *name)
{
	struct view_list *l = arg;

	if (strlen(name) > SAVEDVIEW_NAME_MAX)
		app_say(l->view.app, STYLE_BAD, "the name of a view has at most %d bytes",
		    SAVEDVIEW_NAME_MAX);
	else if (*name)
		post(l, VIEW_SAVE, name);
}

static void
filter_chosen(void *arg, size_t index)
{
	struct view_list *l = arg;

	if (index < FILTERS)
		use_query(l, filters[index].query, "");
	else if (index - FILTERS < l->offered_n)
		list_use_view(l, l->offered[index - FILTERS]);
	else
		view_ask_open(l->view.app, "Save the view",
		    "A name for this query, its columns and its order", save_named, l);
}

void
list_filter(struct view_list *l)
{
	size_t n = FILTERS + l->view_n + 1, i, at = 0;
	const char **items = calloc(n, sizeof *items);

	if (!items || !offer(l)) {
		free(items);
		app_say(l->view.app, STYLE_BAD, "out of memory");
		return;
	}
	for (i = 0; i < FILTERS; i++) {
		items[i] = filters[i].label;
		if (strcmp(filters[i].query, l->query) == 0)
			at = i;
	}
	for (i = 0; i < l->view_n; i++) {
		items[FILTERS + i] = l->views[i];
		if (strcmp(l->views[i], l->name) == 0)
			at = FILTERS + i;
	}
	items[n - 1] = "Save this list as a view...";
	view_choose_open(l->view.app, "Show", items, n, at, filter_chosen, l);
	free(items);
}

void
list_sort_by(struct view_list *l, int sort)
{
	l->descending = l->sort == sort && !l->descending;
	l->sort = sort;
	list_begin(l);
}

static void
sort_chosen(void *arg, size_t index)
{
	struct view_list *l = arg;
	size_t n;

	app_fields(l->view.app, &n);
	if (index < OWN_SORTS)
		list_sort_by(l, SORT_ID - (int)index);
	else if (index < OWN_SORTS + n)
		list_sort_by(l, (int)index - OWN_SORTS);
	else
		list_sort_by(l, SORT_RANK - (int)(index - OWN_SORTS - n));
}

void
list_sort_choose(struct view_list *l)
{
	static const char *const before[OWN_SORTS] = {"ID", "last change", "creation"};
	static const char *const after[] = {
	    "how well the words match", "when it was put in the trash", "keep until"};
	size_t n, i, at;
	const struct field *fields = app_fields(l->view.app, &n);
	const char **items = calloc(n + 2 * OWN_SORTS, sizeof *items);

	if (!items)
		return;
	for (i = 0; i < OWN_SORTS; i++) {
		items[i] = before[i];
		items[OWN_SORTS + n + i] = after[i];
	}
	for (i = 0; i < n; i++)
		items[OWN_SORTS + i] = fields[i].label;
	if (l->sort >= 0)
		at = OWN_SORTS + (size_t)l->sort;
	else if (l->sort > SORT_RANK)
		at = (size_t)(SORT_ID - l->sort);
	else
		at = OWN_SORTS + n + (size_t)(SORT_RANK - l->sort);
	view_choose_open(l->view.app, "Sort by (again: other direction)", items,
	    n + 2 * OWN_SORTS, at, sort_chosen, l);
	free(items);
}
