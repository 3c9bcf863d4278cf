/*
 * The reader of JSON lines on hostile bytes. The first byte chooses the size of the reads.
 * Checked: rows and lines only grow, a good row has all columns and UTF-8 fields ended by
 * NUL, a bad one a reason, and no more bytes come out than went in.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/jsonl.h"
#include "test/fuzz/fuzz_rows.h"
#include "test/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source src;
	struct rows rows = { 0 };
	struct csv_row header, row;
	struct jsonl *j;
	enum rc rc;

	if (size == 0)
		return 0;
	src = source_of(data, size);
	if (jsonl_new(source_read, &src, &j) != RC_OK)
		abort();
	jsonl_header(j, &header);
	if (header.n > CSV_COLUMNS_MAX)
		abort();
	while ((rc = jsonl_next(j, &row)) == RC_OK) {
		rows_check(&rows, &row);
		if (row.fault == CSV_FINE ? row.n != header.n : row.fault_column > header.n)
			abort();
	}
	if (rc != RC_NOTFOUND || rows.raw > size)
		abort();
	jsonl_free(j);
	return 0;
}
