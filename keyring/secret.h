#ifndef KEYRING_SECRET_H
#define KEYRING_SECRET_H

/*
 * Secret memory. Keys, passphrases and revealed values live only here: OpenSSL's secure
 * heap (locked where RLIMIT_MEMLOCK allows, never dumped, wiped on free, guard pages), and
 * what is too long for it in memory of its own, of which the same is true.
 * OpenSSL is included by secret.c alone; nobody else needs it for this.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

#define SECRET_HEAP_LEN (1024 * 1024)
#define SECRET_MAX      (256 * 1024 * 1024)

struct secret; /* a byte string of bounded capacity in secret memory */

/**
 * secret_setup(err):
 * Harden the process and make the secure heap: RLIMIT_CORE 0, PR_SET_DUMPABLE 0,
 * PR_SET_NO_NEW_PRIVS, heap of SECRET_HEAP_LEN. Call once, first thing in main, before any
 * input; a second call does nothing. RC_OK; RC_NOMEM (no secure heap: go no further).
 */
enum rc secret_setup(struct err *err);

/**
 * secret_heap(err):
 * Make the secure heap alone, for a library in a process that is not ours to harden. One
 * that the process has made already serves as well. RC_OK; RC_NOMEM.
 */
enum rc secret_heap(struct err *err);

/**
 * secret_locked():
 * Whether the secure heap could be locked in memory, so that it is never swapped out. Of a
 * heap that the process had made before us nothing is known: false.
 */
bool secret_locked(void);

/**
 * secret_new(cap, out):
 * Make an empty secret that can hold ${cap} bytes (1 to SECRET_MAX - 1). RC_OK; RC_NOMEM.
 */
enum rc secret_new(size_t cap, struct secret **out);

/**
 * secret_from(bytes, len, out):
 * Make a secret with a copy of ${len} ${bytes}; the caller wipes its own copy.
 */
enum rc secret_from(const void *bytes, size_t len, struct secret **out);

/**
 * secret_free(s):
 * Wipe and free ${s}; NULL is harmless.
 */
void secret_free(struct secret *s);

/**
 * secret_bytes(s), secret_len(s), secret_cap(s):
 * The bytes of ${s} (always followed by a NUL byte that is not counted), how many are used,
 * how many fit.
 */
uint8_t *secret_bytes(struct secret *s);
const uint8_t *secret_view(const struct secret *s);
size_t secret_len(const struct secret *s);
size_t secret_cap(const struct secret *s);

/**
 * secret_set_len(s, len):
 * Set the used length (<= cap); bytes beyond it are wiped.
 */
void secret_set_len(struct secret *s, size_t len);

/**
 * secret_append(s, bytes, len):
 * Append; RC_OK, or RC_LIMIT with ${s} unchanged when it does not fit.
 */
enum rc secret_append(struct secret *s, const void *bytes, size_t len);

/**
 * secret_equal(a, b):
 * Compare in constant time for equal lengths.
 */
bool secret_equal(const struct secret *a, const struct secret *b);

/**
 * secret_alloc(len), secret_release(p):
 * Zeroed raw memory of the same kind for structs that hold keys; NULL: there is none.
 * secret_release wipes and frees; NULL is harmless.
 */
void *secret_alloc(size_t len);
void secret_release(void *p);

/**
 * secret_wipe(p, len):
 * Overwrite ${len} bytes at ${p} with zeros in a way that no compiler removes.
 */
void secret_wipe(void *p, size_t len);

#endif
