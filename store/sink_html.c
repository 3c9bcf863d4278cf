/*
 * HTML: one file to be read and printed, without a script and without anything that is
 * fetched from elsewhere.
 *
 * 1. A value is text and nothing else: & < > " ' are entities wherever it stands.
 * 2. Should a browser be fooled all the same, the file's own policy forbids all but its one
 *    style sheet, which is named by its digest.
 * 3. Line ends stay line ends. Other control characters, and those that turn the writing
 *    direction, are shown as visible escapes (text_visible); each cell has a direction of
 *    its own.
 */
#include "store/sink_int.h"

#include <string.h>

/* SHA-256 of the style sheet below, as the policy wants it. */
#define STYLE_DIGEST "sL7zpu5yXHhPJ3b6QYFna8nqL2iCUPerCoToNTUngM4="

static const char style[] =
    "body{font:14px/1.4 sans-serif;margin:2em;color:#111;background:#fff}"
    "h1{font-size:1.4em;margin:0 0 .3em}"
    ".notice{font-weight:bold;border:2px solid #111;padding:.4em .6em}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1em}"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:.2em .5em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere;unicode-bidi:isolate}"
    "th{background:#eee}.n{text-align:right}.m{color:#555;font-style:italic}"
    "@media print{body{margin:0;font-size:9pt}thead{display:table-header-group}"
    "tr{break-inside:avoid}th{background:none}}"
    "@page{margin:15mm}";

static const char *
escape(char ch)
{
	switch (ch) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Bytes up to the next line end, and how many that line end has; 0: there is none. */
static size_t
line_len(const char *text, size_t len, size_t *end)
{
	const char *nl = memchr(text, '\n', len);
	size_t n = nl ? (size_t)(nl - text) : len;

	*end = nl ? 1 : 0;
	if (nl && n > 0 && text[n - 1] == '\r') {
		n--;
		*end = 2;
	}
	return n;
}

static enum rc
put_text(struct sink *s, const char *text, size_t len)
{
	enum rc rc = RC_OK;
	size_t n, end;

	while (rc == RC_OK && len > 0) {
		n = line_len(text, len, &end);
		rc = sink_put_escaped(s, text, n, escape);
		if (rc == RC_OK && end)
			rc = sink_puts(s, "<br>");
		text += n + end;
		len -= n + end;
	}
	return rc;
}

/* ${before}, the text, ${after}. */
static enum rc
put_in(struct sink *s, const char *before, const char *text, const char *after)
{
	enum rc rc = sink_puts(s, before);

	if (rc == RC_OK)
		rc = put_text(s, text, strlen(text));
	return rc == RC_OK ? sink_puts(s, after) : rc;
}

static enum rc
put_head(struct sink *s, const char *title)
{
	enum rc rc = put_in(s,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'sha256-" STYLE_DIGEST "'; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	    title, "</title>\n<style>");

	if (rc == RC_OK)
		rc = sink_puts(s, style);
	return rc == RC_OK ? sink_puts(s, "</style>\n</head>\n<body>\n") : rc;
}

static enum rc
put_heading(struct sink *s, const struct sink_heading *h)
{
	enum rc rc = put_in(s, "<h1>", h->title, "</h1>\n");
	size_t i;

	if (rc == RC_OK)
		rc = put_in(s, "<p class=\"notice\">", h->notice, "</p>\n<dl>\n");
	for (i = 0; rc == RC_OK && i < h->n; i++) {
		rc = put_in(s, "<dt>", h->facts[i].name, "</dt>");
		if (rc == RC_OK)
			rc = put_in(s, "<dd>", h->facts[i].text, "</dd>\n");
	}
	return rc == RC_OK ? sink_puts(s, "</dl>\n") : rc;
}

static enum rc
html_begin(struct sink *s)
{
	const struct sink_heading *h = s->opts.heading;
	enum rc rc = put_head(s, h ? h->title : "Records");
	size_t i;

	if (rc == RC_OK && h)
		rc = put_heading(s, h);
	if (rc == RC_OK)
		rc = sink_puts(s, "<table>\n<thead>\n<tr>");
	for (i = 0; rc == RC_OK && i < s->n; i++)
		rc = put_in(s, "<th scope=\"col\">", s->labels[i], "</th>");
	return rc == RC_OK ? sink_puts(s, "</tr>\n</thead>\n<tbody>\n") : rc;
}

static enum rc
html_row(struct sink *s, const struct sink_value *values)
{
	enum rc rc = sink_puts(s, "<tr>");
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		rc = sink_puts(s, values[i].masked ? "<td class=\"m\">"
			: values[i].number         ? "<td class=\"n\">"
						   : "<td>");
		if (rc == RC_OK && values[i].text)
			rc = put_text(s, values[i].text, values[i].len);
		if (rc == RC_OK)
			rc = sink_puts(s, "</td>");
	}
	return rc == RC_OK ? sink_puts(s, "</tr>\n") : rc;
}

static enum rc
html_end(struct sink *s)
{
	return sink_puts(s, "</tbody>\n</table>\n</body>\n</html>\n");
}

const struct sink_ops sink_html_ops = { html_begin, html_row, html_end, NULL };
