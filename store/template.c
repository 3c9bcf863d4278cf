/* Templates: texts under a name. What a text means is its kind's matter. */
#include "store/template.h"

#include <stdlib.h>
#include <string.h>

#include "store/sql.h"
#include "store/text.h"

static enum rc
not_there(struct vault *v, const char *kind, const char *name)
{
	return err_set(&v->err, RC_NOTFOUND, "the vault has no %s template called %s", kind,
	    name);
}

static enum rc
check_name(struct vault *v, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > TEMPLATE_NAME_MAX || !text_is_harmless(name, len) ||
	    name[0] == ' ' || name[len - 1] == ' ')
		return err_set(&v->err, RC_INPUT,
		    "a template's name has 1 to %d visible characters and no blank around "
		    "it",
		    TEMPLATE_NAME_MAX);
	return RC_OK;
}

static enum rc
find(struct vault *v, const char *kind, const char *name, sqlite3_stmt **st)
{
	enum rc rc = sql_prepare(
	    v, "SELECT body FROM template WHERE kind = ?1 AND name = ?2", st);

	if (rc == RC_OK)
		rc = sql_bind(v, *st, "zz", kind, name);
	if (rc == RC_OK)
		rc = sql_step(v, *st);
	return rc == RC_NOTFOUND ? not_there(v, kind, name) : rc;
}

static enum rc
exists(struct vault *v, const char *kind, const char *name)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = find(v, kind, name, &st);

	sqlite3_finalize(st);
	return rc;
}

/* Whether ${name} may be given to a template. */
static enum rc
check_free(struct vault *v, const char *kind, const char *name, bool replace)
{
	enum rc rc = replace ? RC_NOTFOUND : exists(v, kind, name);

	if (rc == RC_OK)
		return err_set(&v->err, RC_EXISTS,
		    "there is an %s template called %s: drop it first", kind, name);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
template_check(struct vault *v, const char *kind, const char *name, bool replace)
{
	enum rc rc;

	vault_err_start(v);
	rc = check_name(v, name);
	return rc == RC_OK ? check_free(v, kind, name, replace) : rc;
}

enum rc
template_save(struct vault *v, const char *kind, const char *name, const char *body,
    bool replace)
{
	enum rc rc;
	bool own;

	vault_err_start(v);
	rc = check_name(v, name);
	if (rc == RC_OK && strlen(body) > TEMPLATE_BODY_MAX)
		rc = err_set(&v->err, RC_LIMIT, "template %s is too long to be kept", name);
	if (rc == RC_OK)
		rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = check_free(v, kind, name, replace);
	if (rc == RC_OK)
		rc = sql_run(v,
		    "INSERT OR REPLACE INTO template(kind, name, body) VALUES (?1, ?2, ?3)",
		    "zzz", kind, name, body);
	return vault_leave(v, own, rc);
}

enum rc
template_get(struct vault *v, const char *kind, const char *name, char **body)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	*body = NULL;
	vault_err_start(v);
	rc = find(v, kind, name, &st);
	if (rc == RC_OK) {
		*body = strdup(sql_text(st, 0));
		rc = *body ? RC_OK : err_default(&v->err, RC_NOMEM);
	}
	sqlite3_finalize(st);
	return rc;
}

enum rc
template_drop(struct vault *v, const char *kind, const char *name)
{
	enum rc rc;
	bool own;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = exists(v, kind, name);
	if (rc == RC_OK)
		rc = sql_run(v, "DELETE FROM template WHERE kind = ?1 AND name = ?2", "zz",
		    kind, name);
	return vault_leave(v, own, rc);
}

enum rc
template_list(struct vault *v, const char *kind, template_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = sql_prepare(v,
	    "SELECT kind, name, body FROM template WHERE ?1 IS NULL OR kind = ?1"
	    " ORDER BY kind, name",
	    &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", kind);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = each(arg, sql_text(st, 0),
		    sql_text(st, 1),
		    sql_text(st, 2));
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
