/*
 * What is kept of an import, so that it can be told and undone: a row in import_run, and a
 * step for each transaction with the ids of what it added and the history of what it changed.
 *
 * 1. A transaction adds its records under ids that follow each other: nobody else writes
 *    meanwhile, and an id is never given twice.
 * 2. import_run says what was committed, after each batch.
 */
#include <stdio.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/import_int.h"
#include "store/text.h"
#include "store/vault_int.h"

#define SHOWN_MAX 255 /* bytes of a path */

enum rc
import_run_begin(struct import *im)
{
	struct vault *v = im->v;
	enum rc rc = RC_OK;

	im->first_id = im->last_id = 0;
	im->rows_done = im->report->rows;
	im->added_done = im->report->count[IMPORT_NEW];
	im->updated_done = im->report->count[IMPORT_UPDATED];
	changer_free(im->changer);
	im->changer = NULL;
	if (!im->run) {
		rc = sql_run(v,
		    "INSERT INTO import_run(at, actor, name, reason) VALUES(?1, ?2, ?3, ?4)",
		    "izzz", vault_now(), vault_actor(), im->opts->name, im->opts->reason);
		if (rc == RC_OK)
			rc = sql_new_id(v, &im->run);
	}
	return rc == RC_OK ? changer_new(v, "import", &im->changer) : rc;
}

static enum rc
settle_step(struct import *im)
{
	return sql_run(im->v,
	    "UPDATE step SET import_run = ?2, first_id = nullif(?3, 0),"
	    " last_id = nullif(?4, 0) WHERE id = ?1",
	    "iiii", change_step(im->v), im->run, im->first_id, im->last_id);
}

static enum rc
settle_run(struct import *im)
{
	const struct import_report *r = im->report;

	return sql_run(im->v,
	    "UPDATE import_run SET rows = ?2, added = ?3, updated = ?4,"
	    " first_id = coalesce(first_id, nullif(?5, 0)),"
	    " last_id = coalesce(nullif(?6, 0), last_id) WHERE id = ?1",
	    "iiiiii", im->run, (int64_t)r->rows, (int64_t)r->count[IMPORT_NEW],
	    (int64_t)r->count[IMPORT_UPDATED], im->first_id, im->last_id);
}

/* The hash of the file, when it has been read to its end. */
static enum rc
settle_hash(struct import *im)
{
	uint8_t hash[SHA256_LEN];
	enum rc rc = import_source_hash(im->source, hash);

	if (rc != RC_OK)
		return rc;
	return sql_run(im->v, "UPDATE import_run SET sha256 = ?2 WHERE id = ?1", "ib",
	    im->run, hash, sizeof hash);
}

/* The last part of a path that is too long to go before a reason. */
static const char *
short_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash && strlen(name) > SHOWN_MAX ? slash + 1 : name;
}

static enum rc
audit_text(struct import *im, char text[AUDIT_REASON_MAX + 1])
{
	const char *reason = im->opts->reason ? im->opts->reason : "";

	return audit_reason(im->v, text, "%s%s%s%s", short_name(im->opts->name),
	    im->opts->rejects && im->opts->rejects_plaintext ? ", rejects in plaintext" : "",
	    *reason ? ": " : "", reason);
}

enum rc
import_run_check(struct import *im)
{
	const char *reason = im->opts->reason;
	char text[AUDIT_REASON_MAX + 1];

	if (reason && !text_is_utf8(reason, strlen(reason)))
		return err_set(im->err, RC_INPUT, "the reason is not UTF-8: write it again");
	return audit_text(im, text);
}

static enum rc
audit(struct import *im)
{
	const struct import_report *r = im->report;
	struct audit_entry e;
	char text[AUDIT_REASON_MAX + 1];
	enum rc rc = audit_text(im, text);

	if (rc != RC_OK)
		return rc;
	memset(&e, 0, sizeof e);
	e.event = AUDIT_IMPORTED;
	e.count = (int64_t)(r->count[IMPORT_NEW] - im->added_done +
			    r->count[IMPORT_UPDATED] - im->updated_done);
	e.reason = text;
	return audit_append(im->v, &e);
}

enum rc
import_run_end(struct import *im, bool last)
{
	enum rc rc = settle_step(im);

	if (rc == RC_OK)
		rc = settle_run(im);
	if (rc == RC_OK && last)
		rc = settle_hash(im);
	if (rc == RC_OK)
		rc = audit(im);
	if (rc == RC_OK)
		im->report->run = im->run;
	return rc;
}

const char *
import_kind_name(enum import_kind kind)
{
	static const char *const names[IMPORT_KINDS] = { "new", "same", "updated",
		"duplicate", "rejected", "invalid" };

	return kind < IMPORT_KINDS ? names[kind] : "";
}
