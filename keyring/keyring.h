#ifndef KEYRING_KEYRING_H
#define KEYRING_KEYRING_H

/*
 * A vault's keys in memory. Bytes in, keys out; no I/O, no SQLite. Thread-safe: a keyring is
 * shared by all connections of a process and counted.
 *
 * States: locked (keyring_parse) -> unlocked (keyring_unlock, keyring_create) -> locked
 * (keyring_lock). Whatever changes the header (lease, passphrase, page size, epoch) changes
 * the copy in memory only and sets "dirty"; the VFS writes it out under the header lock.
 */

#include "keyring/header.h"
#include "keyring/secret.h"
#include "keyring/slot.h"

#define KEYRING_ANY     (-1)
#define NONCE_LEASE     65536u      /* writes per lease */
#define NONCE_LIMIT     (1ull << 31) /* writes under one page key, then a new epoch */

struct keyring;

/* A secret that a user presents: its kind decides which slots it is tried on. */
struct keyring_secret {
	enum slot_type type;
	const struct secret *bytes; /* as slot_seal takes it */
};

/**
 * keyring_create(s, kdf, label, out, err):
 * A new vault: random id, master keys, page epoch 1 and field epoch 1, slot 0 full. ${kdf}
 * may be NULL: calibrate. The keyring is unlocked and dirty; page size is
 * PAGE_SIZE_DEFAULT until keyring_set_page_size. RC_OK; RC_LIMIT; RC_NOMEM; RC_INPUT (key
 * file under KEYFILE_MIN).
 */
enum rc keyring_create(const struct keyring_secret *s, const struct kdf_params *kdf,
    const char *label, struct keyring **out, struct err *err);

/**
 * keyring_parse(area, len, out, err):
 * A locked keyring from the first bytes of a vault file. Codes: header_pick.
 */
enum rc keyring_parse(
    const uint8_t *area, size_t len, struct keyring **out, struct err *err);

/**
 * keyring_unlock(kr, slot, s, err):
 * Open slot ${slot}, or with KEYRING_ANY every slot of the secret's type in turn, hold the
 * master keys, verify the header's MAC, unwrap the epochs. RC_OK; RC_PASS (no slot opened);
 * RC_TAMPER (a slot opened, the MAC does not verify); RC_LIMIT (no slot opened, one asks for
 * more than the limits); RC_NOTFOUND (no slot takes such a secret); RC_NOMEM. On failure
 * ${kr} is unchanged.
 */
enum rc keyring_unlock(
    struct keyring *kr, int slot, const struct keyring_secret *s, struct err *err);

/**
 * keyring_lock(kr): wipe all keys; the header stays.
 * keyring_ref(kr): count one more holder, return ${kr}. keyring_free(kr): one less; the last
 * one wipes. NULL is harmless.
 */
void keyring_lock(struct keyring *kr);
struct keyring *keyring_ref(struct keyring *kr);
void keyring_free(struct keyring *kr);

bool keyring_is_unlocked(struct keyring *kr);
bool keyring_dirty(struct keyring *kr);
bool keyring_needs_repair(struct keyring *kr); /* one copy was damaged when last read */
int keyring_slot_used(struct keyring *kr);    /* -1 while locked */
enum slot_role keyring_role(struct keyring *kr);
uint64_t keyring_sequence(struct keyring *kr);
uint32_t keyring_page_size(struct keyring *kr);
void keyring_vault_id(struct keyring *kr, uint8_t out[VAULT_ID_LEN]);
bool keyring_same_vault(struct keyring *a, struct keyring *b); /* by their ids */
void keyring_header(struct keyring *kr, struct header *out); /* a copy, without keys */

/**
 * keyring_set_page_size(kr, size):
 * Before page 1 exists. RC_OK; RC_LIMIT (not a power of two in 512..65536).
 */
enum rc keyring_set_page_size(struct keyring *kr, uint32_t size);

/**
 * keyring_serialise(kr, area):
 * The bytes of both copies with the next sequence number, HEADER_AREA_LEN. The caller
 * writes B, fsyncs, reads back, writes A, fsyncs, then calls keyring_written. RC_OK;
 * RC_LOCKED.
 */
enum rc keyring_serialise(struct keyring *kr, uint8_t area[HEADER_AREA_LEN]);
void keyring_written(struct keyring *kr, const uint8_t area[HEADER_AREA_LEN]);

/**
 * keyring_revert(kr):
 * Throw away changes that were not written: the header is again as it was read or written
 * last. Nothing happens to one that was never written.
 */
