/*
 * The CSV reader on hostile bytes. The first byte chooses the size of the reads and
 * whether the delimiter is detected. Checked: rows and lines only grow, a good row has a
 * column and UTF-8 fields ended by NUL, and no more bytes come out than went in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/csv.h"
#include "store/text.h"
#include "test/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_row(const struct csv_row *row)
{
	size_t i;

	if (row->fault != CSV_FINE) {
		if (!*csv_fault_text(row->fault) || row->fault_column == 0)
			abort();
		return;
	}
	if (row->n == 0 || row->n > CSV_COLUMNS_MAX)
		abort();
	for (i = 0; i < row->n; i++)
		if (row->fields[i][row->lens[i]] != '\0' ||
		    !text_is_utf8(row->fields[i], row->lens[i]))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source src = { data, size, 0, 0 };
	uint64_t number = 0, line = 0;
	size_t raw = 0;
	struct csv_row row;
	struct csv *c;
	enum rc rc;

	if (size == 0)
		return 0;
	src.bytes++;
	src.len--;
	src.step = data[0] & 0x80 ? 1 + (data[0] & 0x0f) : 65536;
	rc = csv_new(source_read, &src, data[0] & 0x40 ? ';' : 0, &c);
	if (rc == RC_INPUT)
		return 0;
	while ((rc = csv_next(c, &row)) == RC_OK) {
		if (row.number != number + 1 || row.line <= line)
			abort();
		number = row.number;
		line = row.line;
		raw += row.raw_len;
		check_row(&row);
	}
	if (rc != RC_NOTFOUND || raw > size)
		abort();
	csv_free(c);
	return 0;
}
