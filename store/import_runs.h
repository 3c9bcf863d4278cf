#ifndef STORE_IMPORT_RUNS_H
#define STORE_IMPORT_RUNS_H

/* The imports that were, and taking one back. */

#include "store/vault.h"

#define IMPORT_RUN_TEXT 128

struct import_run {
	int64_t id, at, undone_at; /* times in UTC microseconds; 0: it stands */
	char actor[IMPORT_RUN_TEXT], name[IMPORT_RUN_TEXT], reason[IMPORT_RUN_TEXT];
	char sha256[65]; /* of the file, in hexadecimal; "" where it was not read whole */
	int64_t rows, added, updated;
};

/**
 * import_runs(v, each, arg): newest first, until ${each} returns false.
 */
typedef bool import_runs_fn(void *arg, const struct import_run *run);
enum rc import_runs(struct vault *v, import_runs_fn *each, void *arg);

#define IMPORT_EDITED 10 /* records that are named */

struct import_undone {
	int64_t run;               /* that was undone */
	int64_t removed, put_back; /* records */
	bool cleaned; /* nothing of them is left in the full text and the log */
	size_t edited_n;           /* of those below; with RC_BUSY */
	int64_t edited[IMPORT_EDITED];
};

/**
 * import_undo(v, run, out):
 * Remove exactly the records that the run added, for good and with their history, and put back
 * what it changed; the fields that it made stay. ${run} 0: the last that stands. All of it or
 * nothing. RC_OK; RC_NOTFOUND (no such run); RC_INPUT (it is undone already); RC_BUSY (records
 * were changed since: the sentence and ${out} name the first); RC_DENIED (sealed values on a
 * browse slot). Audited.
 */
enum rc import_undo(struct vault *v, int64_t run, struct import_undone *out);

#endif
