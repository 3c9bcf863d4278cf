#ifndef STORE_BESIDE_H
#define STORE_BESIDE_H

/* Reads of a vault in a second thread, on a connection of their own. */

#include "store/vault_int.h"

/**
 * beside_begin(v, run, arg, out):
 * Call run(connection, arg) in a thread of its own. ${out} NULL: there can be none (no
 * memory, no thread, the vault does not open a second time): do the work on ${v} instead.
 * beside_wait(b, stop, stop_arg): until it has ended; ${stop} is asked now and then, and true
 * interrupts it. beside_end(b, err): interrupt it unless it has ended, close its connection.
 * What run answered, with its sentence; NULL is harmless: RC_OK.
 */
struct beside;
typedef enum rc beside_fn(struct vault *v, void *arg);
void beside_begin(struct vault *v, beside_fn *run, void *arg, struct beside **out);
void beside_wait(struct beside *b, bool (*stop)(void *arg), void *stop_arg);
enum rc beside_end(struct beside *b, struct err *err);

#endif
