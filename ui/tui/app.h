#ifndef UI_TUI_APP_H
#define UI_TUI_APP_H

/* The event loop and what the views share. */

#include <stdatomic.h>

#include "store/field.h"
#include "store/record.h"
#include "ui/tui/term.h"
#include "ui/tui/tui.h"
#include "ui/tui/worker.h"

#define ASK_MAX 256 /* bytes of an answer, with its end */

struct app;
struct view;
struct draft; /* of view_edit.c: what was typed when the vault was locked */

/* How far the long work on the second worker is. */
struct work {
	char label[48]; /* "" : none */
	int64_t began;	/* app_now */
	atomic_uint_fast64_t done, all;
};

/**
 * app_now(a): milliseconds of a clock that goes on while the machine sleeps.
 * app_opts(a): as given to tui_run.
 * app_front(a): the worker of what the user waits for; app_back(a): of long work.
 * app_fields(a, n): the catalogue, while unlocked.
 * app_info(a): of the open vault (no path).
 */
int64_t app_now(const struct app *a);
const struct tui_opts *app_opts(const struct app *a);
struct worker *app_front(struct app *a);
struct worker *app_back(struct app *a);
const struct field *app_fields(const struct app *a, size_t *n);
struct vault_info *app_info(struct app *a);
bool app_is_open(const struct app *a); /* false while a lock closes the views */

/**
 * app_take_secret(a): what was given to open the vault with, the first time; then NULL.
 * app_set_way(a, way, file): what has opened it, ${file}: the key file's path; app_way(a, file):
 * the same, for the next time; "" and a passphrase at first, unless an option says more.
 */
const struct vault_secret *app_take_secret(struct app *a);
void app_set_way(struct app *a, enum vault_secret_kind way, const char *file);
enum vault_secret_kind app_way(const struct app *a, const char **file);

/**
 * app_push(a, v): put ${v} on top; takes it over. On failure it is closed and false
 * returned. app_pop(a, v): close ${v}, which is on top.
 */
bool app_push(struct app *a, struct view *v);
void app_place(struct app *a); /* a dialog wants another size now */
void app_pop(struct app *a, struct view *v);

/* A sentence in the status line; a sign stands before it beside the colour. */
void app_say(struct app *a, enum style style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A failed job's sentence; nothing for RC_CANCELLED but that. */
void app_failed(struct app *a, const struct job *j);
/* The same in a dialog with room for all of it, unless text is being typed now. */
void app_failed_aloud(struct app *a, const char *title, const struct job *j);

/**
 * A question that comes by itself opens only where it was asked for, and where nobody types:
 * else the next y that is typed would answer it. app_asker(a): who asks, the view on top now.
 * app_may_ask(a, asker): whether it still is that one; false is told.
 */
uint64_t app_asker(const struct app *a);
bool app_may_ask(struct app *a, uint64_t asker);

/* Ticks come each 100 ms until ${ms} from now; else each second. */
void app_fast(struct app *a, int64_t ms);

/**
 * app_work_begin(a, label): what the second worker does now; false: it is busy already.
 * app_work_end(a). app_work(a): for app_step.
 * app_step: a progress function for the thread; ${arg} is a struct slow_job.
 */
struct slow_job { /* first member of the jobs with a bar */
	struct job job;
	struct work *work;
};
bool app_work_begin(struct app *a, const char *label);
void app_work_end(struct app *a);
struct work *app_work(struct app *a);
bool app_step(void *arg, uint64_t done, uint64_t all);

/**
 * app_opened(a, clone, info, fields, n): the vault is open on the front worker; ${clone}
 * is for the other one, ${fields} (a copy) the app's from now on. app_lock(a, why): close
 * the views, wipe, close the vault, ask for the passphrase again; an unlock that is under way
 * is cancelled. app_keep_draft(a, d):
 * for after the next unlock; takes it over. app_quit(a): end after this batch of events.
 */
void app_opened(struct app *a, struct vault *clone, const struct vault_info *info,
    struct field *fields, size_t n);
void app_lock(struct app *a, const char *why);
void app_keep_draft(struct app *a, struct draft *d);
void app_quit(struct app *a);

/**
 * The catalogue may have changed: ${fields} (a copy) is the app's from now on. Where an index
 * means another field by now, the views that know fields by it are closed, or begin anew.
 */
void app_take_fields(struct app *a, struct field *fields, size_t n);

/**
 * app_outran(a, fields, n): whether what a worker read by this catalogue (NULL: not known) is
 * of other fields than the views have. Then it is taken over, as above, and ${fields} is
 * NULL: the answer is to be dropped, and its owner may be gone.
 */
bool app_outran(struct app *a, struct field **fields, size_t n);

/* What became of the last draft that was to be kept in the vault. */
enum draft_state { DRAFT_NONE, DRAFT_POSTED, DRAFT_KEPT, DRAFT_FAILED };
void app_set_draft_state(struct app *a, enum draft_state state);
enum draft_state app_draft_state(const struct app *a);

/* The records have changed: every view may look again. */
void app_changed(struct app *a);
void app_noticed(struct app *a); /* another session has changed them: the same */
uint64_t app_generation(const struct app *a);  /* grows with each of both */
uint64_t app_own_changes(const struct app *a); /* grows with each app_changed */

/**
 * app_set_due(a, at), app_due(a): when the crypto-period of a data key ends, if it is worth
 * a reminder; 0: it is not. UTC microseconds, as app_clock() gives them.
 */
void app_set_due(struct app *a, uint64_t at);
uint64_t app_due(const struct app *a);
int64_t app_clock(void);

/* Local time as 2026-01-31 12:59, "never" for 0. */
void app_time(uint64_t microseconds, char *out, size_t cap);

#endif
