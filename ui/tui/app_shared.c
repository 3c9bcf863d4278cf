/*
 * What the views share: the stack of views, the status line's message, the long work, and
 * what happens when the vault is opened and locked.
 *
 * 1. app_lock overwrites the screen before anything else, and needs nobody's consent.
 * 2. A view that closes is forgotten by both workers before it is freed.
 */
#include "ui/tui/app_int.h"
#include "ui/tui/catalogue.h"
#include "ui/tui/draft.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "ui/sandbox.h"

#define SAID_MS	     10000 /* how long a message stands */
#define TICK_MS	     1000
#define TICK_FAST_MS 100

int64_t
app_now(const struct app *a)
{
	struct timespec ts;

	(void)a;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct tui_opts *
app_opts(const struct app *a)
{
	return &a->opts;
}

const struct vault_secret *
app_take_secret(struct app *a)
{
	const struct vault_secret *given = a->opts.secret;

	a->opts.secret = NULL;
	return given;
}

void
app_set_way(struct app *a, enum vault_secret_kind way, const char *file)
{
	char *copy = strdup(file);

	free(a->key_file);
	a->key_file = copy;
	a->way = way;
}

enum vault_secret_kind
app_way(const struct app *a, const char **file)
{
	*file = a->key_file ? a->key_file : "";
	return a->way;
}

struct worker *
app_front(struct app *a)
{
	return a->front;
}

struct worker *
app_back(struct app *a)
{
	return a->back;
}

const struct field *
app_fields(const struct app *a, size_t *n)
{
	*n = a->field_n;
	return a->fields;
}

bool
app_is_open(const struct app *a)
{
	return a->open;
}

struct vault_info *
app_info(struct app *a)
{
	return &a->info;
}

void
app_say(struct app *a, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->said, sizeof a->said, fmt, ap);
	va_end(ap);
	a->said_style = style;
	a->said_until = app_now(a) + SAID_MS;
}

static bool
is_typing(const struct app *a)
{
	return a->top && a->top->ops->typing && a->top->ops->typing(a->top);
}

void
app_failed(struct app *a, const struct job *j)
{
	const char *hint = sandbox_hint(j->err.text);
	char both[2 * ERR_LEN];

	if (j->rc == RC_CANCELLED) {
		app_say(a, STYLE_WARN, "cancelled");
		return;
	}
	app_say(a, STYLE_BAD, "%s", j->err.text[0] ? j->err.text : rc_text(j->rc));
	if (!hint || !a->top || is_typing(a))
		return;
	snprintf(both, sizeof both, "%s. %s", j->err.text, hint);
	view_tell_open(a, "The kernel refused it", both);
}

uint64_t
app_asker(const struct app *a)
{
	return a->top ? a->top->serial : 0;
}

bool
app_may_ask(struct app *a, uint64_t asker)
{
	if (app_asker(a) == asker && !is_typing(a))
		return true;
	app_say(a, STYLE_WARN, "counted, but you went on: nothing was done, ask again");
	return false;
}

void
app_failed_aloud(struct app *a, const char *title, const struct job *j)
{
	if (j->rc == RC_CANCELLED || !a->top || is_typing(a))
		app_failed(a, j);
	else
		view_tell_open(a, title, j->err.text[0] ? j->err.text : rc_text(j->rc));
}

void
app_timer(struct app *a, bool fast)
{
	long ms = fast ? TICK_FAST_MS : TICK_MS;
	struct timespec every = {ms / 1000, ms % 1000 * 1000000};
	struct itimerspec it = {every, every};

	a->fast = fast;
	timerfd_settime(a->timer_fd, 0, &it, NULL);
}

void
app_fast(struct app *a, int64_t ms)
{
	int64_t until = app_now(a) + ms;

	if (until > a->fast_until)
		a->fast_until = until;
	if (!a->fast)
		app_timer(a, true);
}

bool
app_work_begin(struct app *a, const char *label)
{
	if (a->work.label[0]) {
		app_say(
		    a, STYLE_WARN, "%s is still running; ^G cancels it", a->work.label);
		return false;
	}
	snprintf(a->work.label, sizeof a->work.label, "%s", label);
	a->work.began = app_now(a);
	atomic_store(&a->work.done, 0);
	atomic_store(&a->work.all, 0);
	app_fast(a, TICK_MS);
	return true;
}

void
app_work_end(struct app *a)
{
	a->work.label[0] = '\0';
}

