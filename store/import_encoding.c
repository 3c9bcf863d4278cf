/*
 * Bytes of a file to UTF-8, by iconv, as they come.
 *
 * 1. What is UTF-8 already is handed on as it stands: the reader judges it.
 * 2. Bytes that are no character of the encoding become one byte that is not UTF-8. So
 *    the reader rejects the row they stand in, with row and column, and goes on; and
 *    nothing is changed silently.
 * 3. What held a value is wiped.
 */
#include "store/import_encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"

#define CHUNK   (32 * 1024)
#define BOM_MAX 4
#define NEVER   '\xff' /* stands nowhere in UTF-8 */
#define NO_BOM  IMPORT_DETECT

struct import_decoder {
	csv_read_fn *read;
	void *arg;
	enum import_encoding encoding;
	enum import_encoding mark; /* that the input begins with; NO_BOM */
	bool bom, eof;
	iconv_t cd; /* (iconv_t)-1: UTF-8 */
	size_t unit; /* bytes of what can't be decoded */
	char buf[CHUNK];
	size_t at, len;
};

/* clang-format off: one encoding on a line */
static const struct {
	enum import_encoding encoding;
	const char *name, *iconv;
	size_t unit;
} encodings[] = {
	{ IMPORT_UTF8, "utf-8", NULL, 1 },
	{ IMPORT_UTF16, "utf-16", "UTF-16LE", 2 }, /* without a mark, as Windows has it */
	{ IMPORT_UTF16LE, "utf-16le", "UTF-16LE", 2 },
	{ IMPORT_UTF16BE, "utf-16be", "UTF-16BE", 2 },
	{ IMPORT_LATIN1, "latin1", "ISO-8859-1", 1 },
	{ IMPORT_CP1252, "cp1252", "WINDOWS-1252", 1 },
};
/* clang-format on */

