#ifndef STORE_SEARCH_FIND_H
#define STORE_SEARCH_FIND_H

/* One search under way: what search.c and search_page.c share. */

#include "store/search_sql.h"
#include "store/sql.h"

/* Parameters of every statement; those of the query follow (SEARCH_BIND_FIRST). */
#define BIND_VALUE  1 /* sort value of the anchor */
#define BIND_ANCHOR 2 /* its id */
#define BIND_MATCH  3

struct rows {
	size_t n;
	struct record *at[];
};

enum part { PART_ALL, PART_EMPTY, PART_FILLED }; /* of an order: search_page.c, 1 */

struct finder { /* one query, compiled, inside a read transaction */
	struct vault *v;
	const struct search *s;
	struct err *err;
	struct search_sql *sql;
	char sort[32]; /* the sort column */
	bool by_id, by_rank;
	uint8_t *hits; /* a bit for each id that full text finds; NULL: search_broad.c, 1 */
	int64_t hits_end, hit_n;
	bool down;     /* direction of reading now */
	bool with_anchor;
	int64_t anchor;
	const uint8_t *want; /* of a walk (record_walk.h); NULL: whole records */
	bool raw;	     /* a walk gives protected values as they are */
	sqlite3_stmt *value; /* stands on the anchor's sort value; NULL: there is none */
	struct rows *rows;
	size_t limit;
	struct kept_orders *orders; /* those of this state; NULL: in a write transaction */
	int64_t cost; /* of the page, in instructions of SQLite: search_kept.c */
};

/**
 * finder_begin(f, v, s, err): compile inside a read transaction, after what must be in the
 * audit is there. finder_end(f) in every case, and once.
 */
enum rc finder_begin(
    struct finder *f, struct vault *v, const struct search *s, struct search_error *err);
void finder_end(struct finder *f);

/**
 * finder_prepare(f, part, inside, limit, out): SELECT of whole records of one part of the
 * order, from its beginning or (${inside}) from the anchor. finder_count(f, cap, out): SELECT
 * of how many hits there are, up to ${cap}. The caller finalizes.
 */
enum rc finder_prepare(const struct finder *f, enum part part, bool inside, int64_t limit,
    sqlite3_stmt **out);
enum rc finder_count(struct finder *f, int64_t cap, sqlite3_stmt **out);

/**
 * finder_prepare_ids(f, all, out): SELECT of the ids of the hits, or of ${all} that are not in
 * the trash, the whole order upwards. The caller finalizes.
 */
enum rc finder_prepare_ids(const struct finder *f, bool all, sqlite3_stmt **out);

/**
 * finder_prepare_order(f, part, inside, out): SELECT of all ids of one part of the order, hits
 * or not. finder_prepare_one(f, trash, out): SELECT of the whole record BIND_ANCHOR, hit or
 * not; without ${trash}, unless it is in the trash. The caller finalizes.
 */
enum rc finder_prepare_order(
    const struct finder *f, enum part part, bool inside, sqlite3_stmt **out);
enum rc finder_prepare_one(const struct finder *f, bool trash, sqlite3_stmt **out);

/**
 * finder_read_one(f, one, id): add record ${id} to the page, by what finder_prepare_one made.
 * RC_NOTFOUND: it has no row there.
 */
enum rc finder_read_one(struct finder *f, sqlite3_stmt *one, int64_t id);

/**
 * broad_begin(f): note the hits in f->hits where that is the way to a page (search_broad.c).
 * broad_read(f, part, inside, done): add rows of one part to the page by it; not ${done}: they
 * are too far apart, and nothing was added.
 */
enum rc broad_begin(struct finder *f);
enum rc broad_read(struct finder *f, enum part part, bool inside, bool *done);

void broad_drop(struct finder *f); /* forget them: who is a hit tells of what was asked */

static inline bool
broad_has(const struct finder *f, int64_t id)
{
	return id >= 0 && id < f->hits_end && (f->hits[id / 8] >> id % 8 & 1);
}

/**
 * finder_compile(v, text, live, out, err): the query alone, for the catalogue as it is.
 */
enum rc finder_compile(struct vault *v, const char *text, bool live,
    struct search_sql **out, struct search_error *err);

#endif
