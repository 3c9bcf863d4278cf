/*
 * The history of a field that is converted or dropped.
 *
 * 1. An old value has the class of its field: where that becomes sealed it is sealed too, and
 *    the bytes that held it in the clear are overwritten.
 * 2. The rows stay, so that versions have no gap; only what they tell of the field changes.
 */
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/convert_int.h"
#include "store/delta.h"
#include "store/sealed.h"

struct turn { /* one row */
	struct vault *v;
	const struct field *from, *to;
	const uint8_t *uuid;
	struct delta fresh;
	bool met;
};

/* The value ${text} under the new field. */
static enum rc
add_value(struct turn *t, const char *text, size_t len)
{
	const size_t cap = 4 * len + 64;
	uint8_t *value = NULL;
	size_t n;
	char *hint;
	enum rc rc;

	if (t->to->cls != CLASS_SEALED || len == 0) {
		delta_add(&t->fresh, t->to->cls == CLASS_SEALED ? DELTA_SEALED : DELTA_TEXT,
		    t->to->id, text, len);
		return RC_OK;
	}
	hint = malloc(cap);
	if (!hint)
		return err_default(&t->v->err, RC_NOMEM);
	type_mask(t->to->type, text, len, hint, cap);
	rc = sealed_wrap(t->v, t->uuid, (uint32_t)t->to->id, text, len, &value, &n);
	if (rc == RC_OK)
		delta_add_sealed(&t->fresh, t->to->id, hint, strlen(hint), value, n);
	free(value);
	free(hint);
	return rc;
}

static enum rc
turn_item(struct turn *t, const struct delta_item *item)
{
	struct secret *plain;
	const uint8_t *value;
	size_t n;
	enum rc rc;

	t->met = true;
	if (!t->to)
		return RC_OK;
	if (item->kind != DELTA_SEALED || item->len == 0)
		return add_value(t, (const char *)item->at, item->len);
	value = delta_sealed(item, &n);
	rc = sealed_unwrap(t->v, t->uuid, (uint32_t)item->field, value, n, &plain);
	if (rc == RC_OK)
		rc = add_value(t, (const char *)secret_view(plain), secret_len(plain));
	secret_free(plain);
	return rc;
}

static enum rc
turn_row(struct turn *t, const uint8_t *bytes, size_t n)
{
	const uint8_t *at;
	struct delta_item item;
	size_t left;
	enum rc rc = delta_begin(bytes, n, &at, &left);

	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK)
		if (item.field == t->from->id)
			rc = turn_item(t, &item);
		else
			delta_add(&t->fresh, item.kind, item.field, item.at, item.len);
	if (rc == RC_NOTFOUND)
		rc = RC_OK;
	if (rc == RC_OK && t->fresh.failed)
		rc = RC_NOMEM;
	return err_default(&t->v->err, rc);
}

static enum rc
rewrite(struct turn *t, sqlite3_stmt *st, sqlite3_stmt *put)
{
	static const uint8_t nothing[] = { 1 }; /* the format of a delta, and no item */
	enum rc rc;

	if (sqlite3_column_bytes(st, 3) != 16)
		return RC_OK;
	t->uuid = sqlite3_column_blob(st, 3);
	t->met = false;
	rc = turn_row(t, sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2));
	if (rc == RC_OK && t->met)
		rc = sql_bind(t->v, put, "iib", sqlite3_column_int64(st, 0),
		    sqlite3_column_int64(st, 1),
		    delta_empty(&t->fresh) ? (const void *)nothing : t->fresh.at,
		    delta_empty(&t->fresh) ? sizeof nothing : t->fresh.n);
	if (rc == RC_OK && t->met)
		rc = sql_done(t->v, put);
	delta_free(&t->fresh);
	return rc;
}

enum rc
history_convert(struct vault *v, const struct field *from, const struct field *to)
{
	struct turn t = { .v = v, .from = from, .to = to };
	sqlite3_stmt *st = NULL, *put = NULL;
	enum rc rc = sql_prepare(v, "SELECT h.record_id, h.version, h.change, r.uuid"
	    " FROM history h JOIN record r ON r.id = h.record_id", &st);

	if (rc == RC_OK)
		rc = sql_prepare(v, "UPDATE history SET change = ?3"
		    " WHERE record_id = ?1 AND version = ?2", &put);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = rewrite(&t, st, put);
	sqlite3_finalize(st);
	sqlite3_finalize(put);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