/* As they are called elsewhere; hyphens and case do not count. */
static const struct {
	enum import_encoding encoding;
	const char *name;
} aliases[] = {
	{ IMPORT_LATIN1, "iso88591" },
	{ IMPORT_CP1252, "windows1252" },
	{ IMPORT_CP1252, "ansi" },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

const char *
import_encoding_name(enum import_encoding encoding)
{
	size_t i;

	for (i = 0; i < COUNT(encodings); i++)
		if (encodings[i].encoding == encoding)
			return encodings[i].name;
	return "";
}

static bool
is_called(const char *text, const char *name)
{
	for (; *text || *name; text++, name++) {
		while (*text == '-' || *text == '_')
			text++;
		while (*name == '-')
			name++;
		if (tolower((unsigned char)*text) != *name)
			return false;
		if (!*text)
			break;
	}
	return true;
}

bool
import_encoding_parse(const char *text, enum import_encoding *out)
{
	size_t i;

	for (i = 0; i < COUNT(encodings); i++)
		if (is_called(text, encodings[i].name)) {
			*out = encodings[i].encoding;
			return true;
		}
	for (i = 0; i < COUNT(aliases); i++)
		if (is_called(text, aliases[i].name)) {
			*out = aliases[i].encoding;
			return true;
		}
	return false;
}

/* Read more behind what there is, ${want} bytes at least unless the input ends. */
static enum rc
fill(struct import_decoder *d, size_t want)
{
	enum rc rc;
	size_t got;

	memmove(d->buf, d->buf + d->at, d->len - d->at);
	d->len -= d->at;
	d->at = 0;
	while (!d->eof && d->len < want) {
		rc = d->read(d->arg, d->buf + d->len, CHUNK - d->len, &got);
		if (rc != RC_OK)
			return rc;
		d->eof = got == 0;
		d->len += got;
	}
	return RC_OK;
}

/* The encoding that the mark at the beginning names, and the mark's length. */
static enum import_encoding
find_mark(const struct import_decoder *d, size_t *len)
{
	*len = 3;
	if (d->len >= 3 && memcmp(d->buf, "\xef\xbb\xbf", 3) == 0)
		return IMPORT_UTF8;
	*len = 2;
	if (d->len >= 2 && memcmp(d->buf, "\xff\xfe", 2) == 0)
		return IMPORT_UTF16LE;
	if (d->len >= 2 && memcmp(d->buf, "\xfe\xff", 2) == 0)
		return IMPORT_UTF16BE;
	*len = 0;
	return NO_BOM;
}

static void
settle(struct import_decoder *d)
{
	size_t len;
	enum import_encoding want = d->encoding;
	bool wide;

	d->mark = find_mark(d, &len);
	wide = d->mark == IMPORT_UTF16LE || d->mark == IMPORT_UTF16BE;
	d->bom = d->mark != NO_BOM &&
		 (want == IMPORT_DETECT || want == d->mark ||
		     (want == IMPORT_UTF16 && wide));
	if (d->bom) {
		d->encoding = d->mark;
		d->at = len;
	} else if (want == IMPORT_DETECT) {
		d->encoding = IMPORT_UTF8;
	}
}

static enum rc
open_iconv(struct import_decoder *d)
{
	size_t i;

	for (i = 0; i < COUNT(encodings); i++) {
		if (encodings[i].encoding != d->encoding || !encodings[i].iconv)
			continue;
		d->unit = encodings[i].unit;
		d->cd = iconv_open("UTF-8", encodings[i].iconv);
		if (d->cd == (iconv_t)-1)
			return errno == ENOMEM ? RC_NOMEM : RC_INPUT;
	}
	return RC_OK;
}

enum rc
import_decoder_new(enum import_encoding encoding, csv_read_fn *read, void *arg,
    struct import_decoder **out)
{
	struct import_decoder *d = calloc(1, sizeof *d);
	enum rc rc;

	*out = NULL;
	if (!d)
		return RC_NOMEM;
	d->read = read;
	d->arg = arg;
	d->encoding = encoding;
	d->cd = (iconv_t)-1;
	rc = fill(d, BOM_MAX);
	if (rc == RC_OK) {
		settle(d);
		rc = open_iconv(d);
	}
	if (rc != RC_OK) {
		import_decoder_free(d);
		return rc;
	}
	*out = d;
	return RC_OK;
}

static enum rc
pass_on(struct import_decoder *d, void *buf, size_t cap, size_t *got)
{
	size_t n = d->len - d->at;

	if (n == 0)
		return d->eof ? RC_OK : d->read(d->arg, buf, cap, got);
	n = n < cap ? n : cap;
	memcpy(buf, d->buf + d->at, n);
	d->at += n;
	*got = n;
	return RC_OK;
}

/* One character that is none: skip it and leave a byte that will be seen. */
static bool
mark_bad(struct import_decoder *d, char **to, size_t *room)
{
	size_t left = d->len - d->at;

	if (*room == 0)
		return false;
	*(*to)++ = NEVER;
	(*room)--;
	d->at += left < d->unit ? left : d->unit;
	return true;
}

enum rc
import_decoder_read(void *decoder, void *buf, size_t cap, size_t *got)
{
	struct import_decoder *d = decoder;
	char *from, *to = buf;
	size_t left, room = cap;
	bool stopped, more = true;
	enum rc rc;

	*got = 0;
	if (d->cd == (iconv_t)-1)
		return pass_on(d, buf, cap, got);
	while (more && room == cap) {
		rc = fill(d, d->len - d->at + 1);
		if (rc != RC_OK)
			return rc;
		from = d->buf + d->at;
		left = d->len - d->at;
		stopped = iconv(d->cd, &from, &left, &to, &room) == (size_t)-1;
		d->at = d->len - left;
		/* Half a character is none when the input ends after it. */
		if (stopped && (errno == EILSEQ || (errno == EINVAL && d->eof)))
			more = mark_bad(d, &to, &room);
		else
			more = !d->eof;
	}
	*got = cap - room;
	return RC_OK;
}

/* The next character at ${*i} that is not blank; 0: none. */
static char
next_character(const struct import_decoder *d, size_t *i)
{
	/* A NUL is the other half of a character of UTF-16. */
	while (*i < d->len && strchr(" \t\r\n", d->buf[*i]))
		(*i)++;
	return *i < d->len ? d->buf[(*i)++] : '\0';
}

bool
import_decoder_is_json(const struct import_decoder *d)
{
	size_t i = d->at;
	char first = next_character(d, &i), second = next_character(d, &i);

	/* A header may begin with a bracket, too: [id],[name]. */
	return (first == '{' && (second == '"' || second == '}')) ||
	       (first == '[' && (second == '{' || second == ']'));
}

enum import_encoding
import_decoder_encoding(const struct import_decoder *d, bool *bom)
{
	*bom = d->bom;
	return d->encoding;
}

bool
import_decoder_belied(const struct import_decoder *d, enum import_encoding *mark)
{
	*mark = d->mark;
	return d->mark != NO_BOM && !d->bom;
}

void
import_decoder_free(struct import_decoder *d)
{
	if (!d)
		return;
	if (d->cd != (iconv_t)-1)
		iconv_close(d->cd);
	secret_wipe(d->buf, sizeof d->buf);
	free(d);
}
