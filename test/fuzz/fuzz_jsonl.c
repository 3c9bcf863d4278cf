/*
 * The reader of JSON lines on hostile bytes. The first byte chooses the size of the reads.
 * Checked: rows and lines only grow, a good row has all columns and UTF-8 fields ended by
 * NUL, a bad one a reason, and no more bytes come out than went in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/jsonl.h"
#include "store/text.h"
#include "test/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_row(const struct csv_row *row, size_t columns)
{
	size_t i;

	if (row->fault != CSV_FINE) {
		if (!*csv_fault_text(row->fault) || row->fault_column > columns)
			abort();
		return;
	}
	if (row->n != columns)
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
	struct csv_row header, row;
	uint64_t number = 0, line = 0;
	size_t raw = 0;
	struct jsonl *j;
	enum rc rc;

	if (size == 0)
		return 0;
	src.bytes++;
	src.len--;
	src.step = data[0] & 0x80 ? 1 + (data[0] & 0x0f) : 65536;
	if (jsonl_new(source_read, &src, &j) != RC_OK)
		abort();
	jsonl_header(j, &header);
	if (header.n > CSV_COLUMNS_MAX)
		abort();
	while ((rc = jsonl_next(j, &row)) == RC_OK) {
		if (row.number != number + 1 || row.line <= line)
			abort();
		number = row.number;
		line = row.line;
		raw += row.raw_len;
		check_row(&row, header.n);
	}
	if (rc != RC_NOTFOUND || raw > size)
		abort();
	jsonl_free(j);
	return 0;
}
