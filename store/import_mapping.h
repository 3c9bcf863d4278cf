#ifndef STORE_IMPORT_MAPPING_H
#define STORE_IMPORT_MAPPING_H

/*
 * How a file is read, as a text that can be kept and used again: a JSON object with its form,
 * its columns with field, type and class, and the rule for duplicates. No value of a record.
 */

#include "store/import.h"

#define IMPORT_MAPPING_MAX (1024 * 1024) /* bytes */

struct import_mapping;

/**
 * import_mapping_read(text, len, name, out, err):
 * Strict: RC_INPUT with a sentence that names ${name} for anything unknown, twice or of
 * another kind. RC_NOMEM.
 * import_mapping_apply(m, opts, err):
 * Into ${opts} what it says; rules that are in opts->map stay, and go before those of the
 * mapping for the same column. What ${opts} then points to is ${m}'s. RC_INPUT; RC_NOMEM.
 */
enum rc import_mapping_read(const char *text, size_t len, const char *name,
    struct import_mapping **out, struct err *err);
enum rc import_mapping_apply(
    struct import_mapping *m, struct import_opts *opts, struct err *err);
void import_mapping_free(struct import_mapping *m);

/**
 * import_mapping_write(opts, report, out): the text for what an import was; the caller frees
 * it. RC_NOMEM.
 */
enum rc import_mapping_write(
    const struct import_opts *opts, const struct import_report *report, char **out);

#endif
