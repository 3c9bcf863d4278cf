/*
 * Queries that the vault keeps, when a field is taken out of sight: they hold its values too.
 *
 * 1. A saved view or a template that asks for a value of such a field stops the change: who
 *    made it takes it away, nothing of his is lost unasked.
 * 2. What the log of exports asked for is hidden there, as it would be told now.
 * 3. A word without a field's name may be anybody's, and stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/convert_int.h"
#include "store/query_hide.h"

static bool
is_name(const struct field *f, const char *name, size_t n)
{
	return (strlen(f->name) == n && strncasecmp(f->name, name, n) == 0) ||
	       (strlen(f->label) == n && strncasecmp(f->label, name, n) == 0);
}

/* Whether the term asks for a value of ${f}: "name:value", or "name=value" by a slip. */
static bool
asks(const void *field, const struct query_node *t)
{
	const struct field *f = field;
	size_t n;

	if (t->name)
		return is_name(f, t->name, strlen(t->name));
	return query_slip(t, &n) && is_name(f, t->value, n);
}

/* ${text} with the values of ${f} hidden; NULL in ${out}: it has none, or is no query. */
static enum rc
hide(struct vault *v, const struct field *f, const char *text, char **out)
{
	struct query *q;
	enum rc rc = query_parse(text, &q, NULL);

	*out = NULL;
	if (rc == RC_INPUT)
		return RC_OK;
	if (rc == RC_OK)
		rc = query_hide(q, text, asks, f, out);
	query_free(q);
	if (rc == RC_OK && strcmp(*out, text) == 0) {
		free(*out);
		*out = NULL;
	}
	return err_default(&v->err, rc);
}

enum rc
convert_kept_check(struct vault *v, const struct field *f)
{
	sqlite3_stmt *st;
	char *found = NULL;
	enum rc rc = sql_prepare(v, "SELECT 'view', name, query FROM view UNION ALL"
	    " SELECT 'template', name, substr(body, instr(body, char(10) || 'query' || char(10)) + 7)"
	    " FROM template WHERE kind = 'export'", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		rc = hide(v, f, sql_text(st, 2), &found);
		if (rc == RC_OK && found)
			rc = err_set(&v->err, RC_INPUT,
			    "the %s \"%s\" asks for a value of %s, which would stay in it: drop it "
			    "first, with strongroom %s drop", sql_text(st, 0), sql_text(st, 1), f->name,
			    sql_text(st, 0));
		free(found);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
convert_kept_hide(struct vault *v, const struct field *f)
{
	sqlite3_stmt *st;
	char *hidden = NULL;
	enum rc rc = sql_prepare(v, "SELECT id, query FROM export_run WHERE query <> ''", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		rc = hide(v, f, sql_text(st, 1), &hidden);
		if (rc == RC_OK && hidden)
			rc = sql_run(v, "UPDATE export_run SET query = ?2 WHERE id = ?1", "iz",
			    sqlite3_column_int64(st, 0), hidden);
		free(hidden);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
