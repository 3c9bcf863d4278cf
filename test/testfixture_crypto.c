/*
 * Tcl commands over the keyring's primitives: AEAD, masks, hashes, HKDF, key wrap, KDF,
 * passphrases. Byte strings come and go as byte arrays; an answer other than RC_OK is a
 * Tcl error {CODE sentence}.
 */
#include "test/testfixture_keyring.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/passphrase.h"
#include "test/testfixture.h"

int
fixture_fail(Tcl_Interp *interp, enum rc rc, const struct err *err)
{
	Tcl_Obj *list = Tcl_NewObj();

	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(rc_name(rc), -1));
	Tcl_ListObjAppendElement(NULL, list, Tcl_NewStringObj(err ? err->text : "", -1));
	Tcl_SetObjResult(interp, list);
	return TCL_ERROR;
}

const uint8_t *
fixture_bytes(Tcl_Obj *o, size_t *len)
{
	int n;
	const uint8_t *p = Tcl_GetByteArrayFromObj(o, &n);

	*len = (size_t)n;
	return p;
}

const uint8_t *
fixture_exact(Tcl_Interp *interp, Tcl_Obj *o, size_t len)
{
	size_t n;
	const uint8_t *p = fixture_bytes(o, &n);

	if (n == len)
		return p;
	Tcl_SetObjResult(
	    interp, Tcl_ObjPrintf("%d bytes are wanted, %d are given", (int)len, (int)n));
	return NULL;
}

int
fixture_give(Tcl_Interp *interp, enum rc rc, const uint8_t *out, size_t len)
{
	if (rc != RC_OK)
		return fixture_fail(interp, rc, NULL);
	Tcl_SetObjResult(interp, Tcl_NewByteArrayObj(out, (int)len));
	return TCL_OK;
}

/* Whether a command has ${n} words after its name. */
static bool
words(Tcl_Interp *interp, int objc, Tcl_Obj *const objv[], int n, const char *usage)
{
	if (objc == n + 1)
		return true;
	Tcl_WrongNumArgs(interp, 1, objv, usage);
	return false;
}

/* aead_seal KEY NONCE AAD TEXT: {ciphertext tag}; text and output share their place */
static int
aead_seal_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *key, *nonce, *aad, *in;
	uint8_t *out, tag[AEAD_TAG_LEN];
	Tcl_Obj *pair[2];
	size_t aad_len, len;
	struct aead *a;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 4, "KEY NONCE AAD TEXT") ||
	    !(key = fixture_exact(interp, objv[1], KEY_LEN)) ||
	    !(nonce = fixture_exact(interp, objv[2], AEAD_NONCE_LEN)))
		return TCL_ERROR;
	aad = fixture_bytes(objv[3], &aad_len);
	in = fixture_bytes(objv[4], &len);
	out = malloc(len + 1);
	memcpy(out, in, len);
	rc = aead_new(key, &a);
	if (rc == RC_OK)
		rc = aead_seal(a, nonce, aad, aad_len, out, len, out, tag);
	aead_free(a);
	pair[0] = Tcl_NewByteArrayObj(out, (int)len);
	pair[1] = Tcl_NewByteArrayObj(tag, sizeof tag);
	free(out);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, NULL);
	Tcl_SetObjResult(interp, Tcl_NewListObj(2, pair));
	return TCL_OK;
}

/* aead_open KEY NONCE AAD CIPHERTEXT TAG: text; {TAMPER what is left in the buffer} */
static int
aead_open_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *key, *nonce, *aad, *in, *tag;
	size_t aad_len, len;
	struct aead *a;
	uint8_t *out;
	Tcl_Obj *left;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 5, "KEY NONCE AAD CIPHERTEXT TAG") ||
	    !(key = fixture_exact(interp, objv[1], KEY_LEN)) ||
	    !(nonce = fixture_exact(interp, objv[2], AEAD_NONCE_LEN)) ||
	    !(tag = fixture_exact(interp, objv[5], AEAD_TAG_LEN)))
		return TCL_ERROR;
	aad = fixture_bytes(objv[3], &aad_len);
	in = fixture_bytes(objv[4], &len);
	out = malloc(len + 1);
	rc = aead_new(key, &a);
	if (rc == RC_OK)
		rc = aead_open(a, nonce, aad, aad_len, in, len, tag, out);
	aead_free(a);
	left = Tcl_NewByteArrayObj(out, (int)len);
	free(out);
	if (rc == RC_OK) {
		Tcl_SetObjResult(interp, left);
		return TCL_OK;
	}
	fixture_fail(interp, rc, NULL);
	Tcl_ListObjAppendElement(NULL, Tcl_GetObjResult(interp), left);
	return TCL_ERROR;
}

