#ifndef KEYRING_CRYPTO_H
#define KEYRING_CRYPTO_H

/*
 * The one place with OpenSSL's EVP. All inputs are byte arrays; a key is KEY_LEN bytes.
 * Functions return RC_OK, RC_NOMEM, RC_TAMPER (a tag or an unwrap check does not verify;
 * the output is wiped) or RC_INTERNAL (the library refused).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

#define KEY_LEN         32 /* AES-256, HMAC-SHA-256 and HKDF keys */
#define AEAD_NONCE_LEN  12
#define AEAD_TAG_LEN    16
#define SHA256_LEN      32
#define WRAPPED_KEY_LEN (KEY_LEN + 8) /* AES-256 key wrap, RFC 3394 */
#define CMAC_LEN        16
#define MASK_LEN        16            /* one AES block */
#define MASK_KEY_LEN    (2 * KEY_LEN) /* tweak key, then block key */

/**
 * crypto_version(): the version of OpenSSL that is loaded, a static string.
 */
const char *crypto_version(void);

struct aead; /* AES-256-GCM under one key: one sealing and one opening context */

/**
 * aead_new(key, out):
 * Fetch the cipher and key both contexts, so that seal and open never allocate. Not
 * thread-safe: one per connection. RC_OK; RC_NOMEM; RC_INTERNAL.
 */
enum rc aead_new(const uint8_t key[KEY_LEN], struct aead **out);
void aead_free(struct aead *a);

/**
 * aead_seal(a, nonce, aad, aad_len, in, len, out, tag):
 * Encrypt ${len} bytes of ${in} to ${out} (may be the same place) (SP 800-38D).
 */
enum rc aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
    size_t aad_len, const uint8_t *in, size_t len, uint8_t *out,
    uint8_t tag[AEAD_TAG_LEN]);

/**
 * aead_open(a, nonce, aad, aad_len, in, len, tag, out):
 * Decrypt to ${out} (may be the same place as ${in}). RC_TAMPER when the tag does not
 * verify: ${out} is then all zero.
 */
enum rc aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
    size_t aad_len, const uint8_t *in, size_t len, const uint8_t tag[AEAD_TAG_LEN],
    uint8_t *out);

struct mask; /* one-block tweakable encryption (XEX with AES-256) */

/**
 * mask_new(key, out): fetch and key the contexts. Not thread-safe.
 * mask_apply / mask_remove(m, tweak, block): encrypt / decrypt the 16-byte ${block} in
 * place under the 16-byte ${tweak}: E(block xor E'(tweak)) xor E'(tweak).
 */
enum rc mask_new(const uint8_t key[MASK_KEY_LEN], struct mask **out);
void mask_free(struct mask *m);
enum rc mask_apply(struct mask *m, const uint8_t tweak[MASK_LEN], uint8_t block[MASK_LEN]);
enum rc mask_remove(struct mask *m, const uint8_t tweak[MASK_LEN], uint8_t block[MASK_LEN]);

struct block; /* one AES-256 block cipher call, forward only */

/**
 * block_new(key, out), block_encrypt(b, in, out):
 * ${out} = AES-256(key, ${in}), 16 bytes each.
 */
enum rc block_new(const uint8_t key[KEY_LEN], struct block **out);
void block_free(struct block *b);
enum rc block_encrypt(struct block *b, const uint8_t in[MASK_LEN], uint8_t out[MASK_LEN]);

struct mac; /* a keyed code, for many calls */

/**
 * cmac_new(key, out): AES-256-CMAC (SP 800-38B), codes of CMAC_LEN bytes.
 * hmac_new(key, out): HMAC-SHA-256, of SHA256_LEN: what hmac_sha256 gives, for a third of its
 * time.
 * mac_of(m, in, len, out): the code of ${len} bytes. Not thread-safe. mac_free wipes.
 * RC_OK; RC_NOMEM.
 */
enum rc cmac_new(const uint8_t key[KEY_LEN], struct mac **out);
enum rc hmac_new(const uint8_t key[KEY_LEN], struct mac **out);
enum rc mac_of(struct mac *m, const void *in, size_t len, uint8_t *out);
void mac_free(struct mac *m);

/**
 * sha256(in, len, out); hmac_sha256(key, key_len, in, len, out); FIPS 180-4, RFC 2104.
 */
enum rc sha256(const void *in, size_t len, uint8_t out[SHA256_LEN]);
enum rc hmac_sha256(const uint8_t *key, size_t key_len, const void *in, size_t len,
    uint8_t out[SHA256_LEN]);

struct sha256; /* a running SHA-256, for streams */
enum rc sha256_new(struct sha256 **out);
enum rc sha256_add(struct sha256 *h, const void *in, size_t len);
enum rc sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN]); /* once; then free */
void sha256_free(struct sha256 *h);

/**
 * hkdf_extract(salt, salt_len, ikm, ikm_len, prk); hkdf_expand(prk, info, info_len, out,
 * len): RFC 5869 with SHA-256; ${len} <= 255 * 32.
 */
enum rc hkdf_extract(const uint8_t *salt, size_t salt_len, const uint8_t *ikm,
    size_t ikm_len, uint8_t prk[SHA256_LEN]);
enum rc hkdf_expand(const uint8_t prk[SHA256_LEN], const void *info, size_t info_len,
    uint8_t *out, size_t len);

/**
 * key_wrap(kek, key, out), key_unwrap(kek, in, key):
 * AES-256 key wrap (RFC 3394). RC_OK; RC_NOMEM; key_unwrap: RC_TAMPER when the integrity
 * check fails.
 */
enum rc key_wrap(const uint8_t kek[KEY_LEN], const uint8_t key[KEY_LEN],
    uint8_t out[WRAPPED_KEY_LEN]);
enum rc key_unwrap(const uint8_t kek[KEY_LEN], const uint8_t in[WRAPPED_KEY_LEN],
    uint8_t key[KEY_LEN]);

/**
 * random_bytes(out, len): from the library's generator.
 * random_nonce(out): AEAD_NONCE_LEN bytes from a pool that is refilled 4 KiB at a time,
 * wiped as it is used and thrown away in a child after fork. Thread-safe.
 */
enum rc random_bytes(void *out, size_t len);
enum rc random_nonce(uint8_t out[AEAD_NONCE_LEN]);

/**
 * equal_ct(a, b, len): compare in constant time.
 */
bool equal_ct(const void *a, const void *b, size_t len);

#endif
