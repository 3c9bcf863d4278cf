/* The list of imports. */
#include "store/import_runs.h"

#include <stdio.h>
#include <string.h>

#include "store/sql.h"
#include "store/vault_int.h"

static void
copy(char out[IMPORT_RUN_TEXT], sqlite3_stmt *st, int column)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	snprintf(out, IMPORT_RUN_TEXT, "%s", text ? text : "");
}

static void
read_run(sqlite3_stmt *st, struct import_run *r)
{
	const unsigned char *hash = sqlite3_column_blob(st, 8);
	int i, n = sqlite3_column_bytes(st, 8);

	memset(r, 0, sizeof *r);
	r->id = sqlite3_column_int64(st, 0);
	r->at = sqlite3_column_int64(st, 1);
	copy(r->actor, st, 2);
	copy(r->name, st, 3);
	r->rows = sqlite3_column_int64(st, 4);
	r->added = sqlite3_column_int64(st, 5);
	r->updated = sqlite3_column_int64(st, 6);
	r->undone_at = sqlite3_column_int64(st, 7);
	for (i = 0; i < n && n == 32; i++)
		snprintf(r->sha256 + 2 * i, 3, "%02x", hash[i]);
	copy(r->reason, st, 9);
}

enum rc
import_runs(struct vault *v, import_runs_fn *each, void *arg)
{
	struct import_run run;
	sqlite3_stmt *st = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = sql_prepare(v,
	    "SELECT id, at, actor, name, rows, added, updated, undone_at, sha256, reason"
	    " FROM import_run ORDER BY id DESC", &st);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		read_run(st, &run);
		if (!each(arg, &run))
			break;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
