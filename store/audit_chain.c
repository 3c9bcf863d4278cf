/*
 * The chain of MACs over the audit's entries.
 *
 *     MAC_i = HMAC-SHA256(K_i, MAC_(i-1) | encoding of entry i)     MAC_0 = 32 zero bytes
 *     K_(i+1) = HKDF-Expand(K_i, "strongroom/1/audit-next")         K_1 = the seed
 *
 *     encoding: seq 8 | at 8 | event 4 | slot 4 | count 8 | actor | uuid | field | reason
 *     each of the last four: present 1 | length 4 | bytes
 *
 * 1. Only the current key is kept, in meta, and it is overwritten at each entry: who takes
 *    it can append, and not rewrite what was there before.
 * 2. The seed is wrapped under a key that only full slots derive. While the master keys are
 *    replaced there are wraps under several; the one that opens counts.
 * 3. Every length is in the encoding: no two entries have the same one.
 */
#include "store/audit_int.h"

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring.h"
#include "keyring/secret.h"
#include "store/unlocked.h"

#define SEED_KEY   "audit_seed"
#define STATE_KEY  "audit_state"
#define NEXT_LABEL "strongroom/1/audit-next"
#define SEEDS_MAX  8 /* each a wrapped key; the oldest of those that do not open goes first */

#define STATE_LEN    (KEY_LEN + SHA256_LEN + 8)
#define ACTOR_MAX    256
#define NAME_MAX_LEN 256
#define FIXED_LEN    (SHA256_LEN + 8 + 8 + 4 + 4 + 8)
#define ENTRY_MAX    (FIXED_LEN + 4 * 5 + ACTOR_MAX + 16 + NAME_MAX_LEN + AUDIT_REASON_MAX)

struct writer {
	uint8_t *at;
	size_t room;
	bool cut;
};

static void
put_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->cut || len > w->room) {
		w->cut = true;
		return;
	}
	memcpy(w->at, bytes, len);
	w->at += len;
	w->room -= len;
}

static void
put32(struct writer *w, uint32_t x)
{
	uint8_t b[4];

	be32_put(b, x);
	put_bytes(w, b, sizeof b);
}

static void
put64(struct writer *w, uint64_t x)
{
	uint8_t b[8];

	be64_put(b, x);
	put_bytes(w, b, sizeof b);
}

static void
put_part(struct writer *w, bool present, const void *bytes, size_t len)
{
	const uint8_t flag = present;

	put_bytes(w, &flag, 1);
	put32(w, present ? (uint32_t)len : 0);
	if (present)
		put_bytes(w, bytes, len);
}

static void
put_string(struct writer *w, const char *s)
{
	put_part(w, s != NULL, s, s ? strlen(s) : 0);
}

enum rc
audit_chain_mac(const struct audit_chain *chain, const struct audit_entry *e,
    uint8_t mac[SHA256_LEN])
{
	uint8_t buf[ENTRY_MAX];
	struct writer w = { buf, sizeof buf, false };

	put_bytes(&w, chain->mac, SHA256_LEN);
	put64(&w, (uint64_t)e->seq);
	put64(&w, (uint64_t)e->at);
	put32(&w, (uint32_t)e->event);
	put32(&w, (uint32_t)e->slot);
	put64(&w, (uint64_t)e->count);
	put_string(&w, e->actor);
	put_part(&w, e->has_record, e->record_uuid, sizeof e->record_uuid);
	put_string(&w, e->field);
	put_string(&w, e->reason);
	if (w.cut)
		return RC_LIMIT;
	return hmac_sha256(chain->key, KEY_LEN, buf, sizeof buf - w.room, mac);
}

enum rc
audit_chain_next(struct audit_chain *chain, const uint8_t mac[SHA256_LEN])
{
	uint8_t next[KEY_LEN];
	enum rc rc = hkdf_expand(chain->key, NEXT_LABEL, strlen(NEXT_LABEL), next, KEY_LEN);

	if (rc == RC_OK) {
		memcpy(chain->key, next, KEY_LEN);
		memcpy(chain->mac, mac, SHA256_LEN);
		chain->count++;
	}
	secret_wipe(next, sizeof next);
	return rc;
}

/* RC_NOTFOUND: there is no state, or it is none. */
static enum rc
read_state(struct vault *v, uint8_t state[STATE_LEN])
{
	sqlite3_stmt *st;
	enum rc rc;

	rc = sql_keep(v, &v->kept[KEPT_LOAD],
	    "SELECT value FROM meta WHERE key = '" STATE_KEY "'", &st);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK && sqlite3_column_bytes(st, 0) != STATE_LEN)
		rc = RC_NOTFOUND;
	if (rc == RC_OK)
		memcpy(state, sqlite3_column_blob(st, 0), STATE_LEN);
	sql_release(st);
	return rc;
}

enum rc
audit_chain_load(struct vault *v, struct audit_chain *chain)
{
	uint8_t state[STATE_LEN] = { 0 };
	enum rc rc = read_state(v, state);

	if (rc == RC_NOTFOUND)
		rc = err_set(&v->err, RC_DAMAGED,
		    "%s: the state of its audit is missing; run verify, and restore a backup", v->path);
	if (rc == RC_OK) {
		memcpy(chain->key, state, KEY_LEN);
		memcpy(chain->mac, state + KEY_LEN, SHA256_LEN);
		chain->count = be64_get(state + KEY_LEN + SHA256_LEN);
	}
	secret_wipe(state, sizeof state);
	return rc;
}

