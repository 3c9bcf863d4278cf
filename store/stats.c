/*
 * Statistics.
 *
 * 1. A value of a masked or sealed field is never read here: COUNT says whether there is one.
 * 2. All of a report is of one snapshot.
 * 3. SQLite asks for progress every so many steps: one long statement can be stopped too.
 */
#include "store/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/keyring.h"
#include "store/audit.h"
#include "store/progress.h"
#include "store/sql.h"
#include "store/unlocked.h"

#define SQL_MAX	   (32 * 1024) /* FIELD_MAX columns fit */
#define STEPS	   10000       /* of SQLite's machine between two looks */
#define MONTHS_MAX 12000

struct watch {
	const struct progress *progress;
	struct progress_clock clock;
};

static int
look(void *arg)
{
	struct watch *w = arg;

	return w->progress && progress_tick(&w->clock, w->progress, 0, 0);
}

static enum rc
begin(struct vault *v, struct watch *w)
{
	vault_err_start(v);
	sqlite3_progress_handler(v->db, STEPS, look, w);
	return vault_read_begin(v);
}

static enum rc
end(struct vault *v, enum rc rc)
{
	vault_read_end(v);
	sqlite3_progress_handler(v->db, 0, NULL, NULL);
	return err_default(&v->err, rc);
}

/* Months are counted from the year 0. */
static enum rc
add_month(struct stats *out, int number)
{
	struct stats_month *more =
	    realloc(out->months, (out->month_n + 1) * sizeof *more);
	const int64_t before = more && out->month_n ? more[out->month_n - 1].all : 0;

	if (!more)
		return RC_NOMEM;
	out->months = more;
	more[out->month_n++] =
	    (struct stats_month){number / 12, number % 12 + 1, 0, before};
	return RC_OK;
}

/* They come in order; those between that have no record are made too. */
static enum rc
put_month(struct stats *out, int number, int64_t added)
{
	int at = number;
	enum rc rc = RC_OK;

	if (out->month_n > 0)
		at = out->months[out->month_n - 1].year * 12 +
		     out->months[out->month_n - 1].month;
	/* A clock that was mad once makes no table of a million months. */
	if (number - at > MONTHS_MAX)
		at = number;
	for (; rc == RC_OK && at <= number; at++)
		rc = add_month(out, at);
	if (rc == RC_OK) {
		out->months[out->month_n - 1].added = added;
		out->months[out->month_n - 1].all += added;
	}
	return rc;
}

static enum rc
read_months(struct vault *v, struct stats *out)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v,
	    "SELECT strftime('%Y', m), strftime('%m', m), n FROM"
	    " (SELECT date(created_at / 1000000, 'unixepoch', 'localtime', 'start of "
	    "month') AS m,"
	    "  count(*) AS n FROM record WHERE deleted_at IS NULL GROUP BY m)"
	    " WHERE m IS NOT NULL ORDER BY m",
	    &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = put_month(out,
		    sqlite3_column_int(st, 0) * 12 + sqlite3_column_int(st, 1) - 1,
		    sqlite3_column_int64(st, 2));
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* One row: how many records have each of the fields that are columns. */
static const char *
fill_text(struct sql_text *t, const struct field *f, size_t n)
{
	size_t i;

	sql_add(t, "SELECT count(*)");
	for (i = 0; i < n; i++)
		if (f[i].cls != CLASS_SEALED)
			sql_add(t, ", count(f_%d)", f[i].id);
	sql_add(t, " FROM record WHERE deleted_at IS NULL");
	return sql_end(t);
}

static enum rc
read_columns(struct vault *v, const struct field *f, struct stats *out)
{
	char *buf = malloc(SQL_MAX);
	sqlite3_stmt *st = NULL;
	struct sql_text t;
	int column = 0;
	enum rc rc;
	size_t i;

	if (!buf)
		return RC_NOMEM;
	sql_text_init(&t, buf, SQL_MAX);
	rc = sql_prepare(v, fill_text(&t, f, out->fill_n), &st);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		out->records = sqlite3_column_int64(st, 0);
	for (i = 0; rc == RC_OK && i < out->fill_n; i++)
		if (f[i].cls != CLASS_SEALED)
			out->fills[i].filled = sqlite3_column_int64(st, ++column);
	sqlite3_finalize(st);
	free(buf);
	return rc;
}

#define SEALED_LEFT                                                                      \
	" FROM sealed WHERE record_id NOT IN"                                            \
	" (SELECT id FROM record WHERE deleted_at IS NOT NULL)"

static enum rc
read_sealed(struct vault *v, const struct field *f, struct stats *out)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(
	    v, "SELECT field_id, count(*)" SEALED_LEFT " GROUP BY field_id", &st);
	size_t i;

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		for (i = 0; i < out->fill_n; i++)
			if (f[i].id == sqlite3_column_int(st, 0))
				out->fills[i].filled = sqlite3_column_int64(st, 1);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
read_fills(struct vault *v, struct stats *out)
{
	const struct field *f;
	enum rc rc;
	size_t i;

	f = field_list(v, &out->fill_n);
	out->fills = calloc(out->fill_n + 1, sizeof *out->fills);
	if (!out->fills) {
		out->fill_n = 0;
		return RC_NOMEM;
	}
	for (i = 0; i < out->fill_n; i++)
		out->fills[i].index = (int)i;
	rc = read_columns(v, f, out);
	return rc == RC_OK ? read_sealed(v, f, out) : rc;
}

