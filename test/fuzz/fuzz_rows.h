#ifndef TEST_FUZZ_ROWS_H
#define TEST_FUZZ_ROWS_H

/* What holds of the rows of any reader: aborts where it does not. */

#include <stdint.h>
#include <stdlib.h>

#include "store/csv.h"
#include "store/text.h"

struct rows { /* zero at the beginning */
	uint64_t number, line;
	size_t raw; /* bytes that came out */
};

/**
 * rows_check(rows, row): the next row: its number is the next one, its line a later one, and the
 * fields of a good one are UTF-8 and ended by NUL; of a bad one there is a reason.
 */
static inline void
rows_check(struct rows *rows, const struct csv_row *row)
{
	size_t i;

	if (row->number != rows->number + 1 || row->line <= rows->line)
		abort();
	rows->number = row->number;
	rows->line = row->line;
	rows->raw += row->raw_len;
	if (row->fault != CSV_FINE && !*csv_fault_text(row->fault))
		abort();
	for (i = 0; row->fault == CSV_FINE && i < row->n; i++)
		if (row->fields[i][row->lens[i]] != '\0' ||
		    !text_is_utf8(row->fields[i], row->lens[i]))
			abort();
}

#endif
