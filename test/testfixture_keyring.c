/*
 * Tcl commands over a keyring. `keyring_create` and `keyring_parse` give a name for one;
 * the other commands take it first. Secrets, keys and headers are byte arrays; an answer
 * other than RC_OK is a Tcl error {CODE sentence}.
 */
#include "test/testfixture_keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/testfixture.h"

static Tcl_HashTable keyrings;
static int named;

const struct kdf_params fixture_cheap = {KDF_ARGON2ID, 64, 1, 1};

int
fixture_keyring_name(Tcl_Interp *interp, struct keyring *kr)
{
	char name[24];
	int fresh;

	snprintf(name, sizeof name, "keyring%d", ++named);
	Tcl_SetHashValue(Tcl_CreateHashEntry(&keyrings, name, &fresh), kr);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(name, -1));
	return TCL_OK;
}

struct keyring *
fixture_keyring(Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int n, const char *usage)
{
	Tcl_HashEntry *e;

	if (objc != n + 1) {
		Tcl_WrongNumArgs(interp, 1, objv, usage);
		return NULL;
	}
	e = Tcl_FindHashEntry(&keyrings, Tcl_GetString(objv[1]));
	if (!e)
		Tcl_SetResult(interp, "no such keyring", TCL_STATIC);
	return e ? Tcl_GetHashValue(e) : NULL;
}

bool
fixture_secret(Tcl_Interp *interp, Tcl_Obj *type, Tcl_Obj *bytes, struct keyring_secret *out,
    struct secret **held)
{
	const uint8_t *p;
	size_t len;
	int n;

	*held = NULL;
	if (Tcl_GetIntFromObj(interp, type, &n) != TCL_OK)
		return false;
	p = fixture_bytes(bytes, &len);
	if (secret_from(p, len, held) != RC_OK)
		return false;
	out->type = (enum slot_type)n;
	out->bytes = *held;
	return true;
}

/* keyring_create TYPE SECRET LABEL PARAMS: PARAMS may be "" (cheap) or "calibrate" */
static int
create_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const struct kdf_params *kdf = &fixture_cheap;
	struct keyring_secret s;
	struct err err = {""};
	struct kdf_params asked;
	struct secret *held;
	struct keyring *kr;
	enum rc rc;

	(void)cd;
	if (objc != 5) {
		Tcl_WrongNumArgs(interp, 1, objv, "TYPE SECRET LABEL PARAMS");
		return TCL_ERROR;
	}
	if (strcmp(Tcl_GetString(objv[4]), "calibrate") == 0)
		kdf = NULL;
	else if (*Tcl_GetString(objv[4])) {
		if (!fixture_kdf(interp, objv[4], &asked))
			return TCL_ERROR;
		kdf = &asked;
	}
	if (!fixture_secret(interp, objv[1], objv[2], &s, &held))
		return TCL_ERROR;
	rc = keyring_create(&s, kdf, Tcl_GetString(objv[3]), &kr, &err);
	secret_free(held);
	return rc == RC_OK ? fixture_keyring_name(interp, kr) : fixture_fail(interp, rc, &err);
}

/* keyring_parse AREA */
static int
parse_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct keyring *kr;
	const uint8_t *area;
	uint8_t *exact;
	size_t len;
	enum rc rc;

	(void)cd;
	if (objc != 2) {
		Tcl_WrongNumArgs(interp, 1, objv, "AREA");
		return TCL_ERROR;
	}
	area = fixture_bytes(objv[1], &len);
	exact =
	    malloc(len ? len : 1); /* a read beyond its end is seen by the sanitizer */
	memcpy(exact, area, len);
	rc = keyring_parse(exact, len, &kr, &err);
	free(exact);
	return rc == RC_OK ? fixture_keyring_name(interp, kr) : fixture_fail(interp, rc, &err);
}

