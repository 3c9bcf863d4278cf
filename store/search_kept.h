#ifndef STORE_SEARCH_KEPT_H
#define STORE_SEARCH_KEPT_H

/*
 * Orders that are kept from page to page: of all records by one column, and of the hits of
 * the last search that cost much. They go with the vault, and with any change of its contents.
 */

#include "store/search.h"
#include "store/search_find.h"

/**
 * kept_begin(f): inside the page's read transaction, first of all: forget what is of another
 * state of the contents.
 */
enum rc kept_begin(struct finder *f);

/**
 * kept_read(f, from, done):
 * The page from a kept order, which is made now if a page of the same search was dear before.
 * Not ${done}: there is none, or the anchor is not in it; nothing was added then.
 * kept_read_hits(f, from, done): the same of the hits that are noted in f->hits, out of the
 * order of all. kept_has_all(f): whether that is there.
 */
enum rc kept_read(struct finder *f, enum search_from from, bool *done);
enum rc kept_read_hits(struct finder *f, enum search_from from, bool *done);
bool kept_has_all(const struct finder *f);

/**
 * kept_cost(f, st): what ${st}, of this page, has cost SQLite.
 * kept_note(f): the page is read by keys: was it dear, its order is the one to keep.
 */
void kept_cost(struct finder *f, sqlite3_stmt *st);
void kept_note(struct finder *f);

/**
 * kept_hits(f): the hits of the same words, if they are noted already, to f->hits.
 * kept_words(f): f->hits are noted anew: those of these words are the ones to keep.
 * kept_hits_back(f): they are not needed any more for this page.
 */
bool kept_hits(struct finder *f);
enum rc kept_words(struct finder *f);
void kept_hits_back(struct finder *f);

void kept_free(struct kept_orders *k); /* wipes; NULL is harmless */

#endif
