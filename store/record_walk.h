#ifndef STORE_RECORD_WALK_H
#define STORE_RECORD_WALK_H

/* Many records one after the other, each read for a moment, and of each no more than is asked. */

#include "store/record.h"
#include "store/sql.h"

enum record_want { WANT_NOTHING, WANT_TEXT, WANT_CHECKED /* with cell.invalid */ };

struct record_walk;

/**
 * record_walk_columns(v, want, raw, t):
 * Append the result columns of a SELECT over "record r" that a walk with the same ${want} and
 * ${raw} understands. want[i] says what is asked of field i of field_list.
 */
void record_walk_columns(
    const struct vault *v, const uint8_t *want, bool raw, struct sql_text *t);

/**
 * record_walk_new(v, want, raw, out):
 * For rows of those columns. RC_OK; RC_NOMEM. record_walk_free wipes; NULL is harmless.
 * record_walk_read(w, st, out):
 * The record that ${st} stands on: its id and cells, nothing else of it. Cells are as
 * record_read has them; they live until the next call on ${w} or ${st}. Answers as record_read.
 */
enum rc record_walk_new(
    struct vault *v, const uint8_t *want, bool raw, struct record_walk **out);
enum rc record_walk_read(
    struct record_walk *w, sqlite3_stmt *st, const struct record **out);
void record_walk_free(struct record_walk *w);

#endif
