/*
 * The duplicates report.
 *
 * 1. It compares and tells who is alike, never a value.
 * 2. Being alike in a masked or sealed field tells something of it: that needs a full slot
 *    and is written to the audit first.
 * 3. Phone numbers are stored as they were written; they are alike by what is dialled.
 */
#include "store/duplicates.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "keyring/secret.h"
#include "store/audit_int.h"
#include "store/sealed.h"
#include "store/sql.h"
#include "store/unlocked.h"

#define SQL_MAX	    4096
#define DIALLED_MAX 64 /* more are no phone number */

/* fold(text): letters without case, width and form; NULL for what is empty. */
static void
fold(sqlite3_context *context, int n, sqlite3_value **values)
{
	const uint8_t *text = sqlite3_value_text(values[0]);
	int len = sqlite3_value_bytes(values[0]);
	utf8proc_uint8_t *out = NULL;
	utf8proc_ssize_t made;

	(void)n;
	if (!text || len == 0)
		return;
	made = utf8proc_map(text, len, &out,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
		UTF8PROC_IGNORE);
	if (made >= 0) {
		sqlite3_result_text(
		    context, (const char *)out, (int)made, SQLITE_TRANSIENT);
		secret_wipe(out, (size_t)made);
	} else {
		sqlite3_result_value(context, values[0]);
	}
	free(out);
}

/*
 * dialled(text): the digits of a phone number, without the + or 00 of its country, and
 * what follows an x as that; what is none of a number's characters is no number: folded.
 */
static void
dialled(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	char out[DIALLED_MAX];
	size_t at = 0;

	for (; text && *text && at < sizeof out; text++) {
		if ((*text >= '0' && *text <= '9') || ((*text | 0x20) == 'x' && at > 0))
			out[at++] = *text == 'X' ? 'x' : *text;
		else if (!strchr(" +()-./#*,;eEtT", *text))
			break;
		if (at == 2 && memcmp(out, "00", 2) == 0)
			at = 0;
	}
	if (text && !*text && at > 0)
		sqlite3_result_text(context, out, (int)at, SQLITE_TRANSIENT);
	else
		fold(context, n, values);
	secret_wipe(out, sizeof out);
}

static enum rc
check(struct vault *v, const int *fields, size_t n, bool *closed)
{
	size_t i, j, all;
	const struct field *f = field_list(v, &all);

	*closed = false;
	if (n == 0 || n > DUPLICATES_FIELDS_MAX)
		return err_set(&v->err, RC_INPUT,
		    "duplicates are found by 1 to %d fields", DUPLICATES_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		if (fields[i] < 0 || (size_t)fields[i] >= all)
			return err_set(&v->err, RC_INPUT,
			    "records are compared by their fields, and this is none");
		for (j = 0; j < i; j++)
			if (fields[i] == fields[j])
				return err_set(&v->err, RC_INPUT,
				    "the field %s is named twice", f[fields[i]].name);
		*closed |= f[fields[i]].cls != CLASS_OPEN;
		if (f[fields[i]].cls == CLASS_SEALED &&
		    !sealed_has_blind(f[fields[i]].type))
			return err_set(&v->err, RC_INPUT,
			    "%s is sealed, and values of its type can't be compared",
			    f[fields[i]].name);
	}
	return RC_OK;
}

/* One event a field, durable before anything is compared. */
static enum rc
announce(struct vault *v, const int *fields, size_t n)
{
	struct audit_entry e = {
	    .event = AUDIT_SEARCHED_SEALED, .count = -1, .reason = "duplicates"};
	size_t i, all;
	const struct field *f = field_list(v, &all);
	enum rc rc = keyring_need_full(
	    unlocked_keyring(v->unlocked), "compare masked values", &v->err);

	if (rc == RC_OK)
		rc = vault_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = field_same(v, f, all);
	for (i = 0; rc == RC_OK && i < n; i++) {
		if (f[fields[i]].cls == CLASS_OPEN)
			continue;
		e.field = f[fields[i]].name;
		rc = audit_append_at(v, &e, vault_now());
	}
	return vault_leave(v, true, rc);
}

