#ifndef STORE_SEARCH_INT_H
#define STORE_SEARCH_INT_H

/* Searching with the values of masked fields in the clear: for the export alone. */

#include "store/search.h"

/**
 * search_walk(v, s, raw, each, arg, err):
 * As search_each without a limit; with ${raw} the cells of masked fields hold their
 * values. The caller has written to the audit what it is going to show.
 */
enum rc search_walk(struct vault *v, const struct search *s, bool raw,
    search_each_fn *each, void *arg, struct search_error *err);

#endif
