#ifndef STORE_IMPORT_INT_H
#define STORE_IMPORT_INT_H

/* What the files of the import share. */

#include "keyring/crypto.h"
#include "store/change.h"
#include "store/csv.h"
#include "store/file.h"
#include "store/import.h"
#include "store/import_encoding.h"
#include "store/jsonl.h"
#include "store/progress.h"
#include "store/record_int.h"

#define IMPORT_SAMPLES      200 /* rows looked at before the first is written */
#define IMPORT_REJECT_COLUMNS 5
#define IMPORT_SAMPLE_BYTES (4 * 1024 * 1024)

struct column {
	char header[FIELD_LABEL_MAX + 1];
	const struct import_map *rule; /* of the user; NULL */
	bool ignored;
	bool forbidden;     /* left out, and not to be copied anywhere */
	bool nameless;      /* left out for it has neither a name nor, so far, a value */
	bool of_rejects;    /* a column that a rejects file has besides the file's own */
	bool made;          /* the field does not exist yet */
	int index;          /* of the field in the vault; -1 while it is to be made */
	struct field field; /* that the column goes to */
};

struct import { /* one run */
	struct vault *v;
	const struct import_opts *opts;
	struct import_opts form; /* for a rejects file: its own, whatever the user's say */
	struct import_report *report;
	struct err *err;

	bool look; /* only look: leave out what would be refused */
	struct import_source *source;
	struct import_decoder *decoder;
	struct csv *csv;     /* one of the two */
	struct jsonl *jsonl;
	struct column *columns;
	size_t n;
	const struct field *fields; /* that they go to: field_same */
	size_t field_n;
	struct import_held *held; /* rows that were looked at */

	struct import_rejects *rejects; /* NULL: not asked for */
	struct import_keys *keys;       /* NULL: no duplicates are looked for */
	struct import_compare *compare;
	struct record_writer *writer;
	struct changer *changer; /* of the transaction that is open */
	bool own;                /* it is ours to end */
	bool kept;               /* a batch is committed, whatever comes */
	int64_t run, first_id, last_id; /* ids: of what the transaction added */
	int64_t indexed; /* the last record before it */
	uint64_t rows_done, added_done, updated_done; /* when it began */
	size_t changed;         /* cells of ${changes} */
	struct change *changes; /* what the row has that the record has not */
	struct change *cells; /* of the row, normalised, by column of the file */
	struct record_value *values; /* the same by field of the vault */
	char *text;           /* what they point into */
	size_t text_cap;
	struct progress_clock clock;
};

struct sample { /* the first values of one column; not all columns have as many */
	size_t n;
	const char *values[IMPORT_SAMPLES];
};

/**
 * import_columns(header, im, out):
 * Understand the header row: rules of the user first, then names, then synonyms; what is
 * left becomes a field to be made, of type text until import_types looks at values.
 * ${out}: header->n columns. RC_OK; RC_INPUT; RC_NOMEM.
 */
enum rc import_columns(
    const struct csv_row *header, const struct import *im, struct column **out);

/**
 * import_form(im, n, out): of a file with ${n} columns, how many they are and by which
 * delimiter, for a sentence; never a header, since a first row may hold values.
 */
#define IMPORT_FORM_LEN 96
void import_form(const struct import *im, size_t n, char out[IMPORT_FORM_LEN]);

/**
 * import_types(im, samples):
 * Give the fields to be made a type by their names and values; what looks like ssn or card is
 * sealed, if the user said nothing of its class. RC_OK; RC_DENIED (an open field that is there
 * would take such values); RC_INPUT (type or class of a rule).
 */
enum rc import_types(struct import *im, const struct sample *samples);

/**
 * import_synonym(name, i): the ${i}th field of the default schema that a column called
 * ${name} may be, best first; NULL after the last.
 */
const char *import_synonym(const char *name, size_t i);

/**
 * import_source_new(opts, out, err): the bytes of opts->fd as they stand.
 * import_source_read is a csv_read_fn that leaves its sentence in ${err}.
 * import_source_is_rejects(s, form, is): whether it begins with the header of a rejects
 * file, as it was written or as a spreadsheet saved it; ${form} gets what it is then read by.
 * Before the first read.
 * import_source_hash(s, out): SHA-256 of all that was read; once, at its end.
 */
