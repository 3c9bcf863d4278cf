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
	bool rejects_plaintext;    /* it may hold masked and sealed columns; needs a reason */
	bool force;                /* overwrite the rejects file */
	enum import_duplicates duplicates;
	const char *duplicate_by;  /* field names, comma-separated; NULL: the e-mail field */
	const char *reason;
	uint64_t batch; /* rows to a transaction; 0: all of them in one */
	size_t keys_max; /* keys to find duplicates by, in memory; 0: 64 MiB of them */
	struct progress progress;  /* done and all in bytes; all 0 when a pipe */
};

enum import_kind { /* what became of a row; of a cell: the last */
	IMPORT_NEW,
	IMPORT_SAME, /* a duplicate with nothing new in it */
	IMPORT_UPDATED,
	IMPORT_DUPLICATE, /* passed over, though it says something new */
	IMPORT_REJECTED,
	IMPORT_INVALID, /* kept as it stands, not valid for its type */
	IMPORT_KINDS
};
const char *import_kind_name(enum import_kind kind);

#define IMPORT_FIRST 10 /* of each kind are told */

struct import_case {
	uint64_t row, line;
	int64_t id;                      /* of the record that is there already; 0: none */
	char column[FIELD_NAME_MAX + 1]; /* "" : the whole row */
	char why[128];                   /* never the value */
};

#define IMPORT_SHOWN     3
#define IMPORT_SHOWN_LEN 64

struct import_column { /* how a column was understood */
	char header[FIELD_LABEL_MAX + 1];
	char field[FIELD_NAME_MAX + 1]; /* "" : ignored */
	enum field_type type;
	enum field_class cls;
	bool made;      /* a new field */
	bool forbidden; /* must not be stored: it can only be left out */
	bool nameless;  /* left out for it has no name and the first rows no value in it */
	char first[IMPORT_SHOWN][IMPORT_SHOWN_LEN]; /* values, masked as the class says */
};

struct import_report {
	uint64_t rows;
	uint64_t count[IMPORT_KINDS];
	struct import_case first[IMPORT_KINDS][IMPORT_FIRST];
	enum import_format format; /* that was read, never IMPORT_ANY */
	char delimiter; /* 0: JSON lines */
	enum import_encoding encoding; /* that was read, never IMPORT_DETECT */
	bool bom;
	bool header; /* the first row named the columns */
	bool quoted; /* a field stood in quotes */
	struct import_column *columns;
	size_t column_n;
	uint64_t card_cells; /* that hold a card number and would be open to all who browse */
	struct import_case first_card;
	int64_t run; /* what import_undo takes; 0: nothing was written */
};

/**
 * import_run(v, opts, report):
 * One transaction for all rows and new fields: on any failure or cancel the vault is as it
 * was. With a batch each is one, with its own audit event: what was committed before a
 * failure stays, as a run that can be undone. With dry_run everything is done and rolled
 * back; a rejects file is written. A value that does not parse as its type is kept as it
 * stands (IMPORT_INVALID); a row
 * with a reader's fault, too many or too few columns, without a required field or with a value
 * in a nameless column that was left out is rejected.
 * The rejects file has the columns that are imported and reject_row, reject_line,
 * reject_column, reject_reason and reject_raw, which an import knows and leaves out: it can be
 * mended and imported again. Nothing of a column that is left out is copied to it.
 * RC_OK (also with rejects); RC_INPUT (no header, duplicate header names, a map that names no
 * column, a CVV, PIN or track column); RC_DENIED (an open field would take card numbers, a
 * browse slot would have to seal, or a rejects file would hold masked or sealed columns
 * without rejects_plaintext and a reason, or in a dry run); RC_EXISTS (rejects file);
 * RC_CANCELLED; RC_FULL; RC_IO. Audited with counts.
 * import_look(v, opts, report):
 * Read the beginning only, and tell in ${report} how the file would be read: its form, its
 * columns, the first values. What an import would refuse for a column is left out instead.
 * RC_OK; RC_INPUT (no header; twins; a map that names no column).
 * import_report_free(report): frees what it holds, in every case.
 */
enum rc import_run(
    struct vault *v, const struct import_opts *opts, struct import_report *report);
enum rc import_look(
    struct vault *v, const struct import_opts *opts, struct import_report *report);
void import_report_free(struct import_report *report);

#endif
