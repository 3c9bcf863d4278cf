/*
 * The backup of a header.
 *
 *     what is plain | a slot that holds the backup's key | nonce | header copy | tag
 *
 * 1. The backup's key is random and used once; a slot of type passphrase holds it in the
 *    place of a master key, with the commitment and the limits of any slot.
 * 2. That slot is bound to an id made from the vault's and is no use in the vault itself.
 * 3. All that is plain is authenticated with the header copy.
 * 4. A backup that keyring_backup returns has been opened once from its bytes.
 */

#include "keyring/backup.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/bytes.h"
#include "keyring/keyring_int.h"

#define AT_MAJOR    8
#define AT_MINOR    10
#define AT_LENGTH   12
#define AT_VAULT_ID 16
#define AT_SEQUENCE 32
#define AT_MODIFIED 40
#define AT_MADE     48
#define AT_RESERVED 56
#define AT_SLOT     64
#define AT_NONCE    (AT_SLOT + SLOT_LEN)
#define AT_PADDING  (AT_NONCE + AEAD_NONCE_LEN)
#define AT_HEADER   (AT_PADDING + 4)
#define AT_TAG      (AT_HEADER + HEADER_LEN)

_Static_assert(AT_TAG + AEAD_TAG_LEN == BACKUP_LEN, "the backup's length");

#define MAGIC       "SRVHEADB"
#define MAGIC_LEN   8
#define MAJOR       1
#define MINOR       0
#define LABEL       "strongroom/1/backup"

/* The id that the backup's slot is bound to. */
static enum rc
bound_id(const uint8_t vault_id[VAULT_ID_LEN], uint8_t out[VAULT_ID_LEN])
{
	uint8_t text[sizeof LABEL + VAULT_ID_LEN], sum[SHA256_LEN];
	enum rc rc;

	memcpy(text, LABEL, sizeof LABEL);
	memcpy(text + sizeof LABEL, vault_id, VAULT_ID_LEN);
	rc = sha256(text, sizeof text, sum);
	memcpy(out, sum, VAULT_ID_LEN);
	return rc;
}

static enum rc
bad(struct err *err, const char *what)
{
	return err_set(err, RC_LIMIT,
	    "the key backup has %s that its format does not allow: it was altered; use another",
	    what);
}

enum rc
backup_info(const uint8_t *bytes, size_t len, struct backup_info *out, struct err *err)
{
	struct slot_info slot;
	enum rc rc;

	memset(out, 0, sizeof *out);
	if (len < AT_SLOT || memcmp(bytes, MAGIC, MAGIC_LEN) != 0)
		return err_set(err, RC_FORMAT, "this is not a key backup");
	if (be16_get(bytes + AT_MAJOR) > MAJOR)
		return err_set(err, RC_VERSION,
		    "the key backup has a newer format than this program knows");
	if (be16_get(bytes + AT_MAJOR) < MAJOR || be32_get(bytes + AT_LENGTH) != BACKUP_LEN)
		return bad(err, "a version or a length");
	if (len != BACKUP_LEN)
		return err_set(err, RC_DAMAGED,
		    "the key backup is not whole: it has %zu bytes instead of %d", len,
		    BACKUP_LEN);
	if (!all_zero(bytes + AT_RESERVED, AT_SLOT - AT_RESERVED) ||
	    !all_zero(bytes + AT_PADDING, AT_HEADER - AT_PADDING))
		return bad(err, "content in a reserved place");
	rc = slot_info(bytes + AT_SLOT, &slot, err);
	if (rc != RC_OK)
		return rc;
	if (slot.type != SLOT_PASSPHRASE || slot.role != ROLE_BROWSE)
		return bad(err, "a slot");
	memcpy(out->vault_id, bytes + AT_VAULT_ID, VAULT_ID_LEN);
	out->sequence = be64_get(bytes + AT_SEQUENCE);
	out->modified = be64_get(bytes + AT_MODIFIED);
	out->made = be64_get(bytes + AT_MADE);
	out->kdf = slot.kdf;
	return RC_OK;
}

/* The header copy in the backup, by the key that its slot holds. */
static enum rc
unseal(const uint8_t *bytes, const struct slot_keys *keys, uint8_t raw[HEADER_LEN])
{
	struct aead *a;
	enum rc rc = aead_new(keys->master, &a);

	if (rc != RC_OK)
		return rc;
	rc = aead_open(a, bytes + AT_NONCE, bytes, AT_HEADER, bytes + AT_HEADER, HEADER_LEN,
	    bytes + AT_TAG, raw);
	aead_free(a);
	return rc;
}

static enum rc
open_copy(const uint8_t *bytes, const struct secret *passphrase, uint8_t raw[HEADER_LEN],
    struct err *err)
{
	struct slot_keys *keys = secret_alloc(sizeof *keys);
	uint8_t id[VAULT_ID_LEN];
	enum rc rc = RC_NOMEM;

	if (keys)
		rc = bound_id(bytes + AT_VAULT_ID, id);
	if (rc == RC_OK)
		rc = slot_open(bytes + AT_SLOT, id, passphrase, keys, err);
	if (rc == RC_PASS)
		err_set(err, rc,
		    "wrong passphrase of the key backup; check the keyboard layout and Caps Lock");
	if (rc == RC_OK)
		rc = unseal(bytes, keys, raw);
	if (rc == RC_TAMPER)
		err_set(err, rc,
		    "the passphrase is right, but the key backup was altered; use another");
	secret_release(keys);
	return rc;
}

