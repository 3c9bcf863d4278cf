#ifndef STORE_SEARCH_INT_H
#define STORE_SEARCH_INT_H

/* Searching with the values of masked fields in the clear: for the export alone. */

#include "store/search.h"

/**
 * search_walk(v, s, want, raw, each, arg, err):
 * As search_each without a limit, of the cells in ${want} alone (record_walk.h), which has
 * room for FIELD_MAX; with ${raw} those of masked fields hold their values. The caller has
 * written to the audit what it is going to show.
 */
enum rc search_walk(struct vault *v, const struct search *s, const uint8_t *want, bool raw,
    search_each_fn *each, void *arg, struct search_error *err);

#endif
