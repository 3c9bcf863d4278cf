/*
 * The one place with OpenSSL's EVP: AEAD, one-block encryption, hashes, HKDF, key wrap.
 *
 * 1. Ciphers are fetched and contexts keyed when an object is made; a call on it changes the
 *    nonce alone, allocates nothing and can fail only by its inputs.
 * 2. No byte of a plaintext is left in the caller's buffer unless its tag has verified.
 */

#include "keyring/crypto.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"

/* A context with ${cipher} keyed for one direction, without padding; NULL on failure. */
static EVP_CIPHER_CTX *
cipher_keyed(const char *cipher, const uint8_t *key, int encrypt)
{
	EVP_CIPHER *fetched = EVP_CIPHER_fetch(NULL, cipher, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!fetched || !ctx)
		goto err0;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2(ctx, fetched, key, NULL, encrypt, NULL) != 1)
		goto err0;
	/* It is set again at each nonce: a stream, as GCM is, has none and does without. */
	if (EVP_CIPHER_get_block_size(fetched) > 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) != 1)
		goto err0;
	EVP_CIPHER_free(fetched); /* the context holds its own reference */
	return ctx;

err0:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(fetched);
	return NULL;
}

struct aead {
	EVP_CIPHER_CTX *seal, *open;
};

enum rc
aead_new(const uint8_t key[KEY_LEN], struct aead **out)
{
	struct aead *a;

	*out = NULL;
	a = calloc(1, sizeof *a);
	if (!a)
		return RC_NOMEM;
	a->seal = cipher_keyed("AES-256-GCM", key, 1);
	a->open = cipher_keyed("AES-256-GCM", key, 0);
	if (!a->seal || !a->open) {
		aead_free(a);
		return RC_NOMEM;
	}
	*out = a;
	return RC_OK;
}

void
aead_free(struct aead *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->seal);
	EVP_CIPHER_CTX_free(a->open);
	free(a);
}

/* Nonce, associated data and text; what remains is the tag. */
static bool
aead_feed(EVP_CIPHER_CTX *ctx, const uint8_t *nonce, const void *aad, size_t aad_len,
    const uint8_t *in, size_t len, uint8_t *out)
{
	int n;

	if (len > INT_MAX || aad_len > INT_MAX)
		return false;
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, -1, NULL) != 1)
		return false;
	if (aad_len && EVP_CipherUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1)
		return false;
	return len == 0 || EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1;
}

enum rc
aead_seal(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
    size_t aad_len, const uint8_t *in, size_t len, uint8_t *out,
    uint8_t tag[AEAD_TAG_LEN])
{
	uint8_t none[1];
	int n;

	if (!aead_feed(a->seal, nonce, aad, aad_len, in, len, out) ||
	    EVP_CipherFinal_ex(a->seal, none, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(a->seal, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN, tag) != 1)
		return RC_INTERNAL;
	return RC_OK;
}

enum rc
aead_open(struct aead *a, const uint8_t nonce[AEAD_NONCE_LEN], const void *aad,
    size_t aad_len, const uint8_t *in, size_t len, const uint8_t tag[AEAD_TAG_LEN],
    uint8_t *out)
{
	uint8_t none[1], expected[AEAD_TAG_LEN];
	int n;

	memcpy(expected, tag, sizeof expected); /* the library wants it writable */
	if (!aead_feed(a->open, nonce, aad, aad_len, in, len, out) ||
	    EVP_CIPHER_CTX_ctrl(a->open, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_LEN, expected) !=
	        1) {
		secret_wipe(out, len);
		return RC_INTERNAL;
	}
	if (EVP_CipherFinal_ex(a->open, none, &n) != 1) {
		secret_wipe(out, len);
		return RC_TAMPER;
	}
	return RC_OK;
}

struct block {
	EVP_CIPHER_CTX *ctx;
};

enum rc
block_new(const uint8_t key[KEY_LEN], struct block **out)
{
	struct block *b;

	*out = NULL;
	b = calloc(1, sizeof *b);
	if (!b)
		return RC_NOMEM;
	b->ctx = cipher_keyed("AES-256-ECB", key, 1);
	if (!b->ctx) {
		free(b);
		return RC_NOMEM;
	}
	*out = b;
	return RC_OK;
}

void
block_free(struct block *b)
{
	if (!b)
		return;
	EVP_CIPHER_CTX_free(b->ctx);
	free(b);
}

static enum rc
one_block(EVP_CIPHER_CTX *ctx, const uint8_t *in, uint8_t *out)
{
	int n;

	return EVP_CipherUpdate(ctx, out, &n, in, MASK_LEN) == 1 && n == MASK_LEN
	    ? RC_OK
	    : RC_INTERNAL;
}

enum rc
block_encrypt(struct block *b, const uint8_t in[MASK_LEN], uint8_t out[MASK_LEN])
{
	return one_block(b->ctx, in, out);
}

struct mac {
	EVP_MAC_CTX *ctx;
	size_t len; /* of its codes */
};

/* The code ${name} of ${len} bytes on ${part}, which parameter ${kind} says. */
static enum rc
mac_new(const char *name, const char *kind, char *part, const uint8_t key[KEY_LEN],
    size_t len, struct mac **out)
{
	EVP_MAC *fetched = EVP_MAC_fetch(NULL, name, NULL);
	struct mac *m = calloc(1, sizeof *m);
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(kind, part, 0),
		OSSL_PARAM_construct_end(),
	};

	*out = NULL;
	if (m && fetched)
		m->ctx = EVP_MAC_CTX_new(fetched);
	EVP_MAC_free(fetched); /* the context counts as a holder */
	if (!m || !m->ctx || EVP_MAC_init(m->ctx, key, KEY_LEN, params) != 1) {
		mac_free(m);
		return RC_NOMEM;
	}
	m->len = len;
	*out = m;
	return RC_OK;
}