enum rc
audit_chain_save(struct vault *v, const struct audit_chain *chain)
{
	uint8_t state[STATE_LEN];
	sqlite3_stmt *st;
	enum rc rc;

	memcpy(state, chain->key, KEY_LEN);
	memcpy(state + KEY_LEN, chain->mac, SHA256_LEN);
	be64_put(state + KEY_LEN + SHA256_LEN, chain->count);
	rc = sql_keep(v, &v->kept[KEPT_SAVE],
	    "INSERT INTO meta(key, value) VALUES('" STATE_KEY "', ?1)"
	    " ON CONFLICT(key) DO UPDATE SET value = excluded.value", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "b", state, sizeof state);
	if (rc == RC_OK)
		rc = sql_done(v, st);
	sql_release(st);
	secret_wipe(state, sizeof state);
	return rc;
}

static enum rc
wrapping_key(struct vault *v, uint8_t kek[KEY_LEN])
{
	return keyring_derive_field(
	    unlocked_keyring(v->unlocked), AUDIT_WRAP_LABEL, kek, KEY_LEN, &v->err);
}

enum rc
audit_start(struct vault *v)
{
	struct audit_chain chain = { .count = 0 };
	uint8_t kek[KEY_LEN], wrapped[WRAPPED_KEY_LEN];
	enum rc rc;

	rc = wrapping_key(v, kek);
	if (rc == RC_OK)
		rc = random_bytes(chain.key, KEY_LEN);
	if (rc == RC_OK)
		rc = key_wrap(kek, chain.key, wrapped);
	if (rc == RC_OK)
		rc = sql_meta_put(v, SEED_KEY, wrapped, sizeof wrapped);
	if (rc == RC_OK)
		rc = audit_chain_save(v, &chain);
	secret_wipe(kek, sizeof kek);
	secret_wipe(&chain, sizeof chain);
	return err_default(&v->err, rc);
}

/* The seed, from that of the wraps which opens, and which that is. */
static enum rc
open_seed(struct vault *v, uint8_t seed[KEY_LEN], uint8_t wrapped[WRAPPED_KEY_LEN])
{
	uint8_t kek[KEY_LEN], all[SEEDS_MAX * WRAPPED_KEY_LEN];
	size_t len = 0, at;
	enum rc rc = wrapping_key(v, kek);

	if (rc == RC_OK)
		rc = sql_meta_get(v, SEED_KEY, all, sizeof all, &len);
	if (rc == RC_NOTFOUND ||
	    (rc == RC_OK && (len == 0 || len > sizeof all || len % WRAPPED_KEY_LEN != 0)))
		rc = RC_TAMPER;
	if (rc == RC_OK) {
		rc = RC_TAMPER;
		for (at = 0; rc == RC_TAMPER && at < len; at += WRAPPED_KEY_LEN) {
			memcpy(wrapped, all + at, WRAPPED_KEY_LEN);
			rc = key_unwrap(kek, wrapped, seed);
		}
	}
	secret_wipe(kek, sizeof kek);
	if (rc == RC_TAMPER)
		err_set(&v->err, rc, "%s: the seed of the audit's chain does not verify", v->path);
	return rc;
}

enum rc
audit_chain_seed(struct vault *v, struct audit_chain *chain)
{
	uint8_t wrapped[WRAPPED_KEY_LEN];
	enum rc rc;

	memset(chain, 0, sizeof *chain);
	rc = keyring_need_full(
	    unlocked_keyring(v->unlocked), "check the audit's chain", &v->err);
	if (rc == RC_OK)
		rc = open_seed(v, chain->key, wrapped);
	return err_default(&v->err, rc);
}

enum rc
audit_seed_add(struct vault *v, const uint8_t kek[KEY_LEN])
{
	uint8_t seed[KEY_LEN], all[SEEDS_MAX * WRAPPED_KEY_LEN], rest[sizeof all];
	size_t len = 0, at, n = WRAPPED_KEY_LEN;
	enum rc rc = open_seed(v, seed, all);

	if (rc == RC_OK)
		rc = sql_meta_get(v, SEED_KEY, rest, sizeof rest, &len);
	at = len == sizeof rest ? WRAPPED_KEY_LEN : 0;
	for (; rc == RC_OK && at < len && n < sizeof all - WRAPPED_KEY_LEN;
	     at += WRAPPED_KEY_LEN)
		if (memcmp(rest + at, all, WRAPPED_KEY_LEN) != 0) {
			memcpy(all + n, rest + at, WRAPPED_KEY_LEN);
			n += WRAPPED_KEY_LEN;
		}
	if (rc == RC_OK)
		rc = key_wrap(kek, seed, all + n);
	if (rc == RC_OK)
		rc = sql_meta_put(v, SEED_KEY, all, n + WRAPPED_KEY_LEN);
	secret_wipe(seed, sizeof seed);
	return err_default(&v->err, rc);
}

enum rc
audit_seed_settle(struct vault *v)
{
	uint8_t seed[KEY_LEN], wrapped[WRAPPED_KEY_LEN], all[SEEDS_MAX * WRAPPED_KEY_LEN];
	bool own = false;
	size_t len;
	enum rc rc = sql_meta_get(v, SEED_KEY, all, sizeof all, &len);

	if (rc == RC_NOTFOUND || (rc == RC_OK && len <= WRAPPED_KEY_LEN))
		return RC_OK;
	if (rc == RC_OK)
		rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = open_seed(v, seed, wrapped);
	if (rc == RC_OK)
		rc = sql_meta_put(v, SEED_KEY, wrapped, sizeof wrapped);
	secret_wipe(seed, sizeof seed);
	return vault_leave(v, own, err_default(&v->err, rc));
}