/* ${raw} in the place where it was, the other copy absent. */
static enum rc
parse_copy(const uint8_t *bytes, const uint8_t *raw, struct keyring **out, struct err *err)
{
	uint8_t *area = calloc(1, HEADER_AREA_LEN);
	uint8_t id[VAULT_ID_LEN];
	enum rc rc;

	if (!area)
		return RC_NOMEM;
	memcpy(area, raw, HEADER_LEN);
	rc = keyring_parse(area, HEADER_AREA_LEN, out, err);
	free(area);
	if (rc != RC_OK)
		return rc;
	keyring_vault_id(*out, id);
	if (memcmp(id, bytes + AT_VAULT_ID, VAULT_ID_LEN) == 0)
		return RC_OK;
	keyring_free(*out);
	*out = NULL;
	return bad(err, "another vault's header");
}

enum rc
keyring_from_backup(const uint8_t *bytes, size_t len, const struct secret *passphrase,
    struct keyring **out, struct err *err)
{
	struct backup_info info;
	uint8_t *raw;
	enum rc rc = backup_info(bytes, len, &info, err);

	*out = NULL;
	if (rc != RC_OK)
		return rc;
	raw = malloc(HEADER_LEN);
	rc = raw ? open_copy(bytes, passphrase, raw, err) : RC_NOMEM;
	if (rc == RC_OK)
		rc = parse_copy(bytes, raw, out, err);
	free(raw);
	return err_default(err, rc);
}

static enum rc
seal_copy(uint8_t *out, const struct slot_info *info, const struct secret *passphrase,
    const uint8_t raw[HEADER_LEN])
{
	struct slot_keys *keys = secret_alloc(sizeof *keys);
	uint8_t id[VAULT_ID_LEN];
	struct aead *a = NULL;
	enum rc rc = RC_NOMEM;

	if (keys)
		rc = random_bytes(keys->master, KEY_LEN);
	if (rc == RC_OK)
		rc = bound_id(out + AT_VAULT_ID, id);
	if (rc == RC_OK)
		rc = slot_seal(info, id, passphrase, keys, out + AT_SLOT);
	if (rc == RC_OK)
		rc = random_nonce(out + AT_NONCE);
	if (rc == RC_OK)
		rc = aead_new(keys->master, &a);
	if (rc == RC_OK)
		rc = aead_seal(a, out + AT_NONCE, out, AT_HEADER, raw, HEADER_LEN,
		    out + AT_HEADER, out + AT_TAG);
	aead_free(a);
	secret_release(keys);
	return rc;
}

/* The header as copy A, since that is the copy that parse_copy looks for. */
static enum rc
current_copy(struct keyring *kr, uint8_t raw[HEADER_LEN], struct header *h)
{
	enum rc rc = RC_LOCKED;

	pthread_mutex_lock(&kr->lock);
	*h = kr->stored;
	if (kr->keys)
		rc = h->sequence > 0 ? header_encode(h, 0, kr->keys->header, raw) : RC_INTERNAL;
	pthread_mutex_unlock(&kr->lock);
	return rc;
}

static void
put_plain(const struct header *h, uint64_t made, uint8_t *out)
{
	memset(out, 0, BACKUP_LEN);
	memcpy(out, MAGIC, MAGIC_LEN);
	be16_put(out + AT_MAJOR, MAJOR);
	be16_put(out + AT_MINOR, MINOR);
	be32_put(out + AT_LENGTH, BACKUP_LEN);
	memcpy(out + AT_VAULT_ID, h->vault_id, VAULT_ID_LEN);
	be64_put(out + AT_SEQUENCE, h->sequence);
	be64_put(out + AT_MODIFIED, h->modified);
	be64_put(out + AT_MADE, made);
}

struct work {
	struct header header;
	uint8_t raw[HEADER_LEN], again[HEADER_LEN];
};

enum rc
keyring_backup(struct keyring *kr, const struct secret *passphrase,
    const struct kdf_params *kdf, uint8_t out[BACKUP_LEN], struct err *err)
{
	const struct keyring_secret s = { SLOT_PASSPHRASE, passphrase };
	struct slot_info info = { .type = SLOT_PASSPHRASE, .role = ROLE_BROWSE };
	struct work *w = calloc(1, sizeof *w);
	enum rc rc = w ? keyring_check_secret(&s, err) : RC_NOMEM;

	if (rc == RC_OK)
		rc = current_copy(kr, w->raw, &w->header);
	if (rc == RC_OK)
		rc = keyring_choose_kdf(SLOT_PASSPHRASE, kdf, &info.kdf, err);
	if (rc == RC_OK) {
		info.created = keyring_now();
		put_plain(&w->header, info.created, out);
		rc = seal_copy(out, &info, passphrase, w->raw);
	}
	if (rc == RC_OK)
		rc = open_copy(out, passphrase, w->again, NULL);
	if (rc == RC_OK && memcmp(w->raw, w->again, HEADER_LEN) != 0)
		rc = RC_INTERNAL;
	free(w);
	if (rc != RC_OK)
		memset(out, 0, BACKUP_LEN);
	return err_default(err, rc);
}

enum rc
keyring_restored(struct keyring *kr, uint64_t sequence, struct err *err)
{
	enum rc rc;

	pthread_mutex_lock(&kr->lock);
	rc = keyring_allow_field(kr, "restore a header", err);
	if (rc == RC_OK) {
		epoch_age(&kr->header);
		/* A log of the backup's time must not count as the current one. */
		kr->header.fresh.wal_salt = kr->header.fresh.wal_salt_previous = 0;
		/* Beyond any that was ever counted to, it is made up. */
		if (sequence > kr->header.sequence && sequence < UINT64_MAX / 2)
			kr->header.sequence = sequence;
		kr->dirty = true;
	}
	pthread_mutex_unlock(&kr->lock);
	return err_default(err, rc);
}
