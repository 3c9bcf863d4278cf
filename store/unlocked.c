/*
 * The vaults that this process has unlocked.
 *
 *     unlocked_add -> in use -- unlocked_leave (last) --> leaving -- unlocked_drop --> gone
 *                       ^--------- unlocked_add ------------|
 *
 * 1. One file has one keyring in a process: nonce leases and the header's sequence number
 *    are of the file, so that two keyrings for it would get in each other's way.
 * 2. The table is by path and not by the vault's id: a copy of a vault has the same id and
 *    is another file.
 */
#include "store/unlocked.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct unlocked {
	struct unlocked *next;
	char *path;
	struct keyring *kr;
	int users; /* vaults that are open and not about to close */
	int refs;  /* vaults that still have a connection */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unlocked *table;

static struct unlocked *
find(const char *path)
{
	struct unlocked *u;

	for (u = table; u; u = u->next)
		if (strcmp(u->path, path) == 0)
			return u;
	return NULL;
}

static struct unlocked *
insert(const char *path, struct keyring *kr)
{
	struct unlocked *u = calloc(1, sizeof *u);

	if (!u)
		return NULL;
	u->path = strdup(path);
	if (!u->path) {
		free(u);
		return NULL;
	}
	u->kr = keyring_ref(kr);
	u->next = table;
	table = u;
	return u;
}

static bool
same_vault(struct keyring *a, struct keyring *b)
{
	uint8_t id_a[VAULT_ID_LEN], id_b[VAULT_ID_LEN];

	keyring_vault_id(a, id_a);
	keyring_vault_id(b, id_b);
	return memcmp(id_a, id_b, sizeof id_a) == 0;
}

enum rc
unlocked_add(const char *path, struct keyring *kr, struct unlocked **out)
{
	struct unlocked *u;
	enum rc rc = RC_OK;

	pthread_mutex_lock(&lock);
	u = find(path);
	if (!u)
		u = insert(path, kr);
	if (!u)
		rc = RC_NOMEM;
	else if (!same_vault(u->kr, kr))
		rc = RC_BUSY;
	if (rc == RC_OK) {
		u->users++;
		u->refs++;
	}
	pthread_mutex_unlock(&lock);
	*out = rc == RC_OK ? u : NULL;
	return rc;
}

struct unlocked *
unlocked_ref(struct unlocked *u)
{
	pthread_mutex_lock(&lock);
	u->users++;
	u->refs++;
	pthread_mutex_unlock(&lock);
	return u;
}

bool
unlocked_leave(struct unlocked *u)
{
	bool last;

	pthread_mutex_lock(&lock);
	last = --u->users == 0;
	pthread_mutex_unlock(&lock);
	return last;
}

static void
take_out(struct unlocked *u)
{
	struct unlocked **at;

	for (at = &table; *at != u; at = &(*at)->next)
		;
	*at = u->next;
}

void
unlocked_drop(struct unlocked *u)
{
	bool last;

	if (!u)
		return;
	pthread_mutex_lock(&lock);
	last = --u->refs == 0;
	if (last)
		take_out(u);
	pthread_mutex_unlock(&lock);
	if (!last)
		return;
	keyring_free(u->kr);
	free(u->path);
	free(u);
}

bool
unlocked_alone(const struct unlocked *u)
{
	bool alone;

	pthread_mutex_lock(&lock);
	alone = u->refs == 1;
	pthread_mutex_unlock(&lock);
	return alone;
}

struct keyring *
unlocked_keyring(struct unlocked *u)
{
	return u->kr;
}

const char *
unlocked_path(const struct unlocked *u)
{
	return u->path;
}

enum rc
unlocked_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	struct unlocked *u;

	(void)arg;
	(void)area;
	(void)len;
	pthread_mutex_lock(&lock);
	u = find(path);
	*out = u ? keyring_ref(u->kr) : NULL;
	pthread_mutex_unlock(&lock);
	return u ? RC_OK : RC_LOCKED;
}
