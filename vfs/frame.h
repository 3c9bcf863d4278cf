#ifndef VFS_FRAME_H
#define VFS_FRAME_H

/*
 * The shapes of SQLite's write-ahead log and rollback journal (https://sqlite.org/fileformat2.html,
 * sections 3 and 4), and the masks over the checksums that SQLite computes over plaintext.
 * Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "keyring/crypto.h"

#define WAL_HEADER_LEN     32
#define WAL_HEADER_PAGE    8  /* page size, in the WAL's header */
#define WAL_HEADER_SALTS   16 /* 8 bytes */
#define FRAME_HEADER_LEN   24
#define FRAME_PLAIN_LEN    8 /* page number and database size; then salts and checksums */

#define JOURNAL_MAGIC_LEN  8
#define JOURNAL_HEADER_LEN 28
#define JOURNAL_AT_COUNT   8 /* number of records, in a journal header */
#define JOURNAL_AT_SECTOR  20
#define JOURNAL_AT_PAGE    24 /* page size */

#define SUPER_MARK         "-mj" /* in the name of each super-journal */

struct frame_at { /* where in a WAL an offset falls */
	bool in_header;    /* in the WAL's own header */
	uint64_t start;    /* of the frame */
	uint32_t at;       /* within the frame, its header included */
};

/**
 * frame_locate(off, page_size, out):
 * Find the frame that offset ${off} of a WAL lies in.
 */
void frame_locate(uint64_t off, uint32_t page_size, struct frame_at *out);

/**
 * wal_header_ok(raw, page_size):
 * Whether 32 bytes are a WAL header as SQLite writes it for this page size.
 */
bool wal_header_ok(const uint8_t raw[WAL_HEADER_LEN], uint32_t page_size);

/**
 * frame_mask(m, off, header), frame_unmask(m, off, header):
 * Encrypt / decrypt in place the salts and checksums of the frame header that stands at file
 * offset ${off}; its first 8 bytes are the tweak's other half.
 */
enum rc frame_mask(struct mask *m, uint64_t off, uint8_t header[FRAME_HEADER_LEN]);
enum rc frame_unmask(struct mask *m, uint64_t off, uint8_t header[FRAME_HEADER_LEN]);

/**
 * journal_mask(b, nonce, checksum):
 * Mask or unmask the checksum of a journal record by the nonce of its page.
 */
enum rc journal_mask(
    struct block *b, const uint8_t nonce[AEAD_NONCE_LEN], uint8_t checksum[4]);

/**
 * journal_plain(bytes, len):
 * Whether bytes that stand outside of the records are ones that SQLite writes there and that
 * say nothing of a page: a header (whole, its first 12 bytes, or zeroed), the magic alone,
 * one zero byte.
 */
bool journal_plain(const uint8_t *bytes, uint32_t len);

/**
 * journal_header_ok(raw, page_size):
 * Whether 28 bytes are a journal header that SQLite would write (or zeros): sector size and
 * page size are powers of two, the latter ${page_size} (0: there is none yet).
 */
bool journal_header_ok(const uint8_t raw[JOURNAL_HEADER_LEN], uint32_t page_size);

/**
 * super_name_ok(bytes, len):
 * Whether bytes without their terminator can be the name of a super-journal.
 */
bool super_name_ok(const uint8_t *bytes, uint32_t len);

/**
 * journal_is_magic(bytes): whether the 8 bytes begin a journal header.
 */
bool journal_is_magic(const uint8_t bytes[JOURNAL_MAGIC_LEN]);

#endif
