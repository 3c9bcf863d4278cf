/*
 * Random bytes, and a pool for nonces: one call of the generator for 12 bytes costs more
 * than sealing a page (doc/format.md, "Page"), so they are drawn 4 KiB at a time.
 *
 * 1. A byte of the pool is handed out once and wiped in the same step.
 * 2. A child after fork never sees a byte of its parent's pool: the pool says whose it is.
 */

#include "keyring/crypto.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "keyring/secret.h"

#define POOL_LEN (341 * AEAD_NONCE_LEN) /* the most whole nonces in 4 KiB */

static struct {
	uint8_t bytes[POOL_LEN];
	size_t left; /* at the end of bytes */
} pool;
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void
before_fork(void)
{
	pthread_mutex_lock(&pool_lock);
}

static void
in_parent(void)
{
	pthread_mutex_unlock(&pool_lock);
}

static void
in_child(void)
{
	secret_wipe(&pool, sizeof pool);
	pthread_mutex_unlock(&pool_lock);
}

static void
watch_fork(void)
{
	pthread_atfork(before_fork, in_parent, in_child);
}

static enum rc
pool_fill(void)
{
	enum rc rc = random_bytes(pool.bytes, POOL_LEN);

	pool.left = rc == RC_OK ? POOL_LEN : 0;
	return rc;
}

enum rc
random_nonce(uint8_t out[AEAD_NONCE_LEN])
{
	enum rc rc = RC_OK;

	pthread_once(&fork_once, watch_fork);
	pthread_mutex_lock(&pool_lock);
	if (pool.left == 0)
		rc = pool_fill();
	if (rc == RC_OK) {
		pool.left -= AEAD_NONCE_LEN;
		memcpy(out, pool.bytes + pool.left, AEAD_NONCE_LEN);
		secret_wipe(pool.bytes + pool.left, AEAD_NONCE_LEN);
	}
	pthread_mutex_unlock(&pool_lock);
	return rc;
}