static enum rc
put_key(struct stats *out, sqlite3_stmt *st, const struct slot_info *slots)
{
	struct stats_key *more = realloc(out->keys, (out->key_n + 1) * sizeof *more), *k;
	const char *actor = (const char *)sqlite3_column_text(st, 1);

	if (!more)
		return RC_NOMEM;
	out->keys = more;
	k = &more[out->key_n++];
	memset(k, 0, sizeof *k);
	k->slot = sqlite3_column_int(st, 0);
	if (k->slot >= 0 && k->slot < HEADER_SLOTS)
		snprintf(k->label, sizeof k->label, "%s", slots[k->slot].label);
	snprintf(k->actor, sizeof k->actor, "%s", actor ? actor : "");
	k->times = sqlite3_column_int64(st, 2);
	k->last = sqlite3_column_int64(st, 3);
	return RC_OK;
}

static enum rc
read_keys(struct vault *v, struct stats *out)
{
	struct slot_info slots[HEADER_SLOTS];
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(v,
	    "SELECT slot, actor, count(*), max(at) AS last FROM audit WHERE event = ?1"
	    " GROUP BY slot, actor ORDER BY last DESC",
	    &st);

	keyring_slots(unlocked_keyring(v->unlocked), slots);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", (int64_t)AUDIT_UNLOCKED);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = put_key(out, st, slots);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
stats_read(struct vault *v, const struct progress *progress, struct stats *out)
{
	struct watch w = {.progress = progress};
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = begin(v, &w);
	if (rc == RC_OK)
		rc = read_fills(v, out);
	if (rc == RC_OK)
		rc =
		    sql_int(v, "SELECT count(*) FROM record WHERE deleted_at IS NOT NULL",
			&out->trashed);
	if (rc == RC_OK)
		rc = read_months(v, out);
	if (rc == RC_OK)
		rc = read_keys(v, out);
	rc = end(v, rc);
	if (rc != RC_OK)
		stats_free(out);
	return rc;
}

void
stats_free(struct stats *out)
{
	free(out->months);
	free(out->fills);
	free(out->keys);
	memset(out, 0, sizeof *out);
}

/* What a record is counted under. Dates that are none stand for themselves. */
static void
key_text(const struct field *f, char *out, size_t cap)
{
	if (f->type == TYPE_DATE)
		snprintf(out, cap,
		    "CASE WHEN f_%d GLOB '[0-9][0-9][0-9][0-9]-*' THEN substr(f_%d, 1, 4)"
		    " ELSE f_%d END",
		    f->id, f->id, f->id);
	else
		snprintf(out, cap, "f_%d", f->id);
}

static enum rc
count_filled(struct vault *v, const struct field *f, struct stats_field *out)
{
	char sql[256];
	int64_t all;
	enum rc rc;

	if (f->cls == CLASS_SEALED)
		snprintf(sql, sizeof sql,
		    "SELECT count(*)" SEALED_LEFT " AND field_id = %d", f->id);
	else
		snprintf(sql, sizeof sql,
		    "SELECT count(f_%d) FROM record WHERE deleted_at IS NULL", f->id);
	rc = sql_int(v, sql, &out->filled);
	if (rc == RC_OK)
		rc = sql_int(
		    v, "SELECT count(*) FROM record WHERE deleted_at IS NULL", &all);
	if (rc == RC_OK)
		out->empty = all - out->filled;
	return rc;
}

static enum rc
take_values(struct vault *v, sqlite3_stmt *st, int most, struct stats_field *out)
{
	enum rc rc = RC_OK;

	while ((int)out->n < most && (rc = sql_step(v, st)) == RC_OK) {
		struct stats_value *value = &out->values[out->n];
		const char *text = (const char *)sqlite3_column_text(st, 0);

		value->text = strdup(text ? text : "");
		if (!value->text)
			return RC_NOMEM;
		value->n = sqlite3_column_int64(st, 1);
		out->different = sqlite3_column_int64(st, 2);
		out->n++;
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
count_values(struct vault *v, const struct field *f, int most, struct stats_field *out)
{
	char key[200], sql[700];
	sqlite3_stmt *st;
	enum rc rc;

	out->counted = true;
	out->years = f->type == TYPE_DATE;
	out->values = calloc((size_t)most + 1, sizeof *out->values);
	if (!out->values)
		return RC_NOMEM;
	key_text(f, key, sizeof key);
	snprintf(sql, sizeof sql,
	    "SELECT k, n, count(*) OVER () FROM (SELECT %s AS k, count(*) AS n FROM "
	    "record"
	    " WHERE deleted_at IS NULL AND f_%d IS NOT NULL GROUP BY k)"
	    " ORDER BY n DESC, k LIMIT %d",
	    key, f->id, most);
	rc = sql_prepare(v, sql, &st);
	if (rc == RC_OK)
		rc = take_values(v, st, most, out);
	sqlite3_finalize(st);
	return rc;
}

static enum rc
count_field(struct vault *v, int index, int most, struct stats_field *out)
{
	const struct field *f;
	size_t n;
	enum rc rc;

	f = field_list(v, &n);
	if (index < 0 || (size_t)index >= n || most < 1)
		return err_set(&v->err, RC_INPUT, "there is no such field");
	f += index;
	rc = count_filled(v, f, out);
	if (rc == RC_OK && f->cls == CLASS_OPEN)
		rc = count_values(v, f, most, out);
	return rc;
}

enum rc
stats_of_field(struct vault *v, int index, int most, const struct progress *progress,
    struct stats_field *out)
{
	struct watch w = {.progress = progress};
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = begin(v, &w);
	if (rc == RC_OK)
		rc = count_field(v, index, most, out);
	rc = end(v, rc);
	if (rc != RC_OK)
		stats_field_free(out);
	return rc;
}

void
stats_field_free(struct stats_field *out)
{
	size_t i;

	for (i = 0; i < out->n; i++) {
		secret_wipe(out->values[i].text, strlen(out->values[i].text));
		free(out->values[i].text);
	}
	free(out->values);
	memset(out, 0, sizeof *out);
}
