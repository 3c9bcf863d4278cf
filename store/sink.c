/*
 * The part of the sinks that all formats share.
 *
 * 1. Bytes reach the writer in blocks; sink_end hands over the last one.
 * 2. The first failure of the writer is the answer of the call in which it happens; what
 *    was in the buffer then is gone, so the caller gives the whole output up.
 * 3. The buffer is wiped before it is freed.
 */
#include "store/sink_int.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"
#include "store/text_join.h"

static const struct {
	const char *name;
	enum sink_format format;
	const struct sink_ops *ops;
} formats[] = {
	{ "csv", SINK_CSV, &sink_csv_ops },
	{ "json", SINK_JSON, &sink_json_ops },
	{ "jsonl", SINK_JSONL, &sink_json_ops },
	{ "table", SINK_TABLE, &sink_table_ops },
	{ "markdown", SINK_MARKDOWN, &sink_markdown_ops },
	{ "md", SINK_MARKDOWN, &sink_markdown_ops },
	{ "html", SINK_HTML, &sink_html_ops },
	{ "htm", SINK_HTML, &sink_html_ops },
	{ "txt", SINK_TABLE, &sink_table_ops },
};
#define FORMATS (sizeof formats / sizeof *formats)

bool
sink_format_parse(const char *name, enum sink_format *out)
{
	size_t i;

	for (i = 0; i < FORMATS; i++) {
		if (strcmp(formats[i].name, name) == 0) {
			*out = formats[i].format;
			return true;
		}
	}
	return false;
}

const char *
sink_format_name(enum sink_format f)
{
	size_t i;

	for (i = 0; i < FORMATS; i++)
		if (formats[i].format == f)
			return formats[i].name;
	return "";
}

enum rc
sink_flush(struct sink *s)
{
	size_t used = s->used;

	s->used = 0;
	return used ? s->write(s->arg, s->buf, used) : RC_OK;
}

enum rc
sink_put_over(struct sink *s, const void *bytes, size_t len)
{
	enum rc rc = sink_flush(s);

	if (rc != RC_OK)
		return rc;
	return len > SINK_BUF ? s->write(s->arg, bytes, len) : sink_put(s, bytes, len);
}

enum rc
sink_puts(struct sink *s, const char *text)
{
	return sink_put(s, text, strlen(text));
}

static enum rc
put_replaced(
    struct sink *s, const char *text, size_t len, const char *(*escape)(char ch))
{
	const char *instead;
	size_t i, from = 0;
	enum rc rc = RC_OK;

	for (i = 0; rc == RC_OK && i < len; i++) {
		instead = escape(text[i]);
		if (!instead)
			continue;
		rc = sink_put(s, text + from, i - from);
		if (rc == RC_OK)
			rc = sink_puts(s, instead);
		from = i + 1;
	}
	return rc == RC_OK ? sink_put(s, text + from, len - from) : rc;
}

/* What text_visible makes of it. */
static enum rc
put_visible(struct sink *s, const char *text, size_t len, const char *(*escape)(char ch))
{
	size_t cap = 4 * len + 1; /* a byte becomes \x1b at most */
	char *shown;
	enum rc rc;

	if (text_is_harmless(text, len))
		return put_replaced(s, text, len, escape);
	shown = malloc(cap);
	if (!shown)
		return RC_NOMEM;
	rc = put_replaced(s, shown, text_visible(text, len, shown, cap), escape);
	secret_wipe(shown, cap);
	free(shown);
	return rc;
}

enum rc
sink_put_escaped(
    struct sink *s, const char *text, size_t len, const char *(*escape)(char ch))
{
	struct text_join j = { 0 };
	enum rc rc = RC_OK;
	size_t from = 0;

	if (s->opts.terminal || text_is_harmless(text, len))
		return put_visible(s, text, len, escape);
	while (rc == RC_OK && text_join_next(text, len, &j)) {
		rc = put_visible(s, text + from, j.at - from, escape);
		if (rc == RC_OK)
			rc = sink_put(s, text + j.at, j.len);
		from = j.at + j.len;
	}
	return rc == RC_OK ? put_visible(s, text + from, len - from, escape) : rc;
}

enum rc
sink_new(const struct sink_opts *opts, sink_write_fn *write, void *arg, struct sink **out)
{
	struct sink *s = calloc(1, sizeof *s);
	size_t i;

	*out = NULL;
	if (!s)
		return RC_NOMEM;
	s->opts = *opts;
	s->write = write;
	s->arg = arg;
	for (i = 0; i < FORMATS; i++)
		if (formats[i].format == opts->format)
			s->ops = formats[i].ops;
	s->buf = malloc(SINK_BUF);
	if (!s->buf || !s->ops) {
		sink_free(s);
		return RC_NOMEM;
	}
	*out = s;
	return RC_OK;
}

static void
free_strings(char **v, size_t n)
{
	size_t i;

	for (i = 0; v && i < n; i++)
		free(v[i]);
	free(v);
}

static char **
copy_strings(const char *const *v, size_t n)
{
	char **copy = calloc(n ? n : 1, sizeof *copy);
	size_t i;

	for (i = 0; copy && i < n; i++) {
		copy[i] = strdup(v[i]);
		if (!copy[i]) {
			free_strings(copy, n);
			return NULL;
		}
	}
	return copy;
}

enum rc
sink_begin(struct sink *s, const char *const *names, const char *const *labels, size_t n)
{
	s->n = n;
	s->names = copy_strings(names, n);
	s->labels = copy_strings(labels, n);
	if (!s->names || !s->labels)
		return RC_NOMEM;
	return s->ops->begin(s);
}

enum rc
sink_row(struct sink *s, const struct sink_value *values)
{
	enum rc rc = s->ops->row(s, values);

	if (rc == RC_OK)
		s->rows++;
	return rc;
}

enum rc
sink_end(struct sink *s)
{
	enum rc rc = s->ops->end(s);

	return rc == RC_OK ? sink_flush(s) : rc;
}

size_t
sink_guarded(const struct sink *s)
{
	return s->guarded;
}

void
sink_free(struct sink *s)
{
	if (!s)
		return;
	if (s->ops && s->ops->free)
		s->ops->free(s);
	if (s->buf)
		secret_wipe(s->buf, SINK_BUF);
	free(s->buf);
	free_strings(s->names, s->n);
	free_strings(s->labels, s->n);
	free(s);
}