/* keyring_unlock KEYRING SLOT TYPE SECRET: the slot that opened */
static int
unlock_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring_secret s;
	struct err err = {""};
	struct secret *held;
	struct keyring *kr;
	enum rc rc;
	int slot;

	(void)cd;
	if (!(kr = fixture_keyring(interp, objc, objv, 4, "KEYRING SLOT TYPE SECRET")) ||
	    Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK ||
	    !fixture_secret(interp, objv[3], objv[4], &s, &held))
		return TCL_ERROR;
	rc = keyring_unlock(kr, slot, &s, &err);
	secret_free(held);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, &err);
	Tcl_SetObjResult(interp, Tcl_NewIntObj(keyring_slot_used(kr)));
	return TCL_OK;
}

enum simple { LOCK, REVERT, FREE };

/* keyring_lock, keyring_revert, keyring_free KEYRING */
static int
simple_cmd(ClientData which, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");

	if (!kr)
		return TCL_ERROR;
	switch ((enum simple)(intptr_t)which) {
	case LOCK:
		keyring_lock(kr);
		break;
	case REVERT:
		keyring_revert(kr);
		break;
	case FREE:
		Tcl_DeleteHashEntry(Tcl_FindHashEntry(&keyrings, Tcl_GetString(objv[1])));
		keyring_free(kr);
		break;
	}
	return TCL_OK;
}

static void
put(Tcl_Obj *dict, const char *key, Tcl_Obj *value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), value);
}

/* keyring_info KEYRING: a dict */
static int
info_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	Tcl_Obj *d = Tcl_NewDictObj();
	uint8_t id[VAULT_ID_LEN];

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	keyring_vault_id(kr, id);
	put(d, "unlocked", Tcl_NewIntObj(keyring_is_unlocked(kr)));
	put(d, "dirty", Tcl_NewIntObj(keyring_dirty(kr)));
	put(d, "repair", Tcl_NewIntObj(keyring_needs_repair(kr)));
	put(d, "slot", Tcl_NewIntObj(keyring_slot_used(kr)));
	put(d, "role", Tcl_NewIntObj((int)keyring_role(kr)));
	put(d, "sequence", Tcl_NewWideIntObj((Tcl_WideInt)keyring_sequence(kr)));
	put(d, "page_size", Tcl_NewWideIntObj(keyring_page_size(kr)));
	put(d, "epoch", Tcl_NewWideIntObj(keyring_page_epoch(kr)));
	put(d, "vault_id", Tcl_NewByteArrayObj(id, sizeof id));
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* keyring_slots KEYRING: {number type role params label} of each that is not empty */
static int
slots_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	struct slot_info slots[HEADER_SLOTS];
	Tcl_Obj *all = Tcl_NewObj(), *one;
	int i;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	keyring_slots(kr, slots);
	for (i = 0; i < HEADER_SLOTS; i++) {
		if (slots[i].type == SLOT_EMPTY)
			continue;
		one = Tcl_NewObj();
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj(i));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj((int)slots[i].type));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewIntObj((int)slots[i].role));
		Tcl_ListObjAppendElement(NULL, one, fixture_kdf_obj(&slots[i].kdf));
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewStringObj(slots[i].label, -1));
		Tcl_ListObjAppendElement(NULL, all, one);
	}
	Tcl_SetObjResult(interp, all);
	return TCL_OK;
}

/* keyring_set_page_size KEYRING SIZE */
static int
set_page_size_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING SIZE");
	int size;
	enum rc rc;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &size) != TCL_OK)
		return TCL_ERROR;
	rc = keyring_set_page_size(kr, (uint32_t)size);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

/* keyring_serialise KEYRING */
static int
serialise_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	static uint8_t area[HEADER_AREA_LEN];

	(void)cd;
	return kr ? fixture_give(interp, keyring_serialise(kr, area), area, sizeof area)
		  : TCL_ERROR;
}

/* keyring_written KEYRING AREA */
static int
written_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING AREA");
	const uint8_t *area;

	(void)cd;
	if (!kr || !(area = fixture_exact(interp, objv[2], HEADER_AREA_LEN)))
		return TCL_ERROR;
	keyring_written(kr, area);
	return TCL_OK;
}

