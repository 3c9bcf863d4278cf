/*
 * Tcl commands over the encrypting VFS, with a provider that answers for every path.
 *
 *   vfs_register_test NAME ?BASE? ?MAKE_DEFAULT?   the VFS with the fixture's provider
 *   vfs_register_shared NAME ?BASE?   the same, its connections share a keyring as a process's do
 *   vfs_unshare               that keyring is forgotten, as if the process had ended
 *   vfs_secret TEXT           what the provider unlocks with and makes new vaults under
 *   vfs_provider_fails ?CODE? the provider answers with this code (PASS, LOCKED ...); none: works
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
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "test/testfixture.h"
#include "test/testfixture_vfs.h"

static char secret_text[256] = "the fixture's passphrase";
static enum rc provider_answer = RC_OK;
static struct keyring *shared;
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

static enum rc
unlock(const uint8_t *area, size_t len, const struct keyring_secret *ks,
    struct keyring **out)
{
	enum rc rc = keyring_parse(area, len, out, NULL);

	if (rc == RC_OK)
		rc = keyring_unlock(*out, KEYRING_ANY, ks, NULL);
	if (rc != RC_OK) {
		keyring_free(*out);
		*out = NULL;
	}
	return rc;
}

enum rc
fixture_provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	const struct kdf_params kdf = { KDF_ARGON2ID, 64, 1, 1 };
	struct keyring_secret ks = { SLOT_PASSPHRASE, NULL };
	struct secret *secret;
	enum rc rc = provider_answer;

	(void)arg;
	(void)path;
	*out = NULL;
	if (rc == RC_OK)
		rc = secret_from(secret_text, strlen(secret_text), &secret);
	if (rc != RC_OK)
		return rc;
	ks.bytes = secret;
	rc = len ? unlock(area, len, &ks, out)
		 : keyring_create(&ks, &kdf, "fixture", out, NULL);
	secret_free(secret);
	return rc;
}

static void
forget_shared(void)
{
	keyring_free(shared);
	shared = NULL;
}

static enum rc
provide_shared(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	uint8_t id[VAULT_ID_LEN], other[VAULT_ID_LEN];
	enum rc rc = fixture_provide(arg, path, area, len, out);

	if (rc != RC_OK)
		return rc;
	keyring_vault_id(*out, id);
	if (shared)
		keyring_vault_id(shared, other);
	if (shared && memcmp(id, other, sizeof id) == 0) {
		keyring_free(*out);
		*out = keyring_ref(shared);
		return RC_OK;
	}
	forget_shared();
	shared = keyring_ref(*out);
	return RC_OK;
}

enum rc
fixture_change_secret(void *arg, struct keyring *kr)
{
	const struct kdf_params kdf = { KDF_ARGON2ID, 64, 1, 1 };
	struct keyring_secret ks = { SLOT_PASSPHRASE, NULL };
	struct slot_change change;
	struct secret *secret;
	enum rc rc = secret_from(secret_text, strlen(secret_text), &secret);

	(void)arg;
	if (rc != RC_OK)
		return rc;
	ks.bytes = secret;
	rc = keyring_change_secret(kr, KEYRING_ANY, &ks, &ks, &kdf, &change, NULL);
	if (rc == RC_OK)
		rc = keyring_apply(kr, &change);
	secret_free(secret);
	return rc;
}

static int
answer(Tcl_Interp *interp, enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		return TCL_OK;
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s: %s", rc_name(rc), err->text));
	return TCL_ERROR;
}

static int
rc_from(Tcl_Interp *interp, Tcl_Obj *name, enum rc *out)
{
	static const char *const names[] = {
#define X(name, status, text) #name,
		RC_LIST(X)
#undef X
		NULL
	};
	int i;

	if (Tcl_GetIndexFromObj(interp, name, names, "code", 0, &i) != TCL_OK)
		return TCL_ERROR;
	*out = (enum rc)i;
	return TCL_OK;
}

static int
register_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int make_default = 0;
	enum rc rc;

	(void)cd;
	if (argc < 2 || argc > 4) {
		Tcl_WrongNumArgs(interp, 1, argv, "NAME ?BASE? ?MAKE_DEFAULT?");
		return TCL_ERROR;
	}
	if (argc == 4 && Tcl_GetBooleanFromObj(interp, argv[3], &make_default) != TCL_OK)
		return TCL_ERROR;
	if (argc > 2 && Tcl_GetCharLength(argv[2]) > 0)
		rc = vfs_register_over(Tcl_GetString(argv[1]), Tcl_GetString(argv[2]),
		    fixture_provide, NULL, make_default);
	else
		rc = vfs_register(Tcl_GetString(argv[1]), fixture_provide, NULL, make_default);
	return answer(interp, rc, &(struct err){ "" });
}

static int
register_shared_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	enum rc rc;

	(void)cd;
	if (argc != 2 && argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "NAME ?BASE?"), TCL_ERROR;
	rc = argc == 2
	    ? vfs_register(Tcl_GetString(argv[1]), provide_shared, NULL, 0)
	    : vfs_register_over(
	          Tcl_GetString(argv[1]), Tcl_GetString(argv[2]), provide_shared, NULL, 0);
	return answer(interp, rc, &(struct err){ "" });
}

static int
unshare_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)interp;
	(void)argc;
	(void)argv;
	forget_shared();
	return TCL_OK;
}

static int
secret_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	if (argc != 2 || strlen(Tcl_GetString(argv[1])) >= sizeof secret_text) {
		Tcl_WrongNumArgs(interp, 1, argv, "TEXT");
		return TCL_ERROR;
	}
	snprintf(secret_text, sizeof secret_text, "%s", Tcl_GetString(argv[1]));
	return TCL_OK;
}

static int
fails_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	provider_answer = RC_OK;
	return argc > 1 ? rc_from(interp, argv[1], &provider_answer) : TCL_OK;
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
		return answer(interp, rc, &err);
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
		return answer(interp, rc, &err);
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
		return answer(interp, rc, &err);
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
	if (!db || (argc > 2 && rc_from(interp, argv[2], &fail) != TCL_OK))
		return TCL_ERROR;
	return answer(interp,
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
		return answer(interp, rc, &err);
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
		{ "vfs_register_test", register_cmd, NULL },
		{ "vfs_register_shared", register_shared_cmd, NULL },
		{ "vfs_unshare", unshare_cmd, NULL },
		{ "vfs_secret", secret_cmd, NULL },
		{ "vfs_provider_fails", fails_cmd, NULL },
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
	if (crypt_Init(interp) != TCL_OK || threads_Init(interp) != TCL_OK)
		return TCL_ERROR;
	return raw_Init(interp);
}
