/*
 * A text table for people.
 *
 * 1. Widths come from the first SAMPLE rows, which are held back until then, or from those
 *    that HELD_MAX bytes are enough for; so memory stays bounded. A later cell that is wider
 *    pushes its row out of line when the table may be as wide as it needs, and is cut when
 *    it may not.
 * 2. Every cell goes through text_clip or text_visible: no byte of a record reaches the
 *    terminal as a control character.
 * 3. Rows held back are wiped before they are freed.
 */
#include "store/sink_int.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/text.h"

#define SAMPLE    1000
#define GAP       2
#define WIDTH_MIN 4
#define CELL_MAX  4096 /* bytes of one cell in a table of a given width; more never shows */
#define HELD_MAX  (4 * 1024 * 1024)

struct cell {
	char *text;
	size_t len;
	bool number, masked;
};

struct table {
	struct cell *held; /* SAMPLE rows of n cells; NULL when they have been written */
	size_t rows, bytes; /* that are held */
	int *widths;
	bool *right; /* columns of numbers */
};

static void
free_held(struct sink *s)
{
	struct table *t = s->own;
	size_t i;

	if (!t->held)
		return;
	for (i = 0; i < t->rows * s->n; i++) {
		if (t->held[i].text)
			secret_wipe(t->held[i].text, t->held[i].len);
		free(t->held[i].text);
	}
	free(t->held);
	t->held = NULL;
}

static void
table_free(struct sink *s)
{
	struct table *t = s->own;

	if (!t)
		return;
	free_held(s);
	free(t->widths);
	free(t->right);
	free(t);
	s->own = NULL;
}

static enum rc
table_begin(struct sink *s)
{
	struct table *t = s->own = calloc(1, sizeof *t);
	size_t i;

	if (!t)
		return RC_NOMEM;
	t->held = calloc(SAMPLE * (s->n ? s->n : 1), sizeof *t->held);
	t->widths = calloc(s->n ? s->n : 1, sizeof *t->widths);
	t->right = calloc(s->n ? s->n : 1, sizeof *t->right);
	if (!t->held || !t->widths || !t->right)
		return RC_NOMEM;
	for (i = 0; i < s->n; i++)
		t->widths[i] = text_width(s->labels[i], strlen(s->labels[i]));
	return RC_OK;
}

/* Take columns off the widest cells until the row fits. */
static void
shrink(struct sink *s)
{
	struct table *t = s->own;
	int total = -GAP;
	size_t i, widest;

	for (i = 0; i < s->n; i++)
		total += t->widths[i] + GAP;
	for (; s->opts.width > 0 && total > s->opts.width; total--) {
		widest = 0;
		for (i = 1; i < s->n; i++)
			if (t->widths[i] > t->widths[widest])
				widest = i;
		if (t->widths[widest] <= WIDTH_MIN)
			return;
		t->widths[widest]--;
	}
}

static enum rc
put_blanks(struct sink *s, int n)
{
	enum rc rc = RC_OK;

	for (; rc == RC_OK && n > 0; n--)
		rc = sink_put(s, " ", 1);
	return rc;
}

/* A cell as it is shown, in its column; the last one has no blanks after it. */
static enum rc
put_shown(struct sink *s, size_t i, const char *shown, size_t len, bool right)
{
	const struct table *t = s->own;
	int pad = t->widths[i] - text_width(shown, len);
	enum rc rc = right ? put_blanks(s, pad) : RC_OK;

	if (rc == RC_OK)
		rc = sink_put(s, shown, len);
	if (rc == RC_OK && i + 1 < s->n)
		rc = put_blanks(s, (right || pad < 0 ? 0 : pad) + GAP);
	return rc;
}

/* Without a width nothing is cut, however long it is. */
static enum rc
put_cell(struct sink *s, size_t i, const char *text, size_t len, bool right)
{
	const struct table *t = s->own;
	const size_t cap = s->opts.width > 0 ? CELL_MAX : 4 * len + 1;
	char small[CELL_MAX], *out = cap > sizeof small ? malloc(cap) : small;
	enum rc rc;
	size_t n;

	if (!out)
		return RC_NOMEM;
	if (s->opts.width > 0)
		n = text_clip(text, len, t->widths[i], false, s->opts.utf8, out, cap);
	else
		n = text_visible(text, len, out, cap);
	rc = put_shown(s, i, out, n, right);
	secret_wipe(out, n);
	if (out != small)
		free(out);
	return rc;
}

