/* Tcl commands over store/keys.h. Secrets are passphrases. */
#include "test/testfixture_store.h"

#include "store/keys.h"
#include "test/testfixture.h"

static struct secret *
secret_of(Tcl_Obj *o)
{
	struct secret *s;
	int len;
	const char *p = Tcl_GetStringFromObj(o, &len);

	return secret_from(p, (size_t)len, &s) == RC_OK ? s : NULL;
}

/* keys_add VAULT SECRET BROWSE LABEL: the slot's number */
static int
add_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_secret secret = {VAULT_PASSPHRASE, NULL};
	struct err err = {""};
	struct secret *held;
	struct vault *v;
	int browse, slot;
	enum rc rc;

	(void)cd;
	if (objc != 5 || Tcl_GetBooleanFromObj(interp, objv[3], &browse) != TCL_OK)
		return fixture_usage(interp, objv, "VAULT SECRET BROWSE LABEL");
	if (!(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	secret.bytes = held = secret_of(objv[2]);
	rc = keys_add(v, &secret, browse, Tcl_GetString(objv[4]), &slot, NULL, &err);
	secret_free(held);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewIntObj(slot));
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, err.text);
}

/* keys_remove VAULT SLOT */
static int
remove_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct vault *v;
	int slot;

	(void)cd;
	if (objc != 3 || Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK)
		return fixture_usage(interp, objv, "VAULT SLOT");
	if (!(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	return fixture_result(interp, keys_remove(v, slot, &err), err.text);
}

/* keys_test VAULT SLOT SECRET */
static int
test_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_secret secret = {VAULT_PASSPHRASE, NULL};
	struct err err = {""};
	struct secret *held;
	struct vault *v;
	int slot;
	enum rc rc;

	(void)cd;
	if (objc != 4 || Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK)
		return fixture_usage(interp, objv, "VAULT SLOT SECRET");
	if (!(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	secret.bytes = held = secret_of(objv[3]);
	rc = keys_test(v, slot, &secret, &err);
	secret_free(held);
	return fixture_result(interp, rc, err.text);
}

/* keys_list VAULT: {number type label browse used} of each slot */
static int
list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	static struct keys keys;
	Tcl_Obj *all = Tcl_NewObj(), *one;
	struct vault *v;
	enum rc rc;
	size_t i;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = keys_read(v, &keys);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	for (i = 0; i < keys.slot_n; i++) {
		const struct key_slot *s = &keys.slots[i];

		one = Tcl_NewObj();
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj(s->number));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewStringObj(s->type, -1));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewStringObj(s->label, -1));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj(s->browse));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj(s->last_used != 0));
		Tcl_ListObjAppendElement(NULL, all, one);
	}
	Tcl_SetObjResult(interp, all);
	return TCL_OK;
}

/* keys_backup VAULT FILE PASSPHRASE */
static int
backup_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct secret *held;
	struct vault *v;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 4, "VAULT FILE PASSPHRASE");
	if (!v)
		return TCL_ERROR;
	held = secret_of(objv[3]);
	rc = keys_backup(v, Tcl_GetString(objv[2]), held, NULL, &err);
	secret_free(held);
	return fixture_result(interp, rc, err.text);
}

/* keys_restore PATH FILE PASSPHRASE SECRET EVEN_IF_NEWER */
static int
restore_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_secret secret = {VAULT_PASSPHRASE, NULL};
	struct keys_restore r = {.secret = &secret};
	struct secret *back, *held;
	struct err err = {""};
	struct vault *v;
	int newer;
	enum rc rc;

	(void)cd;
	if (objc != 6 || Tcl_GetBooleanFromObj(interp, objv[5], &newer) != TCL_OK)
		return fixture_usage(
		    interp, objv, "PATH FILE PASSPHRASE SECRET EVEN_IF_NEWER");
	r.path = Tcl_GetString(objv[1]);
	r.file = Tcl_GetString(objv[2]);
	r.passphrase = back = secret_of(objv[3]);
	secret.bytes = held = secret_of(objv[4]);
	r.even_if_newer = newer;
	rc = keys_restore(&r, &v, &err);
	secret_free(back);
	secret_free(held);
	vault_close(v);
	return fixture_result(interp, rc, err.text);
}

/* keys_new_master VAULT {SLOT SECRET ...} */
static int
master_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault_secret secrets[KEYS_SLOTS];
	const struct vault_secret *list[KEYS_SLOTS] = {NULL};
	struct secret *held[KEYS_SLOTS] = {NULL};
	struct err err = {""};
	struct vault *v;
	Tcl_Obj **words;
	int n, i, slot;
	enum rc rc;

	(void)cd;
	if (objc != 3 || Tcl_ListObjGetElements(interp, objv[2], &n, &words) != TCL_OK)
		return fixture_usage(interp, objv, "VAULT {SLOT SECRET ...}");
	if (!(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	for (i = 0; i + 1 < n; i += 2) {
		if (Tcl_GetIntFromObj(interp, words[i], &slot) != TCL_OK || slot < 0 ||
		    slot >= KEYS_SLOTS || held[slot])
			break;
		held[slot] = secret_of(words[i + 1]);
		secrets[slot] = (struct vault_secret){VAULT_PASSPHRASE, held[slot]};
		list[slot] = &secrets[slot];
	}
	rc = keys_new_master(v, list, &err);
	for (i = 0; i < KEYS_SLOTS; i++)
		secret_free(held[i]);
	return fixture_result(interp, rc, err.text);
}

void
keys_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "keys_add", add_cmd, NULL },
		{ "keys_remove", remove_cmd, NULL },
		{ "keys_test", test_cmd, NULL },
		{ "keys_list", list_cmd, NULL },
		{ "keys_backup", backup_cmd, NULL },
		{ "keys_restore", restore_cmd, NULL },
		{ "keys_new_master", master_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
}
