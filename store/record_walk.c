/*
 * Rows to records for an export: no memory is taken for each, and nothing read twice.
 *
 * 1. Open cells point into SQLite's row. What is made here (masked forms, hints, opened
 *    values) has a buffer for each field, which is wiped when it is given back.
 * 2. Sealed cells come from one statement in the order of record ids that runs beside the
 *    walk: it is stepped on while the walk goes up, and begins anew where that jumps.
 */
#include "store/record_walk.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/record_int.h"
#include "store/sealed_int.h"

#define STEPS_MOST   16 /* of the sealed rows, before a jump is cheaper */

enum { SEALED_RECORD, SEALED_FIELD, SEALED_TEXT, SEALED_INVALID };

struct room {
	char *text;
	size_t cap;
};

struct record_walk {
	struct vault *v;
	const struct field *f;
	const uint8_t *want;
	bool raw, sealed;
	sqlite3_stmt *beside; /* sealed rows; NULL: none are asked for, or not yet */
	int64_t from, at; /* records from ${from} to before ${at} have none left; at: its row's */
	struct room *rooms;
	struct record record;
};

void
record_walk_columns(
    const struct vault *v, const uint8_t *want, bool raw, struct sql_text *t)
{
	size_t i, n;
	const struct field *f = field_list(v, &n);

	sql_add(t, raw ? "r.id, r.uuid" : "r.id");
	for (i = 0; i < n; i++)
		if (want[i] && f[i].cls != CLASS_SEALED)
			sql_add(t, ", r.f_%d", f[i].id);
}

enum rc
record_walk_new(struct vault *v, const uint8_t *want, bool raw, struct record_walk **out)
{
	struct record_walk *w = calloc(1, sizeof *w);
	size_t i;

	*out = NULL;
	if (!w)
		return err_default(&v->err, RC_NOMEM);
	w->v = v;
	w->want = want;
	w->raw = raw;
	w->f = field_list(v, &w->record.n);
	w->record.actor = w->record.tags = "";
	w->record.cells = calloc(w->record.n + 1, sizeof *w->record.cells);
	w->rooms = calloc(w->record.n + 1, sizeof *w->rooms);
	if (!w->record.cells || !w->rooms) {
		record_walk_free(w);
		return err_default(&v->err, RC_NOMEM);
	}
	for (i = 0; i < w->record.n; i++)
		w->sealed |= want[i] && w->f[i].cls == CLASS_SEALED;
	*out = w;
	return RC_OK;
}

static void
room_free(struct room *r)
{
	if (r->text)
		secret_wipe(r->text, r->cap);
	free(r->text);
	*r = (struct room){ NULL, 0 };
}

void
record_walk_free(struct record_walk *w)
{
	size_t i;

	if (!w)
		return;
	sqlite3_finalize(w->beside);
	for (i = 0; w->rooms && i < w->record.n; i++)
		room_free(&w->rooms[i]);
	free(w->rooms);
	free(w->record.cells);
	free(w);
}

/* At least ${want} bytes for field ${i}; NULL without memory. */
static char *
room(struct record_walk *w, size_t i, size_t want)
{
	struct room *r = &w->rooms[i];

	if (r->cap >= want)
		return r->text;
	room_free(r);
	r->text = malloc(2 * want);
	r->cap = r->text ? 2 * want : 0;
	return r->text;
}

static enum rc
read_cell(struct record_walk *w, sqlite3_stmt *st, int column, size_t i)
{
	const struct field *f = &w->f[i];
	struct cell *c = &w->record.cells[i];
	size_t cap;
	char *masked;
	enum rc rc = RC_OK;

	*c = (struct cell){ .text = (const char *)sqlite3_column_text(st, column) };
	if (!c->text) {
		c->text = "";
		return RC_OK;
	}
	c->len = (size_t)sqlite3_column_bytes(st, column);
	if (w->want[i] == WANT_CHECKED)
		rc = record_check_value(f->type, c->text, c->len, &c->invalid);
	c->masked = !w->raw && f->cls != CLASS_OPEN && c->len > 0;
	if (rc != RC_OK || !c->masked)
		return rc;
	cap = record_masked_cap(c->len);
	masked = room(w, i, cap);
	if (!masked)
		return RC_NOMEM;
	type_mask(f->type, c->text, c->len, masked, cap);
	c->text = masked;
	c->len = strlen(masked);
	return RC_OK;
}

