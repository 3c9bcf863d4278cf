/*
 * Numbers of records from the arguments, or from a file.
 *
 * 1. What is no number is an error that names its line, and never passed over: a list that is
 *    read by half would be another list.
 */

#include "ui/op_ids.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/infile.h"
#include "ui/op_util.h"

#define WORD_MAX 32 /* bytes: more than a number has */

enum rc
op_ids(struct op_call *c, int64_t ids[OP_ARGS_MAX])
{
	enum rc rc = RC_OK;
	int i, j;

	for (i = 0; rc == RC_OK && i < c->arg_n; i++) {
		rc = op_id(c, c->args[i], &ids[i]);
		for (j = 0; rc == RC_OK && j < i; j++)
			if (ids[j] == ids[i])
				rc = err_set(&c->err, RC_INPUT,
				    "nothing was done: record %" PRId64 " is named twice",
				    ids[i]);
	}
	return rc;
}

struct ids {
	int64_t *at;
	size_t n, cap;
};

static enum rc
add(struct ids *ids, int64_t id)
{
	size_t cap = ids->cap > 0 ? 2 * ids->cap : 1024;
	int64_t *more;

	if (ids->n == ids->cap) {
		more = realloc(ids->at, cap * sizeof(*more));
		if (more == NULL)
			return RC_NOMEM;
		ids->at = more;
		ids->cap = cap;
	}
	ids->at[ids->n++] = id;
	return RC_OK;
}

static bool
is_between(int ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' || ch == ',';
}

/*
 * The next word and the line it stands on; its length, 0 at the end. WORD_MAX: it is too long
 * and not read further, for it may have no end.
 */
static size_t
next_word(FILE *f, char word[WORD_MAX], uint64_t *line)
{
	size_t n = 0;
	int ch;

	while ((ch = getc(f)) != EOF && is_between(ch))
		*line += ch == '\n';
	for (; ch != EOF && !is_between(ch) && n < WORD_MAX; ch = getc(f))
		word[n++] = (char)ch;
	if (ch != EOF)
		ungetc(ch, f);
	if (n < WORD_MAX)
		word[n] = '\0';
	return n;
}

static bool
parse(const char *word, size_t n, int64_t *id)
{
	char *end;

	if (n == WORD_MAX)
		return false;
	errno = 0;
	*id = strtoll(word, &end, 10);
	/* A NUL in the word is no end of it. */
	return word[0] >= '0' && word[0] <= '9' && end == word + n && errno == 0 && *id > 0;
}

static enum rc
read_all(struct op_call *c, FILE *f, const char *name, struct ids *ids)
{
	char word[WORD_MAX];
	uint64_t line = 1;
	bool first = true;
	enum rc rc = RC_OK;
	int64_t id;
	size_t n;

	for (; rc == RC_OK && (n = next_word(f, word, &line)) > 0; first = false)
		if (atomic_load(&c->cancel))
			rc = RC_CANCELLED;
		else if (parse(word, n, &id))
			rc = add(ids, id);
		else if (!first || n != 2 || memcmp(word, "id", 2) != 0)
			rc = err_set(&c->err, RC_INPUT,
			    "%s, line %" PRIu64 ": there is no number of a record: write one on "
			    "each line, as \"list --fields id --csv\" prints them",
			    name, line);
	return rc;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
make_unique(struct ids *ids)
{
	size_t i, n = 0;

	if (ids->n > 1)
		qsort(ids->at, ids->n, sizeof(*ids->at), by_number);
	for (i = 0; i < ids->n; i++)
		if (n == 0 || ids->at[n - 1] != ids->at[i])
			ids->at[n++] = ids->at[i];
	ids->n = n;
}

static enum rc
open_own(struct op_call *c, const char *path, FILE **out)
{
	int fd;
	enum rc rc = infile_open(path, &c->cancel, &fd, &c->err);

	if (rc != RC_OK)
		return rc;
	*out = fdopen(fd, "r");
	if (*out == NULL) {
		close(fd);
		return RC_NOMEM;
	}
	return RC_OK;
}

enum rc
op_ids_read(struct op_call *c, const char *path, int64_t **ids, size_t *n)
{
	bool own = strcmp(path, "-") != 0;
	const char *name = own ? path : "the standard input";
	struct ids all = {NULL, 0, 0};
	enum rc rc;
	FILE *f = stdin;

	*ids = NULL;
	*n = 0;
	if (!own && !c->face->reads)
		return err_set(&c->err, RC_INPUT,
		    "there is no standard input here: name a file with the numbers");
	rc = own ? open_own(c, path, &f) : RC_OK;
	if (rc != RC_OK)
		return rc;
	rc = read_all(c, f, name, &all);
	if (rc == RC_OK && ferror(f))
		rc = atomic_load(&c->cancel) ? RC_CANCELLED
					     : err_set(&c->err, RC_IO, "%s can't be read: %s",
						   name, strerror(errno));
	if (rc == RC_OK && all.at == NULL)
		rc = err_set(&c->err, RC_INPUT, "%s holds no number of a record", name);
	if (own)
		fclose(f);
	if (rc != RC_OK) {
		free(all.at);
		return rc;
	}
	make_unique(&all);
	*ids = all.at;
	*n = all.n;
	return RC_OK;
}
