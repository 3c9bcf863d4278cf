/*
 * Every cell of every table, and whether it can be what it is declared as.
 *
 *     tables -> columns as declared -> each row: kind, NULL, sign, UTF-8
 *            -> rules that concern more than one cell
 *
 * SQLite keeps anything in any column; who can open the pages can write anything there.
 *
 * 1. What a column holds stands in the tables' definitions alone, and is read from there:
 *    shape_check has seen that they are those of strongroom.
 * 2. No number in a vault is below zero, but for what the chain of the audit guards anyhow.
 * 3. A row is named by the numbers of its key; nothing of a value is in what is told.
 */
#include "store/verify_cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/schema.h"
#include "store/sql.h"
#include "store/text.h"
#include "store/typed.h"

#define ROWS_PER_LOOK 4096
#define COLUMNS_MAX   (FIELD_MAX + 64)
#define NAME_MAX_LEN  63

struct column {
	char name[NAME_MAX_LEN + 1];
	uint8_t kind; /* as SQLite calls it; what is declared as anything is bytes */
	bool needed, key;
};

struct scan {
	struct vault *v;
	struct cells_verdict *out;
	bool (*stop)(void *arg);
	void *arg;
	const char *table;
	bool any_sign;
	struct column *columns;
	int n;
};

/* What no declaration says: a row that fits the condition is wrong. */
static const struct rule {
	const char *what, *sql;
} rules[] = {
	{ "table record: a uuid has not 16 bytes, or a version or id is 0",
	    "SELECT 1 FROM record WHERE length(uuid) <> 16 OR version < 1 OR id < 1 LIMIT 1" },
	{ "table sqlite_sequence: a number given last is none, or out of range",
	    "SELECT 1 FROM sqlite_sequence WHERE typeof(seq) <> 'integer'"
	    " OR seq NOT BETWEEN 0 AND 1 << 53 OR name NOT IN ('record', 'step')" },
	{ "table field: a flag is neither 0 nor 1",
	    "SELECT 1 FROM field WHERE required NOT IN (0, 1) OR searchable NOT IN (0, 1)" },
	{ "table sealed: a value has no record or no sealed field",
	    "SELECT 1 FROM sealed WHERE record_id NOT IN (SELECT id FROM record)"
	    " OR field_id NOT IN (SELECT id FROM field WHERE class = 'sealed') LIMIT 1" },
	{ "table tag: a tag has no record",
	    "SELECT 1 FROM tag WHERE record_id NOT IN (SELECT id FROM record) LIMIT 1" },
	{ "table history: a version has no record or no step",
	    "SELECT 1 FROM history WHERE record_id NOT IN (SELECT id FROM record)"
	    " OR step NOT IN (SELECT id FROM step) LIMIT 1" },
	{ "table audit: a code has not 32 bytes",
	    "SELECT 1 FROM audit WHERE length(mac) <> 32 LIMIT 1" },
};

static bool
is_text(const unsigned char *s, size_t n)
{
	unsigned char high = 0, zero = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		high |= s[i];
		zero |= s[i] == 0;
	}
	return !zero && (high < 0x80 || text_is_utf8((const char *)s, n));
}

static bool
in_range(const struct scan *s, int64_t n)
{
	return typed_number_ok(n) && (s->any_sign || n >= 0);
}

/* What is wrong with cell ${i}; NULL: nothing. */
static const char *
wrong(const struct scan *s, sqlite3_stmt *st, int i)
{
	const struct column *c = &s->columns[i];
	sqlite3_value *cell = sqlite3_column_value(st, i);
	const unsigned char *text;

	switch (sqlite3_value_type(cell)) {
	case SQLITE_NULL:
		return c->needed ? "nothing is there" : NULL;
	case SQLITE_INTEGER:
		if (c->kind != SQLITE_INTEGER)
			break;
		return in_range(s, sqlite3_value_int64(cell)) ? NULL : "it is out of range";
	case SQLITE_TEXT:
		if (c->kind != SQLITE_TEXT)
			break;
		text = sqlite3_value_text(cell);
		return text && is_text(text, (size_t)sqlite3_value_bytes(cell))
		    ? NULL : "it is no UTF-8 text";
	case SQLITE_BLOB:
		if (c->kind != SQLITE_INTEGER && c->kind != SQLITE_TEXT)
			return NULL;
	}
	return c->kind == SQLITE_INTEGER ? "it is no whole number"
	    : c->kind == SQLITE_TEXT     ? "it is no text"
	                                 : "it is no bytes";
}