static enum rc
put_style(struct sink *s, const char *sgr)
{
	return s->opts.colour ? sink_puts(s, sgr) : RC_OK;
}

static enum rc
put_header(struct sink *s)
{
	const struct table *t = s->own;
	enum rc rc;
	size_t i;
	int w;

	rc = put_style(s, "\033[1m");
	for (i = 0; rc == RC_OK && i < s->n; i++)
		rc = put_cell(s, i, s->labels[i], strlen(s->labels[i]), t->right[i]);
	if (rc == RC_OK)
		rc = put_style(s, "\033[0m");
	if (rc == RC_OK)
		rc = sink_puts(s, "\n");
	for (i = 0; rc == RC_OK && i < s->n; i++) {
		for (w = t->widths[i]; rc == RC_OK && w > 0; w--)
			rc = sink_puts(s, "-");
		if (rc == RC_OK && i + 1 < s->n)
			rc = put_blanks(s, GAP);
	}
	return rc == RC_OK ? sink_puts(s, "\n") : rc;
}

static enum rc
put_row(struct sink *s, const struct cell *cells)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < s->n; i++) {
		bool dim = cells[i].masked && cells[i].len;

		if (dim)
			rc = put_style(s, "\033[2m");
		if (rc == RC_OK)
			rc = put_cell(s, i, cells[i].text ? cells[i].text : "",
			    cells[i].len, cells[i].number);
		if (rc == RC_OK && dim)
			rc = put_style(s, "\033[0m");
	}
	return rc == RC_OK ? sink_puts(s, "\n") : rc;
}

/* Settle the widths and write what was held back. */
static enum rc
release(struct sink *s)
{
	struct table *t = s->own;
	enum rc rc;
	size_t i;

	shrink(s);
	rc = put_header(s);
	for (i = 0; rc == RC_OK && i < t->rows; i++)
		rc = put_row(s, t->held + i * s->n);
	free_held(s);
	return rc;
}

static enum rc
hold(struct sink *s, const struct sink_value *values)
{
	struct table *t = s->own;
	struct cell *row = t->held + t->rows * s->n;
	size_t i;
	int w;

	t->rows++;
	for (i = 0; i < s->n; i++) {
		const struct sink_value *v = &values[i];

		row[i].number = v->number;
		row[i].masked = v->masked;
		t->right[i] |= v->number;
		if (!v->text || !v->len)
			continue;
		row[i].len = s->opts.width > 0 && v->len > CELL_MAX ? CELL_MAX : v->len;
		row[i].text = malloc(row[i].len);
		if (!row[i].text) {
			row[i].len = 0;
			return RC_NOMEM;
		}
		memcpy(row[i].text, v->text, row[i].len);
		t->bytes += row[i].len;
		w = text_width(row[i].text, row[i].len);
		if (w > t->widths[i])
			t->widths[i] = w;
	}
	return RC_OK;
}

static enum rc
table_row(struct sink *s, const struct sink_value *values)
{
	struct table *t = s->own;
	struct cell *cells;
	enum rc rc;
	size_t i;

	if (t->held && t->rows < SAMPLE && t->bytes < HELD_MAX)
		return hold(s, values);
	if (t->held) {
		rc = release(s);
		if (rc != RC_OK)
			return rc;
	}
	cells = calloc(s->n ? s->n : 1, sizeof *cells);
	if (!cells)
		return RC_NOMEM;
	for (i = 0; i < s->n; i++) {
		cells[i].text = (char *)(uintptr_t)values[i].text;
		cells[i].len = values[i].text ? values[i].len : 0;
		cells[i].number = values[i].number;
		cells[i].masked = values[i].masked;
	}
	rc = put_row(s, cells);
	free(cells);
	return rc;
}

static enum rc
table_end(struct sink *s)
{
	struct table *t = s->own;

	return t->held ? release(s) : RC_OK;
}

const struct sink_ops sink_table_ops = { table_begin, table_row, table_end, table_free };
