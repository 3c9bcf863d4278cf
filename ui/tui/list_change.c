/*
 * What the list does to records: the one under the cursor, those that are marked, all hits.
 *
 *     ; --> key --> (a question for tags or a value) --> "N records. Sure?" --> long work
 *
 * 1. Many records are changed only after their number was confirmed, and in one step that u
 *    takes back. When there are more or fewer by then, nothing is changed and it is asked again.
 * 2. All hits means those of the query that Enter has confirmed, not of one that is typed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/bulk.h"
#include "store/undo.h"
#include "ui/tui/copy.h"
#include "ui/tui/jobs.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view_erase.h"
#include "ui/tui/view_list.h"

static void
restored(struct record_job *r)
{
	struct view_list *l = r->job.owner;

	if (r->job.rc != RC_OK) {
		app_failed(l->view.app, &r->job);
		return;
	}
	app_say(l->view.app, STYLE_GOOD, "record %lld is back", (long long)r->id);
	app_changed(l->view.app);
}

static void
trashed(struct record_job *r)
{
	struct view_list *l = r->job.owner;

	if (r->job.rc != RC_OK) {
		app_failed(l->view.app, &r->job);
		return;
	}
	l->trashed = r->id;
	app_say(l->view.app, STYLE_GOOD, "record %lld is in the trash; u brings it back",
	    (long long)r->id);
	app_changed(l->view.app);
}

static void
tagged(struct record_job *r)
{
	struct view_list *l = r->job.owner;

	if (r->job.rc != RC_OK) {
		app_failed(l->view.app, &r->job);
		return;
	}
	app_say(l->view.app, STYLE_GOOD, "record %lld: %s", (long long)r->id, r->reason);
	app_changed(l->view.app);
}

static void
tag_one(void *arg, const char *text)
{
	struct view_list *l = arg;
	struct record_job *j = record_job_new(l, TASK_TAG, l->asked, tagged);

	if (j)
		snprintf(j->reason, sizeof j->reason, "%s", text);
	record_job_post(l->view.app, j);
}

static void
copy_chosen(void *arg, size_t index)
{
	struct view_list *l = arg;

	copy_field(l->view.app, l->asked, (int)index);
}

/* A row has no cell under the cursor: which field is asked. */
static void
copy_one(struct view_list *l, int64_t id)
{
	size_t n, i;
	const struct field *f = app_fields(l->view.app, &n);
	const char **labels = calloc(n + 1, sizeof *labels);

	if (!labels)
		return;
	for (i = 0; i < n; i++)
		labels[i] = f[i].label;
	l->asked = id;
	view_choose_open(l->view.app, "Copy", labels, n, 0, copy_chosen, l);
	free(labels);
}

static size_t
mark_place(const struct view_list *l, int64_t id)
{
	size_t low = 0, high = l->mark_n, at;

	while (low < high) {
		at = (low + high) / 2;
		if (l->marks[at] < id)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

bool
list_is_marked(const struct view_list *l, int64_t id)
{
	size_t at = mark_place(l, id);

	return at < l->mark_n && l->marks[at] == id;
}

static void
mark(struct view_list *l, int64_t id)
{
	size_t at = mark_place(l, id);
	int64_t *more;

	if (list_is_marked(l, id)) {
		l->mark_n--;
		memmove(l->marks + at, l->marks + at + 1, (l->mark_n - at) * sizeof *l->marks);
		return;
	}
	more = realloc(l->marks, (l->mark_n + 1) * sizeof *more);
	if (!more)
		return;
	l->marks = more;
	memmove(more + at + 1, more + at, (l->mark_n - at) * sizeof *more);
	more[at] = id;
	l->mark_n++;
}

/* The same change to many, on the worker of long work. */
struct many_job {
	struct slow_job slow;
	struct view_list *list;
	enum list_many what;
	char query[LIST_QUERY_MAX], text[ASK_MAX];
	int64_t *ids;
	size_t id_n;
	int64_t agreed; /* to how many hits; 0: it is about marked records */
	int64_t changed, step;
	struct search_error serr;
};

/* "city=Garis" */
static enum rc
edit_many(struct many_job *j, struct vault *v, const struct bulk *b)
{
	const char *eq = strchr(j->text, '=');
	struct change ch = {.index = -1};
	char name[FIELD_LABEL_MAX + 1];

	if (eq && (size_t)(eq - j->text) < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)(eq - j->text), j->text);
		ch.index = field_index(v, name);
		ch.text = eq + 1;
		ch.len = strlen(eq + 1);
	}
	if (ch.index < 0)
		return err_set(&j->slow.job.err, RC_INPUT,
		    "nothing was changed: write FIELD=VALUE with the name of a field");
	return bulk_edit(v, b, &ch, 1, &j->changed, &j->serr);
}

