/*
 * The connection of a vault: its settings, more of them for other threads, its end.
 *
 * 1. A connection that is handed out has all of its settings (vault_connect), whichever way
 *    it came to be.
 * 2. The last connection of the process that closes writes "locked"; SQLite then folds the
 *    log into the file, and the keys are wiped.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "store/audit_mark.h"
#include "store/collate.h"
#include "store/func.h"
#include "store/mem.h"
#include "store/sealed_int.h"
#include "store/search_kept.h"
#include "store/seen.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

#define BUSY_MS 5000 /* how long to wait for another writer */
#define WAIT_MS 4    /* between two tries; a cancel is heard as soon */

#define TEXT_OF(number) #number
#define TEXT(macro)	TEXT_OF(macro)

enum rc
vault_setup(struct err *err)
{
	enum rc rc;

	openlog("strongroom", LOG_NDELAY | LOG_PID, LOG_AUTHPRIV);
	rc = secret_setup(err);
	if (rc == RC_OK)
		rc = mem_setup(err);
	if (rc == RC_OK)
		rc = vfs_register(VFS_NAME, unlocked_provide, NULL, false);
	return err_default(err, rc);
}

enum rc
vault_new(const char *path, struct vault **out)
{
	struct vault *v = calloc(1, sizeof *v);

	*out = NULL;
	if (!v)
		return RC_NOMEM;
	v->path = strdup(path);
	v->slot = -1;
	if (!v->path) {
		free(v);
		return RC_NOMEM;
	}
	*out = v;
	return RC_OK;
}

static void
drop_kept(struct vault *v)
{
	int i;

	for (i = 0; i < KEPT_ALL; i++) {
		sqlite3_finalize(v->kept[i]);
		v->kept[i] = NULL;
	}
}

/* Close what is open and free, without a word to the audit. */
static void
vault_dispose(struct vault *v)
{
	struct catalogue *c, *older;

	if (!v)
		return;
	sealed_keys_free(v);
	kept_free(v->orders);
	sqlite3_finalize(v->sealed_rows);
	sqlite3_finalize(v->undo);
	drop_kept(v);
	sqlite3_close(v->db);
	v->db = NULL;
	if (v->seen)
		seen_note(unlocked_keyring(v->unlocked));
	unlocked_drop(v->unlocked);
	for (c = v->catalogue; c; c = older) {
		older = c->older;
		free(c);
	}
	free(v->path);
	free(v);
}

void
vault_detach(struct vault *v)
{
	sqlite3 *db = v->db;
	sqlite3_stmt *undo = v->undo;

	v->db = NULL; /* first: an interrupt may come at any time */
	v->undo = NULL;
	sealed_keys_free(v);
	kept_free(v->orders);
	v->orders = NULL;
	sqlite3_finalize(v->sealed_rows);
	v->sealed_rows = NULL;
	sqlite3_finalize(undo);
	drop_kept(v);
	sqlite3_close(db);
	if (v->unlocked) {
		if (v->seen)
			seen_note(unlocked_keyring(v->unlocked));
		unlocked_leave(v->unlocked);
		unlocked_drop(v->unlocked);
	}
	v->unlocked = NULL;
	v->seen = false;
}

void
vault_abandon(struct vault *v)
{
	if (v && v->unlocked)
		unlocked_leave(v->unlocked);
	vault_dispose(v);
}

/* A path as a URI: what is not plain is percent-encoded. */
static char *
uri_of(const char *path, int64_t keys, bool create, bool immutable)
{
	static const char plain[] = "/-_.~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789";
	char *uri = malloc(3 * strlen(path) + 128), *p = uri;

	if (!uri)
		return NULL;
	p += sprintf(p, "file:");
	for (; *path; path++)
		p += strchr(plain, *path) ? sprintf(p, "%c", *path)
					  : sprintf(p, "%%%02X", (unsigned char)*path);
	sprintf(p, "?vfs=" VFS_NAME "&mode=%s%s&" UNLOCKED_PARAMETER "=%" PRId64,
	    create ? "rwc" : "rw", immutable ? "&immutable=1" : "", keys);
	return uri;
}

/*
 * A vault on a medium that can't be written, closed cleanly: SQLite can't make the shared
 * memory that a log needs, and does not need it either.
 */
static enum rc
frozen(const char *path, bool *is)
{
	char *log, *folder, *slash;
	enum rc rc;

	*is = false;
	log = sqlite3_mprintf("%s-wal", path);
	folder = strdup(path);
	rc = log && folder ? RC_OK : RC_NOMEM;
	if (rc == RC_OK && access(path, W_OK) != 0 && access(log, F_OK) != 0) {
		slash = strrchr(folder, '/');
		if (slash)
			slash[slash == folder] = '\0';
		*is = access(slash ? folder : ".", W_OK) != 0;
	}
	sqlite3_free(log);
	free(folder);
	return rc;
}

/*
 * The file that was looked at is the one whose mode is set, whatever the name means by then. It
 * is not opened: to close it would drop SQLite's locks.
 */
static bool
set_mode(int fd, mode_t mode)
{
	char name[64];
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink != 1)
		return true; /* not what SQLite has made */
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return access(name, W_OK) == 0 || chmod(name, mode) == 0;
}

static void
let_write(const char *path, const char *suffix, mode_t mode)
{
	char name[PATH_MAX];
	int fd;

	if ((size_t)snprintf(name, sizeof name, "%s%s", path, suffix) >= sizeof name)
		return;
	fd = open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!set_mode(fd, mode))
		sqlite3_log(SQLITE_READONLY, "strongroom: %s can't be written", name);
	close(fd);
}

