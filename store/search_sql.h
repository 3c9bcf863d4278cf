#ifndef STORE_SEARCH_SQL_H
#define STORE_SEARCH_SQL_H

/* A parsed query as the text of a condition and the values to be bound to it. Pure. */

#include "store/field.h"
#include "store/query.h"

#define SEARCH_BIND_FIRST 4 /* ?1 to ?3 are the caller's */

struct search_sql {
	bool trash;     /* hits are in the trash, else outside */
	char *match;    /* FTS5 expression of all positive terms; NULL: none */
	char where[QUERY_TERMS_MAX * 96]; /* " AND ..." over columns of record r; "" */
	size_t where_len;
	size_t bind_n;  /* values of its parameters: SEARCH_BIND_FIRST and following */
	char *binds[QUERY_TERMS_MAX];
};

/**
 * search_compile(q, fields, n, out, err):
 * RC_OK; RC_INPUT (unknown field, masked field, nothing to search for); RC_NOMEM.
 * search_sql_free wipes; NULL is harmless.
 */
enum rc search_compile(const struct query *q, const struct field *fields, size_t n,
    struct search_sql **out, struct search_error *err);
void search_sql_free(struct search_sql *s);

#endif
