#ifndef UI_TUI_IMPORT_JOBS_H
#define UI_TUI_IMPORT_JOBS_H

/* What the import wizard asks of the second worker. */

#include "store/import.h"
#include "store/import_runs.h"
#include "ui/tui/view.h"

enum import_task { IMPORT_LOOK, IMPORT_TRY, IMPORT_RUN, IMPORT_KEEP, IMPORT_UNDO };

struct import_ask { /* copied; a text may be NULL */
	enum import_task task;
	const char *path;
	const struct import_column *columns; /* with the user's choices; not of IMPORT_LOOK */
	size_t n;
	enum import_encoding encoding; /* IMPORT_DETECT: as the mapping says, or detected */
	enum import_duplicates duplicates; /* not of IMPORT_LOOK */
	const char *mapping; /* name of one in the vault that says how the file is read */
	const char *rejects, *reason; /* of IMPORT_RUN; a reason: they may hold what is masked */
	bool replace; /* the rejects file, or the mapping that is kept */
	const char *keep, *text; /* of IMPORT_KEEP: the mapping's name and text */
	int64_t run; /* of IMPORT_UNDO */
};

struct import_job {
	struct slow_job slow;
	struct import_ask ask; /* its texts are the job's */
	struct import_opts opts; /* its map and texts are the job's */
	struct import_map *map;
	size_t map_n;
	char (*places)[8]; /* "#3" */
	struct import_column *columns; /* what the map's texts are of */
	struct import_report report;
	char *text; /* the mapping of a dry run or an import */
	char **names; /* of the mappings in the vault, after a look */
	size_t name_n;
	struct import_undone undone;
	struct field *fields; /* the catalogue after a run */
	size_t field_n;
};

/* In the event loop: the job's fields may be taken over by setting them to NULL or zero. */
typedef void import_told(void *owner, struct import_job *j);

/**
 * import_job_post(a, owner, ask, told):
 * Begin. False when the worker is busy or memory is short, told in the status line.
 * import_names_free(names, n).
 */
bool import_job_post(
    struct app *a, void *owner, const struct import_ask *ask, import_told *told);
void import_names_free(char **names, size_t n);

#endif
