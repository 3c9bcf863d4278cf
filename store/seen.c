/*
 * The last seen state.
 *
 *     sequence 8 | time 8 | HMAC-SHA-256 under the "state" key of both 32        (big-endian)
 *
 * One such record; after it, one for each set of master keys that was replaced: whoever puts
 * back a vault from before that finds there a number that the old keys never came to.
 *
 * 1. It never runs ahead of the vault: it is written after the header is on the disk.
 * 2. Written by one write to its place: a torn one does not verify, and is nothing.
 */
#include "store/seen.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyring/bytes.h"
#include "store/notice.h"
#include "store/state.h"
#include "store/vault_int.h"
#include "vfs/vfs.h"

#define FILE_NAME "seen"
#define BODY_LEN  16
#define SEEN_LEN  (BODY_LEN + SHA256_LEN)
#define TIME_ROOM 32
#define RECORDS_MAX 64

static enum rc
code_of(struct keyring *kr, const uint8_t body[BODY_LEN], uint8_t out[SHA256_LEN])
{
	return keyring_mac(kr, "state", body, BODY_LEN, out);
}

/* False: nothing was seen. */
static bool
seen_read(struct keyring *kr, uint64_t *sequence, time_t *when)
{
	uint8_t id[VAULT_ID_LEN], raw[SEEN_LEN], code[SHA256_LEN];
	bool there = false;
	int fd, i;

	keyring_vault_id(kr, id);
	fd = state_open(id, FILE_NAME, O_RDONLY, true);
	if (fd < 0)
		return false;
	for (i = 0; i < RECORDS_MAX; i++) {
		if (pread(fd, raw, sizeof raw, i * SEEN_LEN) != sizeof raw)
			break;
		if (code_of(kr, raw, code) != RC_OK ||
		    !equal_ct(code, raw + BODY_LEN, sizeof code) ||
		    (there && be64_get(raw) <= *sequence))
			continue;
		there = true;
		*sequence = be64_get(raw);
		*when = (time_t)(be64_get(raw + 8) / 1000000);
	}
	close(fd);
	return there;
}

enum rc
seen_check(
    struct keyring *kr, sqlite3 *db, const char *path, bool *older, struct err *err)
{
	char when[TIME_ROOM] = "some time ago";
	uint8_t id[VAULT_ID_LEN];
	uint64_t sequence;
	struct tm tm;
	time_t at;
	enum rc rc;

	*older = false;
	if (!seen_read(kr, &sequence, &at) || sequence <= keyring_sequence(kr))
		return RC_OK;
	/* It may be newer in the file than when it was read to be unlocked. */
	rc = vfs_header_refresh(db, NULL, err);
	if (rc != RC_OK || sequence <= keyring_sequence(kr))
		return rc;
	keyring_vault_id(kr, id);
	notice_older(id);
	*older = true;
	if (localtime_r(&at, &tm))
		strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
	return err_set(err, RC_TAMPER,
	    "%s is older than the vault was here at %s: an earlier copy was put in its place. "
	    "If you did that yourself, say so with: strongroom accept-older %s",
	    path, when, path);
}

/* Write what was seen under ${kr} as record ${n}; the first but for 0 that is free, if -1. */
static void
write_record(struct keyring *kr, uint64_t sequence, int n)
{
	uint8_t id[VAULT_ID_LEN], raw[SEEN_LEN];
	bool kept;
	off_t end;
	int fd;

	keyring_vault_id(kr, id);
	be64_put(raw, sequence);
	be64_put(raw + 8, (uint64_t)vault_now());
	if (code_of(kr, raw, raw + BODY_LEN) != RC_OK)
		return;
	fd = state_open(id, FILE_NAME, O_WRONLY | O_CREAT, true);
	if (fd < 0)
		return;
	end = lseek(fd, 0, SEEK_END) / SEEN_LEN;
	if (n < 0)
		n = end < 1 ? 1 : end < RECORDS_MAX ? (int)end : RECORDS_MAX - 1;
	kept = pwrite(fd, raw, sizeof raw, n * (off_t)SEEN_LEN) == sizeof raw;
	close(fd);
	if (!kept)
		seen_forget(id);
}

void
seen_note(struct keyring *kr)
{
	uint64_t before;
	time_t at;

	if (seen_read(kr, &before, &at) && before >= keyring_sequence(kr))
		return;
	write_record(kr, keyring_sequence(kr), 0);
}

void
seen_retire(struct keyring *kr, uint64_t sequence)
{
	write_record(kr, sequence, -1);
}

bool
seen_forget(const uint8_t id[16])
{
	return state_empty(id, FILE_NAME);
}