static enum rc
do_many(struct many_job *j, struct vault *v)
{
	const struct bulk b = {.query = j->ids ? NULL : j->query,
	    .ids = j->ids,
	    .id_n = j->id_n,
	    .agreed = j->agreed,
	    .progress = {app_step, j}};
	struct tag_edit edits[TAGS_MAX];
	size_t n;
	enum rc rc;

	switch (j->what) {
	case MANY_TAG:
		rc = tag_parse(j->text, edits, &n, &j->slow.job.err);
		return rc == RC_OK ? bulk_tag(v, &b, edits, n, &j->changed, &j->serr) : rc;
	case MANY_EDIT:
		return edit_many(j, v, &b);
	case MANY_TRASH:
		return bulk_trash(v, &b, &j->changed, &j->serr);
	case MANY_RESTORE:
		return bulk_restore(v, &b, &j->changed, &j->serr);
	default:
		return RC_INTERNAL;
	}
}

static void
many_run(struct job *job, struct vault *v)
{
	struct many_job *j = (struct many_job *)job;

	job->rc = v ? do_many(j, v) : RC_LOCKED;
	if (job->rc != RC_OK && v && !job->err.text[0])
		err_set(&job->err, job->rc, "%s",
		    j->serr.text[0] ? j->serr.text : vault_err(v));
	if (job->rc == RC_OK && j->changed > 0)
		j->step = undo_last_step(v);
}

static void many_confirm(struct view_list *l);

/* They have become more or fewer, or were not counted to the end. */
static void
ask_again(const struct many_job *j)
{
	struct view_list *l = j->list;

	if (!app_may_ask(l->view.app, l->view.serial))
		return; /* what is asked for now is something else */
	l->many = j->what;
	l->many_all = true;
	memcpy(l->many_text, j->text, sizeof l->many_text);
	l->many_hits = j->changed;
	if (j->agreed > 0)
		app_say(l->view.app, STYLE_WARN, "the number of hits has changed: now %lld",
		    (long long)j->changed);
	many_confirm(l);
}

static void
many_done(struct job *job)
{
	struct many_job *j = (struct many_job *)job;
	struct app *a = j->list->view.app;

	app_work_end(a);
	if (job->rc == RC_BUSY && j->agreed && j->changed > 0) {
		ask_again(j);
		return;
	}
	if (job->rc == RC_NOTFOUND && j->ids) {
		app_say(a, STYLE_BAD, "%s; Esc takes the marks off", job->err.text);
		return;
	}
	if (job->rc != RC_OK) {
		app_failed(a, job);
		return;
	}
	app_did(a, j->step);
	app_say(a, STYLE_GOOD, "%lld record%s changed%s", (long long)j->changed,
	    j->changed == 1 ? "" : "s", j->step ? "; u takes it back" : "");
	j->list->mark_n = 0;
	app_changed(a);
}

static void
many_free(struct job *job)
{
	struct many_job *j = (struct many_job *)job;

	free(j->ids);
	secret_wipe(j, sizeof *j);
	free(j);
}

static const struct job_ops many_ops = {many_run, many_done, many_free};

static void
many_start(void *arg)
{
	struct view_list *l = arg;
	struct app *a = l->view.app;
	struct many_job *j = calloc(1, sizeof *j);

	if (j && !l->many_all) {
		j->ids = calloc(l->mark_n + 1, sizeof *j->ids);
		if (j->ids)
			memcpy(j->ids, l->marks, l->mark_n * sizeof *j->ids);
		j->id_n = l->mark_n;
	}
	if (!j || (!l->many_all && !j->ids)) {
		free(j);
		app_say(a, STYLE_BAD, "out of memory");
		return;
	}
	if (!app_work_begin(a, "change of many records")) {
		many_free(&j->slow.job);
		return;
	}
	j->slow.job.ops = &many_ops;
	j->slow.job.owner = l;
	j->slow.work = app_work(a);
	j->list = l;
	j->what = l->many;
	j->agreed = l->many_all ? l->many_hits : 0;
	memcpy(j->query, l->query, sizeof j->query);
	memcpy(j->text, l->many_text, sizeof j->text);
	secret_wipe(l->many_text, sizeof l->many_text);
	worker_post(app_back(a), &j->slow.job);
}

static void
many_confirm(struct view_list *l)
{
	static const char *const verbs[] = {[MANY_TAG] = "Tag",
	    [MANY_EDIT] = "Change",
	    [MANY_TRASH] = "Move to the trash",
	    [MANY_RESTORE] = "Bring back"};
	char question[120];

	if (!l->many_all)
		snprintf(question, sizeof question, "%s the %zu marked record%s?",
		    verbs[l->many], l->mark_n, l->mark_n == 1 ? "" : "s");
	else
		snprintf(question, sizeof question, "%s ALL hits, %lld record%s?",
		    verbs[l->many], (long long)l->many_hits,
		    l->many_hits == 1 ? "" : "s");
	view_confirm_open(l->view.app, question, many_start, l);
}

