#ifndef UI_TUI_SHELF_H
#define UI_TUI_SHELF_H

/*
 * Records that a report names, in its order: the trash, what is due, what is alike. The rows,
 * how they are drawn and moved through, and the jobs that fill them and change the records.
 */

#include "store/duplicates.h"
#include "store/erase.h"
#include "ui/tui/view.h"

#define SHELF_MAX 2000 /* rows; the rest comes when these are gone */
#define SHELF_WHO 120  /* bytes of what a record is known by */

enum shelf_list { SHELF_TRASH, SHELF_DUE, SHELF_ALIKE };

struct shelf_row {
	int64_t id, deleted_at, purge_at, keep_until;
	int group; /* SHELF_ALIKE: from 1 */
	bool trashed, marked;
	char who[SHELF_WHO]; /* its first cells, as the list shows them */
};

struct shelf {
	struct shelf_row *rows;
	size_t n, cursor, top, height;
	bool more;     /* there were more than SHELF_MAX */
	bool changing; /* a job changes the records: the view must stay for its answer */
};

/**
 * shelf_free(s): wipe the rows. shelf_take(s, fresh): the rows of ${fresh}, which is left empty;
 * marks and the cursor stay with their records. shelf_close(s, a): with the view: also ends the
 * work that a change of its records still is.
 * shelf_draw(s, p, row, put, arg): from ${row} of the pane on; ${put} writes one row's columns.
 * shelf_key(s, act, e): move the cursor or mark a row; false: it was another key.
 * shelf_current(s): the row under the cursor, or NULL. shelf_marked(s): how many are marked.
 * shelf_leave(s, v): close ${v}, whose shelf it is, unless a change runs: then say so.
 */
typedef void shelf_put_fn(
    void *arg, const struct shelf_row *row, int line, int col, bool at);
void shelf_free(struct shelf *s);
void shelf_close(struct shelf *s, struct app *a);
void shelf_take(struct shelf *s, struct shelf *fresh);
void shelf_draw(
    struct shelf *s, struct pane *p, int row, shelf_put_fn *put, void *arg);
bool shelf_key(struct shelf *s, enum act act, const struct term_event *e);
void shelf_click(struct shelf *s, int line); /* counted from the first row shown */
const struct shelf_row *shelf_current(const struct shelf *s);
size_t shelf_marked(const struct shelf *s);
void shelf_leave(const struct shelf *s, struct view *v);

/**
 * shelf_ids(s, n): the marked rows, or the one under the cursor when none is; the caller frees
 * it. NULL: there is none, or no memory.
 */
int64_t *shelf_ids(const struct shelf *s, size_t *n);
void shelf_erase(const struct shelf *s, struct app *a); /* open the step that asks, for these */

/* Keys of every such view: before and after its own ones. */
#define SHELF_MOVES                                                                      \
	MOVE_KEYS("next row", "row before", "first row", "last row"),                    \
	    {K_ENTER, ACT_OPEN, NULL, "open the record"},                                \
	    {' ', ACT_TOGGLE, NULL, "mark the row: the next key is for all that are"}

#define SHELF_LEAVES                                                                     \
	{K_CTRL('r'), ACT_REDO, NULL, "redo"}, {'q', ACT_BACK, NULL, "back"},            \
	    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}

enum shelf_task {
	SHELF_LOAD,
	SHELF_DO_TRASH,
	SHELF_DO_RESTORE,
	SHELF_DO_KEEP,
	SHELF_COUNT_PURGE, /* report: what a purge would take */
	SHELF_DO_PURGE
};

struct shelf_job {
	struct slow_job slow;
	enum shelf_task task;
	enum shelf_list list;
	int fields[DUPLICATES_FIELDS_MAX]; /* SHELF_ALIKE */
	size_t field_n;
	int64_t *ids; /* the job's */
	size_t id_n;
	int64_t until; /* SHELF_DO_KEEP: UTC microseconds; 0: no date */
	struct shelf shelf; /* SHELF_LOAD: the answer; may be taken over by zeroing it */
	int days;	    /* SHELF_LOAD of the trash: how long it keeps records */
	int64_t agreed; /* SHELF_DO_PURGE: how many were confirmed */
	int64_t changed, step;
	struct erase_report report;
	void (*told)(void *owner, struct shelf_job *j);
};

/**
 * shelf_job_new(owner, task, list, told): NULL: no memory. shelf_job_post(a, j): loading and
 * counting go to the front worker, changes to the other one, with a bar; false: it is busy,
 * and ${j} is freed. ${told} must call app_work_end after a change.
 * shelf_change(s, a, j): post a change of ${s}'s records. shelf_changed(s, a, j): it has ended:
 * false: it failed, which the caller tells; else the marks are taken off.
 * shelf_undoable(s, a, j): shelf_changed, and that u takes it back is said.
 */
struct shelf_job *shelf_job_new(void *owner, enum shelf_task task, enum shelf_list list,
    void (*told)(void *owner, struct shelf_job *j));
bool shelf_job_post(struct app *a, struct shelf_job *j);
void shelf_change(struct shelf *s, struct app *a, struct shelf_job *j);
bool shelf_changed(struct shelf *s, struct app *a, struct shelf_job *j);
void shelf_undoable(struct shelf *s, struct app *a, struct shelf_job *j);

#endif
