/*
 * The last seen state.
 *
 *     sequence 8 | time 8 | HMAC-SHA-256 under the "state" key of both 32        (big-endian)
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
#include "store/state.h"
#include "store/vault_int.h"

#define FILE_NAME "seen"
#define BODY_LEN  16
#define SEEN_LEN  (BODY_LEN + SHA256_LEN)
#define TIME_ROOM 32

static enum rc
code_of(struct keyring *kr, const uint8_t body[BODY_LEN], uint8_t out[SHA256_LEN])
{
	uint8_t key[KEY_LEN];
	enum rc rc = keyring_derive(kr, "state", key, sizeof key);

	if (rc == RC_OK)
		rc = hmac_sha256(key, sizeof key, body, BODY_LEN, out);
	secret_wipe(key, sizeof key);
	return rc;
}

/* False: nothing was seen. */
static bool
seen_read(struct keyring *kr, uint64_t *sequence, time_t *when)
{
	uint8_t id[VAULT_ID_LEN], raw[SEEN_LEN], code[SHA256_LEN];
	bool there;
	int fd;

	keyring_vault_id(kr, id);
	fd = state_open(id, FILE_NAME, O_RDONLY, true);
	if (fd < 0)
		return false;
	there = pread(fd, raw, sizeof raw, 0) == sizeof raw &&
	    code_of(kr, raw, code) == RC_OK &&
	    equal_ct(code, raw + BODY_LEN, sizeof code);
	close(fd);
	if (!there)
		return false;
	*sequence = be64_get(raw);
	*when = (time_t)(be64_get(raw + 8) / 1000000);
	return true;
}

enum rc
seen_check(struct keyring *kr, const char *path, struct err *err)
{
	char when[TIME_ROOM] = "some time ago";
	uint64_t sequence;
	struct tm tm;
	time_t at;

	if (!seen_read(kr, &sequence, &at) || sequence <= keyring_sequence(kr))
		return RC_OK;
	if (localtime_r(&at, &tm))
		strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
	return err_set(err, RC_TAMPER,
	    "%s is older than the vault was here at %s: an earlier copy was put in its place. "
	    "If you did that yourself, say so with: strongroom accept-older %s",
	    path, when, path);
}

void
seen_note(struct keyring *kr)
{
	uint8_t id[VAULT_ID_LEN], raw[SEEN_LEN];
	uint64_t before;
	bool kept;
	time_t at;
	int fd;

	if (seen_read(kr, &before, &at) && before >= keyring_sequence(kr))
		return;
	keyring_vault_id(kr, id);
	be64_put(raw, keyring_sequence(kr));
	be64_put(raw + 8, (uint64_t)vault_now());
	if (code_of(kr, raw, raw + BODY_LEN) != RC_OK)
		return;
	fd = state_open(id, FILE_NAME, O_WRONLY | O_CREAT, true);
	if (fd < 0)
		return;
	kept = pwrite(fd, raw, sizeof raw, 0) == sizeof raw;
	close(fd);
	if (!kept)
		seen_forget(id);
}

void
seen_forget(const uint8_t id[16])
{
	int fd = state_open(id, FILE_NAME, O_WRONLY | O_TRUNC, false);

	if (fd >= 0)
		close(fd);
}