void keyring_revert(struct keyring *kr);

/**
 * keyring_refresh(kr, area, len, err):
 * Take over the newer header that another process wrote: MAC under the keys held, sequence
 * higher than ours (equal or lower: nothing happens, RC_OK). RC_OK; RC_TAMPER; RC_LOCKED (not
 * one slot is as it was, as with new master keys: it must be opened again); RC_DAMAGED;
 * RC_FORMAT; RC_BUSY (dirty: another connection of this process is about to write; try
 * again). On failure ${kr} is unchanged.
 */
enum rc keyring_refresh(
    struct keyring *kr, const uint8_t *area, size_t len, struct err *err);

/**
 * keyring_page_epoch(kr):
 * The number of the active page epoch. keyring_page_key(kr, epoch, out): its key.
 * RC_OK; RC_LOCKED; RC_NOTFOUND (no such epoch, or destroyed).
 */
uint32_t keyring_page_epoch(struct keyring *kr);
enum rc keyring_page_key(struct keyring *kr, uint32_t epoch, uint8_t out[KEY_LEN]);

/**
 * keyring_lease(kr, epoch):
 * Lease NONCE_LEASE more writes under the active page epoch in the header in memory (dirty);
 * at NONCE_LIMIT a new page epoch is made active. ${epoch}: the one the lease is for.
 * keyring_lease_return(kr, epoch, unused): give back at a clean close (dirty).
 */
enum rc keyring_lease(struct keyring *kr, uint32_t *epoch);
enum rc keyring_lease_return(struct keyring *kr, uint32_t epoch, uint32_t unused);

/**
 * keyring_rotate_begin(kr):
 * Make a new page epoch active, and a new field epoch where the field master key is held;
 * the old ones only decrypt. From then on every page of an epoch before rotation.to is to be
 * written again. RC_OK (dirty); RC_EXISTS (a rotation is running); RC_LOCKED; RC_LIMIT (64
 * epochs are in use).
 * keyring_rotate_finish(kr, fields):
 * No page is under an older epoch any more: destroy their keys, here and in the header; with
 * ${fields} also those of all retired field epochs. RC_OK (dirty); RC_NOTFOUND (no rotation
 * is running); RC_LOCKED.
 * keyring_rotation(kr): how it stands.
 */
enum rc keyring_rotate_begin(struct keyring *kr);
enum rc keyring_rotate_finish(struct keyring *kr, bool fields);
struct rotation keyring_rotation(struct keyring *kr);

/**
 * keyring_copy(kr, out):
 * The keyring of a copy of the vault that is still to be written: same id, slots, sequence
 * number and field epochs, and a page key of its own. It is unlocked and dirty. RC_OK;
 * RC_LOCKED; RC_LIMIT (64 epochs are in use); RC_NOMEM.
 * keyring_go_ahead(kr, n): leave out ${n} sequence numbers (dirty): so many a copy may use
 * before it counts as newer than the vault.
 */
enum rc keyring_copy(struct keyring *kr, struct keyring **out);
void keyring_go_ahead(struct keyring *kr, uint64_t n);

/**
 * keyring_note_audit(kr, entries, mac): the audit has ${entries} entries, and ${mac} is the
 * last one's: goes into the header with the next seal.
 * keyring_audit(kr, mac): what the header says of it; 0: nothing.
 */
void keyring_note_audit(
    struct keyring *kr, uint64_t entries, const uint8_t mac[SHA256_LEN]);
uint64_t keyring_audit(struct keyring *kr, uint8_t mac[SHA256_LEN]);

/*
 * Freshness. A log is known by its salts, which the header holds before they are written
 * anywhere else. A vault that was closed cleanly is sealed: its header holds the sum over
 * the tags of all pages. The running sum is kept while only this process writes; it is lost
 * when another one has written the header. All are as the header in memory says.
 */
enum log_age { LOG_CURRENT, LOG_PREVIOUS, LOG_UNKNOWN };

/**
 * keyring_pin_log(kr, salts, standing): the log of these salts is the current one (dirty, but
 * for one that is). ${standing}: of the log that is still on the disk, or NULL; where that is
 * the previous one it stays so, since the current one never came there. RC_OK; RC_LOCKED.
 * keyring_log_age(kr, salts): which one they are of.
 */
#define LOG_SALTS_LEN 8
enum rc keyring_pin_log(struct keyring *kr, const uint8_t salts[LOG_SALTS_LEN],
    const uint8_t *standing);
