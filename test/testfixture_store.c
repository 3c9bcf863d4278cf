/*
 * Tcl commands over vaults. An open vault has a name that the script chose;
 * testfixture_audit.c, _record.c and _find.c have the commands over what is in it.
 *
 * A failure is an error whose message is the list {CODE sentence}.
 */
#include "test/testfixture_store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "store/audit.h"
#include "store/mem.h"
#include "store/unlocked.h"
#include "store/vault_int.h"
#include "store/vault_open.h"
#include "test/testfixture.h"
#include "vfs/vfs.h"

#define VAULTS_MAX   64
#define NAME_MAX_LEN 32

static struct {
	char name[NAME_MAX_LEN + 1];
	struct vault *v; /* NULL: free */
} vaults[VAULTS_MAX];

struct vault *
fixture_vault(Tcl_Interp *interp, Tcl_Obj *name)
{
	const char *wanted = Tcl_GetString(name);
	size_t i;

	for (i = 0; i < VAULTS_MAX; i++)
		if (vaults[i].v && strcmp(vaults[i].name, wanted) == 0)
			return vaults[i].v;
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("no vault is called %s", wanted));
	return NULL;
}

struct vault *
fixture_vault_of(
    Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int want, const char *usage)
{
	if (objc == want)
		return fixture_vault(interp, objv[1]);
	fixture_usage(interp, objv, usage);
	return NULL;
}

int
fixture_result(Tcl_Interp *interp, enum rc rc, const char *sentence)
{
	Tcl_Obj *list;

	if (rc == RC_OK)
		return TCL_OK;
	list = Tcl_NewObj();
	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(rc_name(rc), -1));
	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(sentence, -1));
	Tcl_SetObjResult(interp, list);
	return TCL_ERROR;
}

void
fixture_put(Tcl_Obj *dict, const char *key, Tcl_Obj *value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), value);
}

void
fixture_put_int(Tcl_Obj *dict, const char *key, int64_t value)
{
	fixture_put(dict, key, Tcl_NewWideIntObj(value));
}

void
fixture_put_text(Tcl_Obj *dict, const char *key, const char *value)
{
	fixture_put(dict, key, Tcl_NewStringObj(value ? value : "", -1));
}

/* The value of ${key} in a list of keys and values, NULL for none. */
Tcl_Obj *
fixture_option(Tcl_Obj *dict, const char *key)
{
	Tcl_Obj *k = Tcl_NewStringObj(key, -1), *value = NULL;

	Tcl_IncrRefCount(k);
	if (dict)
		Tcl_DictObjGet(NULL, dict, k, &value);
	Tcl_DecrRefCount(k);
	return value;
}

static int
keep(Tcl_Interp *interp, Tcl_Obj *name, struct vault *v)
{
	size_t i;

	for (i = 0; strlen(Tcl_GetString(name)) <= NAME_MAX_LEN && i < VAULTS_MAX; i++) {
		if (vaults[i].v)
			continue;
		snprintf(vaults[i].name, sizeof vaults[i].name, "%s", Tcl_GetString(name));
		vaults[i].v = v;
		return TCL_OK;
	}
	vault_close(v);
	Tcl_SetResult(interp, "too many vaults are open, or a name is too long", TCL_STATIC);
	return TCL_ERROR;
}

/* Text is taken as UTF-8; with ${keyfile} as bytes. */
static struct secret *
secret_of(Tcl_Obj *o, bool keyfile)
{
	struct secret *s;
	const void *bytes;
	int len;

	bytes = keyfile ? (const void *)Tcl_GetByteArrayFromObj(o, &len)
			: (const void *)Tcl_GetStringFromObj(o, &len);
	return secret_from(bytes, (size_t)len, &s) == RC_OK ? s : NULL;
}

/* What the program's faces say before the store is asked. */
static int
no_secret(Tcl_Interp *interp)
{
	return fixture_result(interp, RC_NOMEM, "there is no memory for a secret");
}

