#ifndef VFS_PAGE_H
#define VFS_PAGE_H

/*
 * One page, sealed and opened (doc/format.md, "Page"). Pure.
 *
 *     ciphertext (size - 32) | epoch 4 | nonce 12 | tag 16
 *     AAD = vault id 16 | kind 4 | epoch 4 | page number 8 [ | database size 4 | salts 8 ]
 *
 * In SQLite's terms the last 32 bytes are reserved: zero in every buffer that it gives or
 * gets, since its WAL checksums cover them.
 */

#include <stdbool.h>

#include "keyring/crypto.h"
#include "keyring/header.h"

#define PAGE_EPOCH_LEN   4
#define PAGE_TRAILER_LEN (PAGE_EPOCH_LEN + AEAD_NONCE_LEN + AEAD_TAG_LEN)
#define PAGE_SALTS_LEN   8

enum page_kind { PAGE_DATABASE = 1, PAGE_WAL, PAGE_JOURNAL, PAGE_TEMP };

struct page_place { /* what a page is bound to */
	enum page_kind kind;
	uint64_t number;
	uint32_t db_size;              /* PAGE_WAL: the frame header's second field */
	uint8_t salts[PAGE_SALTS_LEN]; /* PAGE_WAL: of the WAL's header */
};

/**
 * page_reserve_zero(page, size):
 * Whether the last 32 bytes are zero, as SQLite must leave them.
 */
bool page_reserve_zero(const uint8_t *page, uint32_t size);

/**
 * page_seal(a, vault_id, epoch, place, in, size, out):
 * Seal ${in} to ${out} (not the same place), ${size} bytes each, under a fresh random nonce.
 * RC_OK; RC_INTERNAL.
 */
enum rc page_seal(struct aead *a, const uint8_t vault_id[VAULT_ID_LEN], uint32_t epoch,
    const struct page_place *place, const uint8_t *in, uint32_t size, uint8_t *out);

/**
 * page_epoch(sealed, size): the epoch that a sealed page names; 0 in one that is no page.
 */
uint32_t page_epoch(const uint8_t *sealed, uint32_t size);

/**
 * page_open(a, vault_id, place, in, size, out):
 * Open ${in} to ${out} (may be the same place); the reserved bytes become zero. RC_OK;
 * RC_TAMPER (${out} is all zero); RC_INTERNAL.
 */
enum rc page_open(struct aead *a, const uint8_t vault_id[VAULT_ID_LEN],
    const struct page_place *place, const uint8_t *in, uint32_t size, uint8_t *out);

#endif