/* mask_apply KEY TWEAK BLOCK, mask_remove KEY TWEAK BLOCK */
static int
mask_cmd(ClientData remove, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *key, *tweak, *in;
	uint8_t block[MASK_LEN];
	struct mask *m;
	enum rc rc;

	if (!words(interp, objc, objv, 3, "KEY TWEAK BLOCK") ||
	    !(key = fixture_exact(interp, objv[1], MASK_KEY_LEN)) ||
	    !(tweak = fixture_exact(interp, objv[2], MASK_LEN)) ||
	    !(in = fixture_exact(interp, objv[3], MASK_LEN)))
		return TCL_ERROR;
	memcpy(block, in, MASK_LEN);
	rc = mask_new(key, &m);
	if (rc == RC_OK)
		rc = remove ? mask_remove(m, tweak, block) : mask_apply(m, tweak, block);
	mask_free(m);
	return fixture_give(interp, rc, block, MASK_LEN);
}

/* block_encrypt KEY BLOCK */
static int
block_encrypt_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *key, *in;
	uint8_t out[MASK_LEN];
	struct block *b;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 2, "KEY BLOCK") ||
	    !(key = fixture_exact(interp, objv[1], KEY_LEN)) ||
	    !(in = fixture_exact(interp, objv[2], MASK_LEN)))
		return TCL_ERROR;
	rc = block_new(key, &b);
	if (rc == RC_OK)
		rc = block_encrypt(b, in, out);
	block_free(b);
	return fixture_give(interp, rc, out, MASK_LEN);
}

/* sha256 BYTES: in one call and as a stream of two parts; both must agree */
static int
sha256_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	uint8_t once[SHA256_LEN], stream[SHA256_LEN];
	struct sha256 *h;
	const uint8_t *in;
	size_t len;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 1, "BYTES"))
		return TCL_ERROR;
	in = fixture_bytes(objv[1], &len);
	rc = sha256_new(&h);
	if (rc == RC_OK)
		rc = sha256_add(h, in, len / 2);
	if (rc == RC_OK)
		rc = sha256_add(h, in + len / 2, len - len / 2);
	if (rc == RC_OK)
		rc = sha256_end(h, stream);
	sha256_free(h);
	if (rc == RC_OK)
		rc = sha256(in, len, once);
	if (rc == RC_OK && memcmp(once, stream, SHA256_LEN) != 0)
		rc = RC_INTERNAL;
	return fixture_give(interp, rc, once, SHA256_LEN);
}

/* A context that is kept must say the same, the second time too. */
static enum rc
hmac_kept(const uint8_t *key, const uint8_t *in, size_t len, const uint8_t *once)
{
	uint8_t out[SHA256_LEN];
	struct mac *h;
	enum rc rc = hmac_new(key, &h);

	for (int i = 0; rc == RC_OK && i < 2; i++) {
		rc = mac_of(h, in, len, out);
		if (rc == RC_OK && memcmp(once, out, sizeof out) != 0)
			rc = RC_INTERNAL;
	}
	mac_free(h);
	return rc;
}

/* hmac_sha256 KEY BYTES, hkdf_extract SALT IKM */
static int
keyed_cmd(ClientData extract, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	uint8_t out[SHA256_LEN];
	const uint8_t *key, *in;
	size_t key_len, len;
	enum rc rc;

	if (!words(interp, objc, objv, 2, "KEY BYTES"))
		return TCL_ERROR;
	key = fixture_bytes(objv[1], &key_len);
	in = fixture_bytes(objv[2], &len);
	rc = extract ? hkdf_extract(key, key_len, in, len, out)
		     : hmac_sha256(key, key_len, in, len, out);
	if (rc == RC_OK && !extract && key_len == KEY_LEN)
		rc = hmac_kept(key, in, len, out);
	return fixture_give(interp, rc, out, SHA256_LEN);
}

