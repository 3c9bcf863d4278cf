/*
 * Whether the tables of a vault are those that strongroom makes.
 *
 *     fields of the vault -> the tables for them, in memory -> both schemas side by side
 *
 * Who can open the pages can write any schema: a trigger that changes what is stored, a view
 * in the place of a table, a column that makes values of its own.
 *
 * 1. What is right stands nowhere twice: the one to compare with is made by the functions
 *    that make a vault.
 * 2. Both sides are read in one snapshot: what another process changes meanwhile is either
 *    there with all of it or not at all.
 * 3. Columns of record come and go, so its definition is compared as a set.
 */
#include "store/shape.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/collate.h"
#include "store/convert_int.h"
#include "store/fulltext.h"
#include "store/schema.h"

#define SQL_MAX (64 * 1024) /* FIELD_MAX columns fit */

#define BY_NAME "SELECT type, name, sql FROM sqlite_schema" \
		" WHERE sql IS NOT NULL OR type <> 'index' ORDER BY type, name"

struct shape {
	struct vault *v;
	struct vault made; /* in memory: what it should be like */
	int version;
	bool all;
	struct field *fields; /* those that are shown, then those in the making */
	int *replaces;        /* of each: the id of the field whose place it takes; 0: none */
	size_t n, shown;
	char *what;
};

static enum rc
differs(struct shape *s, const char *type, const char *name, const char *how)
{
	snprintf(s->what, SHAPE_WHAT, "%.20s %.80s %s", type, name, how);
	return err_set(&s->v->err, RC_TAMPER,
	    "%s: its tables are not those that strongroom makes: %s; somebody who can open its "
	    "pages altered them: keep a copy of it and restore a backup", s->v->path, s->what);
}

enum { ID, NAME, TYPE, CLASS, SEARCHABLE, REPLACES };

static enum rc
take_field(struct shape *s, sqlite3_stmt *st)
{
	const char *type = (const char *)sqlite3_column_text(st, TYPE);
	const char *cls = (const char *)sqlite3_column_text(st, CLASS);
	const char *name = (const char *)sqlite3_column_text(st, NAME);
	const int64_t id = sqlite3_column_int64(st, ID);
	struct field f = { .searchable = sqlite3_column_int(st, SEARCHABLE) != 0 };

	if (s->n == FIELD_MAX)
		return differs(s, "table", "field", "has too many rows");
	if (id < 1 || id > INT_MAX || !name || !type || !cls)
		return differs(s, "table", "field", "has a row that is no field");
	if (!type_parse(type, &f.type) || !class_parse(cls, &f.cls))
		return err_set(&s->v->err, RC_VERSION, "%s: a field has a type that this program "
		    "does not know: use a newer strongroom", s->v->path);
	f.id = (int)id;
	snprintf(f.name, sizeof f.name, "%s", name);
	s->replaces[s->n] = sqlite3_column_int(st, REPLACES);
	s->fields[s->n++] = f;
	s->shown += s->replaces[s->n - 1] == 0;
	return RC_OK;
}

/* In the order that the full text index has them in. */
static enum rc
read_fields(struct shape *s)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(s->v, s->version == 1
	    ? "SELECT id, name, type, class, searchable, 0 FROM field ORDER BY position, id"
	    : "SELECT id, name, type, class, searchable, ifnull(replaces, 0) FROM field"
	      " ORDER BY replaces IS NOT NULL, position, id", &st);

	if (rc == RC_INTERNAL) { /* it lacks a column */
		*s->v->err.text = '\0';
		return differs(s, "table", "field", "has other columns");
	}
	while (rc == RC_OK && (rc = sql_step(s->v, st)) == RC_OK)
		rc = take_field(s, st);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/*
 * All columns of the fields at once: an ALTER TABLE for each reads the whole schema again,
 * and this one is never to hold a row.
 */
