/*
 * Finding duplicates: from the key of a row to the record that has it.
 *
 * 1. A key is the normalised values of the fields named, without ASCII case. A record
 *    whose key is all empty has none and is no duplicate of anything.
 * 2. What is remembered are 64-bit hashes and ids, not values (import_known.c). A hit is
 *    believed only after the values that the record has now were compared: it may have been
 *    changed since, or be gone.
 * 3. Of a sealed field the blind index stands in the key: nothing is opened to compare.
 * 4. The hash is seeded at random, so that a file can't be made to collide.
 * 5. Between two batches others may write: what they added or changed is learnt before the
 *    next begins.
 */
#include "store/import_int.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "keyring/secret.h"
#include "store/import_known.h"
#include "store/sealed.h"
#include "store/sql.h"
#include "store/vault_int.h"

#define KEY_FIELDS 16
#define SEPARATOR  0x1f

struct import_keys {
	struct import *im;
	size_t n;
	int fields[KEY_FIELDS];    /* in the vault */
	size_t columns[KEY_FIELDS]; /* of the file */
	bool sealed[KEY_FIELDS];
	uint8_t blinds[KEY_FIELDS][SEALED_BLIND_LEN]; /* of the row */
	struct import_known *known;
	uint64_t seed[2];
	int64_t last_id, last_step; /* of the batch before, when it was committed */
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

struct question { /* whether a record has the key of a row */
	const struct import_keys *keys;
	const struct key *key;
};

static enum rc
confirm(void *arg, int64_t id, bool *same)
{
	const struct question *q = arg;
	sqlite3_stmt *get = q->keys->get;
	struct vault *v = q->keys->im->v;
	enum rc rc;

	rc = sql_bind(v, get, "i", id);
	if (rc == RC_OK)
		rc = sql_step(v, get);
	if (rc == RC_OK)
		*same = same_key(q->keys, q->key);
	sqlite3_reset(get);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
import_keys_find(struct import_keys *k, const struct change *cells, int64_t *id)
{
	struct key key;
	const struct question q = { k, &key };
	uint64_t hash;
	enum rc rc;

	*id = 0;
	rc = key_of_cells(k, cells, &key);
	if (rc != RC_OK)
		return rc;
	hash = hash_key(k, &key);
	return hash ? import_known_find(k->known, hash, confirm, (void *)&q, id) : RC_OK;
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
	return hash ? import_known_put(k->known, hash, id) : RC_OK;
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

/* The keys of the records that ${where} names, with one number in it; not of the trash. */
static enum rc
load(struct import_keys *k, const char *where, int64_t number)
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
	sql_add(&t, "%s AND r.deleted_at IS NULL", where);
	rc = sql_prepare(v, sql_end(&t), &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", number);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK) {
		for (i = 0; i < k->n; i++) {
			key.text[i] = sqlite3_column_blob(st, (int)i + 1);
			key.len[i] = (size_t)sqlite3_column_bytes(st, (int)i + 1);
		}
		hash = hash_key(k, &key);
		if (hash)
			rc = import_known_put(k->known, hash, sqlite3_column_int64(st, 0));
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
import_keys_mark(struct import_keys *k)
{
	struct vault *v = k->im->v;
	enum rc rc = sql_int(v, "SELECT coalesce(max(id), 0) FROM record", &k->last_id);

	return rc == RC_OK ? sql_int(v, "SELECT coalesce(max(id), 0) FROM step", &k->last_step)
			   : rc;
}

enum rc
import_keys_catch_up(struct import_keys *k)
{
	enum rc rc = load(k, "r.id > ?1", k->last_id);

	return rc == RC_OK ? load(k,
				 "r.id IN (SELECT record_id FROM history WHERE step > ?1)",
				 k->last_step)
			   : rc;
}

static enum rc
prepare_get(struct import_keys *k)
{
	struct sql_text t;
	char sql[2048];

	sql_text_init(&t, sql, sizeof sql);
	put_columns(k, &t);
	sql_add(&t, "r.id = ?1 AND r.deleted_at IS NULL");
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
	rc = import_known_new(im->v, im->opts->keys_max, &k->known);
	if (rc == RC_OK)
		rc = load(k, "r.id > ?1", 0);
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
import_keys_release(struct import_keys *k)
{
	if (!k)
		return;
	sqlite3_finalize(k->get);
	k->get = NULL;
	import_known_release(k->known);
}

void
import_keys_free(struct import_keys *k)
{
	if (!k)
		return;
	import_keys_release(k);
	import_known_free(k->known);
	secret_wipe(k, sizeof *k);
	free(k);
}
