/*
 * A key slot: its bytes, and the master keys in them under one secret.
 *
 *     ikm = KDF(secret)   prk = HKDF-Extract(salt, ikm)
 *     kek and commitment = HKDF-Expand(prk, label | all bytes that are not secret | vault id)
 *
 * 1. The commitment is compared before anything is unwrapped: AES key wrap and GCM do not
 *    commit to a key (Len, Grubbs, Ristenpart, USENIX Security 2021), and a wrong passphrase
 *    is thereby told apart from damage.
 * 2. A slot that slot_seal returns has been opened once from its bytes.
 */

#include "keyring/slot.h"

#include <string.h>
#include <utf8proc.h>

#include "keyring/bytes.h"

#define AT_STATE      0
#define AT_TYPE       1
#define AT_ROLE       2
#define AT_KDF        3
#define AT_MEMORY     4
#define AT_PASSES     8
#define AT_LANES      12
#define AT_SALT       16
#define AT_CREATED    48
#define AT_ID         56
#define AT_COMMITMENT 72
#define AT_MASTER     104
#define AT_FIELD      144
#define AT_LABEL      184
#define AT_OWN        248 /* the type's own data; those that can be made have none */

#define STATE_ACTIVE 1

#define LABEL_KEK    "strongroom/1/kek"
#define LABEL_COMMIT "strongroom/1/commit"

static enum rc
out_of_range(struct err *err, const char *what)
{
	return err_set(err, RC_LIMIT,
	    "a key slot has %s that format 1 does not allow: the header was made by another "
	    "program or altered; do not trust this file, use a backup",
	    what);
}

static enum rc
check_enums(const uint8_t *raw, struct err *err)
{
	if (raw[AT_STATE] != STATE_ACTIVE)
		return out_of_range(err, "a state");
	if (raw[AT_TYPE] == SLOT_EMPTY || raw[AT_TYPE] > SLOT_TPM2)
		return err_set(err, RC_VERSION,
		    "a key slot is of a type that this program does not know; "
		    "a newer strongroom may open it");
	if (raw[AT_ROLE] != ROLE_FULL && raw[AT_ROLE] != ROLE_BROWSE)
		return out_of_range(err, "a role");
	if (raw[AT_ROLE] == ROLE_BROWSE && !all_zero(raw + AT_FIELD, WRAPPED_KEY_LEN))
		return out_of_range(err, "a field key beside the browse role");
	return RC_OK;
}

/* Text that fills its place and is nothing but text: UTF-8, no controls, zero-padded. */
static bool
label_ok(const uint8_t *label)
{
	size_t len = strnlen((const char *)label, SLOT_LABEL_LEN), at;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	for (at = 0; at < len; at += (size_t)n) {
		n = utf8proc_iterate(label + at, (utf8proc_ssize_t)(len - at), &c);
		if (n <= 0 || utf8proc_category(c) == UTF8PROC_CATEGORY_CC)
			return false;
	}
	return all_zero(label + len, SLOT_LABEL_LEN - len);
}

bool
slot_label_ok(const char *label)
{
	uint8_t bytes[SLOT_LABEL_LEN] = { 0 };
	size_t len = strlen(label);

	if (len > SLOT_LABEL_LEN)
		return false;
	memcpy(bytes, label, len);
	return label_ok(bytes);
}

const char *
slot_type_name(enum slot_type type)
{
	static const char *const names[] = { "nothing", "passphrase", "key file",
		"passphrase and key file", "recovery code", "PKCS#11 token", "TPM 2.0" };

	return (size_t)type < sizeof names / sizeof *names ? names[type] : names[0];
}

