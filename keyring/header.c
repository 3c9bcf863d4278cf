/*
 * The header's bytes (doc/format.md has the table). Pure.
 *
 * 1. A field is believed only after the copy's SHA-256 has verified, and used only after its
 *    range has; what format 1 does not use must be zero.
 * 2. Decoding allocates nothing and takes time proportional to the copy's length.
 */

#include "keyring/header.h"

#include <string.h>

#include "keyring/bytes.h"
#include "keyring/slot.h"

#define AT_MAJOR      8
#define AT_MINOR      10
#define AT_LENGTH     12
#define AT_OFFSET     24
#define AT_VAULT_ID   32
#define AT_REQUIRED   48
#define AT_OPTIONAL   52
#define AT_CREATED    56
#define AT_MODIFIED   64
#define AT_PAGE_SIZE  72
#define AT_UNUSED_1   76
#define AT_SLOTS      256
#define AT_EPOCHS     (AT_SLOTS + HEADER_SLOTS * SLOT_LEN)
#define EPOCH_LEN     80
#define AT_ROTATION   (AT_EPOCHS + HEADER_EPOCHS * EPOCH_LEN)
#define ROTATION_LEN  256
#define ROTATION_USED 16
#define AT_FRESH      (AT_ROTATION + ROTATION_LEN)
#define AT_UNUSED_2   (AT_FRESH + FRESH_USED)
#define AT_SHA256     32704
#define AT_MAC        (AT_SHA256 + SHA256_LEN)

/* Within the freshness area. */
#define FRESH_WAL_SALT    0
#define FRESH_WAL_BEFORE  8
#define FRESH_SEALED      16
#define FRESH_SEALS     17
#define FRESH_PAGES       25
#define FRESH_SUM         33
#define FRESH_SUM_LEN     (12 + 16 + 16)
#define FRESH_AUDIT_COUNT (FRESH_SUM + FRESH_SUM_LEN)
#define FRESH_AUDIT_MAC   (FRESH_AUDIT_COUNT + 8)
#define FRESH_USED        (FRESH_AUDIT_MAC + SHA256_LEN)

_Static_assert(AT_EPOCHS == 16640, "format.md");
_Static_assert(AT_ROTATION == 21760, "format.md");
_Static_assert(AT_FRESH == 22016, "format.md");
_Static_assert(AT_MAC + SHA256_LEN == HEADER_LEN, "format.md");

static const uint8_t magic[HEADER_COPIES][9] = { "SRVAULTA", "SRVAULTB" };
#define MAGIC_LEN 8

static enum rc
out_of_range(struct err *err, const char *what)
{
	return err_set(err, RC_LIMIT,
	    "the vault's header has %s that format 1 does not allow: it was made by another "
	    "program or altered; do not trust this file, use a backup",
	    what);
}

static enum rc
newer(struct err *err)
{
	return err_set(err, RC_VERSION,
	    "the vault has a newer format than this program knows (1.%d); open it with a "
	    "newer strongroom",
	    HEADER_MINOR);
}

static enum rc
damaged_copy(struct err *err)
{
	return err_set(err, RC_DAMAGED,
	    "the vault's header is damaged in both copies; restore the file from a backup");
}

bool
page_size_ok(uint32_t n)
{
	return n >= PAGE_SIZE_MIN && n <= PAGE_SIZE_MAX && (n & (n - 1)) == 0;
}

/* Identity, version and the fixed fields. */
static enum rc
decode_front(const uint8_t *raw, int copy, struct header *h, struct err *err)
{
	h->major = be16_get(raw + AT_MAJOR);
	h->minor = be16_get(raw + AT_MINOR);
	h->required = be32_get(raw + AT_REQUIRED);
	if (h->major > HEADER_MAJOR || h->required != 0)
		return newer(err);
	if (h->major < HEADER_MAJOR)
		return out_of_range(err, "a version");
	if (be32_get(raw + AT_LENGTH) != HEADER_LEN)
		return out_of_range(err, "a length");
	if (be64_get(raw + AT_OFFSET) != (uint64_t)copy * HEADER_LEN)
		return out_of_range(err, "a place of its own");
	h->sequence = be64_get(raw + HEADER_AT_SEQUENCE);
	memcpy(h->vault_id, raw + AT_VAULT_ID, VAULT_ID_LEN);
	h->optional = be32_get(raw + AT_OPTIONAL);
	h->created = be64_get(raw + AT_CREATED);
	h->modified = be64_get(raw + AT_MODIFIED);
	h->page_size = be32_get(raw + AT_PAGE_SIZE);
	if (h->sequence == 0 || h->sequence == UINT64_MAX)
		return out_of_range(err, "a sequence number");
	if (!page_size_ok(h->page_size))
		return out_of_range(err, "a page size");
	return RC_OK;
}

