#ifndef UI_OP_UTIL_H
#define UI_OP_UTIL_H

/* What the operations share: results built pair by pair, fields by name, times, progress.
 */

#include "store/search.h"
#include "ui/op_all.h"

#define OP_TIME_LEN 40

#define COLUMN_TAGS (-10) /* beside SORT_*: shown, but no order */
#define COLUMN_KEEP (-11)

/**
 * op_now(): UTC microseconds.
 */
int64_t op_now(void);

/* One result under construction; zero it first. A failure is kept until it is emitted. */
struct op_object {
	size_t n, cap;
	const char **names, **labels;
	struct sink_value *values;
	char **owned; /* the text of a value when the object made it itself */
	bool failed;
};

/**
 * op_object_value(o, name, label, value), op_object_fmt(o, name, label, number, fmt,
 * ...): Add a pair; the texts of the first stay the caller's until the object is emitted.
 * op_object_kdf(o, kdf): what unlocking costs.
 * op_object_emit(o, c, title): hand it to the face and free it. RC_OK; RC_NOMEM; the
 * face's code. op_object_free(o): without showing it.
 */
void op_object_value(
    struct op_object *o, const char *name, const char *label, struct sink_value value);
void op_object_fmt(struct op_object *o, const char *name, const char *label, bool number,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void op_object_kdf(struct op_object *o, const struct vault_kdf *kdf);
enum rc op_object_emit(struct op_object *o, struct op_call *c, const char *title);
void op_object_free(struct op_object *o);

struct sink_value op_value_text(const char *text); /* NULL: nothing */
struct sink_value op_value_cell(const struct cell *cell);
struct sink_value op_value_bool(bool yes);

/**
 * op_time(f, at, out):
 * UTC microseconds as text: local time for people, RFC 3339 in UTC for data; "" for 0.
 * op_day(at, out): the day alone, 2026-01-31, as it is in UTC.
 */
void op_time(const struct face *f, int64_t at, char out[OP_TIME_LEN]);
void op_day(int64_t at, char out[OP_TIME_LEN]);

/**
 * op_id(c, text, out): the number of a record. op_field(c, name, len, index): a field by
 * name, or SORT_ID for "id" and "_id", SORT_CREATED and SORT_UPDATED for "_created" and
 * "_updated", COLUMN_TAGS and COLUMN_KEEP for "_tags" and "_keep_until" (a field that is
 * called "id" goes before). op_column_name: the reverse. op_column_own(c, r, index, buf):
 * what a record has under an index below 0.
 * RC_OK; RC_INPUT with a sentence.
 */
enum rc op_id(struct op_call *c, const char *text, int64_t *out);
enum rc op_field(struct op_call *c, const char *name, size_t len, int *index);
const char *op_column_name(struct op_call *c, int index);
const char *op_column_label(struct op_call *c, int index);
struct sink_value op_column_own(
    struct op_call *c, const struct record *r, int index, char buf[OP_TIME_LEN]);

/**
 * op_fields(c, list, out, n):
 * The fields of a comma-separated list, each once, "all" for every one; the caller frees ${out}.
 */
enum rc op_fields(struct op_call *c, const char *list, int **out, size_t *n);

/**
 * op_revealed(c, out, n):
 * The fields of all --reveal options; the caller frees ${out}. RC_OK (also without any);
 * RC_INPUT; RC_DENIED (no --reason).
 */
enum rc op_revealed(struct op_call *c, int **out, size_t *n);

/**
 * op_order(c, text, s): take "[-]FIELD" or "[-]rank" into ${s}. op_sort(c, s): the same with
 * --sort; the order of ids without it. RC_OK; RC_INPUT.
 * op_query(c, first, out): the arguments from ${first} on, joined by blanks, as the query;
 * "-" alone is a line of the standard input. op_where_query(c, out): the same of --where; NULL
 * without it. The caller gives ${out} to op_query_free, which wipes, in any case.
 */
enum rc op_order(struct op_call *c, const char *text, struct search *s);
enum rc op_sort(struct op_call *c, struct search *s);
enum rc op_query(struct op_call *c, int first, char **out);
enum rc op_where_query(struct op_call *c, char **out);
void op_query_free(char *query);

/**
 * op_search_failed(c, rc, query, serr):
 * Put the place of a query's fault into the sentence, not the query, which may hold what
 * is masked elsewhere: that is shown with a mark under the fault where somebody watches.
 * Returns ${rc}.
 */
enum rc op_search_failed(
    struct op_call *c, enum rc rc, const char *query, const struct search_error *serr);

/**
 * op_confirm(c, question): ask unless --yes was given. RC_OK; RC_CANCELLED, RC_INPUT (nobody
 * to ask), each with a sentence.
 */
enum rc op_confirm(struct op_call *c, const char *question);

struct op_step { /* lives as long as the call that it reports on */
	struct op_call *call;
	const char *what;
};
struct progress op_progress(struct op_step *s, struct op_call *c, const char *what);

#endif