static enum rc
make_columns(struct shape *s)
{
	char *sql = malloc(SQL_MAX);
	struct sql_text t;
	enum rc rc;
	size_t i;

	if (!sql)
		return err_default(&s->v->err, RC_NOMEM);
	sql_text_init(&t, sql, SQL_MAX);
	sql_add(&t, "PRAGMA writable_schema = ON; UPDATE sqlite_schema"
		    " SET sql = substr(sql, 1, length(sql) - 1) || '");
	for (i = 0; i < s->n; i++) {
		if (s->fields[i].cls == CLASS_SEALED)
			continue;
		sql_add(&t, ", ");
		storage_column(&t, &s->fields[i]);
	}
	sql_add(&t, ")' WHERE name = 'record'; PRAGMA writable_schema = RESET");
	rc = sql_exec(&s->made, sql_end(&t));
	free(sql);
	return rc;
}

/* What watches over the field that ${i}, which is in the making, replaces. */
static enum rc
make_watch(struct shape *s, size_t i)
{
	size_t k;

	for (k = 0; k < s->shown; k++)
		if (s->fields[k].id == s->replaces[i])
			return convert_watch(&s->made, &s->fields[k], &s->fields[i]);
	return RC_OK;
}

static enum rc
make_all(struct shape *s)
{
	enum rc rc = schema_create_bare(&s->made, s->version);
	size_t i;

	if (rc == RC_OK)
		rc = make_columns(s);
	for (i = 0; rc == RC_OK && i < s->n; i++)
		rc = i < s->shown ? storage_index(&s->made, &s->fields[i]) : make_watch(s, i);
	return rc == RC_OK ? fulltext_create(&s->made, s->fields, s->shown) : rc;
}

