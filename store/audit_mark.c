/*
 * The marks of the audit: in the header and in the state folder.
 *
 *     entries 8 | time 8 | page epoch 4 | made 8 | MAC of the entry 32 | HMAC-SHA-256 32
 *
 * is a record of the state folder, big-endian; the last part is over the others, under the
 * key "audit-state". There is one for each copy of the vault that was open here: copies have
 * the same id and go ways of their own, and each has page epochs that no other one has.
 *
 * 1. A mark never runs ahead of the vault: its entries are on the disk before it is.
 * 2. A mark that does not fit the entries is not written over.
 * 3. What does not verify was never seen.
 */
#include "store/audit_mark.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keyring/bytes.h"
#include "keyring/keyring.h"
#include "store/state.h"
#include "store/unlocked.h"

#define FILE_NAME   "audit"
#define AT_TIME	    8
#define AT_EPOCH    16
#define AT_MADE	    20
#define AT_MAC	    28
#define BODY_LEN    (AT_MAC + SHA256_LEN)
#define MARK_LEN    (BODY_LEN + SHA256_LEN)
#define RECORDS_MAX 32

static enum rc
code_of(struct keyring *kr, const uint8_t body[BODY_LEN], uint8_t out[SHA256_LEN])
{
	return keyring_mac(kr, "audit-state", body, BODY_LEN, out);
}

/* Whether the page epoch that the record names is one of this file. */
static bool
is_ours(const struct header *h, const uint8_t body[BODY_LEN])
{
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h->epochs[i].number != 0 && h->epochs[i].purpose == EPOCH_PAGE &&
		    h->epochs[i].number == be32_get(body + AT_EPOCH) &&
		    h->epochs[i].created == be64_get(body + AT_MADE))
			return true;
	return false;
}

static bool
verifies(struct keyring *kr, const uint8_t raw[MARK_LEN])
{
	uint8_t code[SHA256_LEN];

	return code_of(kr, raw, code) == RC_OK &&
	       equal_ct(code, raw + BODY_LEN, sizeof code);
}

/*
 * The place of this file's record, and the record; else the place for a new one: behind the
 * last, or that of the oldest.
 */
static bool
find_record(
    int fd, struct keyring *kr, const struct header *h, uint8_t raw[MARK_LEN], int *place)
{
	uint64_t oldest = UINT64_MAX;
	int i;

	*place = 0;
	for (i = 0; i < RECORDS_MAX; i++) {
		if (pread(fd, raw, MARK_LEN, i * MARK_LEN) != MARK_LEN) {
			*place = i;
			return false;
		}
		if (is_ours(h, raw) && verifies(kr, raw)) {
			*place = i;
			return true;
		}
		if (be64_get(raw + AT_TIME) < oldest) {
			oldest = be64_get(raw + AT_TIME);
			*place = i;
		}
	}
	return false;
}

static void
read_state(struct keyring *kr, struct audit_mark *out)
{
	uint8_t raw[MARK_LEN];
	struct header h;
	int fd, place;

	keyring_header(kr, &h);
	fd = state_open(h.vault_id, FILE_NAME, O_RDONLY, true);
	if (fd < 0)
		return;
	if (find_record(fd, kr, &h, raw, &place)) {
		out->entries = be64_get(raw);
		memcpy(out->mac, raw + AT_MAC, SHA256_LEN);
	}
	close(fd);
}

void
audit_marks(struct vault *v, struct audit_mark out[AUDIT_MARKS])
{
	struct keyring *kr = unlocked_keyring(v->unlocked);

	memset(out, 0, AUDIT_MARKS * sizeof *out);
	out[0].where = "the vault's header";
	out[0].entries = keyring_audit(kr, out[0].mac);
	out[1].where = "the state folder";
	read_state(kr, &out[1]);
}

/* RC_NOTFOUND: there is no such entry. */
static enum rc
check_mark(struct vault *v, const struct audit_mark *m)
{
	sqlite3_stmt *st;
	enum rc rc;

	if (m->entries == 0)
		return RC_OK;
	rc = sql_prepare(v, "SELECT mac FROM audit WHERE seq = ?1", &st);
	if (rc == RC_OK)
		rc = sql_bind(v, st, "i", (int64_t)m->entries);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK && (sqlite3_column_bytes(st, 0) != SHA256_LEN ||
			       !equal_ct(sqlite3_column_blob(st, 0), m->mac, SHA256_LEN)))
		rc = RC_TAMPER;
	sqlite3_finalize(st);
	return rc;
}

static enum rc
check_and_say(struct vault *v, const struct audit_mark *m, char *what, size_t cap)
{
	enum rc rc = check_mark(v, m);

	if (rc == RC_NOTFOUND)
		snprintf(what, cap, "%s knows %llu entries, and the last of them is gone",
		    m->where, (unsigned long long)m->entries);
	else if (rc == RC_TAMPER)
		snprintf(what, cap, "entry %llu is not the one that %s knows",
		    (unsigned long long)m->entries, m->where);
	return rc == RC_NOTFOUND ? RC_TAMPER : rc;
}

enum rc
audit_mark_check(struct vault *v, char *what, size_t cap)
{
	struct audit_mark marks[AUDIT_MARKS];
	enum rc rc = RC_OK;
	int i;

	*what = '\0';
	audit_marks(v, marks);
	for (i = 0; rc == RC_OK && i < AUDIT_MARKS; i++)
		rc = check_and_say(v, &marks[i], what, cap);
	return rc;
}

enum rc
audit_mark_set(struct vault *v, struct audit_chain *chain)
{
	char what[160];
	enum rc rc = audit_mark_check(v, what, sizeof what);

	if (rc == RC_OK)
		rc = audit_chain_load(v, chain);
	secret_wipe(chain->key, sizeof chain->key);
	if (rc == RC_OK)
		keyring_note_audit(
		    unlocked_keyring(v->unlocked), chain->count, chain->mac);
	return rc;
}

static enum rc
make_record(struct keyring *kr, const struct header *h, const struct audit_chain *chain,
    uint8_t raw[MARK_LEN])
{
	const uint32_t epoch = keyring_page_epoch(kr);
	int i;

	be64_put(raw, chain->count);
	be64_put(raw + AT_TIME, (uint64_t)vault_now());
	be32_put(raw + AT_EPOCH, epoch);
	be64_put(raw + AT_MADE, 0);
	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h->epochs[i].number == epoch && h->epochs[i].purpose == EPOCH_PAGE)
			be64_put(raw + AT_MADE, h->epochs[i].created);
	memcpy(raw + AT_MAC, chain->mac, SHA256_LEN);
	return code_of(kr, raw, raw + BODY_LEN);
}

void
audit_mark_keep(struct keyring *kr, const struct audit_chain *chain)
{
	uint8_t raw[MARK_LEN], old[MARK_LEN];
	struct header h;
	int fd, place;
	bool kept;

	keyring_header(kr, &h);
	if (make_record(kr, &h, chain, raw) != RC_OK)
		return;
	fd = state_open(h.vault_id, FILE_NAME, O_RDWR | O_CREAT, true);
	if (fd < 0)
		return;
	/* Another process may have kept a later one meanwhile. */
	kept = find_record(fd, kr, &h, old, &place) && be64_get(old) > chain->count;
	/* No mark at all is no alarm; half a one would stay in the way of the next. */
	if (!kept && pwrite(fd, raw, sizeof raw, place * (off_t)MARK_LEN) != sizeof raw)
		(void)!ftruncate(fd, 0);
	close(fd);
}

bool
audit_mark_forget(const uint8_t id[16])
{
	return state_empty(id, FILE_NAME);
}
