/*
 * Fixture commands that use vaults from many threads, each with connections of its own.
 * They wait and try again while another thread is in the way; the result is a list of the
 * other errors, empty when all is well.
 *
 *   vfs_threads PATH VFS N ROUNDS ?SHARED?   N threads insert into one vault, and read
 *   vfs_storm {PATH ...} VFS N ROUNDS ?SHARING?   N threads, each with one vault as main and
 *                                 the next attached as other, do all of `jobs` in turn;
 *                                 SHARING: the VFS is of vfs_register_sharing
 *   vfs_register_sharing NAME     a VFS whose connections to a file share one keyring, as
 *                                 those of the store do
 *   vfs_sharing_end               forget these keyrings
 */
#include <pthread.h>
#include <string.h>

#include "test/testfixture.h"
#include "test/testfixture_vfs.h"
#include "vfs/rotate.h"

#define THREADS_MAX 16
#define SHARED_MAX  8

struct worker {
	pthread_t thread;
	const char *path, *other, *vfs;
	vfs_key_fn *provider;
	int number, rounds, flags;
	sqlite3 *db;
	char error[200];
};

static int
fail(struct worker *w, const char *doing, const char *what)
{
	sqlite3_snprintf(
	    sizeof w->error, w->error, "thread %d: %s: %s", w->number, doing, what);
	return SQLITE_ERROR;
}

