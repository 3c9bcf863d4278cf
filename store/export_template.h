#ifndef STORE_EXPORT_TEMPLATE_H
#define STORE_EXPORT_TEMPLATE_H

/*
 * How an export is made, kept to be made again: format, columns, treatments, query, order.
 * Never that it may be made: plaintext and the reason are asked for each time.
 */

#include "store/export.h"

struct export_template {
	enum sink_format format;
	bool raw;
	struct search search; /* its query is ${query} */
	char *query;
	struct export_column *columns;
	size_t column_n;
};

/**
 * export_template_save(v, name, opts):
 * Keep what ${opts} says. RC_OK; RC_EXISTS; RC_INPUT (name; a query with a value of a
 * protected field, which a browse slot could read in the template). What is said of an open
 * field is kept so that it leaves nothing in the clear once the field is protected.
 * export_template_check(v, name, opts): what export_template_save would refuse.
 */
enum rc export_template_save(
    struct vault *v, const char *name, const struct export_opts *opts);
enum rc export_template_check(
    struct vault *v, const char *name, const struct export_opts *opts);

/**
 * export_template_load(v, name, out):
 * RC_OK; RC_NOTFOUND; RC_INPUT (not understood whole, or a field that the vault has no more).
 * export_template_free(t): NULL is harmless.
 */
enum rc export_template_load(
    struct vault *v, const char *name, struct export_template **out);
void export_template_free(struct export_template *t);

#endif