enum rc import_source_new(
    const struct import_opts *opts, struct import_source **out, struct err *err);
enum rc import_source_read(void *source, void *buf, size_t cap, size_t *got);
enum rc import_source_is_rejects(
    struct import_source *s, struct import_opts *form, bool *is);
enum rc import_source_hash(struct import_source *s, uint8_t out[SHA256_LEN]);
void import_source_progress(const struct import_source *s, uint64_t *done, uint64_t *all);
void import_source_free(struct import_source *s);

/**
 * import_open(im): source, decoder and reader by im->opts, told in im->report.
 * import_next(im, row): csv_next or jsonl_next. import_close(im).
 */
enum rc import_open(struct import *im);
enum rc import_next(struct import *im, struct csv_row *row);
void import_close(struct import *im);

/**
 * import_hold(im, first, samples, out): read up to IMPORT_SAMPLES rows and keep
 * copies, after one of ${first} (NULL: none); ${samples}: one for each of im->n columns.
 * import_held_at: NULL after the last.
 */
enum rc import_hold(struct import *im, const struct csv_row *first,
    struct sample *samples, struct import_held **out);
const struct csv_row *import_held_at(const struct import_held *h, size_t i);
void import_held_free(struct import_held *h);

/**
 * import_rejects_new(im, out), import_rejects_add, import_rejects_commit: the file of
 * rejected rows; ${out} is NULL when none is asked for. import_rejects_withdraw: after a commit
 * of the file, when that of the vault failed. import_rejects_keep: in its place when batches
 * before are committed; the file is given its name, unless not all could be written to it.
 * import_rejects_column(name): whether a column of that name is one of its own.
 * import_rejects_header(line, len): the delimiter of a header line that is one of such a file,
 * quoted or not, in UTF-8 or UTF-16; 0: it is none.
 */
enum rc import_rejects_new(const struct import *im, struct import_rejects **out);
enum rc import_rejects_add(struct import_rejects *r, const struct csv_row *row,
    const char *column, const char *why);
bool import_rejects_column(const char *name);
char import_rejects_header(const char *line, size_t len);
enum rc import_rejects_commit(struct import_rejects *r);
void import_rejects_withdraw(struct import_rejects *r);
void import_rejects_keep(struct import_rejects *r);
void import_rejects_free(struct import_rejects *r);

/**
 * import_keys_new(im, out): prepare to find duplicates by im->opts, with the keys of the
 * records that are there. ${out} is NULL when nothing is to be looked for.
 * import_keys_find(k, cells, id): the record with the key of these cells; 0: none.
 * import_keys_put(k, cells, id): remember a record that was added.
 * import_keys_mark(k): before a batch is committed. import_keys_catch_up(k): when the next has
 * begun, learn what others added and changed in between.
 * import_keys_release(k): before the transaction ends; import_keys_free(k): after it.
 */
enum rc import_keys_new(struct import *im, struct import_keys **out);
enum rc import_keys_find(struct import_keys *k, const struct change *cells, int64_t *id);
enum rc import_keys_put(struct import_keys *k, const struct change *cells, int64_t id);
enum rc import_keys_mark(struct import_keys *k);
enum rc import_keys_catch_up(struct import_keys *k);
void import_keys_release(struct import_keys *k);
void import_keys_free(struct import_keys *k);

/**
 * import_compare_new(im, out): for the columns of the file.
 * import_compare(c, id): leave in im->changes the filled cells of the row that the record
 * ${id} has otherwise.
 */
enum rc import_compare_new(struct import *im, struct import_compare **out);
enum rc import_compare(struct import_compare *c, int64_t id);
void import_compare_free(struct import_compare *c);

/**
 * import_run_check(im): whether the audit will take name and reason. RC_INPUT.
 * import_run_begin(im), import_run_end(im, last):
 * The first and the last thing of each transaction: its step, its rows in import_run and in
 * the audit.
 */
enum rc import_run_check(struct import *im);
enum rc import_run_begin(struct import *im);
enum rc import_run_end(struct import *im, bool last);

/**
 * import_row(im, row): check one row and write it, or reject it. RC_OK also for a reject.
 * import_unnamed(im, row): the first nameless column that the row has a value in, from 1.
 */
size_t import_unnamed(const struct import *im, const struct csv_row *row);
enum rc import_row(struct import *im, const struct csv_row *row);

#endif
