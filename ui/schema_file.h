#ifndef UI_SCHEMA_FILE_H
#define UI_SCHEMA_FILE_H

/* Schemas as both faces take them for a new vault. */

#include <stdatomic.h>
#include <stdbool.h>

#include "keyring/rc.h"

/**
 * schema_file_is_built_in(name): whether ${name} is no file but the schema that is built in.
 * schema_file_read(name, cancel, out, err):
 * The text of the schema in the file ${name}; ${out} NULL: it is the one that is built in
 * (${name} NULL or "customers"). Free it. RC_OK; RC_NOTFOUND; RC_IO; RC_INPUT; RC_NOMEM;
 * RC_CANCELLED.
 */
bool schema_file_is_built_in(const char *name);
enum rc schema_file_read(
    const char *name, const atomic_bool *cancel, char **out, struct err *err);

#endif
