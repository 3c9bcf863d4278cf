#ifndef UI_TUI_KEYS_JOBS_H
#define UI_TUI_KEYS_JOBS_H

/* What the keys screen asks of the vault. */

#include "store/keys.h"
#include "store/rotate.h"
#include "ui/tui/app.h"
#include "ui/tui/slot_order.h"

#define KEYS_ROTATION "rotation" /* app_work's label while it runs */

enum keys_task {
	KEYS_READ,   /* slots and epochs */
	KEYS_STATUS, /* of a rotation; may take long while one is under way */
	KEYS_ROTATE,
	KEYS_ALLOWED, /* slot_order_allowed; quick */
	KEYS_PROVE,   /* slot_order_prove */
	KEYS_ORDER    /* slot_order_run */
};

struct keys_job;
typedef void keys_done(struct keys_job *j);

struct keys_job {
	struct slow_job slow;
	keys_done *done;
	enum keys_task task;
	struct slot_order order; /* the job's */
	struct keys keys;
	struct rotate_status status;
	struct rotate_report report;
};

/**
 * keys_job_new(owner, task, done): NULL when memory is out.
 * keys_job_free(j): one that was not posted.
 * keys_job_post(a, j): quick ones to the front worker, the others to the other one. ${j}
 * NULL: told in the status line.
 * keys_job_work(a, j, label): the same, as the long work; false (and ${j} freed) when the
 * other worker is busy.
 */
struct keys_job *keys_job_new(void *owner, enum keys_task task, keys_done *done);
void keys_job_free(struct keys_job *j);
void keys_job_post(struct app *a, struct keys_job *j);
bool keys_job_work(struct app *a, struct keys_job *j, const char *label);

/**
 * keys_rotate(a): begin a rotation or go on with one. keys_pause(a): pause it.
 * keys_rotating(a): whether it runs in this program.
 * keys_remind(a): look whether a key is due, for app_due.
 * keys_due(k): the active epoch that is due first, or soon; NULL: none is.
 */
void keys_rotate(struct app *a);
void keys_pause(struct app *a);
bool keys_rotating(struct app *a);
void keys_remind(struct app *a);
const struct key_epoch *keys_due(const struct keys *k);

#endif
