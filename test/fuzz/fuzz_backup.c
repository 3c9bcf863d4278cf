/*
 * What people bring from elsewhere: a key backup and a typed recovery code. The first byte
 * says how: bit 0, the rest is the file itself, and the code; else the rest are changes
 * (offset 2, value 1) to a good backup. Checked: what does not open says why; what opens is
 * the good one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/backup.h"
#include "keyring/recovery.h"

#define CHANGE_LEN 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t good[BACKUP_LEN];
static struct secret *passphrase;

static void
make_good(void)
{
	const struct kdf_params cheap = {KDF_ARGON2ID, kdf_floor.memory_kib, 1, 1};
	struct keyring_secret s = {SLOT_PASSPHRASE, NULL};
	static uint8_t area[HEADER_AREA_LEN];
	struct keyring *kr = NULL;

	if (secret_setup(NULL) != RC_OK || secret_from("secret", 6, &passphrase) != RC_OK)
		abort();
	s.bytes = passphrase;
	if (keyring_create(&s, &cheap, "fuzz", &kr, NULL) != RC_OK ||
	    keyring_serialise(kr, area) != RC_OK)
		abort();
	keyring_written(kr, area);
	if (keyring_backup(kr, passphrase, &cheap, good, NULL) != RC_OK)
		abort();
	keyring_free(kr);
}

/* The key derivation runs only at the price of the good one. */
static void
open_it(const uint8_t *bytes, size_t len)
{
	struct err err = {""};
	struct backup_info info;
	struct keyring *kr = NULL;
	enum rc rc = backup_info(bytes, len, &info, &err);

	if (rc == RC_OK && info.kdf.kind == KDF_ARGON2ID &&
	    info.kdf.memory_kib == kdf_floor.memory_kib && info.kdf.passes == 1 &&
	    info.kdf.lanes == 1) {
		rc = keyring_from_backup(bytes, len, passphrase, &kr, &err);
		if (rc == RC_OK && memcmp(bytes, good, BACKUP_LEN) != 0)
			abort();
	}
	if (rc != RC_OK && !*err.text)
		abort();
	keyring_free(kr);
}

static void
type_it(const uint8_t *data, size_t size)
{
	struct err err = {""};
	struct secret *typed = NULL, *bits = NULL;
	enum rc rc;

	if (secret_from(data, size, &typed) != RC_OK)
		return;
	rc = recovery_read(typed, &bits, &err);
	if ((rc == RC_OK) != (bits != NULL) || (rc != RC_OK && !*err.text))
		abort();
	if (rc == RC_OK && secret_len(bits) != RECOVERY_LEN)
		abort();
	secret_free(typed);
	secret_free(bits);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t changed[BACKUP_LEN];
	size_t at;

	if (good[0] == 0)
		make_good();
	if (size == 0)
		return 0;
	if (data[0] & 1) {
		open_it(data + 1, size - 1);
		type_it(data + 1, size - 1);
		return 0;
	}
	memcpy(changed, good, BACKUP_LEN);
	for (data++, size--; size >= CHANGE_LEN; data += CHANGE_LEN, size -= CHANGE_LEN) {
		at = ((size_t)data[0] << 8 | data[1]) % BACKUP_LEN;
		changed[at] = data[2];
	}
	open_it(changed, BACKUP_LEN);
	return 0;
}
