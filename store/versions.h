#ifndef STORE_VERSIONS_H
#define STORE_VERSIONS_H

/* The libraries that are loaded, for a report. */

struct versions { /* static strings */
	const char *sqlite, *openssl, *argon2;
};

/**
 * versions_of(out): needs no vault.
 */
void versions_of(struct versions *out);

#endif