enum log_age keyring_log_age(struct keyring *kr, const uint8_t salts[LOG_SALTS_LEN]);

/**
 * keyring_seal(kr, pages): seal ${pages} pages under the running sum (dirty). RC_OK;
 * RC_NOTFOUND (the sum is not known); RC_LOCKED; RC_NOMEM; RC_INTERNAL. A lease ends the
 * seal.
 * keyring_seal_drop(kr): what the header says of the pages is from before (dirty).
 * keyring_sealed(kr, pages): whether it is sealed, and how many pages.
 * keyring_sealed_sum(kr, sum): RC_OK; RC_NOTFOUND (not sealed); RC_TAMPER; RC_LOCKED;
 * RC_NOMEM.
 * keyring_seals(kr): how often it was sealed so far. A lease that is older than the last
 * seal is worth nothing.
 */
enum rc keyring_seal(struct keyring *kr, uint64_t pages);
void keyring_seal_drop(struct keyring *kr);
bool keyring_sealed(struct keyring *kr, uint64_t *pages);
enum rc keyring_sealed_sum(struct keyring *kr, uint8_t sum[CMAC_LEN]);
uint64_t keyring_seals(struct keyring *kr);

/**
 * keyring_sum(kr, sum): the running sum; false: it is not known.
 * keyring_sum_set / _add / _take(kr, mac): it is ${mac}; add a page's code, take one away.
 * keyring_sum_lose(kr): something was written, and nobody knows what.
 */
bool keyring_sum(struct keyring *kr, uint8_t sum[CMAC_LEN]);
void keyring_sum_set(struct keyring *kr, const uint8_t sum[CMAC_LEN]);
void keyring_sum_add(struct keyring *kr, const uint8_t mac[CMAC_LEN]);
void keyring_sum_take(struct keyring *kr, const uint8_t mac[CMAC_LEN]);
void keyring_sum_lose(struct keyring *kr);

/**
 * keyring_derive(kr, label, out, len):
 * HKDF-Expand(master key, "strongroom/1/" label | 0 | vault id). keyring_derive_field: from
 * the field master key: RC_DENIED when the slot is a browse slot; the sentence names the
 * slots that would do. RC_OK; RC_LOCKED.
 */
enum rc keyring_derive(struct keyring *kr, const char *label, uint8_t *out, size_t len);
enum rc keyring_derive_field(struct keyring *kr, const char *label, uint8_t *out,
    size_t len, struct err *err);

/**
 * keyring_mac(kr, label, data, len, out):
 * HMAC-SHA-256 of ${data} under what keyring_derive gives for ${label}. RC_OK; RC_LOCKED.
 */
enum rc keyring_mac(struct keyring *kr, const char *label, const void *data, size_t len,
    uint8_t out[SHA256_LEN]);

/**
 * keyring_field_epoch(kr, retired): the number of the active field epoch; ${retired} (may be
 * NULL): how many older ones still decrypt.
 * keyring_field_key(kr, epoch, field, out, err): what field ${field} is sealed under in
 * ${epoch}: HKDF-Expand(key of the epoch, "strongroom/1/field" | 0 | vault id | field 4).
 * RC_OK; RC_DENIED (a browse slot); RC_NOTFOUND (no such epoch, or destroyed); RC_TAMPER (its
 * key does not unwrap); RC_LOCKED.
 * keyring_blind_key(kr, field, out, err): of its blind index: the same from the field master
 * key, with the label "blind". RC_OK; RC_DENIED; RC_LOCKED.
 */
uint32_t keyring_field_epoch(struct keyring *kr, int *retired);
enum rc keyring_field_key(struct keyring *kr, uint32_t epoch, uint32_t field,
    uint8_t out[KEY_LEN], struct err *err);
enum rc keyring_blind_key(
    struct keyring *kr, uint32_t field, uint8_t out[KEY_LEN], struct err *err);

/**
 * keyring_need_full(kr, what, err): RC_OK when a full slot opened ${kr}; RC_LOCKED; RC_DENIED:
 * the sentence says that it can't ${what} and which slots could.
 */
enum rc keyring_need_full(struct keyring *kr, const char *what, struct err *err);

struct slot_change { /* a slot made ready, to be put into the header under its lock */
	int slot;
	uint8_t old_id[SLOT_ID_LEN]; /* zero: it was empty */
	uint8_t raw[SLOT_LEN];       /* zero: it becomes empty */
};

struct slot_new { /* what a slot shall be */
	const struct keyring_secret *secret;
	enum slot_role role;
	const char *label;            /* UTF-8 of at most SLOT_LABEL_LEN bytes */
	const struct kdf_params *kdf; /* NULL: calibrate */
};

