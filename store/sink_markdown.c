/*
 * Markdown: a heading when there is one, then a table as GitHub and most others take it.
 *
 * 1. A value is text and nothing else: whatever could be read as markup, markup of HTML or
 *    the end of a cell gets a backslash.
 * 2. A row is a line. Line ends, control and bidirectional characters are shown as visible
 *    escapes (text_visible).
 */
#include "store/sink_int.h"

#include <string.h>

static const char *
escape(char ch)
{
	static const char special[] = "\\`*_~[]<>|&$#!";
	static const char *const escaped[] = { "\\\\", "\\`", "\\*", "\\_", "\\~", "\\[",
		"\\]", "\\<", "\\>", "\\|", "\\&", "\\$", "\\#", "\\!" };
	const char *at = memchr(special, ch, sizeof special - 1);

	return at ? escaped[at - special] : NULL;
}

static enum rc
put_text(struct sink *s, const char *text)
{
	return sink_put_escaped(s, text, strlen(text), escape);
}

/* "- Query: region:LA" */
static enum rc
put_fact(struct sink *s, const struct sink_fact *f)
{
	enum rc rc = sink_puts(s, "- ");

	if (rc == RC_OK)
		rc = put_text(s, f->name);
	if (rc == RC_OK)
		rc = sink_puts(s, ": ");
	if (rc == RC_OK)
		rc = put_text(s, f->text);
	return rc == RC_OK ? sink_puts(s, "\n") : rc;
}

static enum rc
put_heading(struct sink *s, const struct sink_heading *h)
{
	enum rc rc = sink_puts(s, "# ");
	size_t i;

	if (rc == RC_OK)
		rc = put_text(s, h->title);
	if (rc == RC_OK)
		rc = sink_puts(s, "\n\n**");
	if (rc == RC_OK)
		rc = put_text(s, h->notice);
	if (rc == RC_OK)
		rc = sink_puts(s, "**\n\n");
	for (i = 0; rc == RC_OK && i < h->n; i++)
		rc = put_fact(s, &h->facts[i]);
	return rc == RC_OK ? sink_puts(s, "\n") : rc;
}

static enum rc
markdown_begin(struct sink *s)
{
	enum rc rc = s->opts.heading ? put_heading(s, s->opts.heading) : RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		rc = sink_puts(s, i ? " | " : "| ");
		if (rc == RC_OK)
			rc = put_text(s, s->labels[i]);
	}
	if (rc == RC_OK)
		rc = sink_puts(s, " |\n");
	for (i = 0; rc == RC_OK && i < s->n; i++)
		rc = sink_puts(s, "|---");
	return rc == RC_OK ? sink_puts(s, "|\n") : rc;
}

static enum rc
markdown_row(struct sink *s, const struct sink_value *values)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		rc = sink_puts(s, i ? " | " : "| ");
		if (rc == RC_OK && values[i].text)
			rc = sink_put_escaped(s, values[i].text, values[i].len, escape);
	}
	return rc == RC_OK ? sink_puts(s, " |\n") : rc;
}

static enum rc
markdown_end(struct sink *s)
{
	(void)s;
	return RC_OK;
}

const struct sink_ops sink_markdown_ops = { markdown_begin, markdown_row, markdown_end, NULL };