static bool
in_the_way(int code)
{
	return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

/* All of ${sql}, which may be a transaction, once no other thread is in the way. */
static int
persist(struct worker *w, const char *sql)
{
	int code;

	for (;;) {
		code = sqlite3_exec(w->db, sql, NULL, NULL, NULL);
		if (!in_the_way(code))
			break;
		if (!sqlite3_get_autocommit(w->db))
			sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
		sqlite3_sleep(1);
	}
	return code == SQLITE_OK ? code : fail(w, sql, sqlite3_errmsg(w->db));
}

static int
open_main(struct worker *w, int timeout_ms)
{
	if (sqlite3_open_v2(w->path, &w->db, w->flags, w->vfs) != SQLITE_OK)
		return fail(w, "open", w->db ? sqlite3_errmsg(w->db) : "no memory");
	sqlite3_extended_result_codes(w->db, 0);
	sqlite3_busy_timeout(w->db, timeout_ms);
	return persist(w, "PRAGMA synchronous=OFF"); /* it is not the disk that is looked at */
}

static void *
insert_and_read(void *arg)
{
	struct worker *w = arg;
	char sql[160];
	int i, code = open_main(w, 5000);

	for (i = 0; code == SQLITE_OK && i < w->rounds; i++) {
		sqlite3_snprintf(sizeof sql, sql,
		    "INSERT INTO t VALUES(%d, %d, hex(randomblob(%d)))", w->number, i,
		    20 + i * 50 % 3000);
		code = persist(w, sql);
		if (code == SQLITE_OK && i % 4 == 0)
			code = persist(w, "SELECT sum(length(c)) FROM t");
		if (code == SQLITE_OK && i % 9 == 0)
			code = persist(w, "UPDATE t SET c=c||'x' WHERE b%7=1");
	}
	sqlite3_close(w->db);
	return NULL;
}

/*
 * What a storm is made of. The timeout is short: of two connections that wait for each
 * other's vault one must give way.
 */

static int
open_both(struct worker *w, int round)
{
	char sql[300];

	(void)round;
	sqlite3_close(w->db);
	w->db = NULL;
	sqlite3_snprintf(sizeof sql, sql, "ATTACH %Q AS other", w->other);
	return open_main(w, 3) == SQLITE_OK ? persist(w, sql) : SQLITE_ERROR;
}

static int
write_both(struct worker *w, int round)
{
	char sql[300];

	sqlite3_snprintf(sizeof sql, sql,
	    "BEGIN IMMEDIATE;"
	    "INSERT INTO main.t VALUES(%d, %d, hex(randomblob(900)));"
	    "INSERT INTO other.t VALUES(%d, %d, hex(randomblob(90)));"
	    "COMMIT", w->number, 2 * round, w->number, 2 * round + 1);
	return persist(w, sql);
}

static int
read_both(struct worker *w, int round)
{
	(void)round;
	return persist(w, "SELECT sum(length(c)) FROM main.t; SELECT max(c) FROM other.t");
}

static int
checkpoint(struct worker *w, int round)
{
	return persist(w, round % 2 ? "PRAGMA main.wal_checkpoint(TRUNCATE)"
				    : "PRAGMA other.wal_checkpoint(PASSIVE)");
}

static enum rc
take_lease(void *arg, struct keyring *kr)
{
	uint32_t epoch;

	(void)arg;
	return keyring_lease(kr, &epoch);
}

static int
change_header(struct worker *w, int round)
{
	vfs_change_fn *const changes[] = { take_lease, fixture_change_secret, NULL };
	struct err err;
	enum rc rc;

	do {
		err.text[0] = '\0';
		rc = vfs_header_update(w->db, round % 2 ? "main" : "other",
		    changes[round % 3], NULL, &err);
	} while (rc == RC_BUSY && sqlite3_sleep(1) >= 0);
	return rc == RC_OK ? SQLITE_OK : fail(w, "header", err.text);
}

static int
look(struct worker *w, int round)
{
	static _Thread_local uint8_t area[HEADER_AREA_LEN];
	struct err err = { "" };
	struct vfs_verify v;
	struct vfs_stats stats;
	size_t len;
	enum rc rc;

	rc = vfs_header_read(w->vfs, round % 2 ? w->path : w->other, area, &len, &err);
	if (rc == RC_OK)
		rc = vfs_verify(w->db, "main", NULL, NULL, &v, &err);
	vfs_stats(&stats);
	if (rc == RC_OK && stats.pages_opened > 0 && vfs_last_bad_page(w->db, NULL) == 0)
		return SQLITE_OK;
	return fail(w, "look", *err.text ? err.text : "a bad page");
}

/* Done as far as nobody else has done it, or is about to. */
static bool
goes_on(enum rc rc)
{
	return rc == RC_OK || rc == RC_EXISTS || rc == RC_NOTFOUND || rc == RC_BUSY;
}

static int
rotate(struct worker *w, int round)
{
	struct vfs_rotation r = { 0 };
	struct err err = { "" };
	enum rc rc = vfs_rotate_begin(w->db, NULL, &err);

	(void)round;
	if (goes_on(rc))
		rc = vfs_rotate_step(w->db, NULL, &r, &err);
	if (rc == RC_OK && r.done)
		rc = vfs_rotate_finish(w->db, NULL, false, &r, &err);
	return goes_on(rc) && r.bad == 0 ? SQLITE_OK : fail(w, "rotate", err.text);
}

static struct { /* a keyring for each file */
	char path[200];
	struct keyring *kr;
} shared[SHARED_MAX];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

static enum rc
provide_shared(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	enum rc rc = RC_OK;
	int i;

	*out = NULL;
	pthread_mutex_lock(&shared_lock);
	for (i = 0; i < SHARED_MAX - 1; i++)
		if (!shared[i].kr || strcmp(shared[i].path, path) == 0)
			break;
	if (!shared[i].kr) {
		rc = fixture_provide(arg, path, area, len, &shared[i].kr);
		sqlite3_snprintf(sizeof shared[i].path, shared[i].path, "%s", path);
	}
	if (rc == RC_OK)
		*out = keyring_ref(shared[i].kr);
	pthread_mutex_unlock(&shared_lock);
	return rc;
}

static int
register_again(struct worker *w, int round)
{
	(void)round;
	return vfs_register(w->vfs, w->provider, NULL, 0) == RC_OK
	    ? SQLITE_OK
	    : fail(w, "register", "refused");
}

static void *
weather(void *arg)
{
	static int (*const jobs[])(struct worker *, int) = { write_both, change_header,
		read_both, write_both, checkpoint, look, rotate, register_again, open_both };
	const int n = sizeof jobs / sizeof *jobs;
	struct worker *w = arg;
	int i, code = open_both(w, 0);

	for (i = 0; code == SQLITE_OK && i < w->rounds; i++)
		code = jobs[(i + w->number) % n](w, i);
	sqlite3_close(w->db);
	return NULL;
}

/* Start all, wait for all; their errors are the command's result. */
static int
run(Tcl_Interp *interp, struct worker *w, int n, void *(*work)(void *))
{
	Tcl_Obj *errors = Tcl_NewListObj(0, NULL);
	int i, started;

	for (started = 0; started < n; started++)
		if (pthread_create(&w[started].thread, NULL, work, &w[started]) != 0)
			break;
	for (i = 0; i < started; i++) {
		pthread_join(w[i].thread, NULL);
		if (w[i].error[0])
			Tcl_ListObjAppendElement(
			    interp, errors, Tcl_NewStringObj(w[i].error, -1));
	}
	Tcl_SetObjResult(interp, errors);
	return started == n ? TCL_OK : TCL_ERROR;
}

/* ${paths}: one or more; thread i is given the ith and the one after it. */
static int
equip(Tcl_Interp *interp, Tcl_Obj *paths, Tcl_Obj *const argv[], int flags,
    struct worker *w, int *n)
{
	Tcl_Obj **path;
	int i, path_n, rounds;

	if (Tcl_ListObjGetElements(interp, paths, &path_n, &path) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, argv[3], n) != TCL_OK || *n > THREADS_MAX ||
	    path_n == 0 || Tcl_GetIntFromObj(interp, argv[4], &rounds) != TCL_OK)
		return TCL_ERROR;
	memset(w, 0, (size_t)*n * sizeof *w);
	for (i = 0; i < *n; i++) {
		w[i].path = Tcl_GetString(path[i % path_n]);
		w[i].other = Tcl_GetString(path[(i + 1) % path_n]);
		w[i].vfs = Tcl_GetString(argv[2]);
		w[i].number = i;
		w[i].rounds = rounds;
		w[i].flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | flags;
	}
	return TCL_OK;
}

