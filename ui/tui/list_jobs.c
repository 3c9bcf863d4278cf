/*
 * The list's questions to the vault.
 *
 * 1. A key that changes the query cancels the question that runs; an answer to an old
 *    question (another serial) is dropped.
 * 2. The old hits stay on the screen until the first page of the new ones is there.
 * 3. Rows of other fields than the list has are dropped, and asked for anew.
 * 4. Live search completes the last word: a prefix star is set after it, when it is a
 *    plain word. A query that can't be understood leaves the list as it was and says why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/progress.h"
#include "ui/tui/catalogue.h"
#include "ui/tui/view_list.h"

struct page_job {
	struct job job;
	char query[LIST_QUERY_MAX];
	struct search search;
	struct list_want want;
	struct rows *rows;
	struct search_error serr;
	uint64_t serial;
	int64_t ms;
	bool fresh;
	size_t line;
	struct field *fields; /* by which it was read */
	size_t field_n;
};

struct count_job {
	struct job job;
	char query[LIST_QUERY_MAX];
	struct search search;
	int64_t count;
	uint64_t serial;
	bool with_info;
	struct vault_info info;
};

struct watch_job {
	struct job job;
	bool changed;
	struct field *fields;
	size_t field_n;
};

/* Whether it is the query that is wrong, or asks for what this slot may not look up. */
static bool
is_fault(const struct page_job *p)
{
	return p->job.rc == RC_INPUT || (p->job.rc == RC_DENIED && p->serr.text[0]);
}

static void
page_run(struct job *j, struct vault *v)
{
	struct page_job *p = (struct page_job *)j;
	int64_t began = progress_now();

	if (!v) {
		j->rc = RC_LOCKED;
		return;
	}
	j->rc = search_page(
	    v, &p->search, p->want.from, p->want.anchor, LIST_PAGE, &p->rows, &p->serr);
	p->ms = progress_now() - began;
	catalogue_copy(v, &p->fields, &p->field_n);
	if (j->rc != RC_OK && j->rc != RC_CANCELLED)
		err_set(&j->err, j->rc, "%s",
		    is_fault(p) && p->serr.text[0] ? p->serr.text : vault_err(v));
}

static void
page_failed(struct view_list *l, struct page_job *p)
{
	l->fresh = false;
	if (is_fault(p)) {
		snprintf(l->wrong, sizeof l->wrong, "%s", p->job.err.text);
		l->wrong_at = p->serr.at;
	} else {
		app_failed(l->view.app, &p->job);
	}
}

static void
page_fresh(struct view_list *l, struct page_job *p)
{
	size_t n = rows_count(p->rows);

	l->ms = p->ms;
	l->fresh = false;
	if (p->want.from == AROUND)
		listmodel_begin_at(l->model, p->want.anchor, p->line);
	else
		listmodel_begin(l->model, p->want.from, p->want.anchor);
	l->count = p->want.from == FROM_FIRST && n < LIST_PAGE ? (int64_t)n : -1;
}

static void
page_done(struct job *j)
{
	struct page_job *p = (struct page_job *)j;
	struct view_list *l = j->owner;
	bool uncounted = app_info(l->view.app)->records < 0;

	if (p->serial != l->serial)
		return;
	l->pending = false;
	if (app_outran(l->view.app, &p->fields, p->field_n))
		return;
	if (j->rc != RC_OK) {
		page_failed(l, p);
		return;
	}
	l->wrong[0] = '\0';
	if (p->fresh)
		page_fresh(l, p);
	listmodel_put(l->model, &p->want, p->rows);
	p->rows = NULL;
	if (p->fresh && (l->count < 0 || uncounted))
		list_count(l, uncounted);
	list_pump(l);
}

static void
page_free(struct job *j)
{
	struct page_job *p = (struct page_job *)j;

	rows_free(p->rows);
	free(p->fields);
	secret_wipe(p->query, sizeof p->query);
	free(p);
}

static const struct job_ops page_ops = {page_run, page_done, page_free};

static void
post_page(struct view_list *l, struct list_want want, bool fresh, size_t line)
{
	struct page_job *p = calloc(1, sizeof *p);

	if (!p)
		return;
	p->job.ops = &page_ops;
	p->job.owner = l;
	memcpy(p->query, l->query, sizeof p->query);
	p->search = (struct search){.query = p->query,
	    .sort = l->sort,
	    .descending = l->descending,
	    .live = l->live};
	p->want = want;
	p->serial = l->serial;
	p->fresh = fresh;
	p->line = line;
	l->pending = true;
	worker_post(app_front(l->view.app), &p->job);
}

void
list_pump(struct view_list *l)
{
	struct list_want want;

	if (!l->pending && listmodel_want(l->model, &want))
		post_page(l, want, false, 0);
}

static void
count_run(struct job *j, struct vault *v)
{
	struct count_job *c = (struct count_job *)j;
	struct search_error serr;

	if (!v)
		j->rc = RC_LOCKED;
	else if (c->with_info)
		j->rc = vault_info(v, &c->info);
	if (j->rc == RC_OK)
		j->rc = search_count(v, &c->search, LIST_COUNT_CAP, &c->count, &serr);
}