static enum rc
make(struct shape *s)
{
	int code = sqlite3_open_v2(":memory:", &s->made.db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	enum rc rc;

	s->made.path = s->v->path;
	if (code == SQLITE_OK)
		code = collate_register(s->made.db);
	rc = sql_code(&s->made, code, "tables to compare with can't be made");
	if (rc == RC_OK)
		rc = make_all(s);
	if (rc == RC_INTERNAL) /* two fields of one name or number, none to be searched */
		return differs(s, "table", "field", "has rows that contradict each other");
	return rc == RC_OK ? rc : err_set(&s->v->err, rc, "%s", s->made.err.text);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The parts of a table's definition in order, one a line. NULL without memory. */
static char *
sorted(const char *text)
{
	const size_t len = strlen(text);
	char *copy = strdup(text), *out = malloc(len + 2), *at = out, *part, *rest;
	const char **parts = calloc(len + 1, sizeof *parts);
	size_t n = 0, i;

	if (copy && out && parts) {
		if (len && copy[len - 1] == ')')
			copy[len - 1] = '\0';
		for (part = strtok_r(copy, ",(", &rest); part; part = strtok_r(NULL, ",", &rest))
			parts[n++] = part + (*part == ' ');
		qsort(parts, n, sizeof *parts, by_text);
		for (i = 0; i < n; i++)
			at += sprintf(at, "%s%s", i ? "\n" : "", parts[i]);
		*at = '\0';
	} else {
		free(out);
		out = NULL;
	}
	free(parts);
	free(copy);
	return out;
}

/* One side of the comparison is used up when its statement is NULL. */
static enum rc
next(struct vault *v, sqlite3_stmt **st)
{
	enum rc rc = sql_step(v, *st);

	if (rc != RC_NOTFOUND)
		return rc;
	sqlite3_finalize(*st);
	*st = NULL;
	return RC_OK;
}

static enum rc
compare_record(struct shape *s, const char *is, const char *made)
{
	char *a = sorted(is), *b = sorted(made);
	enum rc rc = RC_OK;

	if (!a || !b)
		rc = err_default(&s->v->err, RC_NOMEM);
	else if (strcmp(a, b) != 0)
		rc = differs(s, "table", "record", "has other columns");
	free(a);
	free(b);
	return rc;
}

enum { KIND, CALLED, SQL };

/* An index that is foreign or missing makes nothing wrong, and a foreign table is only there. */
static bool
bears(const struct shape *s, const char *kind, bool foreign)
{
	return s->all || (strcmp(kind, "index") != 0 && !(foreign && strcmp(kind, "table") == 0));
}

/* Both sides have it. */
static enum rc
compare_one(struct shape *s, sqlite3_stmt *is, sqlite3_stmt *made)
{
	const char *kind = sql_text(is, KIND), *name = sql_text(is, CALLED);

	if (strcmp(name, "record") == 0 && strcmp(kind, "table") == 0)
		return compare_record(s, sql_text(is, SQL), sql_text(made, SQL));
	if (strcmp(sql_text(is, SQL), sql_text(made, SQL)) == 0 || !bears(s, kind, false))
		return RC_OK;
	return differs(s, kind, name, "has another definition");
}

/* Below zero: only the vault has it; above: only the other. */
static int
order(sqlite3_stmt *is, sqlite3_stmt *made)
{
	int c;

	if (!is || !made)
		return is ? -1 : 1;
	c = strcmp(sql_text(is, KIND), sql_text(made, KIND));
	return c ? c : strcmp(sql_text(is, CALLED), sql_text(made, CALLED));
}

/* The next of each side, or of the one that is behind. */
static enum rc
compare_step(struct shape *s, sqlite3_stmt **is, sqlite3_stmt **made)
{
	const int c = order(*is, *made);
	sqlite3_stmt *one = c > 0 ? *made : *is;
	const char *kind = sql_text(one, KIND);
	enum rc rc = RC_OK;

	if (c == 0)
		rc = compare_one(s, *is, *made);
	else if (bears(s, kind, c < 0))
		rc = differs(s, kind, sql_text(one, CALLED),
		    c < 0 ? "is none of them" : "is missing");
	if (rc == RC_OK && c <= 0)
		rc = next(s->v, is);
	if (rc == RC_OK && c >= 0)
		rc = next(&s->made, made);
	return rc;
}

static enum rc
compare(struct shape *s)
{
	sqlite3_stmt *is, *made = NULL;
	enum rc rc = sql_prepare(s->v, BY_NAME, &is);

	if (rc == RC_OK)
		rc = sql_prepare(&s->made, BY_NAME, &made);
	if (rc == RC_OK)
		rc = next(s->v, &is);
	if (rc == RC_OK)
		rc = next(&s->made, &made);
	while (rc == RC_OK && (is || made))
		rc = compare_step(s, &is, &made);
	sqlite3_finalize(is);
	sqlite3_finalize(made);
	return rc;
}

static enum rc
look(struct shape *s)
{
	int64_t version;
	enum rc rc = sql_int(s->v, "PRAGMA user_version", &version);

	s->version = (int)version;
	if (rc == RC_OK)
		rc = read_fields(s);
	if (rc == RC_OK)
		rc = make(s);
	return rc == RC_OK ? compare(s) : rc;
}

enum rc
shape_check(struct vault *v, bool all, char what[SHAPE_WHAT])
{
	struct shape s = { .v = v, .all = all, .what = what };
	const bool own = sqlite3_get_autocommit(v->db);
	enum rc rc = own ? sql_exec(v, "BEGIN") : RC_OK;

	*what = '\0';
	if (rc != RC_OK)
		return rc;
	s.fields = calloc(FIELD_MAX, sizeof *s.fields);
	s.replaces = calloc(FIELD_MAX, sizeof *s.replaces);
	rc = s.fields && s.replaces ? look(&s) : err_default(&v->err, RC_NOMEM);
	sqlite3_close(s.made.db);
	free(s.replaces);
	free(s.fields);
	if (own)
		vault_read_end(v);
	return rc;
}