enum rc
slot_info(const uint8_t raw[SLOT_LEN], struct slot_info *out, struct err *err)
{
	enum rc rc;

	memset(out, 0, sizeof *out);
	if (raw[AT_STATE] == 0)
		return all_zero(raw, SLOT_LEN) ? RC_OK
					       : out_of_range(err, "content while empty");
	rc = check_enums(raw, err);
	if (rc != RC_OK)
		return rc;
	out->kdf.kind = (enum kdf_kind)raw[AT_KDF];
	out->kdf.memory_kib = be32_get(raw + AT_MEMORY);
	out->kdf.passes = be32_get(raw + AT_PASSES);
	out->kdf.lanes = be32_get(raw + AT_LANES);
	rc = kdf_check(&out->kdf, err);
	if (rc == RC_OK && out->kdf.kind == KDF_NONE &&
	    (raw[AT_TYPE] == SLOT_PASSPHRASE || raw[AT_TYPE] == SLOT_PASSPHRASE_KEYFILE))
		rc = out_of_range(err, "a passphrase without key derivation");
	if (rc == RC_OK && out->kdf.kind != KDF_NONE && raw[AT_TYPE] == SLOT_RECOVERY)
		rc = out_of_range(err, "a recovery code with a key derivation");
	if (rc == RC_OK && raw[AT_TYPE] <= SLOT_RECOVERY &&
	    !all_zero(raw + AT_OWN, SLOT_LEN - AT_OWN))
		rc = out_of_range(err, "data of a type that has none");
	if (rc == RC_OK && !label_ok(raw + AT_LABEL))
		rc = out_of_range(err, "a label");
	if (rc != RC_OK) {
		memset(out, 0, sizeof *out);
		return rc;
	}
	out->type = (enum slot_type)raw[AT_TYPE];
	out->role = (enum slot_role)raw[AT_ROLE];
	out->created = be64_get(raw + AT_CREATED);
	memcpy(out->id, raw + AT_ID, SLOT_ID_LEN);
	memcpy(out->label, raw + AT_LABEL, SLOT_LABEL_LEN);
	return RC_OK;
}

/* HKDF-Expand(prk, label | slot without commitment and wraps | vault id). */
static enum rc
expand(const uint8_t prk[SHA256_LEN], const char *label, const uint8_t *raw,
    const uint8_t *vault_id, uint8_t out[KEY_LEN])
{
	uint8_t info[sizeof LABEL_COMMIT + SLOT_LEN + VAULT_ID_LEN], *p = info;
	size_t n = strlen(label);

	memcpy(p, label, n);
	p += n;
	memcpy(p, raw, AT_COMMITMENT);
	p += AT_COMMITMENT;
	memcpy(p, raw + AT_LABEL, SLOT_LEN - AT_LABEL);
	p += SLOT_LEN - AT_LABEL;
	memcpy(p, vault_id, VAULT_ID_LEN);
	p += VAULT_ID_LEN;
	return hkdf_expand(prk, info, (size_t)(p - info), out, KEY_LEN);
}

struct derived {
	uint8_t ikm[KDF_OUT_LEN], prk[SHA256_LEN], kek[KEY_LEN], commitment[KEY_LEN];
};

static enum rc
derive(const uint8_t *raw, const struct kdf_params *kdf, const uint8_t *vault_id,
    const struct secret *secret, struct derived *d)
{
	enum rc rc;

	rc = kdf_run(
	    kdf, secret_view(secret), secret_len(secret), raw + AT_SALT, d->ikm);
	if (rc == RC_OK)
		rc = hkdf_extract(
		    raw + AT_SALT, KDF_SALT_LEN, d->ikm, KDF_OUT_LEN, d->prk);
	if (rc == RC_OK)
		rc = expand(d->prk, LABEL_KEK, raw, vault_id, d->kek);
	if (rc == RC_OK)
		rc = expand(d->prk, LABEL_COMMIT, raw, vault_id, d->commitment);
	return rc;
}

static enum rc
unwrap(const uint8_t *raw, const struct slot_info *info, const uint8_t *kek,
    struct slot_keys *keys, struct err *err)
{
	enum rc rc;

	rc = key_unwrap(kek, raw + AT_MASTER, keys->master);
	keys->has_field_master = info->role == ROLE_FULL;
	if (rc == RC_OK && keys->has_field_master)
		rc = key_unwrap(kek, raw + AT_FIELD, keys->field_master);
	if (rc == RC_TAMPER)
		return err_set(err, rc,
		    "the secret is right, but the keys in its slot were altered; "
		    "do not trust this file, use a backup");
	return rc;
}

