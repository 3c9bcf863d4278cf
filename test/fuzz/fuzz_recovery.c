/*
 * SQLite's recovery over the VFS, on a hostile disk: a vault in the middle of a transaction,
 * with its hot journal or its log. The first byte says what is done to it. Bit 0: it has a
 * log, else a journal. Bit 1: the rest is the journal or log itself; else it is changes
 * (offset 2, value 1) to the good one. Bit 2: the changes are to the database's pages.
 * Bit 3: the vault is written to as well. Checked: no crash, each text that is read is one
 * that was written, what was not committed is gone when nothing was changed, no text reaches
 * the disk in the clear.
 */
#include <stdlib.h>
#include <string.h>

#include "test/fuzz/memvfs.h"
#include "vfs/vfs.h"

#define CHANGE_LEN 3
#define NAME       "v"
#define CANARY     "canary of a row"

enum { WITH_JOURNAL, WITH_LOG, KINDS };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct { /* a disk where the power went in the middle */
	struct mem_image db, side;
} scenes[KINDS];
static const char *const sides[] = { NAME "-journal", NAME "-wal" };
static const struct mem_image none;

static enum rc
provide(void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	const struct kdf_params cheap = { KDF_ARGON2ID, kdf_floor.memory_kib, 1, 1 };
	struct keyring_secret ks = { SLOT_PASSPHRASE, NULL };
	struct secret *secret;
	enum rc rc = secret_from("secret", 6, &secret);

	(void)arg;
	(void)path;
	*out = NULL;
	if (rc != RC_OK)
		return rc;
	ks.bytes = secret;
	if (!len)
		rc = keyring_create(&ks, &cheap, "fuzz", out, NULL);
	else
		rc = keyring_parse(area, len, out, NULL);
	if (rc == RC_OK && len)
		rc = keyring_unlock(*out, 0, &ks, NULL);
	if (rc != RC_OK) {
		keyring_free(*out);
		*out = NULL;
	}
	secret_free(secret);
	return rc;
}

static sqlite3 *
open_vault(void)
{
	sqlite3 *db;

	if (sqlite3_open_v2(NAME, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "fuzz") ==
	    SQLITE_OK)
		return db;
	sqlite3_close(db);
	return NULL;
}

static void
must(sqlite3 *db, const char *sql)
{
	if (!db || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		abort();
}

/* A transaction that reaches the database (or is in the log) and then nothing more. */
static void
make_scene(int kind)
{
	sqlite3 *db;

	memvfs_load(NAME, &none);
	db = open_vault();
	must(db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=512; PRAGMA cache_size=2");
	must(db, kind == WITH_LOG ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE");
	must(db, "CREATE TABLE t(c)");
	must(db, "INSERT INTO t SELECT '" CANARY "' || a.value || b.value || hex(zeroblob(60))"
	         " FROM json_each('[1,2,3,4,5,6]') a, json_each('[1,2,3,4,5]') b");
	must(db, "UPDATE t SET c=c || ', changed' WHERE rowid % 3 = 0");
	must(db, "BEGIN; UPDATE t SET c=c || ', undone'");
	memvfs_save(NAME, &scenes[kind].db);
	memvfs_save(sides[kind], &scenes[kind].side);
	if (scenes[kind].side.len == 0)
		abort();
	must(db, "ROLLBACK");
	sqlite3_close(db);
}

static void
set_up(void)
{
	int kind;

	if (secret_setup(NULL) != RC_OK)
		abort();
	memvfs_register(CANARY);
	if (vfs_register_over("fuzz", MEMVFS_NAME, provide, NULL, false) != RC_OK)
		abort();
	for (kind = 0; kind < KINDS; kind++)
		make_scene(kind);
}

static void
change(struct mem_image *m, size_t from, const uint8_t *data, size_t size)
{
	size_t at;

	for (; size >= CHANGE_LEN; data += CHANGE_LEN, size -= CHANGE_LEN) {
		at = from + ((size_t)data[0] << 8 | data[1]);
		if (at < m->len)
			m->bytes[at] = data[2];
	}
}

static int
check_row(void *arg, int n, char **values, char **names)
{
	const bool *unchanged = arg;

	(void)n;
	(void)names;
	if (!values[0] || strncmp(values[0], CANARY, strlen(CANARY)) != 0)
		abort();
	if (*unchanged && strstr(values[0], "undone"))
		abort();
	return 0;
}

static void
use(bool write, bool unchanged)
{
	sqlite3 *db = open_vault();

	if (!db)
		return;
	sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL);
	sqlite3_exec(db, "SELECT c FROM t", check_row, &unchanged, NULL);
	sqlite3_exec(db, "PRAGMA integrity_check", NULL, NULL, NULL);
	if (write) {
		sqlite3_exec(db, "INSERT INTO t VALUES('" CANARY "')", NULL, NULL, NULL);
		sqlite3_exec(db, "SELECT c FROM t", check_row, &unchanged, NULL);
	}
	sqlite3_close(db);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mem_image db, side;
	static bool ready;
	int kind;

	if (!ready)
		set_up();
	ready = true;
	if (size == 0)
		return 0;
	kind = data[0] & 1;
	db.len = scenes[kind].db.len;
	memcpy(db.bytes, scenes[kind].db.bytes, db.len);
	side.len = scenes[kind].side.len;
	memcpy(side.bytes, scenes[kind].side.bytes, side.len);
	if (data[0] & 4) {
		change(&db, HEADER_AREA_LEN, data + 1, size - 1);
	} else if (data[0] & 2 && size > 1) {
		side.len = size - 1 < MEMVFS_MAX ? size - 1 : MEMVFS_MAX;
		memcpy(side.bytes, data + 1, side.len);
	} else {
		change(&side, 0, data + 1, size - 1);
	}
	memvfs_load(NAME, &db);
	memvfs_load(sides[kind], &side);
	memvfs_load(sides[!kind], &none);
	use(data[0] & 8, size == 1);
	return 0;
}
