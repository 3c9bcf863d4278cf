#ifndef STORE_QUERY_HIDE_H
#define STORE_QUERY_HIDE_H

/* A query told without values that are not to be told. */

#include "store/query.h"

#define QUERY_HIDDEN "***"

/* Whether the value of ${term}, which has one, is to be hidden. */
typedef bool query_hides_fn(const void *arg, const struct query_node *term);

/**
 * query_hide(q, text, hides, arg, out):
 * A copy of ${text}, of which ${q} is the tree, with QUERY_HIDDEN for each value that ${hides}
 * says; the caller frees it. RC_OK; RC_NOMEM.
 */
enum rc query_hide(const struct query *q, const char *text, query_hides_fn *hides, const void *arg,
    char **out);

/**
 * query_slip(term, len):
 * Whether a term without a name was meant to have one ("ssn=900-12-3456", "ssn!=1", "ssn/1");
 * ${len}: bytes of it at the begin of the value.
 */
bool query_slip(const struct query_node *term, size_t *len);

#endif