/* keyring_refresh KEYRING AREA */
static int
refresh_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING AREA");
	struct err err = {""};
	const uint8_t *area;
	size_t len;
	enum rc rc;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	area = fixture_bytes(objv[2], &len);
	rc = keyring_refresh(kr, area, len, &err);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, &err);
}

/* keyring_page_key KEYRING EPOCH */
static int
page_key_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING EPOCH");
	uint8_t key[KEY_LEN];
	int epoch;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &epoch) != TCL_OK)
		return TCL_ERROR;
	return fixture_give(
	    interp, keyring_page_key(kr, (uint32_t)epoch, key), key, sizeof key);
}

/* keyring_lease KEYRING: the epoch that it is for */
static int
lease_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	uint32_t epoch;
	enum rc rc;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	rc = keyring_lease(kr, &epoch);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, NULL);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(epoch));
	return TCL_OK;
}

/* keyring_lease_return KEYRING EPOCH UNUSED */
static int
lease_return_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 3, "KEYRING EPOCH UNUSED");
	int epoch, unused;
	enum rc rc;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &epoch) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[3], &unused) != TCL_OK)
		return TCL_ERROR;
	rc = keyring_lease_return(kr, (uint32_t)epoch, (uint32_t)unused);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

/* keyring_rotate_begin KEYRING, keyring_rotate_finish KEYRING FIELDS */
static int
rotate_cmd(ClientData finish, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, finish ? 2 : 1, "KEYRING ...");
	int fields = 0;
	enum rc rc;

	if (!kr || (finish && Tcl_GetBooleanFromObj(interp, objv[2], &fields) != TCL_OK))
		return TCL_ERROR;
	rc = finish ? keyring_rotate_finish(kr, fields) : keyring_rotate_begin(kr);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

/* keyring_epochs KEYRING: {purpose number state} of each, and the rotation's aim, 0 for none */
static int
epochs_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 1, "KEYRING");
	Tcl_Obj *all = Tcl_NewObj();
	struct header h;
	int i;

	(void)cd;
	if (!kr)
		return TCL_ERROR;
	keyring_header(kr, &h);
	for (i = 0; i < HEADER_EPOCHS; i++)
		if (h.epochs[i].number)
			Tcl_ListObjAppendElement(NULL, all,
			    Tcl_ObjPrintf("%d %u %d", (int)h.epochs[i].purpose,
			        h.epochs[i].number, (int)h.epochs[i].state));
	Tcl_ListObjAppendElement(NULL, all, Tcl_NewWideIntObj(keyring_rotation(kr).to));
	Tcl_SetObjResult(interp, all);
	return TCL_OK;
}

/* keyring_derive KEYRING LABEL LEN, keyring_derive_field KEYRING LABEL LEN */
static int
derive_cmd(ClientData field, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 3, "KEYRING LABEL LEN");
	uint8_t out[MASK_KEY_LEN];
	struct err err = {""};
	const char *label;
	int len;
	enum rc rc;

	if (!kr || Tcl_GetIntFromObj(interp, objv[3], &len) != TCL_OK || len < 1 ||
	    len > (int)sizeof out)
		return TCL_ERROR;
	label = Tcl_GetString(objv[2]);
	rc = field ? keyring_derive_field(kr, label, out, (size_t)len, &err)
		   : keyring_derive(kr, label, out, (size_t)len);
	return rc == RC_OK ? fixture_give(interp, rc, out, (size_t)len)
			   : fixture_fail(interp, rc, &err);
}

/* keyring_field_key KEYRING EPOCH FIELD; keyring_blind_key KEYRING 0 FIELD */
static int
field_key_cmd(ClientData blind, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 3, "KEYRING EPOCH FIELD");
	uint8_t out[KEY_LEN];
	struct err err = {""};
	int epoch, field;
	enum rc rc;

	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &epoch) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, objv[3], &field) != TCL_OK)
		return TCL_ERROR;
	rc = blind ? keyring_blind_key(kr, (uint32_t)field, out, &err)
		   : keyring_field_key(kr, (uint32_t)epoch, (uint32_t)field, out, &err);
	return rc == RC_OK ? fixture_give(interp, rc, out, sizeof out)
			   : fixture_fail(interp, rc, &err);
}

