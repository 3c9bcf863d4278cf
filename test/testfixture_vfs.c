/*
 * Tcl commands over the encrypting VFS: its numbers, its header, its files and what it logs.
 *
 *   vfs_stats                 a dict
 *   vfs_verify DB ?SCHEMA?    a dict
 *   vfs_fresh DB ?SCHEMA?     fresh, unknown, stale
 *   vfs_sealed DB ?SCHEMA?    whether the header says so
 *   vfs_last_bad_page DB ?SCHEMA?
 *   vfs_persist_wal DB            the log stays when the last connection closes
 *   vfs_header_update DB ?FAIL?   write the header again; FAIL: the change answers with it
 *   vfs_header_read NAME PATH     "OK length", or the code and its sentence
 *   vfs_leased DB                 writes leased so far under the active epoch
 *   vfs_reserve DB SCHEMA ?N?     SQLITE_FCNTL_RESERVE_BYTES
 *   vfs_pending_byte N            where SQLite keeps its lock bytes; the old place
 *   vfs_restart                   sqlite3_shutdown and sqlite3_initialize
 *   vfs_log                       what sqlite3_log was told since the last call
 *   vfs_read DB FILE OFFSET N     by the file's own method; FILE: database, journal (or log)
 *   vfs_write DB FILE OFFSET BYTES    the same; "OK", or SQLite's extended code
 */
#include <pthread.h>
#include <string.h>

#include "test/testfixture.h"
#include "test/testfixture_vfs.h"

static Tcl_DString log_text;
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;

static void
log_keep(void *arg, int code, const char *message)
{
	(void)arg;
	(void)code;
	pthread_mutex_lock(&log_mutex);
	Tcl_DStringAppendElement(&log_text, message);
	pthread_mutex_unlock(&log_mutex);
}

static void
put(Tcl_Interp *interp, Tcl_Obj *dict, const char *name, uint64_t n)
{
	Tcl_DictObjPut(interp, dict, Tcl_NewStringObj(name, -1),
	    Tcl_NewWideIntObj((Tcl_WideInt)n));
}

static int
stats_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj *dict = Tcl_NewDictObj();
	struct vfs_stats s;

	(void)cd;
	(void)argc;
	(void)argv;
	vfs_stats(&s);
	put(interp, dict, "sealed", s.pages_sealed);
	put(interp, dict, "opened", s.pages_opened);
	put(interp, dict, "page1_hits", s.page1_hits);
	put(interp, dict, "tag_failures", s.tag_failures);
	put(interp, dict, "header_writes", s.header_writes);
	put(interp, dict, "leases", s.leases);
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

/* The connection of argv[1], and argv[2] as its schema or NULL. */
static sqlite3 *
connection(Tcl_Interp *interp, int argc, Tcl_Obj *const argv[], const char **schema)
{
	if (argc < 2) {
		Tcl_WrongNumArgs(interp, 1, argv, "DB ...");
		return NULL;
	}
	*schema = argc > 2 ? Tcl_GetString(argv[2]) : NULL;
	return fixture_db(interp, Tcl_GetString(argv[1]));
}

static int
verify_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	struct vfs_verify v;
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);
	Tcl_Obj *dict;
	enum rc rc;

	(void)cd;
	if (!db)
		return TCL_ERROR;
	rc = vfs_verify(db, schema, NULL, NULL, &v, &err);
	if (rc != RC_OK)
		return fixture_answer(interp, rc, &err);
	dict = Tcl_NewDictObj();
	put(interp, dict, "pages", v.pages);
	put(interp, dict, "bad", v.bad_pages);
	put(interp, dict, "holes", v.holes);
	put(interp, dict, "first", v.first_bad[0]);
	put(interp, dict, "frames", v.wal_frames);
	put(interp, dict, "wal_bad", v.wal_bad);
	put(interp, dict, "copy_damaged", v.second_copy_damaged);
	Tcl_SetObjResult(interp, dict);
	return TCL_OK;
}

static int
fresh_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const names[] = { "fresh", "unknown", "stale" };
	enum vfs_fresh_state state;
	struct err err = { "" };
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);
	enum rc rc;

	(void)cd;
	if (!db)
		return TCL_ERROR;
	rc = vfs_fresh(db, schema, NULL, NULL, &state, &err);
	if (rc != RC_OK)
		return fixture_answer(interp, rc, &err);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(names[state], -1));
	return TCL_OK;
}