static void
count_done(struct job *j)
{
	struct count_job *c = (struct count_job *)j;
	struct view_list *l = j->owner;
	struct vault_info *info = app_info(l->view.app);

	if (j->rc != RC_OK)
		return;
	if (c->with_info) {
		info->records = c->info.records;
		info->trashed = c->info.trashed;
	}
	if (c->serial == l->serial)
		l->count = c->count;
}

static void
count_free(struct job *j)
{
	struct count_job *c = (struct count_job *)j;

	secret_wipe(c->query, sizeof c->query);
	free(c);
}

static const struct job_ops count_ops = {count_run, count_done, count_free};

void
list_count(struct view_list *l, bool with_info)
{
	struct count_job *c = calloc(1, sizeof *c);

	if (!c)
		return;
	c->job.ops = &count_ops;
	c->job.owner = l;
	memcpy(c->query, l->query, sizeof c->query);
	c->search = (struct search){.query = c->query,
	    .sort = l->sort,
	    .descending = l->descending,
	    .live = l->live};
	c->serial = l->serial;
	c->with_info = with_info;
	worker_post(app_front(l->view.app), &c->job);
}

static void
supersede(struct view_list *l)
{
	struct worker *w = app_front(l->view.app);

	l->serial++;
	l->pending = false;
	worker_cancel(w, l, &page_ops);
	worker_cancel(w, l, &count_ops);
}

/* The same list again, at the record where the cursor is (or would be). */
void
list_reload(struct view_list *l)
{
	const struct record *r = listmodel_current(l->model);
	size_t cursor = listmodel_cursor(l->model);
	size_t line = cursor - listmodel_top(l->model, l->height);

	supersede(l);
	if (r && r->id == l->trashed && listmodel_at(l->model, cursor + 1))
		r = listmodel_at(l->model, cursor + 1);
	if (r && cursor > 0)
		post_page(l, (struct list_want){AROUND, r->id}, true, line);
	else
		post_page(l, (struct list_want){FROM_FIRST, 0}, true, 0);
	list_count(l, true);
}

static bool
plain_word_at_end(const char *s)
{
	size_t len = strlen(s);
	bool quoted = false;

	if (len == 0 || strchr(" *\":-()", s[len - 1]))
		return false;
	for (; *s; s++)
		quoted ^= *s == '"';
	s -= len;
	while (strchr(s, ' '))
		s = strchr(s, ' ') + 1;
	return !quoted && !strchr(s, ':') && strcmp(s, "OR") != 0 &&
	       strcmp(s, "AND") != 0 && strcmp(s, "NOT") != 0;
}

void
list_begin(struct view_list *l)
{
	l->wrong[0] = '\0';
	supersede(l);
	post_page(l, (struct list_want){FROM_FIRST, 0}, true, 0);
}

/*
 * One letter begins too many words to look for them at each key: until there is a second one,
 * the words before it are looked for.
 */
static void
cut_letter(char *query)
{
	size_t len = strlen(query), before;
	char letter = len > 0 ? query[len - 1] : '\0';
	bool plain;

	if ((unsigned char)letter >= 0x80 || strchr(" *\":-()", letter) ||
	    (len > 1 && query[len - 2] != ' '))
		return;
	for (before = len - 1; before > 0 && query[before - 1] == ' '; before--)
		;
	query[before] = '\0';
	plain = before == 0 || plain_word_at_end(query); /* not an OR, which needs it */
	if (before > 0)
		query[before] = ' ';
	query[len - 1] = plain ? '\0' : letter;
}

void
list_search(struct view_list *l, bool live)
{
	const char *typed = lineedit_text(l->line);
	char query[LIST_QUERY_MAX];

	snprintf(query, sizeof query, "%.*s", LIST_QUERY_MAX - 2, typed);
	if (live)
		cut_letter(query);
	if (plain_word_at_end(query))
		memcpy(query + strlen(query), "*", 2);
	/* What was refused while it was typed (a sealed field) is asked for with Enter.
	 */
	if (strcmp(query, l->query) != 0 || (l->live && !live)) {
		l->live = live;
		memcpy(l->query, query, sizeof l->query);
		l->name[0] = '\0';
		list_begin(l);
	}
	secret_wipe(query, sizeof query);
}

static void
watch_run(struct job *j, struct vault *v)
{
	const struct search any = {.query = "", .sort = SORT_ID};
	struct watch_job *w = (struct watch_job *)j;
	struct search_error serr;
	int64_t unused;

	w->changed = v && vault_changed(v);
	/* A search reads the fields anew where they have changed. */
	if (w->changed && search_count(v, &any, 1, &unused, &serr) == RC_OK)
		catalogue_copy(v, &w->fields, &w->field_n);
}

static void
watch_done(struct job *j)
{
	struct watch_job *w = (struct watch_job *)j;
	struct view_list *l = j->owner;

	if (w->fields)
		app_take_fields(l->view.app, w->fields, w->field_n);
	w->fields = NULL;
	if (w->changed)
		app_noticed(l->view.app);
}

static void
watch_free(struct job *j)
{
	free(((struct watch_job *)j)->fields);
	free(j);
}

static const struct job_ops watch_ops = {watch_run, watch_done, watch_free};

void
list_watch(struct view_list *l)
{
	struct watch_job *w;

	if (worker_busy(app_front(l->view.app)))
		return;
	w = calloc(1, sizeof *w);
	if (!w)
		return;
	w->job.ops = &watch_ops;
	w->job.owner = l;
	worker_post(app_front(l->view.app), &w->job);
}
