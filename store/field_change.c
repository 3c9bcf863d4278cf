/*
 * Changes of the catalogue that convert no value: a class between open and masked, and a field
 * that goes; and who may change fields at all.
 *
 * 1. Full text needs a field: the last one that is searched stays so.
 * 2. What a field held is overwritten where it stood, in full text, history and log too.
 */
#include <stdio.h>

#include "store/audit_int.h"
#include "store/convert_int.h"
#include "store/fulltext.h"
#include "store/schema.h"
#include "store/unlocked.h"

enum rc
convert_tell(struct vault *v, const struct field *from, const struct convert_wish *to,
    const char *how, int64_t count)
{
	char text[AUDIT_REASON_MAX + 1];
	const char *reason = to->reason ? to->reason : "";
	const struct audit_entry e = { .event = AUDIT_FIELD_CHANGED, .field = from->name,
		.count = count, .reason = text };
	enum rc rc = audit_reason(v, text, "%s %s to %s %s: %s%s%s", class_name(from->cls),
	    type_name(from->type), class_name(to->cls), type_name(to->type), how,
	    *reason ? ": " : "", reason);

	return rc == RC_OK ? audit_append(v, &e) : rc;
}

/* Open to masked or back: the values stay where they are. */
enum rc
convert_label(struct vault *v, const struct field *f, const struct convert_wish *wish)
{
	struct field to = *f;
	char sql[64];
	enum rc rc = vault_begin(v);

	if (rc != RC_OK)
		return rc;
	to.cls = wish->cls;
	to.searchable = wish->searchable;
	rc = convert_still(v, f, wish->searchable);
	if (rc == RC_OK && to.cls != CLASS_OPEN)
		rc = convert_kept_check(v, f);
	if (rc == RC_OK && to.cls != CLASS_OPEN)
		rc = convert_kept_hide(v, f);
	if (rc == RC_OK)
		rc = convert_abandon(v, f);
	if (rc == RC_OK && f->searchable != to.searchable)
		rc = fulltext_drop(v);
	if (rc == RC_OK)
		rc = sql_run(v, "UPDATE field SET class = ?2, searchable = ?3 WHERE id = ?1", "izi",
		    (int64_t)f->id, class_name(to.cls), (int64_t)to.searchable);
	snprintf(sql, sizeof sql, "DROP INDEX IF EXISTS record_f_%d", f->id);
	if (rc == RC_OK)
		rc = schema_has_index(&to) ? storage_index(v, &to) : sql_exec(v, sql);
	if (rc == RC_OK)
		rc = schema_touch(v);
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc == RC_OK)
		rc = convert_tell(v, f, wish, AUDIT_FIELD_DONE, -1);
	return vault_leave(v, true, rc);
}

/* Whether another field than ${f} is searched: full text needs one. */
static bool
other_searched(const struct vault *v, const struct field *f)
{
	size_t i, n;
	const struct field *all = field_list(v, &n);

	for (i = 0; i < n; i++)
		if (all[i].id != f->id && all[i].searchable && all[i].cls == CLASS_OPEN)
			return true;
	return false;
}

static enum rc
needs_search(struct vault *v, const struct field *f)
{
	if (!f->searchable || other_searched(v, f))
		return RC_OK;
	return err_set(&v->err, RC_INPUT,
	    "%s is the last field that is searched: mark another one first", f->name);
}

enum rc
convert_still(struct vault *v, const struct field *f, bool keeps_search)
{
	const struct field *now;
	size_t i, n;
	enum rc rc = field_load(v);

	if (rc != RC_OK)
		return rc;
	now = field_list(v, &n);
	for (i = 0; i < n && now[i].id != f->id; i++)
		;
	if (i == n || now[i].cls != f->cls || now[i].type != f->type ||
	    now[i].searchable != f->searchable)
		return err_set(&v->err, RC_BUSY,
		    "the field %s was changed by somebody else meanwhile: look at field list",
		    f->name);
	return keeps_search ? RC_OK : needs_search(v, f);
}

enum rc
convert_allowed(struct vault *v, int index, struct field *f, bool keeps_search)
{
	const struct field *at;
	enum rc rc;

	vault_err_start(v);
	if (v->in_tx)
		return err_set(&v->err, RC_INTERNAL, "fields are changed outside of transactions");
	/* The caller made a wish of the field that he saw: one that was sealed since is not his. */
	rc = field_at(v, index, &at);
	if (rc != RC_OK)
		return rc;
	*f = *at;
	rc = keeps_search ? RC_OK : needs_search(v, f);
	if (rc != RC_OK)
		return rc;
	return keyring_need_full(unlocked_keyring(v->unlocked), "change a field", &v->err);
}

static enum rc
drop(struct vault *v, const struct field *f)
{
	const struct audit_entry e = { .event = AUDIT_FIELD_DROPPED, .field = f->name,
		.count = -1 };
	char sql[512];
	struct sql_text t;
	size_t n;
	enum rc rc = convert_still(v, f, false);

	field_list(v, &n);
	if (rc == RC_OK && n == 1)
		rc = err_set(&v->err, RC_INPUT, "%s is the only field", f->name);
	if (rc == RC_OK)
		rc = convert_kept_check(v, f);
	if (rc == RC_OK)
		rc = convert_kept_hide(v, f);
	if (rc == RC_OK)
		rc = audit_append(v, &e);
	if (rc == RC_OK)
		rc = convert_abandon(v, f);
	sql_text_init(&t, sql, sizeof sql);
	sql_add(&t, "UPDATE record SET invalid = invalid - ");
	storage_invalid(&t, f);
	sql_add(&t, " WHERE invalid > 0");
	if (rc == RC_OK)
		rc = sql_exec(v, sql_end(&t));
	if (rc == RC_OK)
		rc = history_convert(v, f, NULL);
	if (rc == RC_OK && f->searchable)
		rc = fulltext_drop(v);
	if (rc == RC_OK)
		rc = field_forget(v, f->id);
	if (rc == RC_OK)
		rc = storage_end(v, f);
	if (rc == RC_OK)
		rc = schema_touch(v);
	return rc == RC_OK ? field_load(v) : rc;
}

enum rc
field_drop(struct vault *v, int index)
{
	struct field f = { 0 };
	enum rc rc = convert_allowed(v, index, &f, false);

	if (rc != RC_OK)
		return rc;
	v->bulk = true;
	rc = vault_begin(v);
	if (rc == RC_OK)
		rc = vault_leave(v, true, drop(v, &f));
	v->bulk = false;
	if (rc == RC_OK)
		sqlite3_wal_checkpoint_v2(v->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return rc;
}
