/*
 * Finding duplicates: a hash table from the key of a record to its id.
 *
 * 1. A key is the normalised values of the fields named, without ASCII case. A record
 *    whose key is all empty has none and is no duplicate of anything.
 * 2. The table holds 64-bit hashes and ids, not values: 16 bytes a record at half load. A
 *    hit is believed only after the record's own values were compared.
 * 3. Of a sealed field the blind index stands in the key: nothing is opened to compare.
 * 4. The hash is seeded at random, so that a file can't be made to collide.
 */
#include "store/import_int.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "store/sealed.h"
#include "store/sql.h"
#include "store/vault_int.h"

#define SLOTS_MIN  1024
#define KEY_FIELDS 16
#define SEPARATOR  0x1f

struct slot {
	uint64_t hash;
	int64_t id; /* 0: free */
};

struct import_keys {
	struct import *im;
	size_t n;
	int fields[KEY_FIELDS];    /* in the vault */
	size_t columns[KEY_FIELDS]; /* of the file */
	bool sealed[KEY_FIELDS];
	uint8_t blinds[KEY_FIELDS][SEALED_BLIND_LEN]; /* of the row */
	struct slot *slots;
	size_t used, cap;
	uint64_t seed[2];
	sqlite3_stmt *get;
};

struct key { /* values of the key fields, in order; may hold any byte */
	const char *text[KEY_FIELDS];
	size_t len[KEY_FIELDS];
};

static unsigned char
lower(unsigned char ch)
{
	return ch >= 'A' && ch <= 'Z' ? (unsigned char)(ch + 32) : ch;
}

/* A multiplicative hash; its seed keeps a file's author from choosing collisions. */
static uint64_t
mix(uint64_t h, uint64_t x)
{
	h ^= x;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* 0: the key is empty. */
static uint64_t
hash_key(const struct import_keys *k, const struct key *key)
{
	uint64_t h = k->seed[0];
	bool empty = true;
	size_t i, j;

	for (i = 0; i < k->n; i++) {
		empty = empty && key->len[i] == 0;
		for (j = 0; j < key->len[i]; j++)
			h = mix(h, lower((unsigned char)key->text[i][j]) ^ k->seed[1]);
		h = mix(h, SEPARATOR);
	}
	if (empty)
		return 0;
	return h ? h : 1;
}

static enum rc
table_grow(struct import_keys *k)
{
	size_t cap = k->cap ? k->cap * 2 : SLOTS_MIN, i, at;
	struct slot *fresh = calloc(cap, sizeof *fresh);

	if (!fresh)
		return RC_NOMEM;
	for (i = 0; i < k->cap; i++) {
		if (!k->slots[i].id)
			continue;
		for (at = k->slots[i].hash % cap; fresh[at].id; at = (at + 1) % cap)
			;
		fresh[at] = k->slots[i];
	}
	free(k->slots);
	k->slots = fresh;
	k->cap = cap;
	return RC_OK;
}

static enum rc
table_put(struct import_keys *k, uint64_t hash, int64_t id)
{
	size_t at;
	enum rc rc;

	if (k->used * 2 >= k->cap) {
		rc = table_grow(k);
		if (rc != RC_OK)
			return rc;
	}
	for (at = hash % k->cap; k->slots[at].id; at = (at + 1) % k->cap)
		;
	k->slots[at] = (struct slot){ hash, id };
	k->used++;
	return RC_OK;
}

static enum rc
key_of_cells(struct import_keys *k, const struct change *cells, struct key *key)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < k->n; i++) {
		const struct change *cell = &cells[k->columns[i]];

		key->text[i] = cell->text;
		key->len[i] = cell->len;
		if (!k->sealed[i] || cell->len == 0)
			continue;
		rc = sealed_blind(k->im->v, &k->im->columns[k->columns[i]].field, cell->text,
		    cell->len, k->blinds[i]);
		key->text[i] = (const char *)k->blinds[i];
		key->len[i] = SEALED_BLIND_LEN;
	}
	return rc;
}

static bool
same_text(const void *a, const char *b, size_t len, bool exact)
{
	return exact ? memcmp(a, b, len) == 0 : strncasecmp(a, b, len) == 0;
}

/* Whether the record ${id} has this key; values of the row that k->get stands on. */
static bool
same_key(const struct import_keys *k, const struct key *key)
{
	size_t i, len;

	for (i = 0; i < k->n; i++) {
		len = (size_t)sqlite3_column_bytes(k->get, (int)i + 1);
		if (len != key->len[i])
			return false;
		if (len && !same_text(sqlite3_column_blob(k->get, (int)i + 1), key->text[i],
			       len, k->sealed[i]))
			return false;
	}
	return true;
}

static enum rc
confirm(struct import_keys *k, int64_t id, const struct key *key, bool *same)
{
	struct vault *v = k->im->v;
	enum rc rc;

	sqlite3_reset(k->get);
	rc = sql_bind(v, k->get, "i", id);
	if (rc == RC_OK)
		rc = sql_step(v, k->get);
	if (rc == RC_OK)
		*same = same_key(k, key);
	sqlite3_reset(k->get);
	return rc;
}

enum rc
import_keys_find(struct import_keys *k, const struct change *cells, int64_t *id)
{
	struct key key;
	uint64_t hash;
	bool same = false;
	size_t at;
	enum rc rc;

	*id = 0;
	rc = key_of_cells(k, cells, &key);
	if (rc != RC_OK)
		return rc;
	hash = hash_key(k, &key);
	if (!hash || !k->cap)
		return RC_OK;
	for (at = hash % k->cap; k->slots[at].id; at = (at + 1) % k->cap) {
		if (k->slots[at].hash != hash)
			continue;
		rc = confirm(k, k->slots[at].id, &key, &same);
		if (rc != RC_OK)
			return rc;
		if (same) {
			*id = k->slots[at].id;
			return RC_OK;
		}
	}
	return RC_OK;
}

