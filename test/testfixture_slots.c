/*
 * Tcl commands over the slots of a keyring, one slot's bytes, the recovery code, combined
 * secrets and new master keys.
 */
#include "test/testfixture_keyring.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/backup.h"
#include "keyring/combined.h"
#include "keyring/recovery.h"
#include "test/testfixture.h"

#define GIVE(interp, rc, s, err)                                                         \
	((rc) == RC_OK ? fixture_give(interp, rc, secret_view(s), secret_len(s))         \
		       : fixture_fail(interp, rc, err))

/* recovery_make: a code */
static int
recovery_make_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct secret *text = NULL;
	enum rc rc = recovery_make(&text);
	int code;

	(void)cd, (void)objc, (void)objv;
	code = GIVE(interp, rc, text, NULL);
	secret_free(text);
	return code;
}

/* recovery_read TYPED: the slot's secret */
static int
recovery_read_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct secret *typed = NULL, *out = NULL;
	struct err err = {""};
	const uint8_t *p;
	size_t len;
	enum rc rc;
	int code;

	(void)cd;
	if (objc != 2)
		return TCL_ERROR;
	p = fixture_bytes(objv[1], &len);
	rc = secret_from(p, len, &typed);
	if (rc == RC_OK)
		rc = recovery_read(typed, &out, &err);
	code = GIVE(interp, rc, out, &err);
	secret_free(typed);
	secret_free(out);
	return code;
}

/* combined_make PASSPHRASE KEYFILE: the slot's secret */
static int
combined_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct secret *parts[2] = {NULL, NULL}, *out = NULL;
	enum rc rc = RC_OK;
	int i, code;

	(void)cd;
	if (objc != 3)
		return TCL_ERROR;
	for (i = 0; rc == RC_OK && i < 2; i++) {
		size_t len;
		const uint8_t *p = fixture_bytes(objv[i + 1], &len);

		rc = secret_from(p, len, &parts[i]);
	}
	if (rc == RC_OK)
		rc = combined_make(parts[0], parts[1], &out);
	code = GIVE(interp, rc, out, NULL);
	secret_free(parts[0]);
	secret_free(parts[1]);
	secret_free(out);
	return code;
}

static int
give_change(
    Tcl_Interp *interp, enum rc rc, const struct slot_change *c, const struct err *err)
{
	return rc == RC_OK ? fixture_give(interp, rc, (const uint8_t *)c, sizeof *c)
			   : fixture_fail(interp, rc, err);
}

/* keyring_add_slot KEYRING TYPE SECRET ROLE LABEL: a change, for keyring_apply */
static int
add_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr =
	    fixture_keyring(interp, objc, objv, 5, "KEYRING TYPE SECRET ROLE LABEL");
	struct keyring_secret s;
	struct slot_new asked = {&s, ROLE_FULL, NULL, &fixture_cheap};
	struct slot_change change;
	struct err err = {""};
	struct secret *held;
	enum rc rc;
	int role;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[4], &role) != TCL_OK ||
	    !fixture_secret(interp, objv[2], objv[3], &s, &held))
		return TCL_ERROR;
	asked.role = (enum slot_role)role;
	asked.label = Tcl_GetString(objv[5]);
	rc = keyring_add_slot(kr, &asked, &change, &err);
	secret_free(held);
	return give_change(interp, rc, &change, &err);
}

/* keyring_remove_slot KEYRING SLOT: a change, for keyring_apply */
static int
remove_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING SLOT");
	struct slot_change change;
	struct err err = {""};
	int slot;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK)
		return TCL_ERROR;
	return give_change(
	    interp, keyring_remove_slot(kr, slot, &change, &err), &change, &err);
}

/* keyring_test_slot KEYRING SLOT TYPE SECRET */
static int
test_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr =
	    fixture_keyring(interp, objc, objv, 4, "KEYRING SLOT TYPE SECRET");
	struct keyring_secret s;
	struct err err = {""};
	struct secret *held;
	enum rc rc;
	int slot;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK ||
	    !fixture_secret(interp, objv[3], objv[4], &s, &held))
		return TCL_ERROR;
	rc = keyring_test_slot(kr, slot, &s, &err);
	secret_free(held);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, &err);
}

static struct secret *
word(Tcl_Obj *o)
{
	struct secret *s = NULL;
	size_t len;
	const uint8_t *p = fixture_bytes(o, &len);

	return secret_from(p, len, &s) == RC_OK ? s : NULL;
}

/* slot_seal VAULT-ID ROLE PASSPHRASE MASTER FIELD-MASTER: the slot's bytes */
static int
seal_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct slot_info info = { .type = SLOT_PASSPHRASE, .kdf = fixture_cheap, .label = "label" };
	struct slot_keys keys = { .has_field_master = true };
	const uint8_t *id, *master, *field;
	uint8_t raw[SLOT_LEN];
	struct secret *s;
	enum rc rc;
	int role;

	(void)cd;
	if (objc != 6 || Tcl_GetIntFromObj(interp, objv[2], &role) != TCL_OK ||
	    !(id = fixture_exact(interp, objv[1], VAULT_ID_LEN)) ||
	    !(master = fixture_exact(interp, objv[4], KEY_LEN)) ||
	    !(field = fixture_exact(interp, objv[5], KEY_LEN)) || !(s = word(objv[3])))
		return TCL_ERROR;
	info.role = (enum slot_role)role;
	memcpy(keys.master, master, KEY_LEN);
	memcpy(keys.field_master, field, KEY_LEN);
	rc = slot_seal(&info, id, s, &keys, raw);
	secret_free(s);
	return fixture_give(interp, rc, raw, sizeof raw);
}

