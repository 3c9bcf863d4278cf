/*
 * The loadable extension: vaults in any program that uses SQLite.
 *
 *     .load ./strongroom_vfs
 *     .open file:customers.vault?vfs=strongroom
 *
 * URI parameters: key_file=PATH opens with a key file; mode=rw opens for writing, else the
 * vault is read-only. SQLite is the libsqlite3.so that the program uses (Debian's sqlite3,
 * Python and Tcl do); the VFS calls it by name, not by the table that an extension gets,
 * since the same objects are linked into the program. doc/extension.md has the rest.
 *
 * 1. The passphrase comes from the terminal or from a program, never in SQL or in the URI.
 * 2. The process is not ours: keys lie in the secure heap, and nothing else of it is changed.
 * 3. One file has one keyring in a process: nonce leases and the header's sequence number
 *    are of the file. It is kept until the process ends, so the KDF runs once.
 * 4. The library stays loaded, since connections hold pointers into it.
 */

#define SQLITE_CORE 1 /* of sqlite3ext.h the types alone, no calls by its table */
#include <sqlite3ext.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vfs/extension.h"
#include "vfs/vfs.h"

struct opened {
	struct opened *next;
	char *path;
	struct keyring *kr;
};

static struct opened *table;
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static struct opened *
find(const char *path)
{
	struct opened *o;

	for (o = table; o; o = o->next)
		if (strcmp(o->path, path) == 0)
			return o;
	return NULL;
}

/* Another vault under a path that is known takes the place of the one before. */
static enum rc
keep(const char *path, struct keyring *kr)
{
	struct opened *o = find(path);

	if (o) {
		keyring_free(o->kr);
		o->kr = keyring_ref(kr);
		return RC_OK;
	}
	o = calloc(1, sizeof *o);
	if (!o)
		return RC_NOMEM;
	o->path = strdup(path);
	if (!o->path) {
		free(o);
		return RC_NOMEM;
	}
	o->kr = keyring_ref(kr);
	o->next = table;
	table = o;
	return RC_OK;
}

static enum rc
unlock(const char *path, struct keyring *kr, struct err *err)
{
	struct keyring_secret ks;
	struct secret *owned;
	enum rc rc = extension_secret(path, &ks, &owned, err);

	if (rc == RC_OK)
		rc = keyring_unlock(kr, KEYRING_ANY, &ks, err);
	secret_free(owned);
	if (rc == RC_OK)
		rc = keep(path, kr);
	return rc;
}

/* Under the table's lock, so that two threads don't ask for one vault at the same time. */
static enum rc
provide(const char *path, const uint8_t *area, size_t len, struct keyring **out,
    struct err *err)
{
	struct keyring *kr;
	struct opened *o;
	enum rc rc;

	if (len == 0)
		return err_set(err, RC_FORMAT, "it is empty; make vaults with strongroom init");
	rc = keyring_parse(area, len, &kr, err);
	if (rc != RC_OK)
		return rc;
	o = find(path);
	if (o && keyring_same_vault(o->kr, kr)) {
		keyring_free(kr);
		kr = keyring_ref(o->kr);
	} else {
		rc = unlock(path, kr, err);
	}
	if (rc == RC_OK)
		*out = kr;
	else
		keyring_free(kr);
	return rc;
}

/*
 * The KDF runs in here, once per vault, with no lock of the file held. Why it fails goes to
 * SQLite's log; a connection has the code alone.
 */
static enum rc
on_open(void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	struct err err = { "" };
	enum rc rc;

	(void)arg;
	*out = NULL;
	pthread_mutex_lock(&table_lock);
	rc = provide(path, area, len, out, &err);
	pthread_mutex_unlock(&table_lock);
	if (rc != RC_OK) {
		err_default(&err, rc);
		sqlite3_log(SQLITE_CANTOPEN, "strongroom: %s: %s", path, err.text);
	}
	return rc;
}

/* A program may have its own SQLite beside a shared one: then ours would be the wrong one. */
static enum rc
set_up(const sqlite3_api_routines *api, struct err *err)
{
	enum rc rc = RC_OK;

	if (api->vfs_find(NULL) != sqlite3_vfs_find(NULL))
		return err_set(err, RC_INTERNAL,
		    "this program has its own SQLite built in; use one with libsqlite3.so");
	rc = secret_heap(err);
	if (rc == RC_OK)
		rc = vfs_register(VFS_NAME, on_open, NULL, false);
	if (rc == RC_OK)
		rc = vfs_read_only(VFS_NAME);
	return err_default(err, rc);
}

__attribute__((visibility("default"))) int sqlite3_strongroomvfs_init(
    sqlite3 *db, char **message, const sqlite3_api_routines *api);

int
sqlite3_strongroomvfs_init(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
	struct err err = { "" };

	(void)db;
	if (set_up(api, &err) == RC_OK)
		return SQLITE_OK_LOAD_PERMANENTLY;
	*message = sqlite3_mprintf("strongroom: %s", err.text);
	return SQLITE_ERROR;
}
