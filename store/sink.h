#ifndef STORE_SINK_H
#define STORE_SINK_H

/* Writers of rows: CSV, JSON, JSON lines, text table, Markdown, HTML, behind one interface. */

#include <stdbool.h>
#include <stddef.h>

#include "keyring/rc.h"

enum sink_format {
	SINK_CSV = 1,
	SINK_JSON,
	SINK_JSONL,
	SINK_TABLE,
	SINK_MARKDOWN,
	SINK_HTML
};

/**
 * sink_format_parse(name, out): by name or by the usual end of a file's name ("md").
 */
bool sink_format_parse(const char *name, enum sink_format *out);
const char *sink_format_name(enum sink_format f);

/* Where the bytes go. RC_OK, or the code that ends the writing. */
typedef enum rc sink_write_fn(void *arg, const void *bytes, size_t len);

struct sink_value {
	const char *text; /* UTF-8; NULL: null in JSON, empty elsewhere */
	size_t len;
	bool number; /* text is a number, or true or false: bare in JSON, to the right in tables */
	bool phone;  /* of a field of telephone numbers, which begin with + and are no formula */
	bool masked; /* text is the masked form: never formula-guarded, "masked" styling */
};

struct sink_fact {
	const char *name, *text;
};

struct sink_heading { /* of a document: Markdown and HTML; lives until sink_begin is over */
	const char *title, *notice;
	const struct sink_fact *facts;
	size_t n;
};

struct sink_opts {
	enum sink_format format;
	bool raw;    /* CSV: no formula guard */
	bool terminal; /* CSV: what could harm a terminal is shown by escapes, as in tables */
	int width;   /* table: columns of the terminal; 0: as wide as it needs */
	bool utf8;   /* table: may use "…" */
	bool colour; /* table: header in bold by SGR */
	const struct sink_heading *heading; /* may be NULL */
};

struct sink;

/**
 * sink_new(opts, write, arg, out): RC_OK; RC_NOMEM.
 * sink_begin(s, names, labels, n): the columns; ${names} are JSON keys and CSV headers.
 * sink_row(s, values): n values. sink_end(s): closing bytes. sink_free(s): wipes.
 * sink_guarded(s): how many CSV cells got an apostrophe (OWASP CSV injection: they begin
 * with = + - @, their full-width forms, tab, CR or LF; a plain number like -12.5 is not one).
 */
enum rc sink_new(
    const struct sink_opts *opts, sink_write_fn *write, void *arg, struct sink **out);
enum rc sink_begin(
    struct sink *s, const char *const *names, const char *const *labels, size_t n);
enum rc sink_row(struct sink *s, const struct sink_value *values);
enum rc sink_end(struct sink *s);
size_t sink_guarded(const struct sink *s);
void sink_free(struct sink *s);

#endif
