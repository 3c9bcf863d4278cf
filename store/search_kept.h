#ifndef STORE_SEARCH_KEPT_H
#define STORE_SEARCH_KEPT_H

/*
 * The order of the hits of the last search that cost much, so that its further pages are
 * reads by id. A vault has at most one; it goes with the vault, and with any change.
 */

#include "store/search_find.h"

enum search_from; /* store/search.h */

/**
 * kept_read(f, from, done):
 * The page from the kept order, which is made now if a page of the same search was dear
 * before. Not ${done}: there is none, or the anchor is not in it; nothing was added then.
 * kept_cost(f, st): what ${st}, of this page, has cost SQLite.
 * kept_note(f): the page is read: was it dear, its search is the one to keep.
 */
enum rc kept_read(struct finder *f, enum search_from from, bool *done);
void kept_cost(struct finder *f, sqlite3_stmt *st);
void kept_note(struct finder *f);

void kept_free(struct kept_order *k); /* wipes; NULL is harmless */

#endif