static enum rc
look_sealed(void *arg, struct keyring *kr)
{
	uint64_t pages;

	*(bool *)arg = keyring_sealed(kr, &pages);
	return RC_CANCELLED;
}

static int
sealed_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	bool sealed = false;
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);
	enum rc rc;

	(void)cd;
	if (!db)
		return TCL_ERROR;
	rc = vfs_header_update(db, schema, look_sealed, &sealed, &err);
	if (rc != RC_CANCELLED)
		return fixture_answer(interp, rc, &err);
	Tcl_SetObjResult(interp, Tcl_NewBooleanObj(sealed));
	return TCL_OK;
}

static int
bad_page_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);

	(void)cd;
	if (!db)
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(vfs_last_bad_page(db, schema)));
	return TCL_OK;
}

static enum rc
change_fails(void *arg, struct keyring *kr)
{
	uint32_t epoch;

	keyring_lease(kr, &epoch); /* a change that must be thrown away */
	return *(enum rc *)arg;
}

static int
update_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	const char *unused;
	sqlite3 *db = connection(interp, argc, argv, &unused);
	enum rc fail = RC_OK;

	(void)cd;
	if (!db || (argc > 2 && fixture_rc_from(interp, argv[2], &fail) != TCL_OK))
		return TCL_ERROR;
	return fixture_answer(interp,
	    vfs_header_update(db, NULL, argc > 2 ? change_fails : NULL, &fail, &err), &err);
}

static int
header_read_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static uint8_t area[HEADER_AREA_LEN];
	struct err err = { "" };
	size_t len;
	enum rc rc;

	(void)cd;
	if (argc != 3) {
		Tcl_WrongNumArgs(interp, 1, argv, "NAME PATH");
		return TCL_ERROR;
	}
	rc = vfs_header_read(
	    Tcl_GetString(argv[1]), Tcl_GetString(argv[2]), area, &len, &err);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("OK %d", (int)len));
	else
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s: %s", rc_name(rc), err.text));
	return TCL_OK;
}

static enum rc
count_leased(void *arg, struct keyring *kr)
{
	struct header h;
	int i;

	keyring_header(kr, &h);
	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h.epochs[i].purpose == EPOCH_PAGE && h.epochs[i].state == EPOCH_ACTIVE)
			*(uint64_t *)arg = h.epochs[i].leased;
	return RC_CANCELLED; /* a look only: nothing is to be written */
}

static int
leased_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	const char *unused;
	sqlite3 *db = connection(interp, argc, argv, &unused);
	uint64_t leased = 0;
	enum rc rc;

	(void)cd;
	if (!db)
		return TCL_ERROR;
	rc = vfs_header_update(db, NULL, count_leased, &leased, &err);
	if (rc != RC_CANCELLED)
		return fixture_answer(interp, rc, &err);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)leased));
	return TCL_OK;
}

static int
reserve_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);
	int n = -1;

	(void)cd;
	if (!db || (argc > 3 && Tcl_GetIntFromObj(interp, argv[3], &n) != TCL_OK))
		return TCL_ERROR;
	if (sqlite3_file_control(db, schema, SQLITE_FCNTL_RESERVE_BYTES, &n) != SQLITE_OK)
		return TCL_ERROR;
	Tcl_SetObjResult(interp, Tcl_NewIntObj(n));
	return TCL_OK;
}

static int
pending_byte_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int at;

	(void)cd;
	if (argc != 2 || Tcl_GetIntFromObj(interp, argv[1], &at) != TCL_OK)
		return TCL_ERROR;
	Tcl_SetObjResult(interp,
	    Tcl_NewIntObj(sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 0)));
	sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, (unsigned)at);
	return TCL_OK;
}

static int
persist_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const char *schema;
	sqlite3 *db = connection(interp, argc, argv, &schema);
	int on = 1;

	(void)cd;
	if (!db || sqlite3_file_control(db, schema, SQLITE_FCNTL_PERSIST_WAL, &on) != SQLITE_OK)
		return TCL_ERROR;
	return TCL_OK;
}

static int
restart_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)argc;
	(void)argv;
	if (sqlite3_shutdown() != SQLITE_OK || sqlite3_initialize() != SQLITE_OK) {
		Tcl_SetResult(interp, "SQLite can't be restarted", TCL_STATIC);
		return TCL_ERROR;
	}
	return TCL_OK;
}

