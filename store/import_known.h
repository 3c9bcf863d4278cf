#ifndef STORE_IMPORT_KNOWN_H
#define STORE_IMPORT_KNOWN_H

/* Which records have a key of a certain hash, in bounded memory, however many they are. */

#include "store/vault_int.h"

struct import_known;

/**
 * import_known_new(v, max, out):
 * ${max}: entries in memory, at most; 0: as many as 64 MiB hold.
 * import_known_put(k, hash, id): remember; twice is harmless.
 * import_known_find(k, hash, is, arg, id):
 * The first record of ${hash} that ${is} takes; 0: none.
 * import_known_free(k): after the transaction's end; what it put on pages goes.
 */
typedef enum rc import_known_is(void *arg, int64_t id, bool *same);
enum rc import_known_new(struct vault *v, size_t max, struct import_known **out);
enum rc import_known_put(struct import_known *k, uint64_t hash, int64_t id);
enum rc import_known_find(struct import_known *k, uint64_t hash, import_known_is *is,
    void *arg, int64_t *id);
void import_known_free(struct import_known *k);

/**
 * import_known_release(k): let go of the statements, before the transaction ends.
 */
void import_known_release(struct import_known *k);

#endif
