/*
 * The window of the list.
 *
 * 1. At most PAGES pages are held; the one farthest from the cursor goes first. Pages are
 *    wiped when they go.
 * 2. The cursor stays on its record when pages come and go at either side.
 * 3. head and tail say that the set begins or ends with what is held: only then is
 *    nothing wanted there.
 */
#include "ui/tui/listmodel.h"

#include <stdlib.h>
#include <string.h>

#define PAGES 5
#define NEAR  60 /* records between the cursor and the edge before more is wanted */

struct listmodel {
	struct rows *pages[PAGES + 1];
	size_t n;
	size_t cursor, top;
	size_t line;   /* of the screen where the anchor is to stand */
	int64_t first; /* index of the first record held; -1: not known */
	bool head, tail;
	bool empty;   /* nothing was put since listmodel_begin */
	int64_t owed; /* moves since then: made when there are records */
	struct list_want begin;
};

enum rc
listmodel_new(struct listmodel **out)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return RC_NOMEM;
	listmodel_begin(*out, FROM_FIRST, 0);
	return RC_OK;
}

static void
drop_pages(struct listmodel *m)
{
	while (m->n > 0)
		rows_free(m->pages[--m->n]);
}

void
listmodel_free(struct listmodel *m)
{
	if (!m)
		return;
	drop_pages(m);
	free(m);
}

void
listmodel_begin(struct listmodel *m, enum search_from from, int64_t anchor)
{
	drop_pages(m);
	*m = (struct listmodel){.first = -1, .empty = true, .begin = {from, anchor}};
}

void
listmodel_begin_at(struct listmodel *m, int64_t anchor, size_t line)
{
	listmodel_begin(m, AROUND, anchor);
	m->line = line;
}

bool
listmodel_is_empty(const struct listmodel *m)
{
	return m->empty;
}

size_t
listmodel_size(const struct listmodel *m)
{
	size_t i, size = 0;

	for (i = 0; i < m->n; i++)
		size += rows_count(m->pages[i]);
	return size;
}

const struct record *
listmodel_at(const struct listmodel *m, size_t i)
{
	size_t page;

	for (page = 0; page < m->n; page++) {
		size_t count = rows_count(m->pages[page]);

		if (i < count)
			return rows_at(m->pages[page], i);
		i -= count;
	}
	return NULL;
}

size_t
listmodel_cursor(const struct listmodel *m)
{
	return m->cursor;
}

const struct record *
listmodel_current(const struct listmodel *m)
{
	return listmodel_at(m, m->cursor);
}

size_t
listmodel_top(struct listmodel *m, size_t height)
{
	size_t size = listmodel_size(m);

	if (height == 0)
		return m->top;
	if (m->cursor < m->top)
		m->top = m->cursor;
	if (m->cursor >= m->top + height)
		m->top = m->cursor - height + 1;
	if (m->top + height > size)
		m->top = size > height ? size - height : 0;
	return m->top;
}

int64_t
listmodel_index(const struct listmodel *m, int64_t total)
{
	if (m->first >= 0)
		return m->first + (int64_t)m->cursor;
	if (m->tail && total >= 0)
		return total - (int64_t)listmodel_size(m) + (int64_t)m->cursor;
	return -1;
}

static void
put_last(struct listmodel *m, struct rows *rows)
{
	size_t dropped;

	m->pages[m->n++] = rows;
	if (m->n <= PAGES)
		return;
	dropped = rows_count(m->pages[0]);
	rows_free(m->pages[0]);
	memmove(m->pages, m->pages + 1, --m->n * sizeof *m->pages);
	m->cursor -= dropped < m->cursor ? dropped : m->cursor;
	m->top -= dropped < m->top ? dropped : m->top;
	if (m->first >= 0)
		m->first += (int64_t)dropped;
	m->head = false;
}

static void
put_first(struct listmodel *m, struct rows *rows)
{
	size_t count = rows_count(rows);

	memmove(m->pages + 1, m->pages, m->n++ * sizeof *m->pages);
	m->pages[0] = rows;
	m->cursor += count;
	m->top += count > m->line ? count - m->line : 0;
	m->line = 0;
	if (m->first >= 0)
		m->first -= (int64_t)count;
	if (m->n > PAGES) {
		rows_free(m->pages[--m->n]);
		m->tail = false;
	}
}

static void
put(struct listmodel *m, const struct list_want *want, struct rows *rows)
{
	size_t count = rows_count(rows);
	bool whole = count < LIST_PAGE; /* there are no more in this direction */
	bool was_empty = m->empty;

	m->empty = false;
	if (want->from == AROUND && count == 0) { /* it was the last one, and is gone */
		rows_free(rows);
		listmodel_begin(m, FROM_LAST, 0);
		return;
	}
	if (want->from == BEFORE) {
		m->head = whole;
		if (count > 0)
			put_first(m, rows);
		else
			rows_free(rows);
		if (whole)
			m->first = 0;
		return;
	}
	if (want->from != FROM_LAST)
		m->tail = whole;
	else
		m->head = whole;
	if (want->from == FROM_FIRST) {
		m->head = true;
		m->first = 0;
	}
	if (count > 0)
		put_last(m, rows);
	else
		rows_free(rows);
	if (want->from == FROM_LAST) {
		m->tail = true;
		m->first = whole ? 0 : -1;
		if (was_empty && count > 0)
			m->cursor = count - 1;
	}
}

void
listmodel_put(struct listmodel *m, const struct list_want *want, struct rows *rows)
{
	int64_t owed = m->owed;

	put(m, want, rows);
	if (owed == 0 || m->empty)
		return;
	m->owed = 0;
	listmodel_move(m, owed);
}

bool
listmodel_want(const struct listmodel *m, struct list_want *out)
{
	size_t size = listmodel_size(m);

	if (m->empty) {
		*out = m->begin;
		return true;
	}
	if (size == 0)
		return false;
	if (!m->tail && m->cursor + NEAR >= size) {
		*out = (struct list_want){AFTER, listmodel_at(m, size - 1)->id};
		return true;
	}
	if (!m->head && m->cursor < NEAR) {
		*out = (struct list_want){BEFORE, listmodel_at(m, 0)->id};
		return true;
	}
	return false;
}

void
listmodel_go(struct listmodel *m, size_t i)
{
	size_t size = listmodel_size(m);

	m->cursor = i < size ? i : size ? size - 1 : 0;
}

void
listmodel_move(struct listmodel *m, int64_t by)
{
	int64_t to = (int64_t)m->cursor + by;

	if (m->empty) {
		m->owed += by;
		return;
	}
	listmodel_go(m, to < 0 ? 0 : (size_t)to);
}

void
listmodel_first(struct listmodel *m)
{
	if (m->head)
		listmodel_go(m, 0);
	else
		listmodel_begin(m, FROM_FIRST, 0);
}

void
listmodel_last(struct listmodel *m)
{
	if (m->tail)
		listmodel_go(m, listmodel_size(m));
	else
		listmodel_begin(m, FROM_LAST, 0);
}