/* vault_setup ?BASE?: once, before all else. BASE is the VFS below ours. */
static int
setup_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	static bool done;
	struct err err = { "" };
	enum rc rc = RC_OK;

	(void)cd;
	if (!done) {
		sqlite3_shutdown(); /* the sqlite3 command may have begun it */
		rc = mem_setup(&err);
	}
	if (rc == RC_OK && !done && objc > 1)
		rc = vfs_register_over(
		    VFS_NAME, Tcl_GetString(objv[1]), unlocked_provide, NULL, false);
	if (rc == RC_OK)
		rc = vault_setup(&err);
	done = rc == RC_OK;
	return fixture_result(interp, rc, err.text);
}

/* vault_create NAME PATH SECRET ?DICT?: keys keyfile, schema, label, page_size */
static int
create_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_create_opts o;
	struct err err = {""};
	struct secret *secret;
	struct vault_kdf kdf;
	struct vault *v;
	Tcl_Obj *dict, *value;
	enum rc rc;
	int n = 0;

	(void)cd;
	if (objc < 4)
		return fixture_usage(interp, objv, "NAME PATH SECRET ?DICT?");
	memset(&o, 0, sizeof o);
	dict = objc > 4 ? objv[4] : NULL;
	o.path = Tcl_GetString(objv[2]);
	o.secret.kind = fixture_option(dict, "keyfile") ? VAULT_KEYFILE : VAULT_PASSPHRASE;
	o.secret.bytes = secret = secret_of(objv[3], o.secret.kind == VAULT_KEYFILE);
	value = fixture_option(dict, "schema");
	o.schema = value ? Tcl_GetString(value) : NULL;
	value = fixture_option(dict, "label");
	o.label = value ? Tcl_GetString(value) : NULL;
	value = fixture_option(dict, "page_size");
	if (value && Tcl_GetIntFromObj(interp, value, &n) == TCL_OK)
		o.page_size = (uint32_t)n;
	if (!secret)
		return no_secret(interp);
	rc = vault_create(&o, &kdf, &v, &err);
	secret_free(secret);
	if (rc == RC_OK)
		return keep(interp, objv[1], v);
	if (v)
		return fixture_result(interp, rc, "the vault is not NULL on failure");
	return fixture_result(interp, rc, err.text);
}

/* vault_open NAME PATH SECRET ?keyfile? */
static int
open_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct vault_secret s;
	struct secret *secret;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc < 4)
		return fixture_usage(interp, objv, "NAME PATH SECRET ?keyfile?");
	s.kind = objc > 4 ? VAULT_KEYFILE : VAULT_PASSPHRASE;
	s.bytes = secret = secret_of(objv[3], objc > 4);
	if (!secret)
		return no_secret(interp);
	rc = vault_open(Tcl_GetString(objv[2]), &s, &v, &err);
	secret_free(secret);
	if (rc == RC_OK)
		return keep(interp, objv[1], v);
	if (v)
		return fixture_result(interp, rc, "the vault is not NULL on failure");
	return fixture_result(interp, rc, err.text);
}

/* vault_open_during NAME PATH PASSPHRASE SCRIPT: the script runs while it is being unlocked. */
static int
open_during_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct vault_secret s = {.kind = VAULT_PASSPHRASE};
	struct keyring *kr;
	struct secret *secret;
	struct vault *v = NULL;
	enum rc rc;

	(void)cd;
	if (objc != 5)
		return fixture_usage(interp, objv, "NAME PATH PASSPHRASE SCRIPT");
	s.bytes = secret = secret_of(objv[3], 0);
	if (!secret)
		return no_secret(interp);
	rc = vault_read_header(Tcl_GetString(objv[2]), &kr, &err);
	if (rc == RC_OK)
		rc = vault_unlock(Tcl_GetString(objv[2]), kr, &s, &err);
	secret_free(secret);
	if (rc == RC_OK && Tcl_EvalObjEx(interp, objv[4], 0) != TCL_OK) {
		keyring_free(kr);
		return TCL_ERROR;
	}
	if (rc == RC_OK)
		rc = vault_open_unlocked(Tcl_GetString(objv[2]), kr, &v, &err);
	keyring_free(kr);
	return rc == RC_OK ? keep(interp, objv[1], v) : fixture_result(interp, rc, err.text);
}

/* vault_clone NAME VAULT */
static int
clone_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct vault *v, *fresh;
	enum rc rc;

	(void)cd;
	if (objc != 3)
		return fixture_usage(interp, objv, "NAME VAULT");
	v = fixture_vault(interp, objv[2]);
	if (!v)
		return TCL_ERROR;
	rc = vault_clone(v, &fresh, &err);
	return rc == RC_OK ? keep(interp, objv[1], fresh)
			   : fixture_result(interp, rc, err.text);
}

