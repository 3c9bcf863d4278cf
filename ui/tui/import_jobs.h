#ifndef UI_TUI_IMPORT_JOBS_H
#define UI_TUI_IMPORT_JOBS_H

/* What the import wizard asks of the second worker. */

#include "store/import.h"
#include "store/import_runs.h"
#include "ui/tui/view.h"

enum import_task { IMPORT_LOOK, IMPORT_TRY, IMPORT_RUN, IMPORT_UNDO };

struct import_job {
	struct slow_job slow;
	enum import_task task;
	char *path;
	struct import_opts opts; /* its map and texts are the job's */
	struct import_map *map;
	char (*places)[8]; /* "#3" */
	struct import_column *columns; /* what the map's texts are of */
	struct import_report report;
	struct import_undone undone;
	int64_t run;
	struct field *fields; /* the catalogue after a run */
	size_t field_n;
};

/* In the event loop: the job's fields may be taken over by setting them to NULL or zero. */
typedef void import_told(void *owner, struct import_job *j);

/**
 * import_job_post(a, owner, task, path, columns, n, duplicates, run, told):
 * Begin. ${columns} with the user's choices (NULL with IMPORT_LOOK), copied; ${run}: of
 * IMPORT_UNDO. False when the worker is busy or memory is short, told in the status line.
 */
bool import_job_post(struct app *a, void *owner, enum import_task task, const char *path,
    const struct import_column *columns, size_t n, enum import_duplicates duplicates,
    int64_t run, import_told *told);

#endif
