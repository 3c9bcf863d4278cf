#ifndef KEYRING_HEADER_H
#define KEYRING_HEADER_H

/*
 * The header of a vault, format 1: its bytes to a struct and back. Pure; no keys are needed
 * but for the MAC. doc/format.md has the offset table; the constants below are its source.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/crypto.h"
#include "keyring/kdf.h"

#define HEADER_LEN        32768
#define HEADER_COPIES     2
#define HEADER_AREA_LEN   (HEADER_COPIES * HEADER_LEN) /* page 1 begins here */
#define HEADER_MAJOR      1
#define HEADER_MINOR      0
#define HEADER_SLOTS      16
#define HEADER_EPOCHS     64
#define VAULT_ID_LEN      16
#define SLOT_LEN          1024
#define SLOT_LABEL_LEN    64
#define SLOT_ID_LEN       16
#define PAGE_SIZE_MIN     512
#define PAGE_SIZE_MAX     65536
#define PAGE_SIZE_DEFAULT 4096
#define HEADER_AT_SEQUENCE 16 /* of a copy: 8 bytes, to ask cheaply for news */

enum slot_type {
	SLOT_EMPTY = 0,
	SLOT_PASSPHRASE = 1,
	SLOT_KEYFILE = 2,
	SLOT_PASSPHRASE_KEYFILE = 3,
	SLOT_RECOVERY = 4,
	SLOT_PKCS11 = 5,
	SLOT_TPM2 = 6
};
enum slot_role { ROLE_FULL = 1, ROLE_BROWSE = 2 };
enum epoch_purpose { EPOCH_PAGE = 1, EPOCH_FIELD = 2 };
enum epoch_state { EPOCH_ACTIVE = 1, EPOCH_DECRYPT_ONLY = 2, EPOCH_DESTROYED = 3 };

struct slot_info { /* what can be said of a slot without opening it */
	enum slot_type type; /* SLOT_EMPTY: the rest is zero */
	enum slot_role role;
	struct kdf_params kdf;
	uint64_t created; /* UTC microseconds */
	uint8_t id[SLOT_ID_LEN];
	char label[SLOT_LABEL_LEN + 1]; /* UTF-8 */
};

struct epoch {
	uint32_t number; /* from 1; 0: the entry is unused */
	enum epoch_purpose purpose;
	enum epoch_state state;
	uint64_t created, retired; /* UTC microseconds; 0: not retired */
	uint64_t leased;           /* writes leased so far */
	uint8_t wrapped[WRAPPED_KEY_LEN];
};

struct rotation { /* of the page keys; zero while none runs */
	bool active;
	uint32_t to;    /* pages of epochs before this one are to be written again */
	uint64_t begun; /* UTC microseconds */
};

struct freshness { /* what is current, so that older bytes can be told from it */
	uint64_t wal_salt, wal_salt_previous; /* 0: there was no log yet */
	bool sealed;
	uint64_t seals, pages; /* how often sealed so far; pages when sealed last */
	uint8_t sum[12 + 16 + 16]; /* nonce, ciphertext, tag */
	uint64_t audit_count;
	uint8_t audit_mac[SHA256_LEN];
};

struct header {
	uint16_t major, minor;
	uint64_t sequence;
	uint8_t vault_id[VAULT_ID_LEN];
	uint32_t required, optional; /* feature bits; format 1.0 knows none */
	uint64_t created, modified;  /* UTC microseconds */
	uint32_t page_size;
	uint8_t slots[HEADER_SLOTS][SLOT_LEN]; /* keyring/slot.h reads them */
	struct epoch epochs[HEADER_EPOCHS];
	struct rotation rotation;
	struct freshness fresh;
};

/**
 * page_size_ok(n): whether ${n} is a page size of format 1, a power of two in 512..65536.
 */
bool page_size_ok(uint32_t n);

/**
 * header_pick(area, len, out, copy, damaged, err):
 * Choose between the copies in ${area} (the first ${len} bytes of a file, at most
 * HEADER_AREA_LEN): of those whose magic and SHA-256 hold, the higher sequence; decode it:
 * version, length, own offset, feature bits, every enumeration and range, unused bytes zero.
 * ${copy}: which one. ${damaged}: whether the other one needs repair. The MAC is not looked
 * at. RC_OK; RC_FORMAT (neither has its magic); RC_DAMAGED; RC_VERSION (newer major, or a
 * required feature bit that is not known); RC_LIMIT (a field out of range); RC_NOMEM.
 */
enum rc header_pick(const uint8_t *area, size_t len, struct header *out, int *copy,
    bool *damaged, struct err *err);

/**
 * header_encode(h, copy, header_key, raw):
 * Write the bytes of one copy with its SHA-256 and its MAC.
 */
enum rc header_encode(const struct header *h, int copy, const uint8_t header_key[KEY_LEN],
    uint8_t raw[HEADER_LEN]);

/**
 * header_check_mac(raw, header_key):
 * RC_OK when the MAC of the copy verifies, else RC_TAMPER; RC_NOMEM.
 */
enum rc header_check_mac(const uint8_t raw[HEADER_LEN], const uint8_t header_key[KEY_LEN]);

#endif
