#ifndef KEYRING_KDF_H
#define KEYRING_KDF_H

/* Key derivation from a passphrase: Argon2id 1.3 (RFC 9106), PBKDF2 (RFC 8018), none. */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

#define KDF_SALT_LEN 32
#define KDF_OUT_LEN  32

enum kdf_kind { KDF_ARGON2ID = 1, KDF_PBKDF2_SHA512 = 2, KDF_NONE = 3 };

struct kdf_params {
	enum kdf_kind kind;
	uint32_t memory_kib; /* Argon2id; 0 else */
	uint32_t passes;     /* Argon2id passes, PBKDF2 iterations; 0 for none */
	uint32_t lanes;      /* Argon2id; 0 else */
};

/*
 * The least that a slot may ask for, and what calibration aims at. Defined once per program:
 * keyring/kdf_floor.c for the shipped one, test/kdf_floor_test.c for the test builds; no
 * option and no environment variable changes it.
 */
struct kdf_floor {
	uint32_t memory_kib;
	uint32_t passes;
	uint32_t iterations;     /* PBKDF2 */
	uint32_t top_memory_kib; /* calibration starts no higher */
	uint32_t target_ms;      /* calibration: one run takes about this long */
};
extern const struct kdf_floor kdf_floor;

/* The most that a slot may ask for (format.md): a hostile header gets LIMIT. */
#define KDF_MAX_MEMORY_KIB (4u * 1024 * 1024)
#define KDF_MAX_PASSES     64u
#define KDF_MAX_LANES      16u
#define KDF_MAX_WORK_KIB   (16ull * 1024 * 1024) /* memory x passes */
#define KDF_MAX_ITERATIONS 100000000u

/**
 * kdf_version(): the version of Argon2, a static string.
 */
const char *kdf_version(void);

/**
 * kdf_check(p, err):
 * Compare ${p} with the floor, the limits above and this machine's physical memory, before
 * anything is allocated. RC_OK; RC_LIMIT; RC_VERSION (a kind that format 1 does not have).
 */
enum rc kdf_check(const struct kdf_params *p, struct err *err);

/**
 * kdf_run(p, secret, len, salt, out):
 * Derive KDF_OUT_LEN bytes. Checks ${p} first. With KDF_NONE ${out} = SHA-256 of the secret.
 * RC_OK; RC_LIMIT; RC_VERSION; RC_NOMEM; RC_CANCELLED (kdf_stop_by); RC_INTERNAL. ${out} is
 * wiped on failure.
 */
enum rc kdf_run(const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t salt[KDF_SALT_LEN], uint8_t out[KDF_OUT_LEN]);

/**
 * kdf_stop_by(flag):
 * From now on Argon2 on this thread, also in kdf_calibrate, answers RC_CANCELLED some
 * milliseconds after ${flag} is true, which stays the caller's; NULL: it runs to its end. What
 * was left works on its own memory for up to the time of one run, and nobody gets its result.
 */
void kdf_stop_by(const atomic_bool *flag);

/**
 * kdf_calibrate(out, ms):
 * Choose Argon2id parameters so that one run takes kdf_floor.target_ms on this machine,
 * memory first (keyring.md); never under the floor. ${ms} (may be NULL): what the chosen
 * run took. RC_OK; RC_NOMEM (not even the floor's memory is there); RC_CANCELLED.
 */
enum rc kdf_calibrate(struct kdf_params *out, uint32_t *ms);

#endif
