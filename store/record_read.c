/*
 * Rows to records.
 *
 * 1. A record and all that it points to lie in one block, which is wiped before it is freed.
 * 2. A masked field's value is in no block but one that was asked for raw.
 * 3. Whether a value parses as its type is found out when it is read: nothing that is kept
 *    could be out of step with the value.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/record_int.h"

#define COLUMN_FIRST 9 /* of the fields, behind those of record_columns */

struct block { /* a record and all that it points to */
	size_t len;
	struct record record;
};

static struct block *
block_of(struct record *r)
{
	return (struct block *)((char *)r - offsetof(struct block, record));
}

void
record_free(struct record *r)
{
	struct block *b;

	if (!r)
		return;
	b = block_of(r);
	secret_wipe(b, b->len);
	free(b);
}

void
record_columns(const struct vault *v, struct sql_text *t)
{
	const struct field *f;
	size_t i, n;

	f = field_list(v, &n);
	sql_add(t, "r.id, r.uuid, r.version, r.created_at, r.updated_at, r.deleted_at, r.keep_until,"
		   " r.actor, (SELECT group_concat(tag, ' ') FROM tag WHERE record_id = r.id)");
	for (i = 0; i < n; i++)
		sql_add(t, ", r.f_%d", f[i].id);
}

/* A masked form is never longer than that. */
static size_t
masked_cap(size_t len)
{
	return 4 * len + 32;
}

static size_t
block_size(sqlite3_stmt *st, const struct field *f, size_t n, bool raw)
{
	size_t size = sizeof(struct block) + n * sizeof(struct cell), i, len;

	size += (size_t)sqlite3_column_bytes(st, COLUMN_FIRST - 2) + 1;
	size += (size_t)sqlite3_column_bytes(st, COLUMN_FIRST - 1) + 1;
	for (i = 0; i < n; i++) {
		len = (size_t)sqlite3_column_bytes(st, COLUMN_FIRST + (int)i);
		size += !raw && f[i].cls != CLASS_OPEN ? masked_cap(len) : len + 1;
	}
	return size;
}

/* Copy column ${column} to ${at}, with a NUL. */
static size_t
copy_text(sqlite3_stmt *st, int column, char *at)
{
	const void *text = sqlite3_column_text(st, column);
	size_t len = (size_t)sqlite3_column_bytes(st, column);

	if (len)
		memcpy(at, text, len);
	at[len] = '\0';
	return len;
}

enum rc
record_check_value(struct vault *v, enum field_type type, const char *text, size_t len,
    bool *invalid)
{
	size_t cap = 2 * len + 32;
	char small[512], *normal = small;

	*invalid = false;
	if (len == 0 || type == TYPE_TEXT || type == TYPE_NAME || type == TYPE_NOTE)
		return RC_OK;
	if (cap > sizeof small)
		normal = malloc(cap);
	if (!normal)
		return err_default(&v->err, RC_NOMEM);
	*invalid = !type_normalise(type, text, len, normal, cap, NULL);
	secret_wipe(normal, cap < sizeof small ? sizeof small : cap);
	if (normal != small)
		free(normal);
	return RC_OK;
}

/* One cell at ${at}; returns where the next one begins, NULL without memory. */
static char *
read_cell(sqlite3_stmt *st, int column, const struct field *f, bool raw, struct cell *c,
    char *at)
{
	const char *text = (const char *)sqlite3_column_text(st, column);
	size_t len = (size_t)sqlite3_column_bytes(st, column);

	if (check_value(f->type, text, len, &c->invalid) != RC_OK)
		return NULL;
	c->text = at;
	c->masked = !raw && f->cls != CLASS_OPEN && len > 0;
	if (c->masked) {
		type_mask(f->type, text, len, at, masked_cap(len));
		c->len = strlen(at);
		return at + masked_cap(len);
	}
	c->len = copy_text(st, column, at);
	return at + c->len + 1;
}

static void
read_facts(sqlite3_stmt *st, struct record *r)
{
	const void *uuid = sqlite3_column_blob(st, 1);

	r->id = sqlite3_column_int64(st, 0);
	if (uuid && sqlite3_column_bytes(st, 1) == sizeof r->uuid)
		memcpy(r->uuid, uuid, sizeof r->uuid);
	r->version = sqlite3_column_int64(st, 2);
	r->created_at = sqlite3_column_int64(st, 3);
	r->updated_at = sqlite3_column_int64(st, 4);
	r->deleted_at = sqlite3_column_int64(st, 5);
	r->keep_until = sqlite3_column_int64(st, 6);
}

enum rc
record_read(struct vault *v, sqlite3_stmt *st, bool raw, struct record **out)
{
	const struct field *f;
	struct block *b;
	struct record *r;
	size_t i, n, size;
	char *at;

	*out = NULL;
	f = field_list(v, &n);
	size = block_size(st, f, n, raw);
	b = calloc(1, size);
	if (!b)
		return err_default(&v->err, RC_NOMEM);
	b->len = size;
	r = &b->record;
	read_facts(st, r);
	r->n = n;
	r->cells = (struct cell *)(b + 1);
	at = (char *)(r->cells + n);
	r->actor = at;
	at += copy_text(st, COLUMN_FIRST - 2, at) + 1;
	r->tags = at;
	at += copy_text(st, COLUMN_FIRST - 1, at) + 1;
	for (i = 0; at && i < n; i++)
		at = read_cell(st, COLUMN_FIRST + (int)i, &f[i], raw, &r->cells[i], at);
	if (!at) {
		record_free(r);
		return err_default(&v->err, RC_NOMEM);
	}
	*out = r;
	return RC_OK;
}