/* cmac KEY BYTES */
static int
cmac_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	uint8_t out[CMAC_LEN];
	const uint8_t *key, *in;
	struct mac *m = NULL;
	size_t len;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 2, "KEY BYTES") ||
	    !(key = fixture_exact(interp, objv[1], KEY_LEN)))
		return TCL_ERROR;
	in = fixture_bytes(objv[2], &len);
	rc = cmac_new(key, &m);
	if (rc == RC_OK)
		rc = mac_of(m, in, len, out);
	mac_free(m);
	return fixture_give(interp, rc, out, sizeof out);
}

/* hkdf_expand PRK INFO LEN */
static int
hkdf_expand_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const uint8_t *prk, *info;
	uint8_t out[1024];
	size_t info_len;
	int len;

	(void)cd;
	if (!words(interp, objc, objv, 3, "PRK INFO LEN") ||
	    !(prk = fixture_exact(interp, objv[1], SHA256_LEN)) ||
	    Tcl_GetIntFromObj(interp, objv[3], &len) != TCL_OK)
		return TCL_ERROR;
	info = fixture_bytes(objv[2], &info_len);
	if (len < 1 || len > (int)sizeof out)
		return TCL_ERROR;
	return fixture_give(
	    interp, hkdf_expand(prk, info, info_len, out, (size_t)len), out, (size_t)len);
}

/* key_wrap KEK KEY, key_unwrap KEK WRAPPED */
static int
wrap_cmd(ClientData unwrap, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	size_t len = unwrap ? WRAPPED_KEY_LEN : KEY_LEN;
	size_t out_len = unwrap ? KEY_LEN : WRAPPED_KEY_LEN;
	uint8_t out[WRAPPED_KEY_LEN];
	const uint8_t *kek, *in;
	enum rc rc;

	if (!words(interp, objc, objv, 2, "KEK KEY") ||
	    !(kek = fixture_exact(interp, objv[1], KEY_LEN)) ||
	    !(in = fixture_exact(interp, objv[2], len)))
		return TCL_ERROR;
	rc = unwrap ? key_unwrap(kek, in, out) : key_wrap(kek, in, out);
	return fixture_give(interp, rc, out, out_len);
}

/* random_nonce ?-child?: one nonce; of a child after fork */
static int
random_nonce_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	uint8_t out[AEAD_NONCE_LEN];
	enum rc rc = RC_INTERNAL;
	int ends[2];
	pid_t child;

	(void)cd;
	(void)objv;
	if (objc == 1)
		return fixture_give(interp, random_nonce(out), out, sizeof out);
	if (pipe(ends) != 0)
		return TCL_ERROR;
	child = fork();
	if (child == 0) {
		rc = random_nonce(out);
		_exit(rc != RC_OK || write(ends[1], out, sizeof out) != sizeof out);
	}
	if (child > 0 && read(ends[0], out, sizeof out) == sizeof out)
		rc = RC_OK;
	if (child > 0)
		waitpid(child, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	return fixture_give(interp, rc, out, sizeof out);
}

bool
fixture_kdf(Tcl_Interp *interp, Tcl_Obj *o, struct kdf_params *out)
{
	Tcl_WideInt n[4];
	Tcl_Obj **v;
	int i, count;

	if (Tcl_ListObjGetElements(interp, o, &count, &v) != TCL_OK || count != 4)
		return false;
	for (i = 0; i < 4; i++)
		if (Tcl_GetWideIntFromObj(interp, v[i], &n[i]) != TCL_OK)
			return false;
	out->kind = (enum kdf_kind)n[0];
	out->memory_kib = (uint32_t)n[1];
	out->passes = (uint32_t)n[2];
	out->lanes = (uint32_t)n[3];
	return true;
}

Tcl_Obj *
fixture_kdf_obj(const struct kdf_params *p)
{
	const uint32_t n[4] = {(uint32_t)p->kind, p->memory_kib, p->passes, p->lanes};
	Tcl_Obj *list = Tcl_NewObj();
	int i;

	for (i = 0; i < 4; i++)
		Tcl_ListObjAppendElement(NULL, list, Tcl_NewWideIntObj(n[i]));
	return list;
}