/* vault_close VAULT */
static int
close_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	size_t i;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	for (i = 0; i < VAULTS_MAX; i++)
		if (vaults[i].v == v)
			vaults[i].v = NULL;
	vault_close(v);
	return TCL_OK;
}

enum simple { BEGIN, COMMIT, ROLLBACK, INTERRUPT, SENTENCE, CHANGED };

/* vault_begin, vault_commit, vault_rollback, vault_interrupt, vault_err, vault_changed
 * VAULT */
static int
simple_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	switch ((enum simple)(intptr_t)cd) {
	case BEGIN:
		return fixture_result(interp, vault_begin(v), vault_err(v));
	case COMMIT:
		return fixture_result(interp, vault_commit(v), vault_err(v));
	case ROLLBACK:
		vault_rollback(v);
		break;
	case INTERRUPT:
		vault_interrupt(v);
		break;
	case SENTENCE:
		Tcl_SetObjResult(interp, Tcl_NewStringObj(vault_err(v), -1));
		break;
	case CHANGED:
		Tcl_SetObjResult(interp, Tcl_NewBooleanObj(vault_changed(v)));
		break;
	}
	return TCL_OK;
}

struct nagger { /* a thread that interrupts what runs on a vault, again and again */
	struct vault *v;
	atomic_bool done;
};

static void *
nag(void *arg)
{
	struct nagger *n = arg;

	while (!atomic_load(&n->done)) {
		sqlite3_sleep(20);
		vault_interrupt(n->v);
	}
	return NULL;
}

/* vault_interrupt_during VAULT SCRIPT: the script's result, VAULT interrupted meanwhile */
static int
interrupt_during_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct nagger n;
	pthread_t thread;
	int code;

	(void)cd;
	n.v = fixture_vault_of(interp, objc, objv, 3, "VAULT SCRIPT");
	if (!n.v)
		return TCL_ERROR;
	atomic_init(&n.done, false);
	if (pthread_create(&thread, NULL, nag, &n) != 0)
		return fixture_result(interp, RC_NOMEM, "no thread");
	code = Tcl_EvalObjEx(interp, objv[2], 0);
	atomic_store(&n.done, true);
	pthread_join(thread, NULL);
	return code;
}

/* vault_info VAULT */
static int
info_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_Obj *d;
	struct vault_info i;
	struct vault *v;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = vault_info(v, &i);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	d = Tcl_NewDictObj();
	fixture_put_text(d, "path", i.path);
	fixture_put_text(d, "id", i.id);
	fixture_put_text(d, "slot_label", i.slot_label);
	fixture_put_int(d, "slot", i.slot);
	fixture_put_int(d, "readonly", i.readonly);
	fixture_put_int(d, "browse", i.browse);
	fixture_put_int(d, "repaired", i.repaired);
	fixture_put_int(d, "records", i.records);
	fixture_put_int(d, "trashed", i.trashed);
	fixture_put_int(d, "schema_version", i.schema_version);
	fixture_put_int(d, "created", (int64_t)i.created);
	fixture_put_int(d, "last_unlock", (int64_t)i.last_unlock);
	fixture_put_int(d, "failed_since", i.failed_since);
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* vault_peek PATH: what is known without a secret; slots as {number passphrase keyfile
 * label} */
