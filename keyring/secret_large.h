#ifndef KEYRING_SECRET_LARGE_H
#define KEYRING_SECRET_LARGE_H

/* Secrets that the secure heap has no room for; of secret.c alone. */

#include <stddef.h>

/**
 * secret_large_alloc(len): zeroed memory of its own between two pages that nobody can reach,
 * locked where the limits allow, in no core. NULL: there is none.
 * secret_large_free(p): wipe it and give it back.
 */
void *secret_large_alloc(size_t len);
void secret_large_free(void *p);

#endif
