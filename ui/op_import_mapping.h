#ifndef UI_OP_IMPORT_MAPPING_H
#define UI_OP_IMPORT_MAPPING_H

/* --mapping and its relatives: files and texts in the vault. */

#include "store/import_mapping.h"
#include "ui/op.h"

/**
 * op_mapping_check(c): before anything is done, whether --save-mapping may be written.
 * op_mapping_load(c, out): what --mapping or --mapping-as names; NULL: neither was given.
 * op_mapping_save(c, opts, report): for --save-mapping and --save-mapping-as.
 */
enum rc op_mapping_check(struct op_call *c);
enum rc op_mapping_load(struct op_call *c, struct import_mapping **out);
enum rc op_mapping_save(struct op_call *c, const struct import_opts *opts,
    const struct import_report *report);

#endif