/* "table history, record_id 5, version 2, column at: it is no whole number" */
static void
tell(struct scan *s, sqlite3_stmt *st, int i, const char *what)
{
	char *at = s->out->first;
	const size_t cap = sizeof s->out->first;
	size_t len;
	int k;

	if (s->out->bad++)
		return;
	len = (size_t)snprintf(at, cap, "table %.30s", s->table);
	for (k = 0; k < s->n; k++)
		if (s->columns[k].key && sqlite3_column_type(st, k) == SQLITE_INTEGER && len < 100)
			len += (size_t)snprintf(at + len, cap - len, ", %.20s %lld",
			    s->columns[k].name, (long long)sqlite3_column_int64(st, k));
	snprintf(at + len, cap - len, ", column %.40s: %s", s->columns[i].name, what);
}

/* Not sql_step, which ends at the first cell that is not as declared. */
static enum rc
step(struct scan *s, sqlite3_stmt *st)
{
	return sql_code(s->v, sqlite3_step(st), "the vault can't be read");
}

static enum rc
scan_rows(struct scan *s, sqlite3_stmt *st)
{
	const char *what;
	unsigned rows = 0;
	enum rc rc;
	int i;

	while ((rc = step(s, st)) == RC_OK) {
		for (i = 0; i < s->n; i++)
			if ((what = wrong(s, st, i)) != NULL)
				tell(s, st, i, what);
		if (++rows % ROWS_PER_LOOK == 0 && s->stop(s->arg))
			return err_set(&s->v->err, RC_CANCELLED, "cancelled");
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
read_columns(struct scan *s)
{
	sqlite3_stmt *st;
	struct column *c;
	enum rc rc = sql_prepare(s->v, "SELECT name, type, \"notnull\", pk"
	    " FROM pragma_table_info(?1) ORDER BY cid", &st);

	if (rc == RC_OK)
		rc = sql_bind(s->v, st, "z", s->table);
	for (s->n = 0; rc == RC_OK && (rc = sql_step(s->v, st)) == RC_OK; s->n++) {
		if (s->n == COLUMNS_MAX)
			break;
		c = &s->columns[s->n];
		snprintf(c->name, sizeof c->name, "%s", (const char *)sqlite3_column_text(st, 0));
		c->kind = typed_declared((const char *)sqlite3_column_text(st, 1));
		c->needed = sqlite3_column_int(st, 2) != 0;
		c->key = sqlite3_column_int(st, 3) != 0;
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
scan_table(struct scan *s)
{
	char sql[128];
	sqlite3_stmt *st = NULL;
	enum rc rc = read_columns(s);

	s->any_sign = strcmp(s->table, "audit") == 0;
	snprintf(sql, sizeof sql, "SELECT * FROM \"%.60s\"", s->table);
	if (rc == RC_OK)
		rc = sql_prepare(s->v, sql, &st);
	if (rc == RC_OK)
		rc = scan_rows(s, st);
	sqlite3_finalize(st);
	return rc;
}

/* Those of SQLite and of the full text index are what integrity_check is for. */
static enum rc
scan_tables(struct scan *s)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(s->v, "SELECT name FROM pragma_table_list WHERE schema = 'main'"
	    " AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name", &st);

	while (rc == RC_OK && (rc = sql_step(s->v, st)) == RC_OK) {
		s->table = (const char *)sqlite3_column_text(st, 0);
		rc = scan_table(s);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
check_rules(struct scan *s)
{
	int64_t found;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < sizeof rules / sizeof *rules; i++) {
		rc = sql_int(s->v, rules[i].sql, &found);
		if (rc == RC_OK && s->out->bad++ == 0)
			snprintf(s->out->first, sizeof s->out->first, "%s", rules[i].what);
		if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	return rc;
}

enum rc
verify_cells(struct vault *v, bool (*stop)(void *arg), void *arg, struct cells_verdict *out)
{
	struct scan s = { .v = v, .out = out, .stop = stop, .arg = arg };
	enum rc rc;

	memset(out, 0, sizeof *out);
	s.columns = calloc(COLUMNS_MAX, sizeof *s.columns);
	if (!s.columns)
		return err_default(&v->err, RC_NOMEM);
	rc = scan_tables(&s);
	if (rc == RC_OK)
		rc = check_rules(&s);
	free(s.columns);
	return rc;
}
