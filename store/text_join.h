#ifndef STORE_TEXT_JOIN_H
#define STORE_TEXT_JOIN_H

/*
 * Invisible characters that shape what they stand between: for a document, which lays text out
 * as a terminal does not. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

struct text_join {  /* begin with zeros */
	size_t at, len; /* of the joiner */
	int before;
};

/**
 * text_join_next(s, len, j):
 * Find the next joiner in ${s} that does something; false: there is none. It is a joiner or
 * non-joiner between two letters of a script that joins them, or between a virama and a letter
 * (RFC 5892, appendix A), a joiner between two pictures, or the style of a picture (UTS 51).
 */
bool text_join_next(const char *s, size_t len, struct text_join *j);

#endif
