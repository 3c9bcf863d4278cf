/* Keep-until dates and what is due. */
#include "store/keep.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/audit_int.h"
#include "store/change.h"
#include "store/type.h"

bool
keep_parse(const char *text, size_t len, int64_t *out)
{
	struct tm tm = { .tm_isdst = 0 };
	char day[64];

	*out = 0;
	if (len == 5 && strncasecmp(text, "never", 5) == 0)
		return true;
	if (len > 16 || !type_normalise(TYPE_DATE, text, len, day, sizeof day, NULL) ||
	    !strptime(day, "%Y-%m-%d", &tm))
		return false;
	*out = (int64_t)timegm(&tm) * 1000000;
	return *out > 0;
}

static enum rc
set(struct vault *v, struct record_facts *facts, int64_t until)
{
	const struct record_change ch = { .keep = true, .keep_until = until };
	bool changed = false;
	enum rc rc = change_one(v, "keep", facts, &ch, &changed);

	if (rc != RC_OK || !changed)
		return rc;
	return audit_record(v, AUDIT_KEEP_SET, facts->uuid, NULL, -1, NULL);
}

enum rc
keep_set(struct vault *v, int64_t id, int64_t until)
{
	struct record_facts facts;
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = record_facts(v, id, &facts);
	if (rc == RC_OK)
		rc = set(v, &facts, until);
	return vault_leave(v, own, rc);
}

enum rc
keep_due(struct vault *v, int64_t until, keep_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = sql_prepare(v,
	    "SELECT id, keep_until, deleted_at IS NOT NULL FROM record"
	    " WHERE keep_until IS NOT NULL AND keep_until <= ?1 ORDER BY keep_until, id", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", until);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		if (!each(arg, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
			sqlite3_column_int(st, 2) != 0))
			break;
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
