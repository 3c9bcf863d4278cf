/*
 * Where the values of one field lie: a column of record, or rows of table sealed.
 *
 * 1. What is taken away is overwritten (secure_delete): a column with each row's old bytes.
 * 2. The number of a field is never given again: columns and sealed values are named by it.
 */
#include <limits.h>
#include <stdio.h>

#include "keyring/bytes.h"
#include "store/convert_int.h"
#include "store/schema.h"

#define LAST_KEY "field_last" /* in meta: the highest number of a field that is gone */

void
storage_column(struct sql_text *t, const struct field *f)
{
	sql_add(t, "f_%d TEXT COLLATE %s", f->id, schema_order_of(f));
}

enum rc
storage_begin(struct vault *v, const struct field *f)
{
	char sql[96];
	struct sql_text t;

	if (f->cls == CLASS_SEALED)
		return RC_OK;
	sql_text_init(&t, sql, sizeof sql);
	sql_add(&t, "ALTER TABLE record ADD COLUMN ");
	storage_column(&t, f);
	return sql_exec(v, sql_end(&t));
}

enum rc
storage_index(struct vault *v, const struct field *f)
{
	char sql[96];

	if (!schema_has_index(f))
		return RC_OK;
	snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS record_f_%d ON record(f_%d)", f->id,
	    f->id);
	return sql_exec(v, sql);
}

enum rc
storage_end(struct vault *v, const struct field *f)
{
	char sql[128];

	if (f->cls == CLASS_SEALED)
		return sql_run(v, "DELETE FROM sealed WHERE field_id = ?1", "i", (int64_t)f->id);
	snprintf(sql, sizeof sql,
	    "DROP INDEX IF EXISTS record_f_%d; ALTER TABLE record DROP COLUMN f_%d", f->id, f->id);
	return sql_exec(v, sql);
}

void
storage_invalid(struct sql_text *t, const struct field *f)
{
	if (f->cls == CLASS_SEALED)
		sql_add(t, "ifnull((SELECT s.invalid FROM sealed s WHERE s.record_id = record.id"
			   " AND s.field_id = %d), 0)", f->id);
	else
		sql_add(t, "is_invalid(%d, f_%d)", (int)f->type, f->id);
}

static enum rc
last_id(struct vault *v, int64_t *id)
{
	uint8_t bytes[8];
	int64_t there;
	size_t len;
	enum rc rc = sql_int(v, "SELECT ifnull(max(id), 0) FROM field", &there);

	*id = 0;
	if (rc == RC_OK)
		rc = sql_meta_get(v, LAST_KEY, bytes, sizeof bytes, &len);
	if (rc == RC_OK && len == sizeof bytes)
		*id = (int64_t)be64_get(bytes);
	if (*id < there)
		*id = there;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
field_next_id(struct vault *v, int *id)
{
	int64_t last;
	enum rc rc = last_id(v, &last);

	if (rc == RC_OK && (last < 0 || last >= INT_MAX))
		rc = err_set(&v->err, RC_LIMIT, "no number is left for another field");
	*id = rc == RC_OK ? (int)last + 1 : 0;
	return rc;
}

enum rc
field_forget(struct vault *v, int id)
{
	uint8_t bytes[8];
	int64_t last;
	enum rc rc = last_id(v, &last);

	be64_put(bytes, (uint64_t)last);
	if (rc == RC_OK)
		rc = sql_meta_put(v, LAST_KEY, bytes, sizeof bytes);
	if (rc == RC_OK)
		rc = sql_run(v, "DELETE FROM field WHERE id = ?1", "i", (int64_t)id);
	return rc;
}
