/*
 * Drafts.
 *
 *     sealed bytes: format 1 | record 8 | version 8 | { field id 4 | length 4 | text }
 *
 * 1. A draft is sealed whatever its fields are, and lies in secret memory while it is not.
 * 2. It is not a change: no version, no history, no event. Only its own user is offered it.
 */
#include "store/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "store/sealed.h"
#include "store/sql.h"

#define FORMAT	 1
#define HEAD_LEN 17
#define ITEM_LEN 8
#define KEY_MAX	 128

static const uint8_t no_record[16];

static void
key_of(int64_t id, char out[KEY_MAX])
{
	snprintf(out, KEY_MAX, "edit %lld %s", (long long)id, vault_actor());
}

static enum rc
pack(struct vault *v, int64_t id, int64_t version, const struct change *ch, size_t n,
    struct secret **out)
{
	size_t i, len = HEAD_LEN, fields;
	const struct field *f = field_list(v, &fields);
	uint8_t *at;
	enum rc rc;

	for (i = 0; i < n; i++) {
		if (ch[i].index < 0 || (size_t)ch[i].index >= fields)
			return err_set(&v->err, RC_INPUT, "the vault has no such field");
		len += ITEM_LEN + ch[i].len;
	}
	rc = secret_new(len, out);
	if (rc != RC_OK)
		return err_default(&v->err, rc);
	at = secret_bytes(*out);
	at[0] = FORMAT;
	be64_put(at + 1, (uint64_t)id);
	be64_put(at + 9, (uint64_t)version);
	at += HEAD_LEN;
	for (i = 0; i < n; i++) {
		be32_put(at, (uint32_t)f[ch[i].index].id);
		be32_put(at + 4, (uint32_t)ch[i].len);
		if (ch[i].len)
			memcpy(at + ITEM_LEN, ch[i].text, ch[i].len);
		at += ITEM_LEN + ch[i].len;
	}
	secret_set_len(*out, len);
	return RC_OK;
}

static enum rc
put(struct vault *v, const char *key, int64_t id, int64_t version, const struct change *ch,
    size_t n)
{
	struct secret *packed = NULL;
	uint8_t *wrapped = NULL;
	size_t len;
	enum rc rc = pack(v, id, version, ch, n, &packed);

	if (rc == RC_OK)
		rc = sealed_wrap(v, no_record, 0, secret_view(packed), secret_len(packed),
		    &wrapped, &len);
	if (rc == RC_OK)
		rc = sql_run(v, "INSERT OR REPLACE INTO draft(view, at, value) VALUES(?1, ?2, ?3)",
		    "zib", key, vault_now(), wrapped, len);
	free(wrapped);
	secret_free(packed);
	return rc;
}

enum rc
draft_save(struct vault *v, int64_t id, int64_t version, const struct change *ch, size_t n)
{
	size_t field_n;
	const struct field *fields = field_list(v, &field_n);
	char key[KEY_MAX];
	bool own;
	enum rc rc;

	vault_err_start(v);
	key_of(id, key);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = field_same(v, fields, field_n);
	if (rc == RC_OK && n > 0)
		rc = put(v, key, id, version, ch, n);
	else if (rc == RC_OK)
		rc = sql_run(v, "DELETE FROM draft WHERE view = ?1", "z", key);
	return vault_leave(v, own, rc);
}

void
draft_kept_free(struct draft_kept *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->n; i++)
		secret_free(d->values[i].text);
	free(d->values);
	free(d);
}

static int
index_of(struct vault *v, uint32_t id)
{
	size_t i, n;
	const struct field *f = field_list(v, &n);

	for (i = 0; i < n; i++)
		if ((uint32_t)f[i].id == id)
			return (int)i;
	return -1;
}

static enum rc
unpack_value(struct vault *v, const uint8_t *at, size_t len, struct draft_kept *d)
{
	struct draft_value *one = &d->values[d->n];
	enum rc rc;

	one->field = (int)be32_get(at);
	one->index = index_of(v, be32_get(at));
	if (one->index < 0)
		return RC_OK;
	rc = secret_from(at + ITEM_LEN, len, &one->text);
	if (rc == RC_OK)
		d->n++;
	return err_default(&v->err, rc);
}