static void
put_key(struct sql_text *t, const struct field *f)
{
	if (f->cls == CLASS_SEALED)
		sql_add(t,
		    "(SELECT blind FROM sealed WHERE record_id = r.id AND field_id = %d)",
		    f->id);
	else
		sql_add(t, "strongroom_%s(r.f_%d)",
		    f->type == TYPE_PHONE ? "dialled" : "fold", f->id);
}

static const char *
build(struct vault *v, struct sql_text *t, const int *fields, size_t n)
{
	size_t i, all;
	const struct field *f = field_list(v, &all);

	sql_add(t, "SELECT group_concat(id) FROM (SELECT r.id AS id");
	for (i = 0; i < n; i++) {
		sql_add(t, ", ");
		put_key(t, &f[fields[i]]);
		sql_add(t, " AS k%d", (int)i);
	}
	sql_add(t, " FROM record r WHERE r.deleted_at IS NULL) WHERE");
	for (i = 0; i < n; i++)
		sql_add(t, "%s k%d IS NOT NULL", i ? " AND" : "", (int)i);
	sql_add(t, " GROUP BY");
	for (i = 0; i < n; i++)
		sql_add(t, "%s k%d", i ? "," : "", (int)i);
	sql_add(t, " HAVING count(*) > 1 ORDER BY min(id) LIMIT ?1");
	return sql_end(t);
}

static int
by_number(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* "1,5,7", in any order, to numbers in order. */
static enum rc
give(const char *text, duplicates_fn *each, void *arg, bool *more)
{
	size_t n = 1, i;
	const char *p;
	int64_t *ids;
	char *end;

	for (p = text; *p; p++)
		n += *p == ',';
	ids = calloc(n, sizeof *ids);
	if (!ids)
		return RC_NOMEM;
	for (i = 0, p = text; i < n; i++, p = end + (*end == ','))
		ids[i] = strtoll(p, &end, 10);
	qsort(ids, n, sizeof *ids, by_number);
	*more = each(arg, ids, n);
	free(ids);
	return RC_OK;
}

static enum rc
walk(struct vault *v, const char *sql, int limit, duplicates_fn *each, void *arg)
{
	sqlite3_stmt *st;
	bool more = true;
	enum rc rc = sql_prepare(v, sql, &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", limit > 0 ? (int64_t)limit : -1);
	while (rc == RC_OK && more && (rc = sql_step(v, st)) == RC_OK)
		rc = err_default(&v->err,
		    give((const char *)sqlite3_column_text(st, 0), each, arg, &more));
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
add_functions(struct vault *v)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	int code = sqlite3_create_function(
	    v->db, "strongroom_fold", 1, flags, NULL, fold, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_create_function(
		    v->db, "strongroom_dialled", 1, flags, NULL, dialled, NULL, NULL);
	return code == SQLITE_OK ? RC_OK : sql_code(v, code, "duplicates can't be found");
}

enum rc
duplicates_find(struct vault *v, const int *fields, size_t n, int limit,
    duplicates_fn *each, void *arg)
{
	size_t field_n;
	const struct field *all = field_list(v, &field_n);
	char sql[SQL_MAX];
	struct sql_text t;
	bool closed;
	enum rc rc;

	vault_err_start(v);
	rc = check(v, fields, n, &closed);
	if (rc == RC_OK && closed)
		rc = announce(v, fields, n);
	if (rc != RC_OK)
		return rc;
	rc = add_functions(v);
	if (rc == RC_OK)
		rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	sql_text_init(&t, sql, sizeof sql);
	rc = field_same(v, all, field_n);
	if (rc == RC_OK)
		rc = walk(v, build(v, &t, fields, n), limit, each, arg);
	vault_read_end(v);
	return rc;
}