static int
peek_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct vault_peek p;
	Tcl_Obj *d, *slots;
	enum rc rc;
	size_t i;

	(void)cd;
	if (objc != 2)
		return fixture_usage(interp, objv, "PATH");
	rc = vault_peek(Tcl_GetString(objv[1]), &p, &err);
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	d = Tcl_NewDictObj();
	slots = Tcl_NewObj();
	for (i = 0; i < p.slot_count; i++)
		Tcl_ListObjAppendElement(NULL, slots,
		    Tcl_ObjPrintf("%d %d %d {%s}", p.slots[i].number,
			p.slots[i].takes_passphrase, p.slots[i].takes_keyfile,
			p.slots[i].label));
	fixture_put_int(d, "size", (int64_t)p.size);
	fixture_put_int(d, "created", (int64_t)p.created);
	fixture_put_int(d, "major", p.format_major);
	fixture_put_int(d, "minor", p.format_minor);
	fixture_put_int(d, "page_size", p.page_size);
	fixture_put_int(d, "copy_damaged", p.copy_damaged);
	fixture_put_text(d, "id", p.id);
	fixture_put(d, "slots", slots);
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* vault_change_secret VAULT OLD FRESH ?keyfile? */
static int
change_secret_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_secret old, fresh;
	struct secret *a, *b;
	struct err err = {""};
	struct vault_kdf kdf;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc < 4)
		return fixture_usage(interp, objv, "VAULT OLD FRESH ?keyfile?");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	old.kind = fresh.kind = objc > 4 ? VAULT_KEYFILE : VAULT_PASSPHRASE;
	old.bytes = a = secret_of(objv[2], objc > 4);
	fresh.bytes = b = secret_of(objv[3], objc > 4);
	rc = a && b ? vault_change_secret(v, &old, &fresh, &kdf, &err) : RC_NOMEM;
	secret_free(a);
	secret_free(b);
	return a && b ? fixture_result(interp, rc, err.text) : no_secret(interp);
}

/* vault_sql VAULT SQL: the values, by the vault's own connection and past all its rules
 */
static int
sql_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_Obj *list;
	const char *sql;
	sqlite3_stmt *st;
	struct vault *v;
	int code = SQLITE_OK, i;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT SQL");
	if (!v)
		return TCL_ERROR;
	list = Tcl_NewObj();
	for (sql = Tcl_GetString(objv[2]); *sql && code == SQLITE_OK;) {
		code = sqlite3_prepare_v2(v->db, sql, -1, &st, &sql);
		while (st && (code = sqlite3_step(st)) == SQLITE_ROW)
			for (i = 0; i < sqlite3_column_count(st); i++)
				Tcl_ListObjAppendElement(NULL, list,
				    Tcl_NewStringObj(
					(const char *)sqlite3_column_text(st, i), -1));
		if (st)
			code = sqlite3_finalize(st);
	}
	if (code == SQLITE_OK) {
		Tcl_SetObjResult(interp, list);
		return TCL_OK;
	}
	Tcl_DecrRefCount(list);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(sqlite3_errmsg(v->db), -1));
	return TCL_ERROR;
}

int
fixture_usage(Tcl_Interp *interp, Tcl_Obj *const objv[], const char *usage)
{
	Tcl_WrongNumArgs(interp, 1, objv, usage);
	return TCL_ERROR;
}

static void
close_all(ClientData cd)
{
	size_t i;

	(void)cd;
	for (i = 0; i < VAULTS_MAX; i++)
		vault_close(vaults[i].v);
}

int
store_Init(Tcl_Interp *interp)
{
	static const struct {
		const char *name;
		Tcl_ObjCmdProc *run;
		enum simple which;
	} commands[] = {
	    {"vault_setup", setup_cmd, 0},
	    {"vault_create", create_cmd, 0},
	    {"vault_open", open_cmd, 0},
	    {"vault_open_during", open_during_cmd, 0},
	    {"vault_clone", clone_cmd, 0},
	    {"vault_close", close_cmd, 0},
	    {"vault_begin", simple_cmd, BEGIN},
	    {"vault_commit", simple_cmd, COMMIT},
	    {"vault_rollback", simple_cmd, ROLLBACK},
	    {"vault_interrupt", simple_cmd, INTERRUPT},
	    {"vault_interrupt_during", interrupt_during_cmd, 0},
	    {"vault_err", simple_cmd, SENTENCE},
	    {"vault_changed", simple_cmd, CHANGED},
	    {"vault_info", info_cmd, 0},
	    {"vault_peek", peek_cmd, 0},
	    {"vault_change_secret", change_secret_cmd, 0},
	    {"vault_sql", sql_cmd, 0},
	};
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		Tcl_CreateObjCommand(interp, commands[i].name, commands[i].run,
		    (ClientData)(intptr_t)commands[i].which, NULL);
	Tcl_CreateExitHandler(close_all, NULL);
	keys_Init(interp);
	verify_Init(interp);
	return audit_Init(interp) == TCL_OK ? record_Init(interp) : TCL_ERROR;
}