enum rc
cmac_new(const uint8_t key[KEY_LEN], struct mac **out)
{
	char cipher[] = "AES-256-CBC";

	return mac_new("CMAC", OSSL_MAC_PARAM_CIPHER, cipher, key, CMAC_LEN, out);
}

enum rc
hmac_new(const uint8_t key[KEY_LEN], struct mac **out)
{
	char digest[] = "SHA256";

	return mac_new("HMAC", OSSL_MAC_PARAM_DIGEST, digest, key, SHA256_LEN, out);
}

void
mac_free(struct mac *m)
{
	if (!m)
		return;
	EVP_MAC_CTX_free(m->ctx);
	free(m);
}

/* Without a key it begins anew under the one that it has; only memory can be lacking. */
enum rc
mac_of(struct mac *m, const void *in, size_t len, uint8_t *out)
{
	size_t n;

	return EVP_MAC_init(m->ctx, NULL, 0, NULL) == 1 &&
	           EVP_MAC_update(m->ctx, in, len) == 1 &&
	           EVP_MAC_final(m->ctx, out, &n, m->len) == 1 && n == m->len
	    ? RC_OK
	    : RC_NOMEM;
}

struct mask {
	EVP_CIPHER_CTX *tweak, *apply, *remove;
};

enum rc
mask_new(const uint8_t key[MASK_KEY_LEN], struct mask **out)
{
	struct mask *m;

	*out = NULL;
	m = calloc(1, sizeof *m);
	if (!m)
		return RC_NOMEM;
	m->tweak = cipher_keyed("AES-256-ECB", key, 1);
	m->apply = cipher_keyed("AES-256-ECB", key + KEY_LEN, 1);
	m->remove = cipher_keyed("AES-256-ECB", key + KEY_LEN, 0);
	if (!m->tweak || !m->apply || !m->remove) {
		mask_free(m);
		return RC_NOMEM;
	}
	*out = m;
	return RC_OK;
}

void
mask_free(struct mask *m)
{
	if (!m)
		return;
	EVP_CIPHER_CTX_free(m->tweak);
	EVP_CIPHER_CTX_free(m->apply);
	EVP_CIPHER_CTX_free(m->remove);
	free(m);
}

static void
xor_block(uint8_t block[MASK_LEN], const uint8_t with[MASK_LEN])
{
	for (int i = 0; i < MASK_LEN; i++)
		block[i] ^= with[i];
}

/* XEX (Rogaway 2004) for a single block: no multiplication of the tweak is needed. */
static enum rc
xex(EVP_CIPHER_CTX *tweaker, EVP_CIPHER_CTX *ctx, const uint8_t *tweak, uint8_t *block)
{
	uint8_t t[MASK_LEN];
	enum rc rc;

	rc = one_block(tweaker, tweak, t);
	if (rc != RC_OK)
		return rc;
	xor_block(block, t);
	rc = one_block(ctx, block, block);
	xor_block(block, t);
	return rc;
}

enum rc
mask_apply(struct mask *m, const uint8_t tweak[MASK_LEN], uint8_t block[MASK_LEN])
{
	return xex(m->tweak, m->apply, tweak, block);
}

enum rc
mask_remove(struct mask *m, const uint8_t tweak[MASK_LEN], uint8_t block[MASK_LEN])
{
	return xex(m->tweak, m->remove, tweak, block);
}

/* Both fetch what every build of the library has: only memory can be lacking. */
enum rc
sha256(const void *in, size_t len, uint8_t out[SHA256_LEN])
{
	return EVP_Q_digest(NULL, "SHA256", NULL, in, len, out, NULL) ? RC_OK : RC_NOMEM;
}