static enum rc
unpack(struct vault *v, const struct secret *s, struct draft_kept *d)
{
	const uint8_t *at = secret_view(s), *end = at + secret_len(s);
	size_t n, len;
	enum rc rc = RC_OK;

	field_list(v, &n);
	d->values = calloc(n + 1, sizeof *d->values);
	if (!d->values)
		return err_default(&v->err, RC_NOMEM);
	if (end - at < HEAD_LEN || *at != FORMAT)
		return err_set(&v->err, RC_DAMAGED, "a draft in the vault is damaged");
	d->id = (int64_t)be64_get(at + 1);
	d->version = (int64_t)be64_get(at + 9);
	for (at += HEAD_LEN; rc == RC_OK && end - at >= ITEM_LEN; at += ITEM_LEN + len) {
		len = be32_get(at + 4);
		if (len > (size_t)(end - at) - ITEM_LEN || d->n > n)
			return err_set(&v->err, RC_DAMAGED, "a draft in the vault is damaged");
		rc = unpack_value(v, at, len, d);
	}
	return rc;
}

/* The draft of a row whose first columns are at, value. */
static enum rc
open_row(struct vault *v, sqlite3_stmt *st, struct draft_kept **out)
{
	struct draft_kept *d = *out = calloc(1, sizeof *d);
	struct secret *packed = NULL;
	enum rc rc;

	if (!d)
		return err_default(&v->err, RC_NOMEM);
	d->at = sqlite3_column_int64(st, 0);
	rc = sealed_unwrap(v, no_record, 0, sqlite3_column_blob(st, 1),
	    (size_t)sqlite3_column_bytes(st, 1), &packed);
	if (rc == RC_OK)
		rc = unpack(v, packed, d);
	secret_free(packed);
	return rc;
}

static enum rc
find(struct vault *v, struct draft_kept **out)
{
	sqlite3_stmt *st = NULL;
	char pattern[KEY_MAX];
	enum rc rc;

	snprintf(pattern, sizeof pattern, " %s", vault_actor());
	rc = sql_prepare(v,
	    "SELECT at, value FROM draft WHERE view GLOB 'edit [0-9]*'"
	    " AND substr(view, instr(substr(view, 6), ' ') + 5) = ?1 ORDER BY at DESC LIMIT 1",
	    &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", pattern);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK)
		rc = open_row(v, st, out);
	sqlite3_finalize(st);
	return rc;
}

enum rc
draft_find(struct vault *v, struct draft_kept **out)
{
	struct draft_kept *d = NULL;
	enum rc rc;

	*out = NULL;
	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = find(v, &d);
	vault_read_end(v);
	if (rc != RC_OK) {
		draft_kept_free(d);
		return rc;
	}
	*out = d;
	return RC_OK;
}

enum rc
draft_of_record(struct vault *v, int64_t id, draft_each_fn *each, void *arg)
{
	struct draft_kept *d = NULL;
	sqlite3_stmt *st = NULL;
	char before[KEY_MAX];
	enum rc rc;

	snprintf(before, sizeof before, "edit %lld ", (long long)id);
	rc = sql_prepare(v,
	    "SELECT at, value, substr(view, length(?1) + 1) FROM draft"
	    " WHERE substr(view, 1, length(?1)) = ?1 ORDER BY view",
	    &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "z", before);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		rc = open_row(v, st, &d);
		if (rc == RC_OK)
			rc = each(arg, sql_text(st, 2), d);
		draft_kept_free(d);
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
reseal_one(struct vault *v, sqlite3_stmt *st)
{
	const uint8_t *old = sqlite3_column_blob(st, 1);
	size_t old_len = (size_t)sqlite3_column_bytes(st, 1), len = 0;
	struct secret *packed = NULL;
	uint8_t *wrapped = NULL;
	enum rc rc;

	if (!sealed_old(v, old, old_len))
		return RC_OK;
	rc = sealed_unwrap(v, no_record, 0, old, old_len, &packed);
	if (rc == RC_OK)
		rc = sealed_wrap(v, no_record, 0, secret_view(packed), secret_len(packed),
		    &wrapped, &len);
	if (rc == RC_OK)
		rc = sql_run(v, "UPDATE draft SET value = ?2 WHERE view = ?1", "tb",
		    sqlite3_column_text(st, 0), (size_t)sqlite3_column_bytes(st, 0), wrapped,
		    len);
	free(wrapped);
	secret_free(packed);
	return rc;
}

enum rc
draft_reseal(struct vault *v)
{
	sqlite3_stmt *st;
	enum rc rc = sql_prepare(
	    v, "SELECT view, value FROM draft WHERE view GLOB 'edit *' ORDER BY view", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		rc = reseal_one(v, st);
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
draft_count_old(struct vault *v, uint64_t *n)
{
	sqlite3_stmt *st;
	enum rc rc =
	    sql_prepare(v, "SELECT value FROM draft WHERE view GLOB 'edit *'", &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		*n += sealed_old(v, sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0));
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
