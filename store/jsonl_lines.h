#ifndef STORE_JSONL_LINES_H
#define STORE_JSONL_LINES_H

/* Lines of an input that streams, some of which may be looked at before they are taken. */

#include "store/csv.h"

#define JSONL_AHEAD_MAX (4 * 1024 * 1024) /* bytes looked at before they are taken */

struct jsonl_line {
	uint64_t number; /* from 1 */
	const char *at;  /* without its line end; valid until the next call */
	size_t len;
	bool cut; /* it is longer than CSV_ROW_MAX: this is its beginning */
};

struct jsonl_lines;

/**
 * jsonl_line(l, out): take the next line. RC_OK; RC_NOTFOUND at the end; RC_NOMEM; the
 * reader's code.
 * jsonl_line_ahead(l, out): the line after those looked at already, which jsonl_line will
 * still give. Only before the first jsonl_line. RC_NOTFOUND also when enough was seen.
 */
enum rc jsonl_lines_new(csv_read_fn *read, void *arg, struct jsonl_lines **out);
enum rc jsonl_line(struct jsonl_lines *l, struct jsonl_line *out);
enum rc jsonl_line_ahead(struct jsonl_lines *l, struct jsonl_line *out);
void jsonl_lines_free(struct jsonl_lines *l);

#endif
