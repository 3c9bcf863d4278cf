#ifndef STORE_SEARCH_SQL_H
#define STORE_SEARCH_SQL_H

/*
 * A parsed query as the text of a condition and the values to be bound to it.
 *
 *     word, "phrase", prefix*     full text, all searchable fields
 *     f:word, f:"phrase", f:pre*  full text in that field, when it is searchable text;
 *                                 other text: it contains that; f:pre*: it begins with that
 *                                 (ASCII without case)
 *     f:5, f:>5, f:>=5, f:5..9    number and money: by value
 *     f:2026-01, f:<2026          date: the days of that period (period.h); > is after all
 *                                 of it, >= from its first day on, < before it, <= up to
 *                                 its last day
 *     f:"" f:*                    empty; any value
 *     sealed:value                is exactly that, by the field's blind index
 *     id: created: updated: deleted: keep:
 *                                 a record's own number and times, as number and date
 *     tag:word tag:pre*           has that tag; tag:"" has none
 *     is:trash is:invalid is:due  in the trash; has a cell that does not parse as its type;
 *                                 its date to be kept until has come
 *
 * A query that names neither is:trash nor deleted: finds nothing that is in the trash.
 * A name before a sign without a colon (visits>5, visits > 5) is a fault, unless in quotes.
 */

#include "store/query.h"
#include "store/vault_int.h"

#define SEARCH_BIND_FIRST 4 /* ?1 to ?3 are the caller's */
#define SEARCH_BINDS_MAX  (4 * QUERY_TERMS_MAX)
#define SEARCH_WHERE_MAX  (16 * 1024)
#define SEARCH_TEXT_MAX   (64 * 1024)

struct search_bind {
	enum { BIND_TEXT, BIND_NUMBER, BIND_BLIND } kind;
	const char *text;
	const uint8_t *blind; /* SEALED_BLIND_LEN bytes */
	int64_t number;
};

struct search_sql {
	const char *match; /* FTS5 expression that each hit has; NULL: none */
	bool only_match;   /* besides it a hit need but not be in the trash */
	char where[SEARCH_WHERE_MAX]; /* " AND ..." over columns of record r; "" */
	size_t bind_n; /* values of its parameters: SEARCH_BIND_FIRST and following */
	struct search_bind binds[SEARCH_BINDS_MAX];
	size_t asked_n; /* what is looked up by blind index: to be written to the audit first */
	struct sealed_asked asked[SEALED_ASKED_MAX];
	char *chosen; /* the ids of search_choose; NULL: none */
	size_t used; /* of text, which the strings here point into */
	char text[SEARCH_TEXT_MAX];
};

/**
 * search_compile(v, q, live, out, err):
 * For the catalogue as it is now; reads nothing else. RC_OK; RC_INPUT (unknown field, masked
 * field, nothing to search for, no date; with ${live} a sealed field); RC_DENIED (a sealed
 * field on a browse slot; ${err} is filled in); RC_NOMEM. search_sql_free wipes; NULL is
 * harmless.
 */
enum rc search_compile(struct vault *v, const struct query *q, bool live,
    struct search_sql **out, struct search_error *err);
void search_sql_free(struct search_sql *s);

/**
 * search_choose(s, ids, n): make ${s}, of an empty query, find these records and no others.
 * RC_OK; RC_NOMEM; RC_LIMIT.
 */
enum rc search_choose(struct search_sql *s, const int64_t *ids, size_t n);

#endif
