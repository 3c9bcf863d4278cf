#ifndef STORE_SUBJECT_INT_H
#define STORE_SUBJECT_INT_H

/* The export of one person's data, between its course and what it writes. */

#include "store/export_target.h"
#include "store/json_write.h"
#include "store/sink_int.h"
#include "store/subject.h"

struct subject {
	struct vault *v;
	const struct export_opts *opts;
	struct export_report *report;
	struct err *err;
	struct treated *columns; /* all fields, in the clear */
	struct export_facts *facts;
	struct export_target *target;
	struct json_write json;
	struct record *record;
	const struct field *fields;
	size_t field_n;
};

/**
 * subject_write(s): all of it as JSON to its sink, in a read transaction. RC_OK; RC_TAMPER;
 * RC_DAMAGED; those of the sink's writer.
 */
enum rc subject_write(struct subject *s);

#endif
