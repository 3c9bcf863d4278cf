#ifndef STORE_AUDIT_MARK_H
#define STORE_AUDIT_MARK_H

/*
 * How long the audit was, and its last code, kept where who rewrites the entries does not come
 * by: in the vault's header, under the header's code, and in the state folder of the user
 * (file "audit").
 */

#include "keyring/keyring.h"
#include "store/audit_int.h"

struct audit_mark {
	uint64_t entries; /* 0: none was kept */
	uint8_t mac[SHA256_LEN]; /* of entry ${entries} */
	const char *where; /* "the vault's header", "the state folder" */
};

#define AUDIT_MARKS 2

/**
 * audit_marks(v, out): what was kept of the audit of ${v}.
 */
void audit_marks(struct vault *v, struct audit_mark out[AUDIT_MARKS]);

/**
 * audit_mark_check(v, what, cap):
 * Whether the entries that the marks name are there and have their codes. RC_OK; RC_TAMPER:
 * ${what} says which; the codes of reading. It needs no full slot.
 */
enum rc audit_mark_check(struct vault *v, char *what, size_t cap);

/**
 * audit_mark_set(v, chain): hand the end of the chain to the header, to be written with the seal,
 * unless a mark there does not fit the entries: it stays as the evidence. RC_OK: ${chain} is
 * for audit_mark_keep; RC_TAMPER.
 * audit_mark_keep(kr, chain): keep it in the state folder; after the header is on the disk.
 * audit_mark_forget(id): nothing is kept there of the vault with these 16 bytes of id; false: it
 * is still there and can't be written.
 */
enum rc audit_mark_set(struct vault *v, struct audit_chain *chain);
void audit_mark_keep(struct keyring *kr, const struct audit_chain *chain);
bool audit_mark_forget(const uint8_t id[16]);

#endif