static enum rc
decode_slots(const uint8_t *raw, struct header *h, struct err *err)
{
	struct slot_info info;
	enum rc rc;
	int i;

	memcpy(h->slots, raw + AT_SLOTS, sizeof h->slots);
	for (i = 0; i < HEADER_SLOTS; i++) {
		rc = slot_info(h->slots[i], &info, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
decode_epoch(const uint8_t *p, struct epoch *e, struct err *err)
{
	if (be32_get(p) == 0)
		return all_zero(p, EPOCH_LEN) ? RC_OK : out_of_range(err, "an epoch 0");
	e->number = be32_get(p);
	if (p[4] < EPOCH_PAGE || p[4] > EPOCH_FIELD)
		return out_of_range(err, "an epoch of a purpose");
	if (p[5] < EPOCH_ACTIVE || p[5] > EPOCH_DESTROYED)
		return out_of_range(err, "an epoch in a state");
	if (be16_get(p + 6) != 0 || be64_get(p + 72) != 0)
		return out_of_range(err, "an epoch with content");
	e->purpose = (enum epoch_purpose)p[4];
	e->state = (enum epoch_state)p[5];
	e->created = be64_get(p + 8);
	e->retired = be64_get(p + 16);
	e->leased = be64_get(p + 24);
	memcpy(e->wrapped, p + 32, WRAPPED_KEY_LEN);
	if (e->leased > UINT32_MAX)
		return out_of_range(err, "a number of writes");
	if (e->state == EPOCH_DESTROYED && !all_zero(e->wrapped, WRAPPED_KEY_LEN))
		return out_of_range(err, "a destroyed epoch with a key");
	return RC_OK;
}

/* One active epoch of a purpose, and no number twice. */
static bool
epochs_fit(const struct header *h)
{
	int active[EPOCH_FIELD + 1] = { 0 };
	int i, j;

	for (i = 0; i < HEADER_EPOCHS; i++) {
		const struct epoch *e = &h->epochs[i];

		if (e->number == 0)
			continue;
		active[e->purpose] += e->state == EPOCH_ACTIVE;
		for (j = 0; j < i; j++)
			if (h->epochs[j].number == e->number &&
			    h->epochs[j].purpose == e->purpose)
				return false;
	}
	return active[EPOCH_PAGE] == 1 && active[EPOCH_FIELD] == 1;
}

static enum rc
decode_epochs(const uint8_t *raw, struct header *h, struct err *err)
{
	enum rc rc;
	int i;

	for (i = 0; i < HEADER_EPOCHS; i++) {
		rc = decode_epoch(raw + AT_EPOCHS + i * EPOCH_LEN, &h->epochs[i], err);
		if (rc != RC_OK)
			return rc;
	}
	return epochs_fit(h) ? RC_OK : out_of_range(err, "a set of epochs");
}

/* Beside the pages' active epoch there may be older ones, which the rotation retires. */
static enum rc
decode_rotation(const uint8_t *p, struct header *h, struct err *err)
{
	bool known = false;
	int i;

	if (all_zero(p, ROTATION_LEN))
		return RC_OK;
	h->rotation.active = true;
	h->rotation.to = be32_get(p + 4);
	h->rotation.begun = be64_get(p + 8);
	for (i = 0; i < HEADER_EPOCHS; i++)
		known |= h->epochs[i].purpose == EPOCH_PAGE &&
		    h->epochs[i].number == h->rotation.to &&
		    h->epochs[i].state != EPOCH_DESTROYED;
	if (p[0] != EPOCH_PAGE || !all_zero(p + 1, 3) || h->rotation.to == 0 || !known ||
	    !all_zero(p + ROTATION_USED, ROTATION_LEN - ROTATION_USED))
		return out_of_range(err, "a rotation");
	return RC_OK;
}

static enum rc
decode_fresh(const uint8_t *p, struct freshness *f, struct err *err)
{
	f->wal_salt = be64_get(p + FRESH_WAL_SALT);
	f->wal_salt_previous = be64_get(p + FRESH_WAL_BEFORE);
	if (p[FRESH_SEALED] > 1)
		return out_of_range(err, "a seal");
	f->sealed = p[FRESH_SEALED] == 1;
	f->seals = be64_get(p + FRESH_SEALS);
	f->pages = be64_get(p + FRESH_PAGES);
	memcpy(f->sum, p + FRESH_SUM, FRESH_SUM_LEN);
	f->audit_count = be64_get(p + FRESH_AUDIT_COUNT);
	memcpy(f->audit_mac, p + FRESH_AUDIT_MAC, SHA256_LEN);
	return RC_OK;
}

/* A later minor version may use what is zero here; this program would lose it. */
static enum rc
check_unused(const uint8_t *raw, const struct header *h, struct err *err)
{
	if (all_zero(raw + AT_UNUSED_1, AT_SLOTS - AT_UNUSED_1) &&
	    all_zero(raw + AT_UNUSED_2, AT_SHA256 - AT_UNUSED_2))
		return RC_OK;
	return h->minor > HEADER_MINOR ? newer(err)
				       : out_of_range(err, "content in unused places");
}

static bool
has_magic(const uint8_t *raw, int copy)
{
	return memcmp(raw, magic[copy], MAGIC_LEN) == 0;
}

/* Lack of memory must not pass for damage. */
static enum rc
check_sum(const uint8_t *raw, bool *intact)
{
	uint8_t sum[SHA256_LEN];
	enum rc rc = sha256(raw, AT_SHA256, sum);

	*intact = rc == RC_OK && memcmp(sum, raw + AT_SHA256, SHA256_LEN) == 0;
	return rc;
}

static enum rc
decode_intact(const uint8_t *raw, int copy, struct header *h, struct err *err)
{
	enum rc rc;

	memset(h, 0, sizeof *h);
	rc = decode_front(raw, copy, h, err);
	if (rc == RC_OK)
		rc = check_unused(raw, h, err);
	if (rc == RC_OK)
		rc = decode_slots(raw, h, err);
	if (rc == RC_OK)
		rc = decode_epochs(raw, h, err);
	if (rc == RC_OK)
		rc = decode_rotation(raw + AT_ROTATION, h, err);
	if (rc == RC_OK)
		rc = decode_fresh(raw + AT_FRESH, &h->fresh, err);
	if (rc != RC_OK)
		memset(h, 0, sizeof *h);
	return rc;
}

/* No copy is intact. A format that is newer may keep its checksum elsewhere. */
static enum rc
none_intact(const uint8_t *area, size_t len, const bool known[HEADER_COPIES],
    struct err *err)
{
	const uint8_t *major_a = area + AT_MAJOR;
	const uint8_t *major_b = area + HEADER_LEN + AT_MAJOR;

	if (!known[0] && !known[1])
		return err_set(err, RC_FORMAT,
		    "this is not a strongroom vault; check the name, or make one with init");
	if (known[0] && known[1] && len >= HEADER_AREA_LEN &&
	    be16_get(major_a) > HEADER_MAJOR && be16_get(major_a) == be16_get(major_b))
		return newer(err);
	return damaged_copy(err);
}

enum rc
header_pick(const uint8_t *area, size_t len, struct header *out, int *copy, bool *damaged,
    struct err *err)
{
	bool known[HEADER_COPIES], good[HEADER_COPIES] = { false };
	uint64_t sequence[HEADER_COPIES] = { 0 };
	enum rc rc = RC_OK;
	size_t at;
	int i;

	memset(out, 0, sizeof *out);
	*copy = 0;
	*damaged = true;
	for (i = 0; rc == RC_OK && i < HEADER_COPIES; i++) {
		at = (size_t)i * HEADER_LEN;
		known[i] = len >= at + MAGIC_LEN && has_magic(area + at, i);
		if (known[i] && len >= at + HEADER_LEN)
			rc = check_sum(area + at, &good[i]);
		if (good[i])
			sequence[i] = be64_get(area + at + HEADER_AT_SEQUENCE);
	}
	if (rc != RC_OK)
		return err_default(err, rc);
	if (!good[0] && !good[1])
		return none_intact(area, len, known, err);
	*copy = !good[0] || (good[1] && sequence[1] > sequence[0]);
	*damaged = !good[0] || !good[1] || sequence[0] != sequence[1];
	return decode_intact(area + (size_t)*copy * HEADER_LEN, *copy, out, err);
}

static void
encode_front(const struct header *h, int copy, uint8_t *raw)
{
	memcpy(raw, magic[copy], MAGIC_LEN);
	be16_put(raw + AT_MAJOR, HEADER_MAJOR);
	be16_put(raw + AT_MINOR, h->minor);
	be32_put(raw + AT_LENGTH, HEADER_LEN);
	be64_put(raw + HEADER_AT_SEQUENCE, h->sequence);
	be64_put(raw + AT_OFFSET, (uint64_t)copy * HEADER_LEN);
	memcpy(raw + AT_VAULT_ID, h->vault_id, VAULT_ID_LEN);
	be32_put(raw + AT_REQUIRED, h->required);
	be32_put(raw + AT_OPTIONAL, h->optional);
	be64_put(raw + AT_CREATED, h->created);
	be64_put(raw + AT_MODIFIED, h->modified);
	be32_put(raw + AT_PAGE_SIZE, h->page_size);
}

static void
encode_epoch(const struct epoch *e, uint8_t *p)
{
	if (e->number == 0)
		return;
	be32_put(p, e->number);
	p[4] = (uint8_t)e->purpose;
	p[5] = (uint8_t)e->state;
	be64_put(p + 8, e->created);
	be64_put(p + 16, e->retired);
	be64_put(p + 24, e->leased);
	memcpy(p + 32, e->wrapped, WRAPPED_KEY_LEN);
}

static void
encode_rotation(const struct rotation *r, uint8_t *p)
{
	if (!r->active)
		return;
	p[0] = EPOCH_PAGE;
	be32_put(p + 4, r->to);
	be64_put(p + 8, r->begun);
}

static void
encode_fresh(const struct freshness *f, uint8_t *p)
{
	be64_put(p + FRESH_WAL_SALT, f->wal_salt);
	be64_put(p + FRESH_WAL_BEFORE, f->wal_salt_previous);
	p[FRESH_SEALED] = f->sealed;
	be64_put(p + FRESH_SEALS, f->seals);
	be64_put(p + FRESH_PAGES, f->pages);
	memcpy(p + FRESH_SUM, f->sum, FRESH_SUM_LEN);
	be64_put(p + FRESH_AUDIT_COUNT, f->audit_count);
	memcpy(p + FRESH_AUDIT_MAC, f->audit_mac, SHA256_LEN);
}

enum rc
header_encode(const struct header *h, int copy, const uint8_t header_key[KEY_LEN],
    uint8_t raw[HEADER_LEN])
{
	enum rc rc;
	int i;

	memset(raw, 0, HEADER_LEN);
	encode_front(h, copy, raw);
	memcpy(raw + AT_SLOTS, h->slots, sizeof h->slots);
	for (i = 0; i < HEADER_EPOCHS; i++)
		encode_epoch(&h->epochs[i], raw + AT_EPOCHS + i * EPOCH_LEN);
	encode_rotation(&h->rotation, raw + AT_ROTATION);
	encode_fresh(&h->fresh, raw + AT_FRESH);
	rc = sha256(raw, AT_SHA256, raw + AT_SHA256);
	if (rc == RC_OK)
		rc = hmac_sha256(header_key, KEY_LEN, raw, AT_MAC, raw + AT_MAC);
	return rc;
}

enum rc
header_check_mac(const uint8_t raw[HEADER_LEN], const uint8_t header_key[KEY_LEN])
{
	uint8_t mac[SHA256_LEN];
	enum rc rc = hmac_sha256(header_key, KEY_LEN, raw, AT_MAC, mac);

	if (rc == RC_OK && !equal_ct(mac, raw + AT_MAC, SHA256_LEN))
		rc = RC_TAMPER;
	return rc;
}
