#ifndef UI_TUI_LISTMODEL_H
#define UI_TUI_LISTMODEL_H

/*
 * A window over an ordered set of records of any size: a few pages around the cursor, got
 * by key and not by offset. It knows no vault; it says which page it wants.
 */

#include "store/search.h"

#define LIST_PAGE 100 /* records */

struct listmodel;

struct list_want {
	enum search_from from;
	int64_t anchor;
};

enum rc listmodel_new(struct listmodel **out);
void listmodel_free(struct listmodel *m); /* wipes; NULL is harmless */

/**
 * listmodel_begin(m, from, anchor): drop everything; the next page wanted is this one.
 * listmodel_put(m, want, rows): the answer to ${want}; ${rows} is the model's from now
 * on. listmodel_want(m, out): whether a page is wanted, and which: near the edges of what
 * is there. It is wanted until it is put or listmodel_begin is called.
 */
void listmodel_begin(struct listmodel *m, enum search_from from, int64_t anchor);
/* AROUND ${anchor}, which is to stand on line ${line} once what is before it is there. */
void listmodel_begin_at(struct listmodel *m, int64_t anchor, size_t line);
void listmodel_put(struct listmodel *m, const struct list_want *want, struct rows *rows);
bool listmodel_want(const struct listmodel *m, struct list_want *out);

/* Whether nothing was put yet: there may be records. */
bool listmodel_is_empty(const struct listmodel *m);

/* What is there: records in order, the cursor, the first one shown on ${height} lines. */
size_t listmodel_size(const struct listmodel *m);
const struct record *listmodel_at(const struct listmodel *m, size_t i);
size_t listmodel_cursor(const struct listmodel *m);
const struct record *listmodel_current(const struct listmodel *m); /* NULL: none */
size_t listmodel_top(struct listmodel *m, size_t height);

/**
 * listmodel_index(m, total): the cursor's place among all, from 0; -1 when not known.
 * ${total}: how many there are, -1 when not known.
 */
int64_t listmodel_index(const struct listmodel *m, int64_t total);

/* Movement; to either end may need a new window (listmodel_want then says so). */
void listmodel_move(struct listmodel *m, int64_t by);
void listmodel_go(struct listmodel *m, size_t i);
void listmodel_first(struct listmodel *m);
void listmodel_last(struct listmodel *m);

#endif
