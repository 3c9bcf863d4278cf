/*
 * The vaults that this process has unlocked.
 *
 *     unlocked_add -> in use -- unlocked_leave (last) --> leaving -- unlocked_drop --> gone
 *                       ^--------- unlocked_add ------------|
 *
 * 1. Who opens a file by the same slot shares its keyring; who opens it by another one has a
 *    keyring of his own, as another process would: a browse slot gets none of the keys that a
 *    full one holds. Leases and header are told by the file, under its locks.
 * 2. The table is by path and not by the vault's id: a copy of a vault has the same id and
 *    is another file.
 * 3. A connection says whose keys it is to have by a number in its URI, and gets no others;
 *    without a number there must be no choice.
 */
#include "store/unlocked.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct unlocked {
	struct unlocked *next;
	char *path;
	struct keyring *kr;
	int64_t number;
	int users; /* vaults that are open and not about to close */
	int refs;  /* vaults that still have a connection */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct unlocked *table;
static int64_t last_number;

/* That of ${number}; 0: the only one of ${path}. NULL: there is none, or which is not clear. */
static struct unlocked *
find(const char *path, int64_t number)
{
	struct unlocked *u, *found = NULL;

	for (u = table; u; u = u->next) {
		if (strcmp(u->path, path) != 0 || (number != 0 && u->number != number))
			continue;
		if (found)
			return NULL;
		found = u;
	}
	return found;
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
	u->number = ++last_number;
	u->next = table;
	table = u;
	return u;
}

static bool
same_slot(struct keyring *a, struct keyring *b)
{
	return keyring_slot_used(a) == keyring_slot_used(b) && keyring_role(a) == keyring_role(b);
}

/* Who has ${path} open by the slot of ${kr}; RC_BUSY: another vault was there before. */
static enum rc
find_like(const char *path, struct keyring *kr, struct unlocked **out)
{
	struct unlocked *u;

	*out = NULL;
	for (u = table; u; u = u->next) {
		if (strcmp(u->path, path) != 0)
			continue;
		if (!keyring_same_vault(u->kr, kr))
			return RC_BUSY;
		if (same_slot(u->kr, kr))
			*out = u;
	}
	return RC_OK;
}

enum rc
unlocked_add(const char *path, struct keyring *kr, struct unlocked **out)
{
	struct unlocked *u;
	enum rc rc;

	pthread_mutex_lock(&lock);
	rc = find_like(path, kr, &u);
	if (rc == RC_OK && !u && !(u = insert(path, kr)))
		rc = RC_NOMEM;
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
	const struct unlocked *other;
	bool alone;

	pthread_mutex_lock(&lock);
	alone = u->refs == 1;
	for (other = table; other; other = other->next)
		alone = alone && (other == u || strcmp(other->path, u->path) != 0);
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

int64_t
unlocked_number(const struct unlocked *u)
{
	return u->number;
}

enum rc
unlocked_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	const int64_t number = sqlite3_uri_int64(path, UNLOCKED_PARAMETER, 0);
	struct unlocked *u;

	(void)arg;
	(void)area;
	(void)len;
	pthread_mutex_lock(&lock);
	u = find(path, number);
	*out = u ? keyring_ref(u->kr) : NULL;
	pthread_mutex_unlock(&lock);
	return u ? RC_OK : RC_LOCKED;
}