/**
 * keyring_change_secret(kr, slot, old, fresh, kdf, out, err):
 * Make the bytes of slot ${slot} (KEYRING_ANY: the one that ${old} opens) under a new secret
 * of the same type, with a new salt; ${kdf} NULL: calibrate. Slow (two KDF runs and the
 * calibration), therefore apart from keyring_apply; the header is not changed. With a browse
 * slot no full slot can be changed.
 * RC_OK; RC_PASS (the old secret does not open the slot); RC_DENIED; RC_TAMPER (the slot
 * opens and holds other keys than this vault's); RC_INPUT; RC_LOCKED; RC_LIMIT; RC_NOMEM.
 */
enum rc keyring_change_secret(struct keyring *kr, int slot,
    const struct keyring_secret *old, const struct keyring_secret *fresh,
    const struct kdf_params *kdf, struct slot_change *out, struct err *err);

/**
 * keyring_add_slot(kr, asked, out, err):
 * Make the bytes of one more slot, in the first empty place. Slow. RC_OK; RC_DENIED (a full
 * slot is asked for and a browse slot opened the keyring); RC_LIMIT (all slots are taken, or
 * the KDF's parameters); RC_INPUT (secret or label); RC_LOCKED; RC_NOMEM.
 */
enum rc keyring_add_slot(struct keyring *kr, const struct slot_new *asked,
    struct slot_change *out, struct err *err);

/**
 * keyring_remove_slot(kr, slot, out, err):
 * Make ready to empty slot ${slot}. RC_OK; RC_NOTFOUND (it is empty); RC_DENIED (it is the
 * last full slot that can be opened, or a browse slot opened the keyring); RC_LOCKED.
 */
enum rc keyring_remove_slot(
    struct keyring *kr, int slot, struct slot_change *out, struct err *err);

/**
 * keyring_test_slot(kr, slot, s, err):
 * Open slot ${slot} with ${s} and compare what it holds with the keys held. Slow; nothing is
 * changed. RC_OK; RC_PASS; RC_NOTFOUND (no such slot, or of another type); RC_TAMPER;
 * RC_LOCKED; RC_LIMIT; RC_NOMEM.
 */
enum rc keyring_test_slot(
    struct keyring *kr, int slot, const struct keyring_secret *s, struct err *err);

/**
 * keyring_apply(kr, change):
 * Put ${change} into the header in memory. RC_OK (dirty); RC_BUSY (the slots are no longer
 * those that the change was made from: another process changed them); RC_LOCKED.
 */
enum rc keyring_apply(struct keyring *kr, const struct slot_change *change);

/**
 * keyring_master_make(kr, secrets, out, err):
 * New master keys, and the slots that shall hold them: those of which ${secrets} has the
 * secret (by number; NULL: the slot is dropped), each opened with it and sealed anew. Slow;
 * ${kr} is not changed. RC_OK; RC_PASS (a secret does not open its slot); RC_NOTFOUND;
 * RC_TAMPER; RC_DENIED (a browse slot opened ${kr}, or no full slot is left); RC_EXISTS (a
 * rotation is running); RC_LOCKED; RC_NOMEM.
 * keyring_master_free(m): wipe; NULL is harmless.
 * keyring_master_derive_field(m, label, out, len): as keyring_derive_field will answer.
 * keyring_master_apply(kr, m, out, err):
 * A second keyring for the vault of ${kr}: under the new master keys, with a rotation of the
 * page keys begun, unsealed, without a log, and dirty. Quick. ${kr} is not changed; as soon as
 * the new one is written, it is worth nothing. RC_OK; RC_BUSY (slots or epochs are no longer
 * those of before); RC_LIMIT (64 epochs are in use); RC_LOCKED; RC_NOMEM.
 */
struct master_change;
enum rc keyring_master_make(struct keyring *kr,
    const struct keyring_secret *const secrets[HEADER_SLOTS], struct master_change **out,
    struct err *err);
void keyring_master_free(struct master_change *m);
enum rc keyring_master_derive_field(
    const struct master_change *m, const char *label, uint8_t *out, size_t len);
enum rc keyring_master_apply(struct keyring *kr, const struct master_change *m,
    struct keyring **out, struct err *err);

/**
 * keyring_slots(kr, out):
 * What is known of the 16 slots.
 */
void keyring_slots(struct keyring *kr, struct slot_info out[HEADER_SLOTS]);

#endif
