/* The imports that were, and taking one back: import list, import undo. */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/import_runs.h"

#define COLUMNS 10

struct listing {
	struct op_call *call;
	enum rc rc;
};

static struct sink_value
number(char out[24], int64_t n)
{
	struct sink_value value;

	snprintf(out, 24, "%" PRId64, n);
	value = op_value_text(out);
	value.number = true;
	return value;
}

static bool
put_run(void *arg, const struct import_run *run)
{
	struct listing *l = arg;
	struct face *f = l->call->face;
	char id[24], rows[24], added[24], updated[24], at[OP_TIME_LEN], undone[OP_TIME_LEN];
	struct sink_value row[COLUMNS];

	op_time(f, run->at, at);
	op_time(f, run->undone_at, undone);
	row[0] = number(id, run->id);
	row[1] = op_value_text(at);
	row[2] = op_value_text(run->actor);
	row[3] = op_value_text(run->name);
	row[4] = number(rows, run->rows);
	row[5] = number(added, run->added);
	row[6] = number(updated, run->updated);
	row[7] = op_value_text(undone);
	row[8] = op_value_text(run->reason);
	row[9] = op_value_text(run->sha256);
	l->rc = f->ops->rows_row(f, row);
	return l->rc == RC_OK;
}

static enum rc
run_list(struct op_call *c)
{
	static const char *const names[COLUMNS] = {"run", "at", "actor", "name", "rows",
	    "added", "updated", "undone_at", "reason", "sha256"};
	static const char *const labels[COLUMNS] = {"RUN", "WHEN", "WHO", "FILE", "ROWS",
	    "NEW", "UPDATED", "UNDONE", "REASON", "SHA-256"};
	struct listing l = {c, RC_OK};
	enum rc rc;

	rc = c->face->ops->rows_begin(c->face, "Imports", names, labels, COLUMNS);
	if (rc == RC_OK)
		rc = import_runs(c->v, put_run, &l);
	if (rc == RC_OK)
		rc = l.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_import_list = {
    .name = "import list",
    .args = "",
    .summary = "list the imports that were, newest first",
    .details = "Each with its file and the file's SHA-256, how many rows it had, how many "
	       "records were added and updated, and when it was undone.",
    .examples = "strongroom import list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_list,
};

static enum rc
parse_run(struct op_call *c, int64_t *run)
{
	char *end;

	*run = 0;
	if (c->arg_n == 0)
		return RC_OK;
	*run = strtoll(c->args[0], &end, 10);
	if (*end == '\0' && *run > 0)
		return RC_OK;
	return err_set(&c->err, RC_INPUT,
	    "\"%s\" is not the number of an import: see import list", c->args[0]);
}

static enum rc
run_undo(struct op_call *c)
{
	struct import_undone done;
	struct op_object o = {0};
	int64_t run;
	enum rc rc = parse_run(c, &run);

	if (rc == RC_OK)
		rc = import_undo(c->v, run, &done);
	if (rc != RC_OK)
		return rc;
	if (!done.cleaned)
		face_warn(c->face, "words of what was removed may still stand in the search index "
				   "or the log, encrypted: another program was reading, or there "
				   "was no room to merge them");
	op_object_fmt(&o, "run", "Import", true, "%" PRId64, done.run);
	op_object_fmt(&o, "removed", "Removed", true, "%" PRId64, done.removed);
	op_object_fmt(&o, "put_back", "Put back", true, "%" PRId64, done.put_back);
	return op_object_emit(&o, c, "Undone");
}

const struct op op_import_undo = {
    .name = "import undo",
    .args = "[RUN]",
    .args_max = 1,
    .summary = "take back an import, all of it",
    .details = "Removes exactly the records that the import added, for good, and puts back "
	       "what it changed; fields that it made stay. Without RUN, the last import "
	       "that stands. It is refused (exit status 8) when one of the records was "
	       "changed since; the first of them are named.",
    .examples = "strongroom import undo customers.vault\n"
		"strongroom import undo customers.vault 41\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .run = run_undo,
};