enum rc
slot_open(const uint8_t raw[SLOT_LEN], const uint8_t vault_id[VAULT_ID_LEN],
    const struct secret *secret, struct slot_keys *keys, struct err *err)
{
	struct slot_info info;
	struct derived *d = NULL;
	enum rc rc;

	rc = slot_info(raw, &info, err);
	if (rc == RC_OK && info.type == SLOT_EMPTY)
		rc = RC_PASS;
	if (rc == RC_OK && !(d = secret_alloc(sizeof *d)))
		rc = RC_NOMEM;
	if (rc == RC_OK)
		rc = derive(raw, &info.kdf, vault_id, secret, d);
	if (rc == RC_OK && !equal_ct(d->commitment, raw + AT_COMMITMENT, KEY_LEN))
		rc = RC_PASS;
	if (rc == RC_OK)
		rc = unwrap(raw, &info, d->kek, keys, err);
	if (rc != RC_OK)
		secret_wipe(keys, sizeof *keys);
	secret_release(d);
	return rc;
}

static enum rc
encode_open_part(const struct slot_info *info, uint8_t *raw)
{
	enum rc rc;

	memset(raw, 0, SLOT_LEN);
	raw[AT_STATE] = STATE_ACTIVE;
	raw[AT_TYPE] = (uint8_t)info->type;
	raw[AT_ROLE] = (uint8_t)info->role;
	raw[AT_KDF] = (uint8_t)info->kdf.kind;
	be32_put(raw + AT_MEMORY, info->kdf.memory_kib);
	be32_put(raw + AT_PASSES, info->kdf.passes);
	be32_put(raw + AT_LANES, info->kdf.lanes);
	be64_put(raw + AT_CREATED, info->created);
	memcpy(raw + AT_LABEL, info->label, strnlen(info->label, SLOT_LABEL_LEN));
	rc = random_bytes(raw + AT_SALT, KDF_SALT_LEN);
	if (rc == RC_OK)
		rc = random_bytes(raw + AT_ID, SLOT_ID_LEN);
	return rc;
}

static enum rc
wrap(const struct slot_info *info, const struct derived *d, const struct slot_keys *keys,
    uint8_t *raw)
{
	enum rc rc;

	memcpy(raw + AT_COMMITMENT, d->commitment, KEY_LEN);
	rc = key_wrap(d->kek, keys->master, raw + AT_MASTER);
	if (rc == RC_OK && info->role == ROLE_FULL)
		rc = keys->has_field_master
		    ? key_wrap(d->kek, keys->field_master, raw + AT_FIELD)
		    : RC_INTERNAL;
	return rc;
}

/* Open the slot again from its bytes and compare what comes out. */
static enum rc
prove(const uint8_t *raw, const uint8_t *vault_id, const struct secret *secret,
    const struct slot_keys *keys)
{
	struct slot_keys *again = secret_alloc(sizeof *again);
	enum rc rc;

	if (!again)
		return RC_NOMEM;
	rc = slot_open(raw, vault_id, secret, again, NULL);
	if (rc == RC_NOMEM)
		goto out;
	if (rc != RC_OK || !equal_ct(again->master, keys->master, KEY_LEN) ||
	    (again->has_field_master &&
	        !equal_ct(again->field_master, keys->field_master, KEY_LEN)))
		rc = RC_INTERNAL;
out:
	secret_release(again);
	return rc;
}

enum rc
slot_seal(const struct slot_info *info, const uint8_t vault_id[VAULT_ID_LEN],
    const struct secret *secret, const struct slot_keys *keys, uint8_t raw[SLOT_LEN])
{
	struct derived *d = secret_alloc(sizeof *d);
	enum rc rc = RC_NOMEM;

	memset(raw, 0, SLOT_LEN);
	if (!d)
		return rc;
	rc = kdf_check(&info->kdf, NULL);
	if (rc == RC_OK)
		rc = encode_open_part(info, raw);
	if (rc == RC_OK)
		rc = derive(raw, &info->kdf, vault_id, secret, d);
	if (rc == RC_OK)
		rc = wrap(info, d, keys, raw);
	if (rc == RC_OK)
		rc = prove(raw, vault_id, secret, keys);
	if (rc != RC_OK)
		memset(raw, 0, SLOT_LEN);
	secret_release(d);
	return rc;
}
