#ifndef STORE_REWIND_H
#define STORE_REWIND_H

/* From rows of history to the change that takes them back. For the store's own files. */

#include "store/change.h"

struct rewind;

/**
 * rewind_new(v, strict, out): ${strict}: RC_INPUT where a field has been dropped since; else
 * its values are left out.
 * rewind_add(w, facts, bytes, len):
 * What a row of history of the record ${facts} replaced is to be put back. Of several rows
 * the oldest comes first: what was said of a thing first stays. RC_OK; RC_DAMAGED; RC_DENIED
 * (a sealed value on a browse slot); RC_NOTFOUND (its keys are destroyed).
 * rewind_change(w): lives until the next call. rewind_reset(w): for the next record.
 */
enum rc rewind_new(struct vault *v, bool strict, struct rewind **out);
enum rc rewind_add(
    struct rewind *w, const struct record_facts *facts, const void *bytes, size_t len);
const struct record_change *rewind_change(struct rewind *w);
void rewind_reset(struct rewind *w);
void rewind_free(struct rewind *w);

#endif
