#ifndef STORE_SINK_INT_H
#define STORE_SINK_INT_H

/* What the sinks share: one buffer in front of the writer, and a table of operations. */

#include <string.h>

#include "store/sink.h"

#define SINK_BUF (64 * 1024)

struct sink_ops {
	enum rc (*begin)(struct sink *s);
	enum rc (*row)(struct sink *s, const struct sink_value *values);
	enum rc (*end)(struct sink *s);
	void (*free)(struct sink *s); /* may be NULL */
};

extern const struct sink_ops sink_csv_ops, sink_json_ops, sink_table_ops, sink_markdown_ops,
    sink_html_ops;

struct sink {
	const struct sink_ops *ops;
	struct sink_opts opts;
	sink_write_fn *write;
	void *arg;
	size_t n;
	char **names, **labels; /* copies; valid from begin on */
	size_t rows, guarded;
	void *own;              /* of the format */
	char *buf;
	size_t used;
};

/**
 * sink_put(s, bytes, len): write through the buffer. sink_put_over: more than it has room for.
 * sink_puts(s, text): a C string.
 * sink_put_escaped(s, text, len, escape): what text_visible makes of it, each character that
 * ${escape} has an answer for replaced by that. A joiner that does something (text_join.h) stands
 * as it is, but on a terminal.
 * sink_put_json(s, text, len): a string of JSON, with its quotes.
 * sink_flush(s): hand the buffer to the writer.
 */
enum rc sink_put_over(struct sink *s, const void *bytes, size_t len);
enum rc sink_puts(struct sink *s, const char *text);
enum rc sink_put_escaped(
    struct sink *s, const char *text, size_t len, const char *(*escape)(char ch));
enum rc sink_put_json(struct sink *s, const char *text, size_t len);
enum rc sink_flush(struct sink *s);

static inline enum rc
sink_put(struct sink *s, const void *bytes, size_t len)
{
	if (len > SINK_BUF - s->used)
		return sink_put_over(s, bytes, len);
	if (len)
		memcpy(s->buf + s->used, bytes, len);
	s->used += len;
	return RC_OK;
}

#endif
