#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

/* Records out of the vault, as their columns' treatments say and not otherwise. */

#include "store/search.h"
#include "store/sink.h"

#define EXPORT_HASH_LEN 26 /* letters of a keyed hash: 130 bits */

enum export_treatment {
	TREAT_DEFAULT = 0, /* open as it is, anything else masked */
	TREAT_AS_IS,
	TREAT_MASK,
	TREAT_LAST4,
	TREAT_HASH, /* the same for the same value of the field, within the vault */
	TREAT_DROP,
	TREAT_REVEAL
};
bool export_treatment_parse(const char *name, enum export_treatment *out);
const char *export_treatment_name(enum export_treatment treat);

struct export_column {
	int index; /* field index, or SORT_ID for the id */
	enum export_treatment treat;
};

struct export_opts {
	struct search search;
	const struct export_column *columns; /* NULL: all fields */
	size_t column_n;
	const struct field *fields; /* those that ${columns} have the places of, as field_list gave */
	size_t field_n;             /* them; 0: as they are now */
	struct sink_opts sink;
	const char *path;  /* "-": ${fd} */
	int fd;            /* for "-" */
	bool force;        /* replace an existing file */
	bool plaintext;    /* the caller has asked for plaintext in so many words */
	const char *reason; /* needed with plaintext */
	bool manifest;      /* beside the file; never beside ${fd} */
	const char *keep_as; /* a template of this once it is written; NULL: none */
	struct progress progress; /* rows done, rows in all */
};

struct export_report {
	uint64_t rows, guarded; /* CSV cells with an apostrophe */
	uint64_t bytes;
	size_t revealed; /* columns in the clear that are masked by class */
	int64_t run;     /* its number in the vault's list of exports */
	char sha256[65]; /* of the file, in hex */
};

#define EXPORT_MANIFEST_VERSION 1
#define EXPORT_MANIFEST_END	".manifest.json" /* after the file's name */

/**
 * export_run(v, opts, report, serr):
 * Write a file whole or not at all (file.h). The audit event is durable before the first
 * byte leaves; the run's row in the vault and the manifest before the file has its name.
 * RC_OK; RC_DENIED (plaintext not asked for, or without a reason); RC_INPUT (query, column,
 * a target that is the vault itself or a directory); RC_EXISTS; RC_FULL; RC_IO; RC_READONLY
 * (a vault that can't be written can't record the export); RC_EXISTS or RC_INPUT also of the
 * template, before anything is written; RC_CANCELLED; RC_BUSY (the records
 * changed while they were counted, or the fields since the columns were chosen);
 * RC_NOTFOUND (a record that was named by its id is not there).
 */
enum rc export_run(struct vault *v, const struct export_opts *opts,
    struct export_report *report, struct search_error *serr);

/**
 * export_ready(v, opts):
 * Whether a file can be made where ${opts} says and the consent is whole, while both can still
 * be mended; none is left behind. RC_OK; what export_run answers of these.
 */
enum rc export_ready(struct vault *v, const struct export_opts *opts);

struct export_plan_column {
	const char *name, *label;
	enum field_class cls;
	enum export_treatment treat; /* never TREAT_DEFAULT */
	char *first; /* of the first record, as it will be written; NULL without one */
};

struct export_plan { /* what export_run would do */
	uint64_t count;
	size_t n, revealed;
	struct export_plan_column *columns; /* without what is dropped */
};

/**
 * export_plan(v, opts, out, serr):
 * All that can be known before the consent, which is not looked at: columns, treatments,
 * count and the first row. Words in brackets stand for protected values: nothing is revealed,
 * nothing audited. RC_OK; RC_INPUT; RC_DENIED (a treatment needs a full slot); RC_NOTFOUND.
 * export_plan_free(p): wipe and free; NULL is harmless.
 */
enum rc export_plan(struct vault *v, const struct export_opts *opts,
    struct export_plan **out, struct search_error *serr);
void export_plan_free(struct export_plan *p);

#endif