static int
threads_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct worker w[THREADS_MAX];
	Tcl_Obj *paths;
	int n, code;

	(void)cd;
	if (argc < 5 || argc > 6) {
		Tcl_WrongNumArgs(interp, 1, argv, "PATH VFS N ROUNDS ?SHARED?");
		return TCL_ERROR;
	}
	paths = Tcl_NewListObj(1, &argv[1]);
	Tcl_IncrRefCount(paths);
	code = equip(interp, paths, argv, argc > 5 ? SQLITE_OPEN_SHAREDCACHE : 0, w, &n);
	if (code == TCL_OK)
		code = run(interp, w, n, insert_and_read);
	Tcl_DecrRefCount(paths);
	return code;
}

static int
storm_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct worker w[THREADS_MAX];
	int i, n;

	(void)cd;
	if (argc < 5 || argc > 6) {
		Tcl_WrongNumArgs(interp, 1, argv, "{PATH ...} VFS N ROUNDS ?SHARING?");
		return TCL_ERROR;
	}
	if (equip(interp, argv[1], argv, 0, w, &n) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i < n; i++)
		w[i].provider = argc > 5 ? provide_shared : fixture_provide;
	return run(interp, w, n, weather);
}

static int
register_sharing_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	if (argc != 2) {
		Tcl_WrongNumArgs(interp, 1, argv, "NAME");
		return TCL_ERROR;
	}
	return vfs_register(Tcl_GetString(argv[1]), provide_shared, NULL, 0) == RC_OK
	    ? TCL_OK
	    : TCL_ERROR;
}

static int
sharing_end_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int i;

	(void)cd;
	(void)interp;
	(void)argc;
	(void)argv;
	for (i = 0; i < SHARED_MAX; i++) {
		keyring_free(shared[i].kr);
		shared[i].kr = NULL;
	}
	return TCL_OK;
}

int
threads_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vfs_threads", threads_cmd, NULL },
		{ "vfs_storm", storm_cmd, NULL },
		{ "vfs_register_sharing", register_sharing_cmd, NULL },
		{ "vfs_sharing_end", sharing_end_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
