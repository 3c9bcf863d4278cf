#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

/*
 * Finding records: the query language (its grammar in query.h, what it means in
 * search_sql.h) compiled to bound SQL, keyset pages in both directions. Errors name the
 * place.
 *
 * A query may ask a sealed field for a whole value. That is written to the audit before it
 * is looked up, once for all pages and counts of the same values in turn: RC_DENIED on a
 * browse slot, RC_READONLY where the audit can't be written.
 */

#include "store/record.h"

#define SORT_ID      (-1)
#define SORT_UPDATED (-2)
#define SORT_CREATED (-3)
#define SORT_RANK    (-4) /* best first; without a word that each hit has, as SORT_ID */
#define SORT_DELETED (-5)
#define SORT_KEEP    (-6) /* the date to be kept until */

struct search {
	const char *query; /* NULL or "": all that is not in the trash */
	int sort;          /* field index, or SORT_* */
	bool descending;
	const int64_t *ids; /* these records, also in the trash, and no query; NULL: by it */
	size_t id_n;
	bool live; /* it is being typed: sealed fields are not looked up at each key */
};

struct search_error {
	size_t at, len; /* bytes in the query: where the caret goes */
	char text[400]; /* what is wrong and what to write instead */
};

/**
 * search_check(v, query, err):
 * Parse only; nothing is looked up or written to the audit. RC_OK; RC_INPUT; RC_DENIED.
 */
enum rc search_check(struct vault *v, const char *query, struct search_error *err);

struct rows; /* a page of records; wiped when freed */
size_t rows_count(const struct rows *r);
const struct record *rows_at(const struct rows *r, size_t i);
void rows_free(struct rows *r);

enum search_from { FROM_FIRST, FROM_LAST, AFTER, BEFORE, AROUND };

/**
 * search_page(v, s, from, anchor, limit, out, err):
 * At most ${limit} records in the order of ${s}: the first, the last, those after or before
 * the record with id ${anchor} (itself not included), or from that record on (AROUND: it
 * included, so that a window can be filled again). The anchor's sort value is read from the
 * vault; if the record is gone, by its id alone. By rank, a record that is no hit any more has
 * no place: AROUND it is the first page, AFTER and BEFORE it RC_BUSY. Always returned in
 * display order. RC_OK; RC_INPUT; RC_DENIED (the order of a masked field, on a browse slot);
 * RC_BUSY; RC_CANCELLED.
 */
enum rc search_page(struct vault *v, const struct search *s, enum search_from from,
    int64_t anchor, int limit, struct rows **out, struct search_error *err);

/**
 * search_count(v, s, cap, out, err):
 * How many hits, counted up to ${cap} (0: all of them).
 */
enum rc search_count(struct vault *v, const struct search *s, int64_t cap, int64_t *out,
    struct search_error *err);

/**
 * search_each(v, s, limit, each, arg, err):
 * Walk all hits in order (limit 0: all) inside one read snapshot. ${each} returns RC_OK to
 * go on, any other code ends the walk with it. The record lives during the call only.
 */
typedef enum rc search_each_fn(void *arg, const struct record *r);
enum rc search_each(struct vault *v, const struct search *s, int64_t limit,
    search_each_fn *each, void *arg, struct search_error *err);

#endif