/*
 * SQLite makes what stands beside a vault with the vault's mode. What was made while nobody might
 * write it would keep its owner from writing, now that he may.
 */
static void
mend_modes(const char *path)
{
	struct stat st;

	if (access(path, W_OK) != 0 || stat(path, &st) != 0)
		return;
	let_write(path, "-shm", st.st_mode & 0777);
	let_write(path, "-wal", st.st_mode & 0777);
}

/* A larger cache is a help, and no more: that it was not to be had is no failure. */
void
vault_cache(struct vault *v, int kib)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d", kib);
	sqlite3_exec(v->db, sql, NULL, NULL, NULL);
}

/* The cache too: it is the first that reads the file, and what fails there must be told. */
static const char settings[] =
    "PRAGMA cache_size = -" TEXT(VAULT_CACHE_KIB) ";"
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_spill = OFF;" /* a spilled frame can be lost with a savepoint: vfs.md, 6 */
    "PRAGMA secure_delete = ON;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = FILE;" /* sealed by the VFS; memory is not the place for a sort */
    "PRAGMA mmap_size = 0;";

/* SQLite's own timeout sleeps through an interrupt. */
static int
wait_busy(void *arg, int tries)
{
	struct vault *v = arg;

	if (atomic_load(&v->interrupted) || tries >= BUSY_MS / WAIT_MS)
		return 0;
	sqlite3_sleep(WAIT_MS);
	return 1;
}

void
vault_let_in(void)
{
	sqlite3_sleep(WAIT_MS + 1);
}

static enum rc
configure(struct vault *v)
{
	int code = sqlite3_busy_handler(v->db, wait_busy, v);

	sqlite3_extended_result_codes(v->db, 1);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (code == SQLITE_OK)
		code = collate_register(v->db);
	if (code == SQLITE_OK)
		code = func_register(v->db);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v3(v->db, "ROLLBACK", -1, SQLITE_PREPARE_PERSISTENT,
		    &v->undo, NULL);
	if (code != SQLITE_OK)
		return sql_code(v, code, "the vault can't be set up");
	return sql_exec(v, settings);
}

enum rc
vault_connect(struct vault *v, const char *path, bool create)
{
	const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
	    (create ? SQLITE_OPEN_CREATE : 0);
	bool immutable = false;
	enum rc rc = create ? RC_OK : frozen(path, &immutable);
	const int64_t keys = unlocked_number(v->unlocked);
	char *uri = rc == RC_OK ? uri_of(path, keys, create, immutable) : NULL;
	int code;

	if (!uri)
		return err_default(&v->err, RC_NOMEM);
	mend_modes(path);
	code = sqlite3_open_v2(uri, &v->db, flags, NULL);
	free(uri);
	if (code != SQLITE_OK)
		return sql_code(v, code, "the vault can't be opened");
	v->readonly = sqlite3_db_readonly(v->db, "main") == 1;
	return configure(v);
}

enum rc
vault_clone(struct vault *v, struct vault **out, struct err *err)
{
	struct vault *c;
	enum rc rc;

	*out = NULL;
	if (!v->unlocked)
		return err_set(err, RC_LOCKED, "%s is no longer open", v->path);
	rc = vault_new(v->path, &c);
	if (rc != RC_OK)
		return err_default(err, rc);
	c->unlocked = unlocked_ref(v->unlocked);
	c->slot = v->slot;
	c->browse = v->browse;
	c->seen = v->seen;
	memcpy(c->slot_label, v->slot_label, sizeof c->slot_label);
	c->last_unlock = v->last_unlock;
	c->failed_since = v->failed_since;
	c->failed_n = v->failed_n;
	memcpy(c->failed_at, v->failed_at, sizeof c->failed_at);
	c->clock_behind = v->clock_behind;
	rc = vault_connect(c, unlocked_path(c->unlocked), false);
	if (rc == RC_OK)
		rc = field_load(c);
	/* what is committed from here on counts */
	if (rc == RC_OK)
		rc = sql_int(c, "PRAGMA data_version", &c->data_version);
	if (rc != RC_OK) {
		err_set(err, rc, "%s", c->err.text);
		vault_abandon(c);
		return err_default(err, rc);
	}
	*out = c;
	return RC_OK;
}

/* The last connection of the process says good-bye; where it can't, it goes all the same. */
void
vault_close(struct vault *v)
{
	const struct audit_entry locked = { .event = AUDIT_LOCKED, .count = -1 };
	struct audit_chain end = { .count = 0 };
	struct keyring *kr;

	if (!v)
		return;
	if (!v->unlocked) {
		vault_dispose(v);
		return;
	}
	vault_rollback(v);
	kr = keyring_ref(unlocked_keyring(v->unlocked));
	if (unlocked_leave(v->unlocked) && !v->readonly && audit_append(v, &locked) == RC_OK &&
	    audit_mark_set(v, &end) != RC_OK)
		end.count = 0;
	vault_dispose(v);
	if (end.count > 0)
		audit_mark_keep(kr, &end);
	keyring_free(kr);
}

bool
vault_changed(struct vault *v)
{
	int64_t now, before = v->data_version;

	if (sql_int(v, "PRAGMA data_version", &now) != RC_OK)
		return false;
	v->data_version = now;
	return before != 0 && now != before;
}
