/*
 * Hashes of keys and the records that have them: a table in memory, and what does not fit in
 * it in a temporary table.
 *
 *     put -> slots -(full)-> temp.import_known, and the filter
 *
 * 1. Memory is bounded: slots for ${max} entries, and a filter of FILTER_BITS once there is
 *    more. The temporary table lies in a file that the VFS seals under a key kept nowhere.
 * 2. The filter says "not there" or "perhaps": for a new key no page is read as a rule.
 * 3. A slot's home is given by the hash's upper bits, so the slots are nearly in the order of
 *    the hashes: emptied into the table, they pass over each of its pages once.
 * 4. Hashes tell whether a value is there: they are wiped before their memory is given back.
 */
#include "store/import_known.h"

#include <stdlib.h>

#include "keyring/secret.h"
#include "store/sql.h"

#define SLOTS_MIN   1024
#define SLOTS_MAX   (UINT64_C(1) << 22) /* 64 MiB */
#define FILTER_BITS (UINT64_C(1) << 28) /* 32 MiB */

struct slot {
	uint64_t hash;
	int64_t id; /* 0: free */
};

struct import_known {
	struct vault *v;
	size_t max;
	struct slot *slots;
	size_t used, cap; /* a power of two */
	unsigned shift;   /* from a hash to its home */
	uint8_t *filter;  /* NULL: nothing is in the table */
	sqlite3_stmt *add, *get;
};

enum rc
import_known_new(struct vault *v, size_t max, struct import_known **out)
{
	struct import_known *k = calloc(1, sizeof *k);

	*out = k;
	if (!k)
		return RC_NOMEM;
	k->v = v;
	k->max = max ? max : SLOTS_MAX / 4 * 3;
	return RC_OK;
}

static void
place(struct slot *slots, size_t cap, unsigned shift, struct slot s)
{
	size_t at = (size_t)(s.hash >> shift);

	while (slots[at].id)
		at = (at + 1) & (cap - 1);
	slots[at] = s;
}

static void
wipe_slots(struct import_known *k)
{
	if (k->slots)
		secret_wipe(k->slots, k->cap * sizeof *k->slots);
}

static enum rc
grow(struct import_known *k)
{
	size_t cap = k->cap ? k->cap * 2 : SLOTS_MIN, i;
	unsigned shift = k->cap ? k->shift - 1 : 64 - 10;
	struct slot *fresh = calloc(cap, sizeof *fresh);

	if (!fresh)
		return RC_NOMEM;
	for (i = 0; i < k->cap; i++)
		if (k->slots[i].id)
			place(fresh, cap, shift, k->slots[i]);
	wipe_slots(k);
	free(k->slots);
	k->slots = fresh;
	k->cap = cap;
	k->shift = shift;
	return RC_OK;
}

static void
filter_bits(uint64_t hash, uint64_t bits[2])
{
	bits[0] = hash % FILTER_BITS;
	bits[1] = (hash >> 32) % FILTER_BITS;
}

static void
filter_add(struct import_known *k, uint64_t hash)
{
	uint64_t bits[2];
	size_t i;

	filter_bits(hash, bits);
	for (i = 0; i < 2; i++)
		k->filter[bits[i] / 8] |= (uint8_t)(1U << bits[i] % 8);
}

static bool
filter_has(const struct import_known *k, uint64_t hash)
{
	uint64_t bits[2];
	size_t i;

	filter_bits(hash, bits);
	for (i = 0; i < 2; i++)
		if (!(k->filter[bits[i] / 8] & 1U << bits[i] % 8))
			return false;
	return true;
}

/* The first time that memory does not suffice. What an import left that failed goes. */
static enum rc
make_table(struct import_known *k)
{
	enum rc rc;

	k->filter = calloc(FILTER_BITS / 8, 1);
	if (!k->filter)
		return RC_NOMEM;
	rc = sql_exec(k->v,
	    "DROP TABLE IF EXISTS temp.import_known;"
	    "CREATE TEMP TABLE import_known(hash INTEGER NOT NULL, id INTEGER NOT NULL,"
	    " PRIMARY KEY(hash, id)) WITHOUT ROWID");
	if (rc == RC_OK)
		rc = sql_prepare(k->v,
		    "INSERT OR IGNORE INTO temp.import_known(hash, id) VALUES(?1, ?2)", &k->add);
	if (rc == RC_OK)
		rc = sql_prepare(
		    k->v, "SELECT id FROM temp.import_known WHERE hash = ?1", &k->get);
	return rc;
}

static enum rc
empty_slots(struct import_known *k)
{
	enum rc rc = k->filter ? RC_OK : make_table(k);
	size_t i;

	for (i = 0; rc == RC_OK && i < k->cap; i++) {
		struct slot *s = &k->slots[i];

		if (!s->id)
			continue;
		filter_add(k, s->hash);
		rc = sql_bind(k->v, k->add, "ii", (int64_t)s->hash, s->id);
		if (rc == RC_OK)
			rc = sql_done(k->v, k->add);
		s->id = 0;
	}
	k->used = 0;
	return rc;
}

enum rc
import_known_put(struct import_known *k, uint64_t hash, int64_t id)
{
	enum rc rc = RC_OK;

	if (k->used >= k->max)
		rc = empty_slots(k);
	else if (k->used >= k->cap / 4 * 3)
		rc = grow(k);
	if (rc != RC_OK)
		return rc;
	place(k->slots, k->cap, k->shift, (struct slot){ hash, id });
	k->used++;
	return RC_OK;
}

static enum rc
find_in_table(struct import_known *k, uint64_t hash, import_known_is *is, void *arg,
    int64_t *id)
{
	bool same = false;
	enum rc rc = sql_bind(k->v, k->get, "i", (int64_t)hash);

	while (rc == RC_OK && !same && (rc = sql_step(k->v, k->get)) == RC_OK) {
		int64_t found = sqlite3_column_int64(k->get, 0);

		rc = is(arg, found, &same);
		if (same)
			*id = found;
	}
	sql_release(k->get);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
import_known_find(
    struct import_known *k, uint64_t hash, import_known_is *is, void *arg, int64_t *id)
{
	bool same = false;
	enum rc rc;
	size_t at;

	*id = 0;
	if (!k->cap)
		return RC_OK;
	for (at = (size_t)(hash >> k->shift); k->slots[at].id; at = (at + 1) & (k->cap - 1)) {
		if (k->slots[at].hash != hash)
			continue;
		rc = is(arg, k->slots[at].id, &same);
		if (rc != RC_OK)
			return rc;
		if (same) {
			*id = k->slots[at].id;
			return RC_OK;
		}
	}
	return k->filter && filter_has(k, hash) ? find_in_table(k, hash, is, arg, id) : RC_OK;
}

void
import_known_release(struct import_known *k)
{
	if (!k)
		return;
	sqlite3_finalize(k->add);
	sqlite3_finalize(k->get);
	k->add = NULL;
	k->get = NULL;
}

void
import_known_free(struct import_known *k)
{
	if (!k)
		return;
	import_known_release(k);
	/* A transaction that was rolled back has taken it away, unless a batch was committed. */
	if (k->filter)
		sqlite3_exec(k->v->db, "DROP TABLE IF EXISTS temp.import_known", NULL, NULL, NULL);
	if (k->filter)
		secret_wipe(k->filter, FILTER_BITS / 8);
	free(k->filter);
	wipe_slots(k);
	free(k->slots);
	free(k);
}
