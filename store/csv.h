#ifndef STORE_CSV_H
#define STORE_CSV_H

/*
 * A strict, streaming reader of RFC 4180 with the line ends CRLF, LF and CR. It is our
 * own because it must go on after a bad row and say where and why (row, line, column),
 * bound each field, and never change a byte silently; libcsv stops at the first fault,
 * knows no positions and trims. Memory: one row.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"

#define CSV_FIELD_MAX   (1024 * 1024) /* bytes */
#define CSV_COLUMNS_MAX 1000
#define CSV_ROW_MAX     (16 * 1024 * 1024) /* bytes */
#define CSV_LINE_MAX    (256 * 1024 * 1024) /* what is longer is no line of a text */

enum csv_fault {
	CSV_FINE = 0,
	CSV_NUL,          /* a NUL byte */
	CSV_NOT_UTF8,
	CSV_QUOTE_INSIDE, /* a quote inside a field that does not begin with one */
	CSV_AFTER_QUOTE,  /* something between the closing quote and the delimiter */
	CSV_OPEN_QUOTE,   /* the input ends inside quotes */
	CSV_FIELD_LONG,
	CSV_COLUMNS,      /* more than CSV_COLUMNS_MAX */
	CSV_ROW_LONG,

	/* Of JSON lines (jsonl.h). */
	JSONL_FORM,   /* not valid JSON */
	JSONL_OBJECT, /* JSON, but no object */
	JSONL_NESTED, /* a value that is an array or an object */
	JSONL_TWICE,  /* a name that stands twice in the object */
	JSONL_NAME,   /* a name that is none of the columns */
	JSONL_DEEP,
	JSONL_NUMBER  /* a number that no machine can hold */
};
const char *csv_fault_text(enum csv_fault f);

struct csv_row {
	uint64_t number; /* of the row, from 1 (the header is row 1) */
	uint64_t line;   /* where it begins */
	size_t n;
	const char *const *fields; /* UTF-8, NUL-terminated; valid until the next call */
	const size_t *lens;
	enum csv_fault fault; /* the row is to be rejected */
	size_t fault_column;  /* from 1 */
	const char *raw;      /* the row's own bytes, for a rejects file */
	size_t raw_len;
};

struct csv;

/* Fills ${buf}; *got 0 at the end. */
typedef enum rc csv_read_fn(void *arg, void *buf, size_t cap, size_t *got);

/**
 * csv_new(read, arg, delimiter, out):
 * ${delimiter}: ',' ';' '\t' '|' or 0: as a first line of "sep=;" says, that a spreadsheet
 * writes, else detected from the first 64 KiB. Skips a UTF-8 BOM and such a line.
 * RC_INPUT: the input begins with the BOM of UTF-16; RC_NOMEM; the reader's code.
 * csv_next(c, row): RC_OK (look at row->fault); RC_NOTFOUND at the end; RC_LIMIT (a line
 * beyond CSV_LINE_MAX, as of a device that never ends); the reader's code. A row with a
 * fault of form (all but CSV_NUL and CSV_NOT_UTF8) is the one line where it began: one
 * stray quote costs one row and not the rest of the file. Of a line beyond CSV_ROW_MAX
 * ${raw} holds the beginning. Empty lines are skipped and not counted as rows.
 * csv_quoted(c): whether a field of the rows so far stood in quotes.
 */
enum rc csv_new(csv_read_fn *read, void *arg, char delimiter, struct csv **out);
enum rc csv_next(struct csv *c, struct csv_row *row);
char csv_delimiter(const struct csv *c);
bool csv_quoted(const struct csv *c);
void csv_free(struct csv *c);

#endif
