#ifndef UI_OP_NEAR_H
#define UI_OP_NEAR_H

/* The name that a mistyped word was probably meant to be. */

#include <stddef.h>

#define NEAR_WORD_MAX 32

struct near {
	const char *word;
	size_t len, distance; /* of the best one so far */
	const char *best;     /* NULL: none is near enough */
};

/**
 * near_start(n, word, len), near_try(n, name):
 * Begin with the ${len} bytes of ${word}; offer one ${name} after the other: the nearest
 * by edit distance is n->best, if one is near enough to have been meant.
 */
void near_start(struct near *n, const char *word, size_t len);
void near_try(struct near *n, const char *name);

#endif
