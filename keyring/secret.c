/*
 * Secret memory on OpenSSL's secure heap, and what a process that holds secrets does first.
 *
 * 1. Nothing that this file hands out lies in the ordinary heap; there is no fallback.
 * 2. A freed secret is wiped before its memory can be had again.
 * 3. The bytes of a secret are always followed by a NUL byte, so that a passphrase can be
 *    given to a C library without a copy.
 */

#include "keyring/secret.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "keyring/secret_large.h"

#define LARGE (64 * 1024) /* from here on a secret has memory of its own */

static bool heap_locked;

struct secret {
	size_t cap, len;
	uint8_t bytes[];
};

/* No core file, no tracing by others, no new privileges by exec. */
static enum rc
harden(struct err *err)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return err_set(err, RC_INTERNAL, "core files can't be turned off");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(err, RC_INTERNAL, "this process can't be hardened (prctl)");
	return RC_OK;
}

/* Two threads may load the extension at once, and OpenSSL does not guard its beginning. */
enum rc
secret_heap(struct err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int made = 1;

	pthread_mutex_lock(&lock);
	if (!CRYPTO_secure_malloc_initialized()) {
		/* 2: made, but the limits of the process forbid to lock it. */
		made = CRYPTO_secure_malloc_init(SECRET_HEAP_LEN, 16);
		heap_locked = made == 1;
	}
	pthread_mutex_unlock(&lock);
	return made != 0 ? RC_OK : err_set(err, RC_NOMEM, "no memory for secrets can be had");
}

bool
secret_locked(void)
{
	return heap_locked;
}

enum rc
secret_setup(struct err *err)
{
	enum rc rc;

	if (CRYPTO_secure_malloc_initialized())
		return RC_OK;
	rc = harden(err);
	return rc == RC_OK ? secret_heap(err) : rc;
}

void *
secret_alloc(size_t len)
{
	/* Without its heap OpenSSL would quietly take ordinary memory. */
	if (!CRYPTO_secure_malloc_initialized())
		return NULL;
	return len < LARGE ? OPENSSL_secure_zalloc(len) : secret_large_alloc(len);
}

void
secret_release(void *p)
{
	if (p && CRYPTO_secure_allocated(p))
		OPENSSL_secure_free(p);
	else if (p)
		secret_large_free(p);
}

void
secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len); /* several times as fast as OPENSSL_cleanse */
}

enum rc
secret_new(size_t cap, struct secret **out)
{
	struct secret *s;

	*out = NULL;
	if (cap >= SECRET_MAX)
		return RC_NOMEM;
	s = secret_alloc(sizeof *s + cap + 1);
	if (!s)
		return RC_NOMEM;
	s->cap = cap;
	*out = s;
	return RC_OK;
}

enum rc
secret_from(const void *bytes, size_t len, struct secret **out)
{
	enum rc rc;

	rc = secret_new(len ? len : 1, out);
	if (rc == RC_OK)
		rc = secret_append(*out, bytes, len);
	return rc;
}

void
secret_free(struct secret *s)
{
	secret_release(s);
}

uint8_t *
secret_bytes(struct secret *s)
{
	return s->bytes;
}

const uint8_t *
secret_view(const struct secret *s)
{
	return s->bytes;
}

size_t
secret_len(const struct secret *s)
{
	return s->len;
}

size_t
secret_cap(const struct secret *s)
{
	return s->cap;
}

void
secret_set_len(struct secret *s, size_t len)
{
	if (len > s->cap)
		len = s->cap;
	s->len = len;
	secret_wipe(s->bytes + len, s->cap - len + 1);
}

enum rc
secret_append(struct secret *s, const void *bytes, size_t len)
{
	if (len > s->cap - s->len)
		return RC_LIMIT;
	if (len)
		memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
	s->bytes[s->len] = '\0';
	return RC_OK;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && CRYPTO_memcmp(a->bytes, b->bytes, a->len) == 0;
}
