#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

/* CSV and JSON lines into records: mapping, checks, duplicates; all or nothing. */

#include "store/record.h"

enum import_encoding {
	IMPORT_DETECT, /* by a byte order mark; UTF-8 without one */
	IMPORT_UTF8,
	IMPORT_UTF16, /* in the order of its mark */
	IMPORT_UTF16LE,
	IMPORT_UTF16BE,
	IMPORT_LATIN1,
	IMPORT_CP1252
};
const char *import_encoding_name(enum import_encoding encoding);
bool import_encoding_parse(const char *text, enum import_encoding *out);

enum import_format {
	IMPORT_ANY, /* JSON lines when it begins as an object or an array does */
	IMPORT_CSV,
	IMPORT_JSONL
};

enum import_duplicates { DUP_SKIP, DUP_UPDATE, DUP_KEEP };

struct import_map { /* one column; what is not named is mapped by itself */
	const char *column;     /* header as in the file, or "#3" */
	const char *field;      /* field name; "-": ignore the column; NULL: the same, or
	                           found by itself when type or cls is given */
	const char *type, *cls; /* for a field to be made; NULL: proposed */
};

struct import_opts {
	int fd;           /* read from here; stays the caller's */
	const char *name; /* of the file, for the audit and messages: "-" for stdin */
	const struct import_map *map;
	size_t map_n;
	enum import_format format;
	char delimiter;            /* 0: detect */
	enum import_encoding encoding;
	bool no_header;            /* the first row is a record; columns are #1, #2, ... */
	bool dry_run;
	const char *rejects;       /* path of a CSV of the rejected rows; NULL: none */
	bool force;                /* overwrite the rejects file */
	enum import_duplicates duplicates;
	const char *duplicate_by;  /* field names, comma-separated; NULL: the e-mail field */
	const char *reason;
	struct progress progress;  /* done and all in bytes; all 0 when a pipe */
};

struct import_reject {
	uint64_t row, line;
	char column[FIELD_NAME_MAX + 1]; /* "" : the whole row */
	char why[128];                   /* never the value */
};

struct import_column { /* how a column was understood */
	char header[FIELD_LABEL_MAX + 1];
	char field[FIELD_NAME_MAX + 1]; /* "" : ignored */
	enum field_type type;
	enum field_class cls;
	bool made; /* a new field */
};

struct import_report {
	uint64_t rows, added, updated, duplicates, rejected, invalid_cells;
	enum import_format format; /* that was read, never IMPORT_ANY */
	char delimiter; /* 0: JSON lines */
	enum import_encoding encoding; /* that was read, never IMPORT_DETECT */
	bool bom;
	bool quoted; /* a field stood in quotes */
	struct import_column *columns;
	size_t column_n;
	struct import_reject *rejects; /* the first 100 */
	size_t reject_n;
};

/**
 * import_run(v, opts, report):
 * One transaction for all rows and new fields: on any failure or cancel the vault is as it
 * was. With dry_run everything is done and rolled back. A value that does not parse as its
 * type is kept as it stands (invalid_cells); a row with a reader's fault, too many or too few
 * columns or without a required field is rejected. RC_OK (also with rejects); RC_INPUT (no
 * header, duplicate header names, a map that names no column, a CVV, PIN or track
 * column); RC_DENIED (an open field would take card numbers, or a browse slot
 * would have to seal);
 * RC_EXISTS (rejects file); RC_CANCELLED; RC_FULL; RC_IO. Audited with counts.
 * import_report_free(report): frees what it holds, in every case.
 */
enum rc import_run(
    struct vault *v, const struct import_opts *opts, struct import_report *report);
void import_report_free(struct import_report *report);

#endif
