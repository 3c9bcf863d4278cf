#ifndef UI_OP_IMPORT_FORM_H
#define UI_OP_IMPORT_FORM_H

#include "store/import.h"
#include "ui/op.h"

/**
 * op_import_check(c): before a file is looked at. RC_INPUT: an option that does nothing
 * alone, two that exclude each other, or one whose text says nothing.
 * op_import_form(c, opts): delimiter, format, encoding, header and duplicates as the options
 * say; what they do not say stays, as a mapping has it. RC_INPUT.
 */
enum rc op_import_check(struct op_call *c);
enum rc op_import_form(struct op_call *c, struct import_opts *opts);

#endif
