#ifndef VFS_CRYPT_H
#define VFS_CRYPT_H

/*
 * What one connection encrypts with: the contexts of each epoch, the masks, the lease of
 * nonces. Made at open, so that no page operation can fail for memory. Not thread-safe: a
 * connection is used by one thread at a time.
 */

#include "keyring/keyring.h"
#include "vfs/page.h"

struct crypt {
	struct keyring *kr; /* our own reference */
	uint8_t vault_id[VAULT_ID_LEN];
	struct {
		uint32_t number;
		uint8_t wrapped[WRAPPED_KEY_LEN]; /* the key, as the header holds it */
		struct aead *aead;
	} epochs[HEADER_EPOCHS];
	int epoch_n;
	struct mask *wal;      /* salts and checksums of frame headers */
	struct block *journal; /* checksums of journal records */
	struct mac *seal;     /* codes of the pages' tags */
	uint64_t followed; /* sequence of the header that the contexts are of */
	uint32_t lease_epoch, lease_left;
	uint64_t lease_seals; /* how often the vault had been sealed when it was taken */
	struct aead *sealer; /* of lease_epoch */
};

/**
 * crypt_open(c, kr): take over the reference ${kr}, an unlocked keyring. RC_OK; RC_LOCKED;
 * RC_NOMEM; the reference is the caller's again on failure. crypt_close wipes.
 */
enum rc crypt_open(struct crypt *c, struct keyring *kr);
void crypt_close(struct crypt *c);

/**
 * crypt_follow(c): after news of the header: contexts for new epochs, none for destroyed
 * ones; a lease under an epoch that is no longer the active one, or from before a seal, ends.
 * Without news it costs nothing.
 */
enum rc crypt_follow(struct crypt *c);

/**
 * crypt_leased(c, epoch, n): ${n} more writes under ${epoch} are ours.
 */
void crypt_leased(struct crypt *c, uint32_t epoch, uint32_t n);

/**
 * crypt_seal(c, place, in, size, out): page_seal under the leased epoch, one write of the
 * lease. RC_OK; RC_LIMIT (the lease is used up: nothing was sealed); RC_INTERNAL.
 */
enum rc crypt_seal(struct crypt *c, const struct page_place *place, const uint8_t *in,
    uint32_t size, uint8_t *out);

/**
 * crypt_unseal(c, place, in, size, out): page_open under the epoch that the page names.
 * RC_OK; RC_TAMPER; RC_NOTFOUND (an epoch that is not known: the header may be newer).
 */
enum rc crypt_unseal(struct crypt *c, const struct page_place *place, const uint8_t *in,
    uint32_t size, uint8_t *out);

#endif