/* What is not counted to its end is counted first, by what would change it. */
static void
many_count(struct view_list *l)
{
	const bool known = l->count >= 0 && l->count < LIST_COUNT_CAP;

	l->many_hits = known ? l->count : -1;
	if (l->many_all && l->many_hits == 0) /* the store would take 0 as any number */
		app_say(l->view.app, STYLE_TEXT, "there are no hits: nothing was done");
	else if (l->many_all && !known)
		many_start(l);
	else
		many_confirm(l);
}

static void
many_asked(void *arg, const char *text)
{
	struct view_list *l = arg;

	snprintf(l->many_text, sizeof l->many_text, "%s", text);
	if (text[0])
		many_count(l);
}

static void
many_begin(struct view_list *l, enum list_many what, bool all)
{
	struct app *a = l->view.app;

	l->many = what;
	l->many_all = all;
	if (all && l->live)
		app_say(a, STYLE_WARN, "the search is not confirmed: / and Enter first");
	else if (all && l->wrong[0])
		app_say(a, STYLE_WARN, "nothing was done, the query has no hits: %s", l->wrong);
	else if (what == MANY_TAG)
		view_ask_open(a, all ? "Tag all hits" : "Tag the marked records",
		    "+vip puts one on, -vip takes it off", many_asked, l);
	else if (what == MANY_EDIT)
		view_ask_open(a, all ? "Change all hits" : "Change the marked records",
		    "FIELD=VALUE, as city=Garis", many_asked, l);
	else
		many_count(l);
}

static void
marks_gone(void *arg)
{
	((struct view_list *)arg)->mark_n = 0;
}

static void
asked_gone(void *arg)
{
	struct view_list *l = arg;

	if (list_is_marked(l, l->asked))
		mark(l, l->asked);
}

bool
list_many_key(struct view_list *l, int key)
{
	bool all = l->mark_n == 0;

	l->acting = false;
	switch (key) {
	case 't':
		many_begin(l, MANY_TAG, all);
		break;
	case 'd':
		many_begin(l, MANY_TRASH, all);
		break;
	case 'u':
		many_begin(l, MANY_RESTORE, all);
		break;
	case 'e':
		many_begin(l, MANY_EDIT, all);
		break;
	case 'D':
		if (all)
			app_say(l->view.app, STYLE_WARN,
			    "nothing was erased: mark the records with Space first");
		else
			view_erase_open(l->view.app, l->marks, l->mark_n, marks_gone, l);
		break;
	default:
		app_say(l->view.app, STYLE_TEXT, "nothing was done");
	}
	return true;
}

static void
undo(struct view_list *l, const struct record *r, bool redo)
{
	if (!redo && r && r->deleted_at)
		record_job_post(
		    l->view.app, record_job_new(l, TASK_RESTORE, r->id, restored));
	else
		app_undo(l->view.app, redo);
}

bool
list_change_act(struct view_list *l, enum act act)
{
	const struct record *r = listmodel_current(l->model);
	struct app *a = l->view.app;

	switch (act) {
	case ACT_TRASH:
		if (r && !r->deleted_at)
			record_job_post(a, record_job_new(l, TASK_TRASH, r->id, trashed));
		else
			app_say(a, STYLE_WARN, "it is in the trash already");
		return true;
	case ACT_UNDO:
	case ACT_REDO:
		undo(l, r, act == ACT_REDO);
		return true;
	case ACT_TAG:
		l->asked = r ? r->id : 0;
		if (r)
			view_ask_open(a, "Tags", "+vip puts one on, -vip takes it off",
			    tag_one, l);
		return true;
	case ACT_ERASE:
		l->asked = r ? r->id : 0;
		if (r)
			view_erase_open(a, &r->id, 1, asked_gone, l);
		return true;
	case ACT_COPY:
		if (r)
			copy_one(l, r->id);
		return true;
	case ACT_TOGGLE:
		if (r)
			mark(l, r->id);
		listmodel_move(l->model, 1);
		return true;
	case ACT_TAG_ALL:
		many_begin(l, MANY_TAG, true);
		return true;
	case ACT_MANY:
		l->acting = true;
		return true;
	case ACT_HISTORY:
		if (r)
			view_history_open(a, r->id);
		return true;
	default:
		return false;
	}
}

void
list_many_words(const struct view_list *l, char *out, size_t cap)
{
	if (l->acting && l->mark_n == 0)
		snprintf(out, cap,
		    "ALL hits: t tags, e changes a field, d trash, u back; Esc: none");
	else if (l->acting)
		snprintf(out, cap,
		    "%zu marked: t tags, e changes, d trash, D erases, u back; Esc: none",
		    l->mark_n);
	else if (l->mark_n)
		snprintf(out, cap, "%zu marked  ", l->mark_n);
	else if (cap)
		*out = '\0';
}