struct work *
app_work(struct app *a)
{
	return &a->work;
}

bool
app_step(void *arg, uint64_t done, uint64_t all)
{
	struct slow_job *j = arg;

	atomic_store(&j->work->done, done);
	atomic_store(&j->work->all, all);
	return atomic_load(&j->job.cancel);
}

bool
app_push(struct app *a, struct view *v)
{
	v->app = a;
	v->serial = ++a->serial;
	if (pane_new(&v->pane) != RC_OK) {
		v->ops->close(v);
		app_say(a, STYLE_BAD, "out of memory");
		return false;
	}
	if (a->top && a->top->ops->hide)
		a->top->ops->hide(a->top);
	v->under = a->top;
	a->top = v;
	app_layout(a);
	return true;
}

void
app_pop(struct app *a, struct view *v)
{
	struct view **at = &a->top;
	struct pane *pane = v->pane;

	while (*at && *at != v)
		at = &(*at)->under;
	if (*at)
		*at = v->under;
	worker_forget(a->front, v);
	worker_forget(a->back, v);
	v->ops->close(v);
	pane_free(pane);
}

void
app_place(struct app *a)
{
	app_layout(a);
}

void
app_close_views(struct app *a)
{
	while (a->top)
		app_pop(a, a->top);
}

void
app_free_catalogue(struct app *a)
{
	free(a->fields);
	a->fields = NULL;
	a->field_n = 0;
}

void
app_take_fields(struct app *a, struct field *fields, size_t n)
{
	const bool same = catalogue_is_same(a->fields, a->field_n, fields, n);
	struct view *v, *under;
	bool closed = false;

	app_free_catalogue(a);
	a->fields = fields;
	a->field_n = n;
	for (v = same ? NULL : a->top; v; v = under) {
		under = v->under;
		if (v->ops->fields) {
			v->ops->fields(v);
		} else {
			app_pop(a, v);
			closed = true;
		}
	}
	if (closed)
		app_say(a, STYLE_WARN,
		    "the vault has other fields now: what was open was closed");
}

bool
app_outran(struct app *a, struct field **fields, size_t n)
{
	struct field *theirs = *fields;

	if (!theirs || catalogue_is_same(a->fields, a->field_n, theirs, n))
		return false;
	*fields = NULL;
	app_take_fields(a, theirs, n);
	return true;
}

void
app_opened(struct app *a, struct vault *clone, const struct vault_info *info,
    struct field *fields, size_t n)
{
	struct draft *d = a->draft;

	worker_give(a->back, clone);
	app_free_catalogue(a);
	a->info = *info;
	a->info.path = NULL;
	a->fields = fields;
	a->field_n = n;
	a->open = true;
	a->last_input = app_now(a);
	app_close_views(a);
	view_list_open(a);
	a->draft = NULL;
	if (d)
		view_edit_resume(a, d);
	else
		draft_offer(a);
}

void
app_keep_draft(struct app *a, struct draft *d)
{
	draft_free(a->draft);
	a->draft = d;
}

void
app_lock(struct app *a, const char *why)
{
	if (!a->open) { /* an unlock that is under way must not end in an open vault */
		worker_stop(a->front, NULL);
		return;
	}
	term_wipe();
	a->open = false;
	app_close_views(a);
	worker_lock(a->front);
	worker_lock(a->back);
	copy_clear(a);
	app_work_end(a);
	a->due = 0;
	app_free_catalogue(a);
	secret_wipe(&a->info, sizeof a->info);
	secret_wipe(a->said, sizeof a->said);
	term_forget_keys();
	app_fast(a, TICK_MS); /* on_timer presses the workers */
	a->g_pending = a->escaped = a->pasting = false;
	view_unlock_open(a, why);
}

void
app_set_draft_state(struct app *a, enum draft_state state)
{
	a->draft_state = state;
}

enum draft_state
app_draft_state(const struct app *a)
{
	return a->draft_state;
}

void
app_quit(struct app *a)
{
	a->ending = true;
}

void
app_changed(struct app *a)
{
	a->own_changes++;
	a->generation++;
}

void
app_noticed(struct app *a)
{
	a->generation++;
}

uint64_t
app_own_changes(const struct app *a)
{
	return a->own_changes;
}

uint64_t
app_generation(const struct app *a)
{
	return a->generation;
}

void
app_set_due(struct app *a, uint64_t at)
{
	a->due = at;
}

uint64_t
app_due(const struct app *a)
{
	return a->due;
}

int64_t
app_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
