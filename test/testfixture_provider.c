/*
 * Tcl commands that register the encrypting VFS, with a provider that answers for every path.
 *
 *   vfs_register_test NAME ?BASE? ?MAKE_DEFAULT?   the VFS with the fixture's provider
 *   vfs_register_shared NAME ?BASE?   the same, its connections share a keyring as a process's do
 *   vfs_unshare               that keyring is forgotten, as if the process had ended
 *   vfs_secret TEXT           what the provider unlocks with and makes new vaults under
 *   vfs_provider_fails ?CODE? the provider answers with this code (PASS, LOCKED ...); none: works
 */
#include <stdio.h>
#include <string.h>

#include "keyring/secret.h"
#include "test/testfixture.h"
#include "test/testfixture_vfs.h"

static char secret_text[256] = "the fixture's passphrase";
static enum rc provider_answer = RC_OK;
static struct keyring *shared;

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

int
fixture_answer(Tcl_Interp *interp, enum rc rc, const struct err *err)
{
	if (rc == RC_OK)
		return TCL_OK;
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s: %s", rc_name(rc), err->text));
	return TCL_ERROR;
}

int
fixture_rc_from(Tcl_Interp *interp, Tcl_Obj *name, enum rc *out)
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
	return fixture_answer(interp, rc, &(struct err){ "" });
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
	return fixture_answer(interp, rc, &(struct err){ "" });
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
	return argc > 1 ? fixture_rc_from(interp, argv[1], &provider_answer) : TCL_OK;
}

int
provider_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vfs_register_test", register_cmd, NULL },
		{ "vfs_register_shared", register_shared_cmd, NULL },
		{ "vfs_unshare", unshare_cmd, NULL },
		{ "vfs_secret", secret_cmd, NULL },
		{ "vfs_provider_fails", fails_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
