/*
 * Fixture command over the contexts of a connection (vfs/crypt.h).
 *
 *   vfs_stale_key   a page, sealed by who met an epoch that was then undone, opens
 *   vfs_used_up N   seal with a lease of N writes until it is refused: {writes, the code,
 *                   whether the refused one left its output alone}
 *   vfs_epoch_full DB LEFT N   all writes of the active epoch are leased, LEFT of them to DB;
 *                   N more are asked for: {the epoch, the writes that DB has then}
 */
#include <string.h>

#include "keyring/secret.h"
#include "test/testfixture.h"
#include "test/testfixture_vfs.h"
#include "vfs/vfs_int.h"

static int
answer(Tcl_Interp *interp, enum rc rc)
{
	if (rc == RC_OK)
		return TCL_OK;
	Tcl_SetObjResult(interp, Tcl_NewStringObj(rc_name(rc), -1));
	return TCL_ERROR;
}

static enum rc
create(struct keyring **out)
{
	const struct kdf_params kdf = { KDF_ARGON2ID, 64, 1, 1 };
	struct keyring_secret ks = { SLOT_PASSPHRASE, NULL };
	struct secret *secret;
	enum rc rc = secret_from("secret", 6, &secret);

	if (rc != RC_OK)
		return rc;
	ks.bytes = secret;
	rc = keyring_create(&ks, &kdf, "fixture", out, NULL);
	secret_free(secret);
	return rc;
}

/* Lease until epoch 2 is made, and keep that: what is written counts. */
static enum rc
reach_epoch_2(struct keyring *kr)
{
	uint32_t epoch = 1;
	enum rc rc = RC_OK;

	while (rc == RC_OK && epoch == 1)
		rc = keyring_lease(kr, &epoch);
	return rc;
}

static enum rc
keep(struct keyring *kr)
{
	static uint8_t area[HEADER_AREA_LEN];
	enum rc rc = keyring_serialise(kr, area);

	if (rc == RC_OK)
		keyring_written(kr, area);
	return rc;
}

/* Seal by ${a}, which has met an epoch 2 that was undone; open by one that has not. */
static enum rc
seal_and_open(struct keyring *kr, struct crypt *a)
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = 1 };
	uint8_t plain[PAGE_SIZE_MIN] = { 1 }, sealed[PAGE_SIZE_MIN];
	struct crypt b;
	enum rc rc = crypt_follow(a);

	if (rc == RC_OK)
		rc = crypt_open(&b, keyring_ref(kr));
	if (rc != RC_OK)
		return rc;
	crypt_leased(a, 2, 1);
	rc = crypt_seal(a, &place, plain, sizeof plain, sealed);
	if (rc == RC_OK)
		rc = crypt_unseal(&b, &place, sealed, sizeof sealed, plain);
	crypt_close(&b);
	return rc;
}

static int
stale_key_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct keyring *kr = NULL;
	struct crypt a;
	enum rc rc = create(&kr);

	(void)cd;
	(void)argc;
	(void)argv;
	if (rc == RC_OK)
		rc = keep(kr);
	if (rc == RC_OK)
		rc = reach_epoch_2(kr);
	if (rc == RC_OK)
		rc = crypt_open(&a, keyring_ref(kr));
	if (rc != RC_OK) {
		keyring_free(kr);
		return answer(interp, rc);
	}
	keyring_revert(kr);
	rc = reach_epoch_2(kr);
	if (rc == RC_OK)
		rc = keep(kr);
	if (rc == RC_OK)
		rc = seal_and_open(kr, &a);
	crypt_close(&a);
	keyring_free(kr);
	return answer(interp, rc);
}

static int
used_up_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const struct page_place place = { .kind = PAGE_DATABASE, .number = 1 };
	static const uint8_t plain[PAGE_SIZE_MIN], untouched[PAGE_SIZE_MIN];
	uint8_t sealed[PAGE_SIZE_MIN];
	struct keyring *kr = NULL;
	struct crypt c;
	int n, writes = 0;
	enum rc rc;

	(void)cd;
	if (argc != 2 || Tcl_GetIntFromObj(interp, argv[1], &n) != TCL_OK)
		return TCL_ERROR;
	rc = create(&kr);
	if (rc == RC_OK)
		rc = crypt_open(&c, kr);
	if (rc != RC_OK) {
		keyring_free(kr);
		return answer(interp, rc);
	}
	crypt_leased(&c, 1, (uint32_t)n);
	do {
		memset(sealed, 0, sizeof sealed);
		rc = crypt_seal(&c, &place, plain, sizeof plain, sealed);
		writes += rc == RC_OK;
	} while (rc == RC_OK && writes <= n);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%d %s %d", writes, rc_name(rc),
	                             memcmp(sealed, untouched, sizeof sealed) == 0));
	crypt_close(&c);
	return TCL_OK;
}

static enum rc
lease_all(void *arg, struct keyring *kr)
{
	struct header h;
	uint64_t leased;
	uint32_t epoch;
	enum rc rc = RC_OK;

	(void)arg;
	keyring_header(kr, &h);
	leased = h.epochs[0].leased; /* of a vault that is new: its page key */
	for (; rc == RC_OK && leased + NONCE_LEASE <= NONCE_LIMIT; leased += NONCE_LEASE)
		rc = keyring_lease(kr, &epoch);
	return rc;
}

static int
epoch_full_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	sqlite3 *db;
	struct dbfile *d;
	int left, n, code;
	enum rc rc;

	(void)cd;
	if (argc != 4 || !(db = fixture_db(interp, Tcl_GetString(argv[1]))) ||
	    Tcl_GetIntFromObj(interp, argv[2], &left) != TCL_OK ||
	    Tcl_GetIntFromObj(interp, argv[3], &n) != TCL_OK)
		return TCL_ERROR;
	rc = vfs_header_update(db, NULL, lease_all, NULL, NULL);
	d = owner_of_schema(db, NULL);
	d->crypt.lease_left = (uint32_t)left;
	code = rc == RC_OK ? header_lease(d, (uint64_t)n) : SQLITE_OK;
	if (rc != RC_OK || code != SQLITE_OK)
		return answer(interp, rc == RC_OK ? rc_of_sqlite(code) : rc);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("%u %u", d->crypt.lease_epoch, d->crypt.lease_left));
	return TCL_OK;
}

int
crypt_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vfs_stale_key", stale_key_cmd, NULL },
		{ "vfs_used_up", used_up_cmd, NULL },
		{ "vfs_epoch_full", epoch_full_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
