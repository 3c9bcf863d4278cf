/*
 * What the import reads: bytes of a descriptor, and the first rows held back so that
 * columns can be judged by their values. The rows held back are bounded in number and in
 * bytes, and wiped.
 */
#include "store/import_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/secret.h"
#include "store/text.h"

#define HEAD_MAX (64 * 1024)

struct import_source {
	const struct import_opts *opts;
	struct err *err;
	uint64_t done, all;
	struct sha256 *hash;
	char *head; /* what was looked at before it was asked for; NULL: nothing */
	size_t head_at, head_n;
};

enum rc
import_source_new(
    const struct import_opts *opts, struct import_source **out, struct err *err)
{
	struct import_source *s;
	struct stat st;
	off_t at;
	enum rc rc;

	*out = NULL;
	if (fstat(opts->fd, &st) != 0)
		return err_set(
		    err, RC_IO, "%s can't be read: %s", opts->name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(
		    err, RC_INPUT, "%s is a folder: name a file in it", opts->name);
	s = calloc(1, sizeof *s);
	if (!s)
		return err_default(err, RC_NOMEM);
	s->opts = opts;
	s->err = err;
	if (S_ISREG(st.st_mode)) {
		at = lseek(opts->fd, 0, SEEK_CUR);
		s->all = st.st_size > at && at >= 0 ? (uint64_t)(st.st_size - at) : 0;
	}
	rc = sha256_new(&s->hash);
	if (rc != RC_OK) {
		free(s);
		return err_default(err, rc);
	}
	*out = s;
	return RC_OK;
}

static enum rc
read_more(struct import_source *s, void *buf, size_t cap, size_t *got)
{
	ssize_t n;

	*got = 0;
	/* A pipe may keep us waiting: the signal that cancels is heard here. */
	while ((n = read(s->opts->fd, buf, cap)) < 0 && errno == EINTR)
		if (s->opts->progress.step &&
		    s->opts->progress.step(s->opts->progress.arg, s->done, s->all))
			return RC_CANCELLED;
	if (n < 0)
		return err_set(s->err, RC_IO, "%s can't be read: %s", s->opts->name,
		    strerror(errno));
	s->done += (uint64_t)n;
	*got = (size_t)n;
	return sha256_add(s->hash, buf, (size_t)n);
}

/* More of the beginning; nothing when it ends or there is no room. */
static enum rc
read_head(struct import_source *s, size_t *got)
{
	enum rc rc;

	*got = 0;
	if (s->head_n == HEAD_MAX)
		return RC_OK;
	rc = read_more(s, s->head + s->head_n, HEAD_MAX - s->head_n, got);
	s->head_n += *got;
	return rc;
}

/*
 * It is in UTF-8 or has a mark, as it is written, unless a spreadsheet saved it by the code
 * page of the machine: which one, the user's word on the first file says.
 */
static enum rc
settle_encoding(struct import_source *s, enum import_encoding *encoding)
{
	const bool wide = s->head_n >= 2 && (memcmp(s->head, "\xff\xfe", 2) == 0 ||
						memcmp(s->head, "\xfe\xff", 2) == 0);
	size_t got = 1, n;
	enum rc rc = RC_OK;

	while (rc == RC_OK && got > 0)
		rc = read_head(s, &got);
	for (n = s->head_n; n > 0 && s->head[n - 1] != '\n'; n--)
		;
	if (wide || text_is_utf8(s->head, n) ||
	    (*encoding != IMPORT_LATIN1 && *encoding != IMPORT_CP1252))
		*encoding = IMPORT_DETECT;
	return rc;
}

/* The delimiter of its header, in the first line or behind one of "sep=;"; 0: none of ours. */
static enum rc
find_header(struct import_source *s, char *delimiter)
{
	size_t at = 0, len, lines = 0, got = 1;
	const char *end;
	enum rc rc = RC_OK;

	*delimiter = '\0';
	while (rc == RC_OK && got > 0 && lines < 2 && !*delimiter) {
		end = memchr(s->head + at, '\n', s->head_n - at);
		if (!end) {
			rc = read_head(s, &got);
			continue;
		}
		len = (size_t)(end - s->head) - at;
		*delimiter = import_rejects_header(s->head + at, len);
		at += len + 1;
		lines++;
	}
	return rc;
}

enum rc
import_source_is_rejects(struct import_source *s, struct import_opts *form, bool *is)
{
	enum rc rc;

	*is = false;
	s->head = calloc(1, HEAD_MAX);
	if (!s->head)
		return RC_NOMEM;
	rc = find_header(s, &form->delimiter);
	*is = rc == RC_OK && form->delimiter != '\0';
	if (!*is)
		return rc;
	form->format = IMPORT_CSV;
	form->no_header = false;
	return settle_encoding(s, &form->encoding);
}

enum rc
import_source_read(void *source, void *buf, size_t cap, size_t *got)
{
	struct import_source *s = source;
	size_t n = s->head_n - s->head_at;

	if (n == 0)
		return read_more(s, buf, cap, got);
	*got = n = n < cap ? n : cap;
	memcpy(buf, s->head + s->head_at, n);
	s->head_at += n;
	return RC_OK;
}

void
import_source_progress(const struct import_source *s, uint64_t *done, uint64_t *all)
{
	*done = s->done;
	*all = s->all;
}

enum rc
import_source_hash(struct import_source *s, uint8_t out[SHA256_LEN])
{
	return sha256_end(s->hash, out);
}

void
import_source_free(struct import_source *s)
{
	if (!s)
		return;
	sha256_free(s->hash);
	if (s->head)
		secret_wipe(s->head, s->head_n);
	free(s->head);
	free(s);
}

struct import_held {
	size_t n;
	struct copy {
		struct csv_row row;
		char *block;
		size_t block_len;
	} rows[IMPORT_SAMPLES];
};

/* A row with all it points to, in one block: pointers, lengths, fields, raw bytes. */
static enum rc
copy_row(const struct csv_row *row, struct copy *out)
{
	size_t i, at = row->n * (sizeof(char *) + sizeof(size_t)),
		  len = at + row->raw_len;
	const char **fields;
	size_t *lens;

	for (i = 0; i < row->n; i++)
		len += row->lens[i] + 1;
	out->block = malloc(len + 1);
	if (!out->block)
		return RC_NOMEM;
	out->block_len = len;
	out->row = *row;
	fields = (const char **)(void *)out->block;
	lens = (size_t *)(void *)(out->block + row->n * sizeof(char *));
	for (i = 0; i < row->n; i++) {
		fields[i] = out->block + at;
		lens[i] = row->lens[i];
		memcpy(out->block + at, row->fields[i], row->lens[i] + 1);
		at += row->lens[i] + 1;
	}
	out->row.fields = fields;
	out->row.lens = lens;
	out->row.raw = out->block + at;
	memcpy(out->block + at, row->raw, row->raw_len);
	return RC_OK;
}

static void
add_samples(const struct csv_row *row, size_t n, struct sample *samples)
{
	size_t i;

	if (row->fault != CSV_FINE || row->n != n)
		return;
	for (i = 0; i < n; i++)
		if (row->lens[i] > 0)
			samples[i].values[samples[i].n++] = row->fields[i];
}

static enum rc
hold(struct import_held *h, const struct csv_row *row, size_t n, struct sample *samples)
{
	enum rc rc = copy_row(row, &h->rows[h->n]);

	if (rc == RC_OK)
		add_samples(&h->rows[h->n++].row, n, samples);
	return rc;
}

enum rc
import_hold(struct import *im, const struct csv_row *first, struct sample *samples,
    struct import_held **out)
{
	struct import_held *h = calloc(1, sizeof *h);
	size_t bytes = 0;
	struct csv_row row;
	enum rc rc = RC_OK;

	*out = NULL;
	if (!h)
		return RC_NOMEM;
	if (first)
		rc = hold(h, first, im->n, samples);
	while (rc == RC_OK && h->n < IMPORT_SAMPLES && bytes < IMPORT_SAMPLE_BYTES) {
		rc = import_next(im, &row);
		if (rc == RC_OK)
			rc = hold(h, &row, im->n, samples);
		if (rc == RC_OK)
			bytes += h->rows[h->n - 1].block_len;
	}
	if (rc != RC_OK && rc != RC_NOTFOUND) {
		import_held_free(h);
		return rc;
	}
	*out = h;
	return RC_OK;
}

const struct csv_row *
import_held_at(const struct import_held *h, size_t i)
{
	return i < h->n ? &h->rows[i].row : NULL;
}

void
import_held_free(struct import_held *h)
{
	size_t i;

	if (!h)
		return;
	for (i = 0; i < h->n; i++) {
		secret_wipe(h->rows[i].block, h->rows[i].block_len);
		free(h->rows[i].block);
	}
	free(h);
}
