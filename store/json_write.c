/*
 * JSON of any shape, as it comes: jansson would build all of it in memory that nobody wipes.
 * Strings are written as in the JSON sink: safe for a terminal.
 */
#include "store/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/sink_int.h"

static void
put(struct json_write *w, const char *bytes)
{
	if (w->rc == RC_OK)
		w->rc = sink_puts(w->sink, bytes);
}

static void
put_string(struct json_write *w, const char *text, size_t len)
{
	if (w->rc == RC_OK)
		w->rc = sink_put_json(w->sink, text, len);
}

static void
new_line(struct json_write *w)
{
	int i;

	put(w, "\n");
	for (i = 0; i < w->depth; i++)
		put(w, "  ");
}

/* What comes before a value. */
static void
begin(struct json_write *w, const char *name)
{
	if (w->some[w->depth])
		put(w, ",");
	if (w->depth > 0)
		new_line(w);
	w->some[w->depth] = true;
	if (!name)
		return;
	put_string(w, name, strlen(name));
	put(w, ": ");
}

void
json_open(struct json_write *w, const char *name, char bracket)
{
	begin(w, name);
	put(w, bracket == '{' ? "{" : "[");
	if (w->depth == JSON_WRITE_DEPTH)
		w->rc = w->rc == RC_OK ? RC_INTERNAL : w->rc;
	else
		w->some[++w->depth] = false;
}

void
json_close(struct json_write *w, char bracket)
{
	bool some = w->some[w->depth];

	w->depth--;
	if (some)
		new_line(w);
	put(w, bracket == '}' ? "}" : "]");
	if (w->depth == 0)
		put(w, "\n");
}

void
json_put(struct json_write *w, const char *name, const char *text, size_t len)
{
	begin(w, name);
	put_string(w, text, len);
}

void
json_put_text(struct json_write *w, const char *name, const char *text)
{
	begin(w, name);
	if (text)
		put_string(w, text, strlen(text));
	else
		put(w, "null");
}

void
json_put_int(struct json_write *w, const char *name, int64_t n)
{
	char digits[24];

	begin(w, name);
	snprintf(digits, sizeof digits, "%" PRId64, n);
	put(w, digits);
}

void
json_put_bool(struct json_write *w, const char *name, bool yes)
{
	begin(w, name);
	put(w, yes ? "true" : "false");
}

void
json_put_time(struct json_write *w, const char *name, int64_t at)
{
	time_t seconds = (time_t)(at / 1000000);
	char text[32];
	struct tm tm;

	if (at != 0 && gmtime_r(&seconds, &tm) &&
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		json_put_text(w, name, text);
	else
		json_put_text(w, name, NULL);
}