/* keyring_change_secret KEYRING SLOT TYPE OLD NEW: a change, for keyring_apply */
static int
change_secret_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr =
	    fixture_keyring(interp, objc, objv, 5, "KEYRING SLOT TYPE OLD NEW");
	struct secret *held_old = NULL, *held_new = NULL;
	struct keyring_secret old, fresh;
	struct slot_change change;
	struct err err = {""};
	enum rc rc;
	int slot;

	(void)cd;
	if (!kr || Tcl_GetIntFromObj(interp, objv[2], &slot) != TCL_OK ||
	    !fixture_secret(interp, objv[3], objv[4], &old, &held_old) ||
	    !fixture_secret(interp, objv[3], objv[5], &fresh, &held_new)) {
		secret_free(held_old);
		return TCL_ERROR;
	}
	rc = keyring_change_secret(kr, slot, &old, &fresh, &fixture_cheap, &change, &err);
	secret_free(held_old);
	secret_free(held_new);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, &err);
	return fixture_give(interp, rc, (const uint8_t *)&change, sizeof change);
}

/* keyring_apply KEYRING CHANGE */
static int
apply_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct keyring *kr = fixture_keyring(interp, objc, objv, 2, "KEYRING CHANGE");
	struct slot_change change;
	const uint8_t *p;
	enum rc rc;

	(void)cd;
	if (!kr || !(p = fixture_exact(interp, objv[2], sizeof change)))
		return TCL_ERROR;
	memcpy(&change, p, sizeof change);
	rc = keyring_apply(kr, &change);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, NULL);
}

static void
free_all(ClientData cd)
{
	Tcl_HashSearch at;
	Tcl_HashEntry *e;

	(void)cd;
	for (e = Tcl_FirstHashEntry(&keyrings, &at); e; e = Tcl_NextHashEntry(&at))
		keyring_free(Tcl_GetHashValue(e));
	Tcl_DeleteHashTable(&keyrings);
}

int
keyring_Init(Tcl_Interp *interp)
{
	const struct {
		const char *name;
		Tcl_ObjCmdProc *run;
		intptr_t data;
	} commands[] = {
	    {"keyring_create", create_cmd, 0},
	    {"keyring_parse", parse_cmd, 0},
	    {"keyring_unlock", unlock_cmd, 0},
	    {"keyring_lock", simple_cmd, LOCK},
	    {"keyring_revert", simple_cmd, REVERT},
	    {"keyring_free", simple_cmd, FREE},
	    {"keyring_info", info_cmd, 0},
	    {"keyring_slots", slots_cmd, 0},
	    {"keyring_set_page_size", set_page_size_cmd, 0},
	    {"keyring_serialise", serialise_cmd, 0},
	    {"keyring_written", written_cmd, 0},
	    {"keyring_refresh", refresh_cmd, 0},
	    {"keyring_page_key", page_key_cmd, 0},
	    {"keyring_lease", lease_cmd, 0},
	    {"keyring_lease_return", lease_return_cmd, 0},
	    {"keyring_rotate_begin", rotate_cmd, 0},
	    {"keyring_rotate_finish", rotate_cmd, 1},
	    {"keyring_epochs", epochs_cmd, 0},
	    {"keyring_derive", derive_cmd, 0},
	    {"keyring_derive_field", derive_cmd, 1},
	    {"keyring_field_key", field_key_cmd, 0},
	    {"keyring_blind_key", field_key_cmd, 1},
	    {"keyring_change_secret", change_secret_cmd, 0},
	    {"keyring_apply", apply_cmd, 0},
	};
	size_t i;

	Tcl_InitHashTable(&keyrings, TCL_STRING_KEYS);
	Tcl_CreateExitHandler(free_all, NULL);
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		Tcl_CreateObjCommand(interp, commands[i].name, commands[i].run,
		    (ClientData)commands[i].data, NULL);
	slots_Init(interp);
	fresh_Init(interp);
	return crypto_Init(interp);
}