enum rc
hmac_sha256(const uint8_t *key, size_t key_len, const void *in, size_t len,
    uint8_t out[SHA256_LEN])
{
	size_t n;

	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, key_len, in, len, out,
	           SHA256_LEN, &n)
	    ? RC_OK
	    : RC_NOMEM;
}

struct sha256 {
	EVP_MD_CTX *ctx;
};

enum rc
sha256_new(struct sha256 **out)
{
	struct sha256 *h;

	*out = NULL;
	h = calloc(1, sizeof *h);
	if (!h)
		return RC_NOMEM;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || EVP_DigestInit_ex2(h->ctx, EVP_sha256(), NULL) != 1) {
		sha256_free(h);
		return RC_NOMEM;
	}
	*out = h;
	return RC_OK;
}

enum rc
sha256_add(struct sha256 *h, const void *in, size_t len)
{
	return EVP_DigestUpdate(h->ctx, in, len) == 1 ? RC_OK : RC_INTERNAL;
}

enum rc
sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN])
{
	return EVP_DigestFinal_ex(h->ctx, out, NULL) == 1 ? RC_OK : RC_INTERNAL;
}

void
sha256_free(struct sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

#define HKDF_PARAMS 5

/* The library takes its parameters without const and does not change them. */
static OSSL_PARAM
octets(const char *name, const void *p, size_t len)
{
	union {
		const void *in;
		void *out;
	} u = { .in = p };

	return OSSL_PARAM_construct_octet_string(name, u.out, len);
}

static enum rc
hkdf(int mode, const uint8_t *key, size_t key_len, OSSL_PARAM extra, uint8_t *out,
    size_t len)
{
	static char digest[] = "SHA256";
	OSSL_PARAM params[HKDF_PARAMS] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		octets(OSSL_KDF_PARAM_KEY, key, key_len),
		extra,
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	int ok = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	if (!ok)
		secret_wipe(out, len);
	return ok ? RC_OK : RC_NOMEM; /* as for a digest */
}

enum rc
hkdf_extract(const uint8_t *salt, size_t salt_len, const uint8_t *ikm, size_t ikm_len,
    uint8_t prk[SHA256_LEN])
{
	/* HMAC itself: the same function (RFC 5869, 2.2), and a salt of no length is allowed. */
	static const uint8_t zeros[SHA256_LEN];

	return salt_len ? hmac_sha256(salt, salt_len, ikm, ikm_len, prk)
			: hmac_sha256(zeros, sizeof zeros, ikm, ikm_len, prk);
}

enum rc
hkdf_expand(const uint8_t prk[SHA256_LEN], const void *info, size_t info_len,
    uint8_t *out, size_t len)
{
	return hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, prk, SHA256_LEN,
	    octets(OSSL_KDF_PARAM_INFO, info, info_len), out, len);
}

/* One wrap or unwrap; ${n} bytes come out. */
static enum rc
wrap_once(const uint8_t *kek, int encrypt, const uint8_t *in, int in_len, uint8_t *out,
    int n)
{
	EVP_CIPHER_CTX *ctx = cipher_keyed("AES-256-WRAP", kek, encrypt);
	int done = 0;
	bool ok;

	if (!ctx)
		return RC_NOMEM;
	ok = EVP_CipherUpdate(ctx, out, &done, in, in_len) == 1 && done == n;
	EVP_CIPHER_CTX_free(ctx);
	if (ok)
		return RC_OK;
	return encrypt ? RC_INTERNAL : RC_TAMPER;
}

enum rc
key_wrap(const uint8_t kek[KEY_LEN], const uint8_t key[KEY_LEN],
    uint8_t out[WRAPPED_KEY_LEN])
{
	return wrap_once(kek, 1, key, KEY_LEN, out, WRAPPED_KEY_LEN);
}

enum rc
key_unwrap(const uint8_t kek[KEY_LEN], const uint8_t in[WRAPPED_KEY_LEN],
    uint8_t key[KEY_LEN])
{
	/* The library may write a block more than the key while it works. */
	uint8_t plain[WRAPPED_KEY_LEN];
	enum rc rc = wrap_once(kek, 0, in, WRAPPED_KEY_LEN, plain, KEY_LEN);

	if (rc == RC_OK)
		memcpy(key, plain, KEY_LEN);
	else
		secret_wipe(key, KEY_LEN);
	secret_wipe(plain, sizeof plain);
	return rc;
}

enum rc
random_bytes(void *out, size_t len)
{
	return RAND_priv_bytes_ex(NULL, out, len, 0) == 1 ? RC_OK : RC_INTERNAL;
}

bool
equal_ct(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

const char *
crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
