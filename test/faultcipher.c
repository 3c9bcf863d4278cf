/*
 * Calls of the keyring to its libraries that fail on demand: ciphers, digests, derivations,
 * random bytes, memory for secrets. The fixture is linked with --wrap for each.
 *
 *   fault_cipher N ?-persistent?   the Nth call from now fails, or all from it on
 *   fault_cipher_off               {fired N calls N source NAME}: the call that fired first
 *   fault_bend N, fault_bend_off   likewise: the Nth piece of a cipher's output has one bit wrong
 *   fault_meanwhile SCRIPT         run during the next PBKDF2: what another thread could do then
 */
#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <string.h>

#include "test/faultcall.h"
#include "test/testfixture.h"

static struct faultcall faults, bends;
static struct {
	Tcl_Interp *interp;
	Tcl_Obj *script; /* NULL: none */
} meanwhile;

static bool
fails(const char *name)
{
	return faultcall_fails(&faults, name);
}

FAULTCALL_WRAP(int, EVP_CipherInit_ex2,
    (EVP_CIPHER_CTX * c, const EVP_CIPHER *e, const unsigned char *key,
        const unsigned char *iv, int enc, const OSSL_PARAM *p),
    (c, e, key, iv, enc, p), 0)
FAULTCALL_WRAP(int, EVP_CIPHER_CTX_ctrl, (EVP_CIPHER_CTX * c, int what, int n, void *p),
    (c, what, n, p), 0)
FAULTCALL_WRAP(int, EVP_CIPHER_CTX_set_padding, (EVP_CIPHER_CTX * c, int pad), (c, pad), 0)
FAULTCALL_WRAP(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_new, (void), (), NULL)
FAULTCALL_WRAP(EVP_CIPHER *, EVP_CIPHER_fetch,
    (OSSL_LIB_CTX * lib, const char *name, const char *prop), (lib, name, prop), NULL)
FAULTCALL_WRAP(EVP_MAC *, EVP_MAC_fetch,
    (OSSL_LIB_CTX * lib, const char *name, const char *prop), (lib, name, prop), NULL)
FAULTCALL_WRAP(EVP_MAC_CTX *, EVP_MAC_CTX_new, (EVP_MAC * mac), (mac), NULL)
FAULTCALL_WRAP(int, EVP_MAC_init,
    (EVP_MAC_CTX * c, const unsigned char *key, size_t len, const OSSL_PARAM *p),
    (c, key, len, p), 0)
FAULTCALL_WRAP(int, EVP_MAC_update, (EVP_MAC_CTX * c, const unsigned char *in, size_t len),
    (c, in, len), 0)
FAULTCALL_WRAP(int, EVP_MAC_final,
    (EVP_MAC_CTX * c, unsigned char *out, size_t *n, size_t cap), (c, out, n, cap), 0)
FAULTCALL_WRAP(unsigned char *, EVP_Q_mac,
    (OSSL_LIB_CTX * lib, const char *name, const char *prop, const char *sub,
        const OSSL_PARAM *p, const void *key, size_t key_len, const unsigned char *in,
        size_t len, unsigned char *out, size_t cap, size_t *n),
    (lib, name, prop, sub, p, key, key_len, in, len, out, cap, n), NULL)
FAULTCALL_WRAP(int, EVP_Q_digest,
    (OSSL_LIB_CTX * lib, const char *name, const char *prop, const void *in, size_t len,
        unsigned char *out, size_t *n),
    (lib, name, prop, in, len, out, n), 0)
FAULTCALL_WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
FAULTCALL_WRAP(int, EVP_DigestInit_ex2, (EVP_MD_CTX * c, const EVP_MD *md, const OSSL_PARAM *p),
    (c, md, p), 0)
FAULTCALL_WRAP(int, EVP_DigestUpdate, (EVP_MD_CTX * c, const void *in, size_t len), (c, in, len), 0)
FAULTCALL_WRAP(int, EVP_DigestFinal_ex, (EVP_MD_CTX * c, unsigned char *out, unsigned *n),
    (c, out, n), 0)
FAULTCALL_WRAP(int, EVP_KDF_derive,
    (EVP_KDF_CTX * c, unsigned char *out, size_t len, const OSSL_PARAM *p),
    (c, out, len, p), 0)
