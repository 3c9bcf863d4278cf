/*
 * The CSV reader on hostile bytes. The first byte chooses the size of the reads and
 * whether the delimiter is detected. Checked: rows and lines only grow, a good row has a
 * column and UTF-8 fields ended by NUL, and no more bytes come out than went in.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/csv.h"
#include "test/fuzz/fuzz_rows.h"
#include "test/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source src;
	struct rows rows = { 0 };
	struct csv_row row;
	struct csv *c;
	enum rc rc;

	if (size == 0)
		return 0;
	src = source_of(data, size);
	rc = csv_new(source_read, &src, data[0] & 0x40 ? ';' : 0, &c);
	if (rc == RC_INPUT)
		return 0;
	while ((rc = csv_next(c, &row)) == RC_OK) {
		rows_check(&rows, &row);
		if (row.fault == CSV_FINE ? row.n == 0 || row.n > CSV_COLUMNS_MAX
					  : row.fault_column == 0)
			abort();
	}
	if (rc != RC_NOTFOUND || rows.raw > size)
		abort();
	csv_free(c);
	return 0;
}