static enum rc
read_cells(struct record_walk *w, sqlite3_stmt *st)
{
	int column = w->raw ? 2 : 1; /* behind the id, and the uuid under which values are sealed */
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < w->record.n; i++) {
		if (w->want[i] && w->f[i].cls != CLASS_SEALED)
			rc = read_cell(w, st, column++, i);
		else
			w->record.cells[i] = (struct cell){ .text = "" };
	}
	return rc;
}

/* Stand on the next sealed row; behind the last one w->at is more than any id. */
static enum rc
step_beside(struct record_walk *w)
{
	enum rc rc = sql_step(w->v, w->beside);

	w->at = rc == RC_OK ? sqlite3_column_int64(w->beside, SEALED_RECORD) : INT64_MAX;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* Begin anew at record ${id}. */
static enum rc
jump(struct record_walk *w, int64_t id)
{
	enum rc rc = RC_OK;

	if (!w->beside)
		rc = sql_prepare(w->v, w->raw
		    ? "SELECT record_id, field_id, value, invalid FROM sealed"
		      " WHERE record_id >= ?1 ORDER BY record_id"
		    : "SELECT record_id, field_id, hint FROM sealed"
		      " WHERE record_id >= ?1 ORDER BY record_id", &w->beside);
	if (rc != RC_OK)
		return rc;
	sqlite3_reset(w->beside);
	rc = sql_bind(w->v, w->beside, "i", id);
	return rc == RC_OK ? step_beside(w) : rc;
}

/* Go to the first sealed row of record ${id}, or behind where it would be. */
static enum rc
seek(struct record_walk *w, int64_t id)
{
	enum rc rc = RC_OK;
	int steps;

	if (!w->beside || id < w->from)
		rc = jump(w, id);
	for (steps = 0; rc == RC_OK && w->at < id; steps++)
		rc = steps < STEPS_MOST ? step_beside(w) : jump(w, id);
	w->from = id;
	return rc;
}

/* The text of the sealed row for cell ${i}. */
static enum rc
read_sealed(struct record_walk *w, size_t i)
{
	const struct sealed_place place = { w->record.uuid, (uint32_t)w->f[i].id, w->f[i].type };
	const void *bytes = sqlite3_column_blob(w->beside, SEALED_TEXT);
	const size_t n = (size_t)sqlite3_column_bytes(w->beside, SEALED_TEXT);
	struct cell *c = &w->record.cells[i];
	char *text = room(w, i, n + 1);
	enum rc rc = RC_OK;

	if (!text)
		return RC_NOMEM;
	*c = (struct cell){ .text = text, .len = n, .masked = !w->raw };
	if (w->raw) {
		c->invalid = sqlite3_column_int(w->beside, SEALED_INVALID) != 0;
		rc = sealed_open(w->v, &place, bytes, n, text);
		c->len = rc == RC_OK ? n - SEALED_OVERHEAD : 0;
	} else if (n) {
		memcpy(text, bytes, n);
	}
	text[c->len] = '\0';
	return rc;
}

static enum rc
read_all_sealed(struct record_walk *w)
{
	enum rc rc = seek(w, w->record.id);
	size_t i;
	int id;

	while (rc == RC_OK && w->at == w->record.id) {
		id = sqlite3_column_int(w->beside, SEALED_FIELD);
		for (i = 0; i < w->record.n && w->f[i].id != id; i++)
			;
		if (i < w->record.n && w->want[i] && w->f[i].cls == CLASS_SEALED)
			rc = read_sealed(w, i);
		if (rc == RC_OK)
			rc = step_beside(w);
	}
	w->from = w->record.id + 1;
	return rc;
}

enum rc
record_walk_read(struct record_walk *w, sqlite3_stmt *st, const struct record **out)
{
	const void *uuid;
	enum rc rc;

	*out = NULL;
	w->record.id = sqlite3_column_int64(st, 0);
	if (w->raw) {
		uuid = sqlite3_column_blob(st, 1);
		memset(w->record.uuid, 0, sizeof w->record.uuid);
		if (uuid && sqlite3_column_bytes(st, 1) == sizeof w->record.uuid)
			memcpy(w->record.uuid, uuid, sizeof w->record.uuid);
	}
	rc = read_cells(w, st);
	if (rc == RC_OK && w->sealed)
		rc = read_all_sealed(w);
	if (rc == RC_OK)
		*out = &w->record;
	return err_default(&w->v->err, rc);
}
