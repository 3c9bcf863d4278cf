/*
 * The file of rejected rows. It holds customers' data in plaintext, so it is written only
 * when asked for, with mode 0600, and whole or not at all.
 */
#include "store/import_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sink.h"

#define COLUMNS 5

struct import_rejects {
	struct file *file;
	struct sink *sink;
	struct err *err;
};

static enum rc
write_out(void *arg, const void *bytes, size_t len)
{
	struct import_rejects *r = arg;

	return file_write(r->file, bytes, len, r->err);
}

enum rc
import_rejects_new(
    const struct import_opts *opts, struct import_rejects **out, struct err *err)
{
	static const char *const names[COLUMNS] = { "row", "line", "column", "reason",
		"raw" };
	/* The raw bytes are the point of the file: no apostrophes before them. */
	const struct sink_opts sink = { .format = SINK_CSV, .raw = true };
	struct import_rejects *r;
	enum rc rc;

	*out = NULL;
	if (!opts->rejects)
		return RC_OK;
	r = calloc(1, sizeof *r);
	if (!r)
		return err_default(err, RC_NOMEM);
	r->err = err;
	rc = file_new(opts->rejects, opts->force, &r->file, err);
	if (rc == RC_OK)
		rc = sink_new(&sink, write_out, r, &r->sink);
	if (rc == RC_OK)
		rc = sink_begin(r->sink, names, names, COLUMNS);
	if (rc != RC_OK) {
		import_rejects_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

static struct sink_value
value(const char *text, size_t len)
{
	return (struct sink_value){ .text = text, .len = len };
}

enum rc
import_rejects_add(struct import_rejects *r, const struct csv_row *row,
    const char *column, const char *why)
{
	struct sink_value values[COLUMNS];
	char number[24], line[24];

	snprintf(number, sizeof number, "%" PRIu64, row->number);
	snprintf(line, sizeof line, "%" PRIu64, row->line);
	values[0] = value(number, strlen(number));
	values[1] = value(line, strlen(line));
	values[2] = value(column, strlen(column));
	values[3] = value(why, strlen(why));
	values[4] = value(row->raw, row->raw_len);
	return sink_row(r->sink, values);
}

enum rc
import_rejects_commit(struct import_rejects *r)
{
	enum rc rc = sink_end(r->sink);

	return rc == RC_OK ? file_commit(r->file, r->err) : rc;
}

void
import_rejects_free(struct import_rejects *r)
{
	if (!r)
		return;
	sink_free(r->sink);
	file_free(r->file);
	free(r);
}
