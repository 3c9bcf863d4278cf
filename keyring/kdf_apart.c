/*
 * The thread that derives a key, and the one that waits for it or leaves it.
 *
 *     begun --ends--> done --> the waiting one takes the key, and frees
 *       '--left--> left --ends--> the deriving one frees; nobody gets the key
 *
 * 1. All that both share lies in secret memory, and the one that goes last wipes it.
 * 2. After it was left, the thread touches nothing but that: whoever left it may end.
 */

#include "keyring/kdf_apart.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "keyring/secret.h"

#define LOOK_MS 5 /* between two looks at the flag */

static _Thread_local const atomic_bool *stop;

struct apart {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool done, left;
	kdf_fn *run;
	struct kdf_params p;
	enum rc rc;
	uint8_t salt[KDF_SALT_LEN], out[KDF_OUT_LEN];
	size_t len;
	uint8_t secret[];
};

void
kdf_stop_by(const atomic_bool *flag)
{
	stop = flag;
}

static void
apart_free(struct apart *a)
{
	pthread_cond_destroy(&a->ended);
	pthread_mutex_destroy(&a->lock);
	secret_release(a);
}

static void *
work(void *arg)
{
	struct apart *a = arg;
	enum rc rc = a->run(&a->p, a->secret, a->len, a->salt, a->out);
	bool left;

	pthread_mutex_lock(&a->lock);
	a->rc = rc;
	a->done = true;
	left = a->left;
	pthread_cond_signal(&a->ended);
	pthread_mutex_unlock(&a->lock);
	if (left)
		apart_free(a);
	return NULL;
}

/* A clock that nobody can set back: the next look at the flag would come hours later. */
static void
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

static struct apart *
apart_new(kdf_fn *run, const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t *salt)
{
	struct apart *a = secret_alloc(sizeof *a + len);

	if (!a)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	cond_init(&a->ended);
	a->run = run;
	a->p = *p;
	a->len = len;
	memcpy(a->salt, salt, KDF_SALT_LEN);
	if (len > 0)
		memcpy(a->secret, secret, len);
	return a;
}

static void
soon(struct timespec *at)
{
	clock_gettime(CLOCK_MONOTONIC, at);
	at->tv_nsec += LOOK_MS * 1000000L;
	if (at->tv_nsec >= 1000000000L) {
		at->tv_nsec -= 1000000000L;
		at->tv_sec++;
	}
}

/* Until it is done, or has been left. */
static bool
wait_done(struct apart *a)
{
	struct timespec at;
	bool done;

	pthread_mutex_lock(&a->lock);
	while (!a->done && !atomic_load(stop)) {
		soon(&at);
		pthread_cond_timedwait(&a->ended, &a->lock, &at);
	}
	done = a->done;
	a->left = !done;
	pthread_mutex_unlock(&a->lock);
	return done;
}

enum rc
kdf_apart(kdf_fn *run, const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t salt[KDF_SALT_LEN], uint8_t out[KDF_OUT_LEN])
{
	struct apart *a;
	pthread_t thread;
	enum rc rc;

	if (!stop)
		return run(p, secret, len, salt, out);
	if (atomic_load(stop))
		return RC_CANCELLED;
	a = apart_new(run, p, secret, len, salt);
	if (!a)
		return RC_NOMEM;
	if (pthread_create(&thread, NULL, work, a) != 0) {
		apart_free(a);
		return RC_NOMEM;
	}
	if (!wait_done(a)) {
		pthread_detach(thread);
		return RC_CANCELLED;
	}
	pthread_join(thread, NULL);
	rc = a->rc;
	memcpy(out, a->out, KDF_OUT_LEN);
	apart_free(a);
	return rc;
}
