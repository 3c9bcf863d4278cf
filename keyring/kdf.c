/*
 * Keys from what people type: Argon2id by libargon2, PBKDF2 by OpenSSL; limits before any
 * allocation; calibration.
 *
 * 1. No parameter from a file reaches an allocation before kdf_check has seen it.
 * 2. Calibration never goes under the floor, whatever the machine says of itself.
 *
 * How much memory the machine has is read here, from /proc and the cgroup: a limit that the
 * caller could state would be a limit that a caller could forget.
 */

#include "keyring/kdf.h"

#include <argon2.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "keyring/crypto.h"
#include "keyring/kdf_apart.h"
#include "keyring/secret.h"

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
physical_kib(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	if (pages <= 0 || size <= 0)
		return KDF_MAX_MEMORY_KIB;
	return (uint64_t)pages * ((uint64_t)size / 1024);
}

/* The first number of a file of the kernel, by ${format}; ${preset} where there is none. */
static uint64_t
kernel_number(const char *path, const char *format, uint64_t preset)
{
	FILE *f = fopen(path, "re");
	unsigned long long n;
	char line[128];
	bool found = false;

	if (!f)
		return preset;
	while (!found && fgets(line, sizeof line, f))
		found = sscanf(line, format, &n) == 1;
	fclose(f);
	return found ? n : preset;
}

/* What may be used without pressing others: a quarter of what is free and of our share. */
static uint64_t
affordable_kib(void)
{
	uint64_t kib = kernel_number("/proc/meminfo", "MemAvailable: %llu", physical_kib());

	kib = least(kib, kernel_number("/sys/fs/cgroup/memory.max", "%llu", UINT64_MAX) / 1024);
	kib = least(kib,
	    kernel_number("/sys/fs/cgroup/memory/memory.limit_in_bytes", "%llu", UINT64_MAX) /
	        1024);
	return kib / 4;
}

static enum rc
too_much(struct err *err, const char *what)
{
	return err_set(err, RC_LIMIT,
	    "the key slot asks for %s: the header was made by another program or altered; "
	    "do not trust this file, use a backup",
	    what);
}

static enum rc
check_argon2(const struct kdf_params *p, struct err *err)
{
	if (p->memory_kib > KDF_MAX_MEMORY_KIB)
		return too_much(err, "more memory than is allowed");
	if (p->memory_kib > physical_kib())
		return err_set(err, RC_LIMIT,
		    "the key slot needs %u MiB of memory, more than this machine has; "
		    "open the vault on a larger one",
		    p->memory_kib / 1024);
	if (p->passes > KDF_MAX_PASSES ||
	    (uint64_t)p->memory_kib * p->passes > KDF_MAX_WORK_KIB)
		return too_much(err, "more work than is allowed");
	if (p->lanes < 1 || p->lanes > KDF_MAX_LANES || p->memory_kib < 8 * p->lanes)
		return too_much(err, "a number of lanes that is not allowed");
	if (p->memory_kib < kdf_floor.memory_kib || p->passes < kdf_floor.passes)
		return too_much(err, "less work than is safe");
	return RC_OK;
}

static enum rc
check_pbkdf2(const struct kdf_params *p, struct err *err)
{
	if (p->memory_kib || p->lanes)
		return too_much(err, "memory, which PBKDF2 does not take");
	if (p->passes > KDF_MAX_ITERATIONS)
		return too_much(err, "more work than is allowed");
	if (p->passes < kdf_floor.iterations)
		return too_much(err, "less work than is safe");
	return RC_OK;
}

enum rc
kdf_check(const struct kdf_params *p, struct err *err)
{
	switch (p->kind) {
	case KDF_ARGON2ID:
		return check_argon2(p, err);
	case KDF_PBKDF2_SHA512:
		return check_pbkdf2(p, err);
	case KDF_NONE:
		if (p->memory_kib || p->passes || p->lanes)
			return too_much(err, "work of no key derivation");
		return RC_OK;
	}
	return err_set(err, RC_VERSION,
	    "the key slot uses a key derivation that this program does not know; "
	    "a newer strongroom may open it");
}

