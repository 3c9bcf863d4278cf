/*
 * Saved views.
 *
 * 1. The query of a view was understood when it was saved, and holds no sealed value. What
 *    became of its fields since is found out when it is used.
 */
#include "store/savedview.h"

#include <stdlib.h>
#include <string.h>

#include "store/search_find.h"
#include "store/sql.h"
#include "store/text.h"

#define TEXT_MAX (64 * 1024) /* bytes of columns or order */

static enum rc
check_name(struct vault *v, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || name[0] == ' ' || name[len - 1] == ' ')
		return err_set(&v->err, RC_INPUT,
		    "a view needs a name, without a blank at its beginning or end");
	if (len > SAVEDVIEW_NAME_MAX)
		return err_set(&v->err, RC_INPUT, "the name of a view has at most %d bytes",
		    SAVEDVIEW_NAME_MAX);
	if (!text_is_harmless(name, len) || strpbrk(name, "\n\t"))
		return err_set(&v->err, RC_INPUT,
		    "the name of a view holds a character that can't be shown");
	return RC_OK;
}

static enum rc
check_query(struct vault *v, const char *query, struct search_error *err)
{
	struct search_sql *sql = NULL;
	enum rc rc = field_load(v);

	if (rc == RC_OK)
		rc = finder_compile(v, query, false, &sql, err);
	if (rc == RC_OK && sql->asked_n > 0) {
		query_fault(err, 0, strlen(query), "a view can't keep a sealed value");
		rc = err_set(&v->err, RC_INPUT,
		    "a view can't keep a sealed value: leave it out of the query");
	}
	search_sql_free(sql);
	return rc;
}

/* That the name is free, or may be taken over, and there is room. */
static enum rc
check_place(struct vault *v, const char *name, bool replace)
{
	struct savedview *old;
	int64_t n;
	enum rc rc = savedview_get(v, name, &old);

	savedview_free(old);
	if (rc == RC_OK && !replace)
		return err_set(&v->err, RC_EXISTS,
		    "there is a view \"%s\" already: replace it (--force), or take another name",
		    name);
	if (rc != RC_NOTFOUND)
		return rc;
	v->err.text[0] = '\0';
	rc = sql_int(v, "SELECT count(*) FROM view", &n);
	if (rc == RC_OK && n >= SAVEDVIEW_MAX)
		return err_set(&v->err, RC_LIMIT,
		    "there are %d views already: drop one that is not used", SAVEDVIEW_MAX);
	return rc;
}

static enum rc
save(struct vault *v, const struct savedview *view, bool replace, struct search_error *err)
{
	enum rc rc = check_name(v, view->name);

	if (rc == RC_OK)
		rc = check_query(v, view->query, err);
	if (rc == RC_OK &&
	    (strlen(view->columns) > TEXT_MAX || strlen(view->sort) > TEXT_MAX))
		rc = err_set(&v->err, RC_INPUT, "the columns of a view are too many");
	if (rc == RC_OK)
		rc = check_place(v, view->name, replace);
	if (rc != RC_OK)
		return err_default(&v->err, rc);
	return sql_run(v,
	    "INSERT OR REPLACE INTO view(name, query, columns, sort) VALUES(?1, ?2, ?3, ?4)",
	    "zzzz", view->name, view->query, view->columns, view->sort);
}

enum rc
savedview_save(struct vault *v, const struct savedview *view, bool replace,
    struct search_error *err)
{
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	return rc == RC_OK ? vault_leave(v, own, save(v, view, replace, err)) : rc;
}

/* One block of memory: the struct and its four strings behind it. */
static enum rc
read_view(sqlite3_stmt *st, struct savedview **out)
{
	const char **parts[4];
	size_t i, size = sizeof **out;
	struct savedview *s;
	char *at;

	for (i = 0; i < 4; i++)
		size += (size_t)sqlite3_column_bytes(st, (int)i) + 1;
	*out = s = calloc(1, size);
	if (!s)
		return RC_NOMEM;
	parts[0] = &s->name;
	parts[1] = &s->query;
	parts[2] = &s->columns;
	parts[3] = &s->sort;
	at = (char *)(s + 1);
	for (i = 0; i < 4; i++) {
		size = (size_t)sqlite3_column_bytes(st, (int)i);
		if (size > 0)
			memcpy(at, sqlite3_column_blob(st, (int)i), size);
		*parts[i] = at;
		at += size + 1;
	}
	return RC_OK;
}

static enum rc
not_found(struct vault *v, const char *name)
{
	return err_set(&v->err, RC_NOTFOUND,
	    "there is no view \"%.64s\": strongroom view list shows them", name);
}

enum rc
savedview_get(struct vault *v, const char *name, struct savedview **out)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	*out = NULL;
	if (!v->in_tx)
		vault_err_start(v);
	rc = sql_prepare(
	    v, "SELECT name, query, columns, sort FROM view WHERE name = ?1", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", name);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		rc = read_view(st, out);
	else if (rc == RC_NOTFOUND)
		not_found(v, name);
	sqlite3_finalize(st);
	return rc == RC_OK ? rc : err_default(&v->err, rc);
}

static enum rc
drop(struct vault *v, const char *name)
{
	enum rc rc = sql_run(v, "DELETE FROM view WHERE name = ?1", "z", name);

	if (rc == RC_OK && sqlite3_changes(v->db) == 0)
		return not_found(v, name);
	return rc;
}

enum rc
savedview_drop(struct vault *v, const char *name)
{
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	return rc == RC_OK ? vault_leave(v, own, drop(v, name)) : rc;
}

enum rc
savedview_list(struct vault *v, savedview_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	struct savedview *s;
	bool more = true;
	enum rc rc;

	vault_err_start(v);
	rc = sql_prepare(v, "SELECT name, query, columns, sort FROM view ORDER BY name", &st);
	while (rc == RC_OK && more && (rc = sql_step(v, st)) == RC_OK) {
		rc = read_view(st, &s);
		more = rc == RC_OK && each(arg, s);
		savedview_free(s);
	}
	sqlite3_finalize(st);
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	return rc == RC_OK ? rc : err_default(&v->err, rc);
}

void
savedview_free(struct savedview *s)
{
	if (!s)
		return;
	/* The query may name people; it is the second of the strings behind the struct. */
	secret_wipe(s + 1, strlen(s->name) + strlen(s->query) + 1);
	free(s);
}
