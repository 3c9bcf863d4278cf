/*
 * JSON (one array of objects, an object a line) and JSON lines.
 *
 * 1. Strings with anything special in them are written by jansson. A value with a
 *    character that would harm a terminal is written in ASCII with \u escapes, which say
 *    the same.
 * 2. The copy that jansson makes is wiped before it is given back.
 * 3. A number that a reader of doubles would change is a string.
 * 4. The output is always UTF-8: bytes that are not become U+FFFD.
 */
#include "store/sink_int.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "keyring/secret.h"
#include "store/text.h"

#define EXACT_DIGITS 15 /* of a number: those of more, many readers round (RFC 7493, section 2.2) */

/* No character that needs an escape, all ASCII. */
static bool
is_simple(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			return false;
	return true;
}

/* The number grammar of RFC 8259, which is narrower than ours, of digits that a reader keeps. */
static bool
is_json_number(const char *s, size_t len)
{
	size_t i = len && s[0] == '-', from = i;

	if (len - from > EXACT_DIGITS + (memchr(s, '.', len) != NULL))
		return false;
	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++;
	if (i == from || (s[from] == '0' && i - from > 1))
		return false;
	if (i == len)
		return true;
	if (s[i++] != '.' || i == len)
		return false;
	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++;
	return i == len;
}

struct dump {
	struct sink *s;
	enum rc rc;
};

static int
put_chunk(const char *bytes, size_t len, void *arg)
{
	struct dump *d = arg;
	const char *del;
	size_t n;

	d->rc = RC_OK;
	/* JSON lets DEL stand in a string, and so does jansson. */
	while (d->rc == RC_OK && (del = memchr(bytes, 0x7f, len)) != NULL) {
		n = (size_t)(del - bytes);
		d->rc = sink_put(d->s, bytes, n);
		if (d->rc == RC_OK)
			d->rc = sink_puts(d->s, "\\u007f");
		bytes = del + 1;
		len -= n + 1;
	}
	if (d->rc == RC_OK)
		d->rc = sink_put(d->s, bytes, len);
	return d->rc == RC_OK ? 0 : -1;
}

static enum rc
put_json(struct sink *s, const char *text, size_t len)
{
	size_t flags = JSON_ENCODE_ANY;
	struct dump d = { s, RC_OK };
	json_t *j = json_stringn(text, len);

	if (!j)
		return RC_NOMEM;
	if (!text_is_harmless(text, len))
		flags |= JSON_ENSURE_ASCII;
	if (json_dump_callback(j, put_chunk, &d, flags) != 0 && d.rc == RC_OK)
		d.rc = RC_NOMEM;
	/* Until the last reference goes, and ours is the only one, it is jansson's. */
	secret_wipe((void *)(uintptr_t)json_string_value(j), len);
	json_decref(j);
	return d.rc;
}

/* The same for bytes that are not UTF-8. */
static enum rc
put_mended(struct sink *s, const char *text, size_t len)
{
	char *copy = malloc(len * 3 + 1);
	size_t i, n, used = 0;
	enum rc rc;

	if (!copy)
		return RC_NOMEM;
	for (i = 0; i < len; i += n) {
		n = text_next(text + i, len - i);
		if (text_is_utf8(text + i, n)) {
			memcpy(copy + used, text + i, n);
			used += n;
			continue;
		}
		n = 1;
		memcpy(copy + used, "\xef\xbf\xbd", 3);
		used += 3;
	}
	rc = put_json(s, copy, used);
	secret_wipe(copy, len * 3 + 1);
	free(copy);
	return rc;
}

enum rc
sink_put_json(struct sink *s, const char *text, size_t len)
{
	enum rc rc;

	if (!text_is_utf8(text, len))
		return put_mended(s, text, len);
	if (!is_simple(text, len))
		return put_json(s, text, len);
	rc = sink_put(s, "\"", 1);
	if (rc == RC_OK)
		rc = sink_put(s, text, len);
	return rc == RC_OK ? sink_put(s, "\"", 1) : rc;
}

static bool
is_json_truth(const char *s, size_t len)
{
	return (len == 4 && !memcmp(s, "true", 4)) ||
	       (len == 5 && !memcmp(s, "false", 5));
}

static enum rc
put_value(struct sink *s, const struct sink_value *v)
{
	if (!v->text)
		return sink_puts(s, "null");
	if (v->number && !v->masked &&
	    (is_json_number(v->text, v->len) || is_json_truth(v->text, v->len)))
		return sink_put(s, v->text, v->len);
	return sink_put_json(s, v->text, v->len);
}

static bool
is_array(const struct sink *s)
{
	return s->opts.format == SINK_JSON;
}

static enum rc
json_begin(struct sink *s)
{
	return is_array(s) ? sink_puts(s, "[") : RC_OK;
}

static enum rc
json_row(struct sink *s, const struct sink_value *values)
{
	enum rc rc = RC_OK;
	size_t i;

	if (is_array(s))
		rc = sink_puts(s, s->rows ? ",\n" : "\n");
	if (rc == RC_OK)
		rc = sink_put(s, "{", 1);
	for (i = 0; rc == RC_OK && i < s->n; i++) {
		rc = i ? sink_put(s, ",", 1) : RC_OK;
		if (rc == RC_OK)
			rc = sink_put_json(s, s->names[i], strlen(s->names[i]));
		if (rc == RC_OK)
			rc = sink_put(s, ":", 1);
		if (rc == RC_OK)
			rc = put_value(s, &values[i]);
	}
	if (rc != RC_OK)
		return rc;
	return sink_puts(s, is_array(s) ? "}" : "}\n");
}

static enum rc
json_end(struct sink *s)
{
	if (!is_array(s))
		return RC_OK;
	return sink_puts(s, s->rows ? "\n]\n" : "]\n");
}

const struct sink_ops sink_json_ops = { json_begin, json_row, json_end, NULL };