enum rc
import_keys_put(struct import_keys *k, const struct change *cells, int64_t id)
{
	struct key key;
	uint64_t hash;
	enum rc rc = key_of_cells(k, cells, &key);

	if (rc != RC_OK)
		return rc;
	hash = hash_key(k, &key);
	return hash ? table_put(k, hash, id) : RC_OK;
}

static enum rc
use_column(struct import_keys *k, size_t i)
{
	const struct field *f = &k->im->columns[i].field;

	if (f->cls == CLASS_SEALED && !sealed_has_blind(f->type))
		return err_set(k->im->err, RC_INPUT,
		    "duplicates can't be found by \"%s\": it is sealed, and values of type %s "
		    "have no index while they are",
		    f->name, type_name(f->type));
	k->fields[k->n] = k->im->columns[i].index;
	k->sealed[k->n] = f->cls == CLASS_SEALED;
	k->columns[k->n++] = i;
	return RC_OK;
}

/* The file's column that goes to a field; the file must have it, to compare. */
static enum rc
add_field(struct import_keys *k, const char *name, size_t len)
{
	struct import *im = k->im;
	size_t i;

	for (i = 0; i < im->n; i++) {
		const char *field = im->columns[i].field.name;

		if (im->columns[i].ignored || strlen(field) != len ||
		    strncasecmp(field, name, len) != 0)
			continue;
		if (k->n == KEY_FIELDS)
			return err_set(im->err, RC_INPUT,
			    "duplicates are found by %d fields at most", KEY_FIELDS);
		return use_column(k, i);
	}
	return err_set(im->err, RC_INPUT,
	    "duplicates can't be found by \"%.*s\": no column goes to that field",
	    (int)len, name);
}

static enum rc
add_named(struct import_keys *k, const char *names)
{
	enum rc rc = RC_OK;
	size_t len;

	while (rc == RC_OK && *names) {
		names += strspn(names, ", ");
		len = strcspn(names, ", ");
		if (len)
			rc = add_field(k, names, len);
		names += len;
	}
	return rc;
}

/* Without names: the first column that is an e-mail address. */
static void
add_email(struct import_keys *k)
{
	const struct import *im = k->im;
	size_t i;

	for (i = 0; i < im->n; i++) {
		if (im->columns[i].ignored || im->columns[i].field.type != TYPE_EMAIL ||
		    (im->columns[i].field.cls == CLASS_SEALED &&
			!sealed_has_blind(TYPE_EMAIL)))
			continue;
		use_column(k, i);
		return;
	}
}

static void
put_columns(const struct import_keys *k, struct sql_text *t)
{
	const struct field *fields;
	size_t i, n;

	fields = field_list(k->im->v, &n);
	sql_add(t, "SELECT r.id");
	for (i = 0; i < k->n; i++)
		if (k->sealed[i])
			sql_add(t, ", (SELECT blind FROM sealed WHERE record_id = r.id AND"
				   " field_id = %d)", fields[k->fields[i]].id);
		else
			sql_add(t, ", r.f_%d", fields[k->fields[i]].id);
	sql_add(t, " FROM record r WHERE ");
}

/* The keys of all records outside the trash. */
static enum rc
load(struct import_keys *k)
{
	struct vault *v = k->im->v;
	sqlite3_stmt *st = NULL;
	struct sql_text t;
	char sql[2048];
	struct key key;
	uint64_t hash;
	enum rc rc;
	size_t i;

	sql_text_init(&t, sql, sizeof sql);
	put_columns(k, &t);
	sql_add(&t, "r.deleted_at IS NULL");
	rc = sql_prepare(v, sql_end(&t), &st);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		for (i = 0; i < k->n; i++) {
			key.text[i] = sqlite3_column_blob(st, (int)i + 1);
			key.len[i] = (size_t)sqlite3_column_bytes(st, (int)i + 1);
		}
		hash = hash_key(k, &key);
		if (hash)
			rc = table_put(k, hash, sqlite3_column_int64(st, 0));
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
prepare_get(struct import_keys *k)
{
	struct sql_text t;
	char sql[2048];

	sql_text_init(&t, sql, sizeof sql);
	put_columns(k, &t);
	sql_add(&t, "r.id = ?1");
	return sql_prepare(k->im->v, sql_end(&t), &k->get);
}

enum rc
import_keys_new(struct import *im, struct import_keys **out)
{
	const char *names = im->opts->duplicate_by;
	struct import_keys *k;
	enum rc rc = RC_OK;

	*out = NULL;
	k = calloc(1, sizeof *k);
	if (!k)
		return RC_NOMEM;
	k->im = im;
	if (getrandom(k->seed, sizeof k->seed, 0) != (ssize_t)sizeof k->seed)
		rc = RC_INTERNAL;
	else if (names && *names)
		rc = add_named(k, names);
	else
		add_email(k);
	if (rc != RC_OK || k->n == 0 || im->opts->duplicates == DUP_KEEP) {
		import_keys_free(k);
		return rc;
	}
	rc = load(k);
	if (rc == RC_OK)
		rc = prepare_get(k);
	if (rc != RC_OK) {
		import_keys_free(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

void
import_keys_free(struct import_keys *k)
{
	if (!k)
		return;
	sqlite3_finalize(k->get);
	free(k->slots);
	free(k);
}