static int
log_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)argc;
	(void)argv;
	pthread_mutex_lock(&log_mutex);
	Tcl_DStringResult(interp, &log_text);
	pthread_mutex_unlock(&log_mutex);
	return TCL_OK;
}

/* The open file of argv[1] that argv[2] names. */
static sqlite3_file *
file_named(Tcl_Interp *interp, Tcl_Obj *const argv[])
{
	sqlite3 *db = fixture_db(interp, Tcl_GetString(argv[1]));
	sqlite3_file *file = NULL;
	int op = strcmp(Tcl_GetString(argv[2]), "database") == 0
	    ? SQLITE_FCNTL_FILE_POINTER
	    : SQLITE_FCNTL_JOURNAL_POINTER;

	if (!db)
		return NULL;
	sqlite3_file_control(db, NULL, op, &file);
	if (!file || !file->pMethods) {
		Tcl_SetResult(interp, "no such file is open", TCL_STATIC);
		return NULL;
	}
	return file;
}

static int
read_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	sqlite3_file *file;
	Tcl_WideInt offset;
	Tcl_Obj *bytes;
	int n, code;

	(void)cd;
	if (argc != 5) {
		Tcl_WrongNumArgs(interp, 1, argv, "DB FILE OFFSET N");
		return TCL_ERROR;
	}
	file = file_named(interp, argv);
	if (!file || Tcl_GetWideIntFromObj(interp, argv[3], &offset) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, argv[4], &n) != TCL_OK)
		return TCL_ERROR;
	bytes = Tcl_NewByteArrayObj(NULL, 0);
	code = file->pMethods->xRead(file, Tcl_SetByteArrayLength(bytes, n), n, offset);
	if (code == SQLITE_OK) {
		Tcl_SetObjResult(interp, bytes);
		return TCL_OK;
	}
	Tcl_DecrRefCount(bytes);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("error %d", code));
	return TCL_ERROR;
}

static int
write_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	sqlite3_file *file;
	Tcl_WideInt offset;
	const void *bytes;
	int n, code;

	(void)cd;
	if (argc != 5) {
		Tcl_WrongNumArgs(interp, 1, argv, "DB FILE OFFSET BYTES");
		return TCL_ERROR;
	}
	file = file_named(interp, argv);
	if (!file || Tcl_GetWideIntFromObj(interp, argv[3], &offset) != TCL_OK)
		return TCL_ERROR;
	bytes = Tcl_GetByteArrayFromObj(argv[4], &n);
	code = file->pMethods->xWrite(file, bytes, n, offset);
	Tcl_SetObjResult(interp,
	    code == SQLITE_OK ? Tcl_NewStringObj("OK", -1) : Tcl_NewIntObj(code));
	return TCL_OK;
}

int
vfs_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vfs_stats", stats_cmd, NULL },
		{ "vfs_verify", verify_cmd, NULL },
		{ "vfs_fresh", fresh_cmd, NULL },
		{ "vfs_sealed", sealed_cmd, NULL },
		{ "vfs_last_bad_page", bad_page_cmd, NULL },
		{ "vfs_header_update", update_cmd, NULL },
		{ "vfs_header_read", header_read_cmd, NULL },
		{ "vfs_leased", leased_cmd, NULL },
		{ "vfs_reserve", reserve_cmd, NULL },
		{ "vfs_pending_byte", pending_byte_cmd, NULL },
		{ "vfs_persist_wal", persist_cmd, NULL },
		{ "vfs_restart", restart_cmd, NULL },
		{ "vfs_log", log_cmd, NULL },
		{ "vfs_read", read_cmd, NULL },
		{ "vfs_write", write_cmd, NULL },
	};

	Tcl_DStringInit(&log_text);
	sqlite3_shutdown(); /* it may have begun, and takes a logger only before that */
	sqlite3_config(SQLITE_CONFIG_LOG, log_keep, NULL);
	sqlite3_config(SQLITE_CONFIG_URI, 1);
	if (sqlite3_initialize() != SQLITE_OK)
		return TCL_ERROR;
	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	if (provider_Init(interp) != TCL_OK || crypt_Init(interp) != TCL_OK ||
	    threads_Init(interp) != TCL_OK)
		return TCL_ERROR;
	return raw_Init(interp);
}
