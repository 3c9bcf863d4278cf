#ifndef STORE_EXPORT_FACTS_H
#define STORE_EXPORT_FACTS_H

/* What is said about an export: in its heading, in its manifest, in table export_run. */

#include "store/export_int.h"

#define FACT_TIME_LEN 24

struct export_facts {
	const char *vault; /* the file's name without its folder */
	char id[37];       /* of the vault */
	char *query;       /* without the values of protected fields; "" for all and chosen */
	const char *source; /* "query", "all records", "chosen records", "one person" */
	char *columns;     /* "first_name,ssn" */
	char *treatments;  /* "as-is,mask" */
	char *told;        /* "first_name as-is, ssn mask" */
	int64_t at;        /* UTC microseconds */
	char time[FACT_TIME_LEN];
	const char *actor, *reason, *format;
	char count[24];
	char notice[200];
};

/**
 * export_facts_new(v, opts, columns, count, out): RC_OK; RC_NOMEM. _free: NULL is harmless.
 */
enum rc export_facts_new(struct vault *v, const struct export_opts *opts,
    const struct treated *columns, uint64_t count, struct export_facts **out);
void export_facts_free(struct export_facts *f);

/**
 * export_fact_time(at, out): "2026-01-31T10:20:30Z".
 */
void export_fact_time(int64_t at, char out[FACT_TIME_LEN]);

/**
 * export_query_public(v, query, out):
 * A copy of ${query} with QUERY_HIDDEN for each value of a field that is not open, and for
 * each word that reads as one; the caller frees it. RC_OK; RC_INPUT (it is no query); RC_NOMEM.
 */
enum rc export_query_public(struct vault *v, const char *query, char **out);

/**
 * export_record_run(v, f, rows, sum, id): a row of table export_run, durable. RC_OK.
 */
enum rc export_record_run(struct vault *v, const struct export_facts *f, uint64_t rows,
    const uint8_t sum[32], int64_t *id);

/**
 * export_manifest(f, columns, report, path, write, arg):
 * Write the manifest of the file ${path}. RC_OK; RC_NOMEM; what ${write} answers.
 */
enum rc export_manifest(const struct export_facts *f, const struct treated *columns,
    const struct export_report *report, const char *path, sink_write_fn *write, void *arg);

#endif
