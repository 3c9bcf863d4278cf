/*
 * Rows to records.
 *
 * 1. A record and all that it points to lie in one block, which is wiped before it is freed.
 * 2. A masked field's value is in no block but one that was asked for raw.
 * 3. Whether a value parses as its type is found out when it is read: nothing that is kept
 *    could be out of step with the value. Of a sealed one it was noted when it was sealed.
 * 4. Sealed cells come from rows of their own, by one statement that the connection keeps;
 *    a row of a field that is not in the catalogue is passed over.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/record_int.h"
#include "store/sealed_int.h"

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
		if (f[i].cls != CLASS_SEALED)
			sql_add(t, ", r.f_%d", f[i].id);
}

size_t
record_masked_cap(size_t len)
{
	return 4 * len + 32;
}

static size_t
block_size(sqlite3_stmt *st, const struct field *f, size_t n, bool raw)
{
	size_t size = sizeof(struct block) + n * sizeof(struct cell), i, len;
	int column = COLUMN_FIRST;

	size += (size_t)sqlite3_column_bytes(st, COLUMN_FIRST - 2) + 1;
	size += (size_t)sqlite3_column_bytes(st, COLUMN_FIRST - 1) + 1;
	for (i = 0; i < n; i++) {
		if (f[i].cls == CLASS_SEALED)
			continue;
		len = (size_t)sqlite3_column_bytes(st, column++);
		size += !raw && f[i].cls != CLASS_OPEN ? record_masked_cap(len) : len + 1;
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
record_check_value(enum field_type type, const char *text, size_t len, bool *invalid)
{
	size_t cap = 2 * len + 32;
	char small[512], *normal = small;

	*invalid = false;
	if (len == 0 || type == TYPE_TEXT || type == TYPE_NAME || type == TYPE_NOTE)
		return RC_OK;
	if (cap > sizeof small)
		normal = malloc(cap);
	if (!normal)
		return RC_NOMEM;
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

	if (record_check_value(f->type, text, len, &c->invalid) != RC_OK)
		return NULL;
	c->text = at;
	c->masked = !raw && f->cls != CLASS_OPEN && len > 0;
	if (c->masked) {
		type_mask(f->type, text, len, at, record_masked_cap(len));
		c->len = strlen(at);
		return at + record_masked_cap(len);
	}
	c->len = copy_text(st, column, at);
	return at + c->len + 1;
}

static bool
has_sealed(const struct field *f, size_t n)
{
	while (n-- > 0)
		if (f[n].cls == CLASS_SEALED)
			return true;
	return false;
}

/* The statement over the sealed cells of record ${id}, from its beginning. */
static enum rc
sealed_rows(struct vault *v, int64_t id, sqlite3_stmt **out)
{
	enum rc rc = RC_OK;

	if (!v->sealed_rows)
		rc = sql_prepare(v, "SELECT field_id, hint, invalid, value FROM sealed"
		    " WHERE record_id = ?1", &v->sealed_rows);
	*out = v->sealed_rows;
	if (rc == RC_OK)
		sqlite3_reset(*out);
	return rc == RC_OK ? sql_bind(v, *out, "i", id) : rc;
}

#define SEALED_HINT  1
#define SEALED_VALUE 3

static enum rc
sealed_size(struct vault *v, int64_t id, bool raw, size_t *size)
{
	sqlite3_stmt *st;
	enum rc rc = sealed_rows(v, id, &st);

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		*size += (size_t)sqlite3_column_bytes(st, raw ? SEALED_VALUE : SEALED_HINT) + 1;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The sealed cell that ${st} stands on, at ${at}. */
static enum rc
read_sealed(struct vault *v, sqlite3_stmt *st, const struct field *f, bool raw,
    const uint8_t *uuid, struct cell *c, char *at)
{
	const struct sealed_place place = { uuid, (uint32_t)f->id, f->type };
	const size_t n = (size_t)sqlite3_column_bytes(st, SEALED_VALUE);
	enum rc rc = RC_OK;

	c->invalid = sqlite3_column_int(st, 2) != 0;
	c->text = at;
	c->masked = !raw;
	if (raw) {
		rc = sealed_open(v, &place, sqlite3_column_blob(st, SEALED_VALUE), n, at);
		c->len = rc == RC_OK ? n - SEALED_OVERHEAD : 0;
		at[c->len] = '\0';
	} else {
		c->len = copy_text(st, SEALED_HINT, at);
	}
	return rc;
}

static enum rc
read_all_sealed(struct vault *v, struct record *r, const struct field *f, bool raw, char *at)
{
	sqlite3_stmt *st;
	enum rc rc = sealed_rows(v, r->id, &st);
	size_t i;

	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		for (i = 0; i < r->n && f[i].id != sqlite3_column_int(st, 0); i++)
			;
		if (i == r->n || f[i].cls != CLASS_SEALED)
			continue;
		rc = read_sealed(v, st, &f[i], raw, r->uuid, &r->cells[i], at);
		at += r->cells[i].len + 1;
	}
	if (v->sealed_rows)
		sqlite3_reset(v->sealed_rows);
	return rc == RC_NOTFOUND ? RC_OK : rc;
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

/* The cells of columns, at ${at}; where the next one begins, NULL without memory. */
static char *
read_cells(sqlite3_stmt *st, const struct field *f, bool raw, struct record *r, char *at)
{
	int column = COLUMN_FIRST;
	size_t i;

	for (i = 0; at && i < r->n; i++) {
		r->cells[i].text = "";
		if (f[i].cls != CLASS_SEALED)
			at = read_cell(st, column++, &f[i], raw, &r->cells[i], at);
	}
	return at;
}

/* A block of ${size} for a record of ${n} cells; NULL without memory. */
static struct record *
record_new(size_t size, size_t n)
{
	struct block *b = calloc(1, size);

	if (!b)
		return NULL;
	b->len = size;
	b->record.n = n;
	b->record.cells = (struct cell *)(b + 1);
	return &b->record;
}

/* All that has a text, into what is left of the block. */
static enum rc
read_texts(struct vault *v, sqlite3_stmt *st, const struct field *f, bool raw, struct record *r)
{
	char *at = (char *)(r->cells + r->n);

	r->actor = at;
	at += copy_text(st, COLUMN_FIRST - 2, at) + 1;
	r->tags = at;
	at += copy_text(st, COLUMN_FIRST - 1, at) + 1;
	at = read_cells(st, f, raw, r, at);
	if (!at)
		return RC_NOMEM;
	return has_sealed(f, r->n) ? read_all_sealed(v, r, f, raw, at) : RC_OK;
}

enum rc
record_read(struct vault *v, sqlite3_stmt *st, bool raw, struct record **out)
{
	const struct field *f;
	struct record *r;
	enum rc rc = RC_OK;
	size_t n, size;

	*out = NULL;
	f = field_list(v, &n);
	size = block_size(st, f, n, raw);
	if (has_sealed(f, n))
		rc = sealed_size(v, sqlite3_column_int64(st, 0), raw, &size);
	if (rc != RC_OK)
		return rc;
	r = record_new(size, n);
	if (!r)
		return err_default(&v->err, RC_NOMEM);
	read_facts(st, r);
	rc = read_texts(v, st, f, raw, r);
	if (rc != RC_OK) {
		record_free(r);
		return err_default(&v->err, rc);
	}
	*out = r;
	return RC_OK;
}