static enum rc
run_argon2(const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t *salt, uint8_t *out)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} pwd = { .in = secret }, s = { .in = salt };
	/* libargon2 wipes its own memory (FLAG_clear_internal_memory); it does not write to
	 * what it is given without the CLEAR flags. */
	argon2_context ctx = { .out = out, .outlen = KDF_OUT_LEN, .pwd = pwd.out,
		.pwdlen = (uint32_t)len, .salt = s.out, .saltlen = KDF_SALT_LEN,
		.t_cost = p->passes, .m_cost = p->memory_kib, .lanes = p->lanes,
		.threads = p->lanes, .version = ARGON2_VERSION_13,
		.flags = ARGON2_DEFAULT_FLAGS };
	int rc;

	if (len > UINT32_MAX)
		return RC_LIMIT;
	rc = argon2id_ctx(&ctx);
	if (rc == ARGON2_OK)
		return RC_OK;
	return rc == ARGON2_MEMORY_ALLOCATION_ERROR ? RC_NOMEM : RC_INTERNAL;
}

static enum rc
run_pbkdf2(const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t *salt, uint8_t *out)
{
	if (len > INT32_MAX)
		return RC_LIMIT;
	return PKCS5_PBKDF2_HMAC((const char *)secret, (int)len, salt, KDF_SALT_LEN,
	           (int)p->passes, EVP_sha512(), KDF_OUT_LEN, out) == 1
	    ? RC_OK
	    : RC_NOMEM;
}

enum rc
kdf_run(const struct kdf_params *p, const uint8_t *secret, size_t len,
    const uint8_t salt[KDF_SALT_LEN], uint8_t out[KDF_OUT_LEN])
{
	enum rc rc;

	rc = kdf_check(p, NULL);
	if (rc == RC_OK && p->kind == KDF_ARGON2ID)
		rc = kdf_apart(run_argon2, p, secret, len, salt, out);
	else if (rc == RC_OK && p->kind == KDF_PBKDF2_SHA512)
		rc = run_pbkdf2(p, secret, len, salt, out);
	else if (rc == RC_OK)
		rc = sha256(secret, len, out);
	if (rc != RC_OK)
		secret_wipe(out, KDF_OUT_LEN);
	return rc;
}

/* One run on a throw-away secret; how long it took in ${ms}, at least 1. */
static enum rc
timed_run(const struct kdf_params *p, uint64_t *ms)
{
	static const uint8_t secret[16], salt[KDF_SALT_LEN];
	uint8_t out[KDF_OUT_LEN];
	struct timespec a, b;
	enum rc rc;

	clock_gettime(CLOCK_MONOTONIC, &a);
	rc = kdf_run(p, secret, sizeof secret, salt, out);
	clock_gettime(CLOCK_MONOTONIC, &b);
	*ms = (uint64_t)((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000);
	if (*ms == 0)
		*ms = 1;
	return rc;
}

static void
calibration_start(struct kdf_params *p)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t kib = least(kdf_floor.top_memory_kib, affordable_kib());

	p->kind = KDF_ARGON2ID;
	p->passes = kdf_floor.passes;
	p->lanes = (uint32_t)least(4, cpus > 0 ? (uint64_t)cpus : 1);
	p->memory_kib = (uint32_t)(kib > kdf_floor.memory_kib ? kib : kdf_floor.memory_kib);
	p->memory_kib -= p->memory_kib % (4 * p->lanes);
	if (p->memory_kib < kdf_floor.memory_kib)
		p->memory_kib = kdf_floor.memory_kib;
}

/* Halve the memory until a run takes the target at most; what it takes then in ${ms}. */
static enum rc
settle_memory(struct kdf_params *p, uint64_t *ms)
{
	enum rc rc;

	for (;;) {
		rc = timed_run(p, ms);
		if (rc == RC_OK && *ms <= kdf_floor.target_ms)
			return RC_OK;
		if (p->memory_kib / 2 < kdf_floor.memory_kib)
			return rc;
		if (rc != RC_OK && rc != RC_NOMEM)
			return rc;
		p->memory_kib /= 2;
	}
}

enum rc
kdf_calibrate(struct kdf_params *out, uint32_t *ms)
{
	struct kdf_params p;
	uint64_t took, passes;
	enum rc rc;

	calibration_start(&p);
	rc = settle_memory(&p, &took);
	if (rc != RC_OK)
		return rc;
	passes = p.passes * (uint64_t)kdf_floor.target_ms / took;
	passes = least(passes, KDF_MAX_PASSES);
	/* Never under the floor. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
	passes = least(passes, KDF_MAX_WORK_KIB / p.memory_kib);
	if (passes > p.passes) {
		took = took * passes / p.passes;
		p.passes = (uint32_t)passes;
	}
	*out = p;
	if (ms)
		*ms = (uint32_t)took;
	return RC_OK;
}

/* The library has no version of its own to be asked for. */
const char *
kdf_version(void)
{
	_Static_assert(ARGON2_VERSION_NUMBER == 0x13, "RFC 9106 is of version 1.3");
	return "1.3";
}
