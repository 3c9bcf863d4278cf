#ifndef UI_TUI_JOBS_H
#define UI_TUI_JOBS_H

/* What views do to one record, on the front worker. */

#include "ui/tui/app.h"

enum record_task { TASK_GET, TASK_REVEAL, TASK_TRASH, TASK_RESTORE, TASK_SAVE, TASK_TAG };

struct change_text {
	int field;	     /* its id: another catalogue has another place for it */
	struct secret *text; /* the job's */
};

struct record_job;
typedef void record_done(struct record_job *r);

struct record_job {
	struct job job;
	record_done *done;
	enum record_task task;
	int64_t id, version; /* TASK_SAVE with id 0: a new record; id is set to its own */
	int index;	     /* TASK_REVEAL */
	char reason[ASK_MAX]; /* TASK_TAG: "+vip -old" */
	struct change_text *changes;
	size_t change_n;
	struct record
	    *record; /* what came back; the done function may take it (NULL it) */
	struct secret *value;
	int64_t step; /* that it committed, for undo; 0: none */
	struct field *fields; /* TASK_GET, TASK_REVEAL: by which it was read */
	size_t field_n;
};

/**
 * change_places(v, in, n, out, out_n): ${in} as the store takes it, by the catalogue of
 * ${v}; fields that are gone are left out. The texts stay those of ${in}.
 */
void change_places(struct vault *v, const struct change_text *in, size_t n,
    struct change *out, size_t *out_n);

/**
 * record_job_new(owner, task, id, done): NULL when memory is out.
 * record_job_post(a, r): to the front worker. ${r} NULL: told in the status line.
 */
struct record_job *record_job_new(
    void *owner, enum record_task task, int64_t id, record_done *done);
void record_job_post(struct app *a, struct record_job *r);
void record_job_free(struct job *j);

#endif