/* slot_open RAW VAULT-ID PASSPHRASE: {CODE keys}, where the keys were all ones before */
static int
open_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *raw, *id;
	struct slot_keys keys = { .has_field_master = true };
	Tcl_Obj *answer[2];
	struct secret *s;
	enum rc rc;

	(void)cd;
	if (objc != 4 || !(raw = fixture_exact(interp, objv[1], SLOT_LEN)) ||
	    !(id = fixture_exact(interp, objv[2], VAULT_ID_LEN)) || !(s = word(objv[3])))
		return TCL_ERROR;
	memset(keys.master, 0xff, KEY_LEN);
	memset(keys.field_master, 0xff, KEY_LEN);
	rc = slot_open(raw, id, s, &keys, NULL);
	secret_free(s);
	answer[0] = Tcl_NewStringObj(rc_name(rc), -1);
	answer[1] = Tcl_NewByteArrayObj((const uint8_t *)&keys, sizeof keys);
	Tcl_SetObjResult(interp, Tcl_NewListObj(2, answer));
	return TCL_OK;
}

/* keyring_new_master KEYRING {SLOT PASSPHRASE ...} ?MEANWHILE?: the keyring with new keys */
static int
new_master_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring_secret given[HEADER_SLOTS];
	struct secret *held[HEADER_SLOTS] = { NULL };
	const struct keyring_secret *at[HEADER_SLOTS] = { NULL };
	struct keyring *kr, *fresh = NULL;
	struct master_change *m = NULL;
	struct err err = { "" };
	Tcl_Obj **words;
	int n, i, slot;
	enum rc rc;

	(void)cd;
	kr = fixture_keyring(interp, objc < 4 ? objc : 3, objv, 2, "KEYRING SECRETS ?MEANWHILE?");
	if (!kr || Tcl_ListObjGetElements(interp, objv[2], &n, &words) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i + 1 < n && i / 2 < HEADER_SLOTS; i += 2) {
		if (Tcl_GetIntFromObj(interp, words[i], &slot) != TCL_OK)
			return TCL_ERROR;
		held[i / 2] = word(words[i + 1]);
		given[i / 2] = (struct keyring_secret){ SLOT_PASSPHRASE, held[i / 2] };
		at[slot] = &given[i / 2];
	}
	rc = keyring_master_make(kr, at, &m, &err);
	if (rc == RC_OK && objc > 3 && Tcl_EvalObjEx(interp, objv[3], 0) != TCL_OK)
		return TCL_ERROR;
	if (rc == RC_OK)
		rc = keyring_master_apply(kr, m, &fresh, &err);
	keyring_master_free(m);
	for (i = 0; i < HEADER_SLOTS; i++)
		secret_free(held[i]);
	return rc == RC_OK ? fixture_keyring_name(interp, fresh) : fixture_fail(interp, rc, &err);
}

/* keyring_backup KEYRING PASSPHRASE: the bytes of a backup */
static int
backup_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING PASSPHRASE");
	static uint8_t out[BACKUP_LEN];
	struct err err = {""};
	struct secret *held;
	const uint8_t *p;
	size_t len;
	enum rc rc;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	p = fixture_bytes(objv[2], &len);
	if (secret_from(p, len, &held) != RC_OK)
		return TCL_ERROR;
	rc = keyring_backup(kr, held, &fixture_cheap, out, &err);
	secret_free(held);
	return rc == RC_OK ? fixture_give(interp, rc, out, sizeof out)
			   : fixture_fail(interp, rc, &err);
}

/* keyring_from_backup BYTES PASSPHRASE: a locked keyring */
static int
from_backup_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct keyring *kr;
	struct secret *held;
	const uint8_t *p;
	uint8_t *exact;
	size_t len;
	enum rc rc;

	(void)cd;
	if (objc != 3)
		return TCL_ERROR;
	p = fixture_bytes(objv[2], &len);
	if (secret_from(p, len, &held) != RC_OK)
		return TCL_ERROR;
	p = fixture_bytes(objv[1], &len);
	exact =
	    malloc(len ? len : 1); /* a read beyond its end is seen by the sanitizer */
	memcpy(exact, p, len);
	rc = keyring_from_backup(exact, len, held, &kr, &err);
	free(exact);
	secret_free(held);
	return rc == RC_OK ? fixture_keyring_name(interp, kr)
			   : fixture_fail(interp, rc, &err);
}

/* keyring_restored KEYRING SEQUENCE */
static int
restored_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING SEQUENCE");
	struct err err = {""};
	Tcl_WideInt sequence;
	enum rc rc;

	(void)cd;
	if (!kr || Tcl_GetWideIntFromObj(interp, objv[2], &sequence) != TCL_OK)
		return TCL_ERROR;
	rc = keyring_restored(kr, (uint64_t)sequence, &err);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, &err);
}

void
slots_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "recovery_make", recovery_make_cmd, NULL },
		{ "recovery_read", recovery_read_cmd, NULL },
		{ "combined_make", combined_cmd, NULL },
		{ "keyring_add_slot", add_cmd, NULL },
		{ "keyring_remove_slot", remove_cmd, NULL },
		{ "keyring_test_slot", test_cmd, NULL },
		{ "slot_seal", seal_cmd, NULL },
		{ "slot_open", open_cmd, NULL },
		{ "keyring_new_master", new_master_cmd, NULL },
		{ "keyring_backup", backup_cmd, NULL },
		{ "keyring_from_backup", from_backup_cmd, NULL },
		{ "keyring_restored", restored_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
}