/* kdf_run {KIND MEMORY PASSES LANES} SECRET SALT */
static int
kdf_run_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	uint8_t out[KDF_OUT_LEN];
	const uint8_t *secret, *salt;
	struct kdf_params p;
	size_t len;

	(void)cd;
	if (!words(interp, objc, objv, 3, "PARAMS SECRET SALT") ||
	    !fixture_kdf(interp, objv[1], &p) ||
	    !(salt = fixture_exact(interp, objv[3], KDF_SALT_LEN)))
		return TCL_ERROR;
	secret = fixture_bytes(objv[2], &len);
	return fixture_give(interp, kdf_run(&p, secret, len, salt, out), out, sizeof out);
}

/* kdf_check {KIND MEMORY PASSES LANES} */
static int
kdf_check_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct err err = {""};
	struct kdf_params p;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 1, "PARAMS") || !fixture_kdf(interp, objv[1], &p))
		return TCL_ERROR;
	rc = kdf_check(&p, &err);
	return rc == RC_OK ? TCL_OK : fixture_fail(interp, rc, &err);
}

/* kdf_calibrate */
static int
kdf_calibrate_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct kdf_params p;
	uint32_t ms;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 0, ""))
		return TCL_ERROR;
	rc = kdf_calibrate(&p, &ms);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, NULL);
	Tcl_SetObjResult(interp, fixture_kdf_obj(&p));
	return TCL_OK;
}

/* passphrase_normalise BYTES: {bytes changed} */
static int
passphrase_normalise_cmd(
    ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct secret *in = NULL, *out = NULL;
	struct err err = {""};
	Tcl_Obj *pair[2];
	const uint8_t *p;
	bool changed;
	size_t len;
	enum rc rc;

	(void)cd;
	if (!words(interp, objc, objv, 1, "BYTES"))
		return TCL_ERROR;
	p = fixture_bytes(objv[1], &len);
	rc = secret_from(p, len, &in);
	if (rc == RC_OK)
		rc = passphrase_normalise(in, &out, &changed, &err);
	secret_free(in);
	if (rc != RC_OK)
		return fixture_fail(interp, rc, &err);
	pair[0] = Tcl_NewByteArrayObj(secret_view(out), (int)secret_len(out));
	pair[1] = Tcl_NewIntObj(changed);
	secret_free(out);
	Tcl_SetObjResult(interp, Tcl_NewListObj(2, pair));
	return TCL_OK;
}

/* passphrase_strength BYTES: {score words} */
static int
passphrase_strength_cmd(
    ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct secret *in;
	struct strength s;
	Tcl_Obj *pair[2];
	const uint8_t *p;
	size_t len;

	(void)cd;
	if (!words(interp, objc, objv, 1, "BYTES"))
		return TCL_ERROR;
	p = fixture_bytes(objv[1], &len);
	if (secret_from(p, len, &in) != RC_OK)
		return TCL_ERROR;
	passphrase_strength(in, &s);
	secret_free(in);
	pair[0] = Tcl_NewIntObj(s.score);
	pair[1] = Tcl_NewStringObj(s.words, -1);
	Tcl_SetObjResult(interp, Tcl_NewListObj(2, pair));
	return TCL_OK;
}

int
crypto_Init(Tcl_Interp *interp)
{
	static int flag; /* its address: which of a pair of commands */
	static const struct fixture_command commands[] = {
		{ "aead_seal", aead_seal_cmd, NULL },
		{ "aead_open", aead_open_cmd, NULL },
		{ "mask_apply", mask_cmd, NULL },
		{ "mask_remove", mask_cmd, &flag },
		{ "block_encrypt", block_encrypt_cmd, NULL },
		{ "sha256", sha256_cmd, NULL },
		{ "hmac_sha256", keyed_cmd, NULL },
		{ "cmac", cmac_cmd, NULL },
		{ "hkdf_extract", keyed_cmd, &flag },
		{ "hkdf_expand", hkdf_expand_cmd, NULL },
		{ "key_wrap", wrap_cmd, NULL },
		{ "key_unwrap", wrap_cmd, &flag },
		{ "random_nonce", random_nonce_cmd, NULL },
		{ "kdf_run", kdf_run_cmd, NULL },
		{ "kdf_check", kdf_check_cmd, NULL },
		{ "kdf_calibrate", kdf_calibrate_cmd, NULL },
		{ "passphrase_normalise", passphrase_normalise_cmd, NULL },
		{ "passphrase_strength", passphrase_strength_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
