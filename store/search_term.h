#ifndef STORE_SEARCH_TERM_H
#define STORE_SEARCH_TERM_H

/* What the terms of a query mean in a vault with certain fields: for search_sql.c alone. */

#include "store/search_sql.h"

struct search_meaning { /* of one term; neither: it is passed over */
	const char *match;     /* an FTS5 expression */
	const char *condition; /* SQL over record r; may be NULL for a row (not known) */
	const char *set;       /* a SELECT of the same ids by an index; or NULL */
};

struct compiler {
	struct vault *v;
	struct search_sql *s;
	const struct query *q;
	const struct field *fields;
	size_t n;
	int64_t now;
	struct search_error *err;
	bool live;  /* sealed fields are not looked up now */
	bool full;  /* there was no room for all of it */
	bool trash; /* the query says what it wants of the trash */
	struct search_meaning means[QUERY_NODES_MAX]; /* as q->nodes */
};

/**
 * term_mean(c, t): find out what ${t} means: c->means at its place. RC_OK; RC_INPUT; RC_NOMEM.
 * own_mean(c, t, done, m): the same for the names that every vault has (id:, tag:, is: ...).
 */
enum rc term_mean(struct compiler *c, const struct query_node *t);
enum rc own_mean(struct compiler *c, const struct query_node *t, bool *done,
    struct search_meaning *m);

/* sealed_mean(c, t, f, m): the same for a sealed field. Also RC_DENIED. */
enum rc sealed_mean(struct compiler *c, const struct query_node *t, const struct field *f,
    struct search_meaning *m);

/**
 * term_days(c, t, column, text, m):
 * ${column}, which holds dates as text, or else times in microseconds, lies in the period
 * that ${t} gives.
 */
enum rc term_days(struct compiler *c, const struct query_node *t, const char *column,
    bool text, struct search_meaning *m);

/**
 * term_upside_down(c, t): the fault of a range that ends before it begins.
 */
enum rc term_upside_down(const struct compiler *c, const struct query_node *t);

/**
 * term_field(c, name), term_unknown(c, t): the field that a query calls so, or NULL; the
 * fault that there is none, with the nearest name. term_known(c, name): whether it is a
 * field's, or one of those that every vault has.
 */
const struct field *term_field(const struct compiler *c, const char *name);
bool term_known(const struct compiler *c, const char *name);
enum rc term_unknown(const struct compiler *c, const struct query_node *t);

/**
 * term_text(c, fmt, ...): a string in the memory of the result; "" when there is no room,
 * which c->full keeps. term_bind_text(c, text), term_bind_number(c, n): the number of a
 * parameter with that value. term_like(c, value, before): ${value} as a pattern of LIKE with
 * \ as its escape, with a % after it, and one before it where asked for.
 */
const char *term_text(struct compiler *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
size_t term_bind_text(struct compiler *c, const char *text);
size_t term_bind_number(struct compiler *c, int64_t n);
size_t term_bind_blind(struct compiler *c, const uint8_t *blind);
const char *term_like(struct compiler *c, const char *value, bool before);

/* term_normal(c, f, value, prefix, valid): ${value} as it is stored; of one that does not
 * parse as its type, and of a prefix, what was typed. term_composed(c, value): in NFC alone,
 * as every text is stored. */
const char *term_normal(struct compiler *c, const struct field *f, const char *value,
    bool prefix, bool *valid);
const char *term_composed(struct compiler *c, const char *value);

#endif
