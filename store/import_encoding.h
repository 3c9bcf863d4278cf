#ifndef STORE_IMPORT_ENCODING_H
#define STORE_IMPORT_ENCODING_H

/* What a file's bytes mean, and turning them into UTF-8. */

#include "store/csv.h"
#include "store/import.h"

struct import_decoder;

/**
 * import_decoder_new(encoding, read, arg, out):
 * Decode what ${read} gives. With IMPORT_DETECT and IMPORT_UTF16 a byte order mark at the
 * beginning decides, and is taken away; without one they are UTF-8 and UTF-16LE. RC_OK;
 * RC_INPUT (this machine's iconv lacks the encoding); RC_NOMEM; the reader's code.
 * import_decoder_read is a csv_read_fn: UTF-8, where a byte 0xff stands for what was no
 * character of the encoding.
 * import_decoder_is_json(d): whether it begins as an object, or an array of them, does.
 * import_decoder_encoding(d, bom): what it is, and whether a mark said so.
 * import_decoder_belied(d, mark): whether it begins with the mark of another encoding than the
 * one that was named; ${mark} is which.
 */
enum rc import_decoder_new(enum import_encoding encoding, csv_read_fn *read, void *arg,
    struct import_decoder **out);
enum rc import_decoder_read(void *decoder, void *buf, size_t cap, size_t *got);
bool import_decoder_is_json(const struct import_decoder *d);
enum import_encoding import_decoder_encoding(const struct import_decoder *d, bool *bom);
bool import_decoder_belied(const struct import_decoder *d, enum import_encoding *mark);
void import_decoder_free(struct import_decoder *d);

#endif