FAULTCALL_WRAP(EVP_KDF_CTX *, EVP_KDF_CTX_new, (EVP_KDF * kdf), (kdf), NULL)
FAULTCALL_WRAP(int, argon2id_ctx, (argon2_context * c), (c), ARGON2_MEMORY_ALLOCATION_ERROR)
FAULTCALL_WRAP(int, RAND_priv_bytes_ex,
    (OSSL_LIB_CTX * lib, unsigned char *out, size_t len, unsigned strength),
    (lib, out, len, strength), 0)
FAULTCALL_WRAP(void *, CRYPTO_secure_zalloc, (size_t len, const char *file, int line),
    (len, file, line), NULL)

/* When a wrapped key is opened, 0 is the library's word for "altered", not a refusal. */
int __real_EVP_CipherUpdate(
    EVP_CIPHER_CTX *c, unsigned char *out, int *n, const unsigned char *in, int len);
int __wrap_EVP_CipherUpdate(
    EVP_CIPHER_CTX *c, unsigned char *out, int *n, const unsigned char *in, int len);
int
__wrap_EVP_CipherUpdate(
    EVP_CIPHER_CTX *c, unsigned char *out, int *n, const unsigned char *in, int len)
{
	bool unwraps = !EVP_CIPHER_CTX_is_encrypting(c) &&
	    EVP_CIPHER_CTX_get_mode(c) == EVP_CIPH_WRAP_MODE;

	int done;

	if (!unwraps && fails("EVP_CipherUpdate"))
		return 0;
	done = __real_EVP_CipherUpdate(c, out, n, in, len);
	if (done > 0 && out && *n > 0 && faultcall_fails(&bends, "EVP_CipherUpdate"))
		out[0] ^= 1;
	return done;
}

int __real_PKCS5_PBKDF2_HMAC(const char *pass, int len, const unsigned char *salt,
    int salt_len, int iterations, const EVP_MD *md, int n, unsigned char *out);
int __wrap_PKCS5_PBKDF2_HMAC(const char *pass, int len, const unsigned char *salt,
    int salt_len, int iterations, const EVP_MD *md, int n, unsigned char *out);
int
__wrap_PKCS5_PBKDF2_HMAC(const char *pass, int len, const unsigned char *salt,
    int salt_len, int iterations, const EVP_MD *md, int n, unsigned char *out)
{
	Tcl_Obj *script = meanwhile.script;

	meanwhile.script = NULL;
	if (script) {
		Tcl_EvalObjEx(meanwhile.interp, script, TCL_EVAL_GLOBAL);
		Tcl_DecrRefCount(script);
	}
	if (fails("PKCS5_PBKDF2_HMAC"))
		return 0;
	return __real_PKCS5_PBKDF2_HMAC(pass, len, salt, salt_len, iterations, md, n, out);
}

static int
meanwhile_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	(void)cd;
	if (objc != 2 || meanwhile.script) {
		Tcl_WrongNumArgs(interp, 1, objv, "SCRIPT");
		return TCL_ERROR;
	}
	meanwhile.interp = interp;
	meanwhile.script = objv[1];
	Tcl_IncrRefCount(meanwhile.script);
	return TCL_OK;
}

/* So at the end of an operation that opens: the comparison of its tag. */
int __real_EVP_CipherFinal_ex(EVP_CIPHER_CTX *c, unsigned char *out, int *n);
int __wrap_EVP_CipherFinal_ex(EVP_CIPHER_CTX *c, unsigned char *out, int *n);
int
__wrap_EVP_CipherFinal_ex(EVP_CIPHER_CTX *c, unsigned char *out, int *n)
{
	if (EVP_CIPHER_CTX_is_encrypting(c) && fails("EVP_CipherFinal_ex"))
		return 0;
	return __real_EVP_CipherFinal_ex(c, out, n);
}

int
cipher_Init(Tcl_Interp *interp)
{
	faultcall_commands(interp, &faults, "fault_cipher", "fault_cipher_off");
	faultcall_commands(interp, &bends, "fault_bend", "fault_bend_off");
	Tcl_CreateObjCommand(interp, "fault_meanwhile", meanwhile_cmd, NULL, NULL);
	return TCL_OK;
}
