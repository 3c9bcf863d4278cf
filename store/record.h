#ifndef STORE_RECORD_H
#define STORE_RECORD_H

/*
 * Records. What leaves this header is masked by class; the value of a masked field leaves
 * only through record_reveal and record_copy, which write to the audit first.
 */

#include "store/field.h"

#define RECORD_VALUE_MAX (1024 * 1024) /* bytes */

struct cell {
	const char *text; /* UTF-8, NUL-terminated; "" when empty; may hold any character */
	size_t len;
	bool masked;  /* text is the masked form */
	bool invalid; /* kept as it stood: does not parse as its type; shown with "!" */
};

struct record {
	int64_t id;
	uint8_t uuid[16];
	int64_t version; /* from 1, one more at each edit */
	int64_t created_at, updated_at, deleted_at; /* UTC microseconds; 0: not in the trash */
	int64_t keep_until; /* UTC microseconds; 0: no date */
	const char *actor; /* who changed it last */
	const char *tags;  /* in order, with blanks between; "": none */
	size_t n;          /* cells, in the order of field_list */
	struct cell *cells;
};

struct change { /* one field's new value */
	int index;        /* position in field_list */
	const char *text; /* NULL or "": empty */
	size_t len;
};

/**
 * record_get(v, id, out): RC_OK; RC_NOTFOUND. Trashed records are found (deleted_at).
 * record_free(r): wipe and free; NULL is harmless.
 */
enum rc record_get(struct vault *v, int64_t id, struct record **out);
void record_free(struct record *r);

/**
 * record_add(v, ch, n, id):
 * Normalise, validate, insert, audit: one transaction. RC_OK; RC_INPUT (a value is not valid
 * or a required one is missing: vault_err names the field, not the value).
 * record_edit(v, id, version, ch, n): the same for some fields of a record; RC_BUSY when it
 * is no longer at ${version} (somebody else changed it: show it again), RC_NOTFOUND.
 * Both: RC_BUSY when somebody else changed the fields since field_list gave them.
 */
enum rc record_add(struct vault *v, const struct change *ch, size_t n, int64_t *id);
enum rc record_edit(struct vault *v, int64_t id, int64_t version, const struct change *ch,
    size_t n);

/**
 * record_trash(v, id), record_restore(v, id): RC_OK; RC_NOTFOUND; RC_INPUT (is/isn't there).
 */
enum rc record_trash(struct vault *v, int64_t id);
enum rc record_restore(struct vault *v, int64_t id);

/**
 * record_reveal(v, id, index, reason, out):
 * The value of one field, in the clear. A masked field: the event "revealed" is durable
 * before the value is read; ${reason} may be NULL or "". RC_OK; RC_NOTFOUND; RC_DENIED;
 * RC_BUSY when somebody else changed the fields since field_list gave them.
 */
enum rc record_reveal(struct vault *v, int64_t id, int index, const char *reason,
    struct secret **out);

/**
 * record_copy(v, id, index, reason, out):
 * The same for a value that goes to the clipboard: the event "copied", with the field's class
 * before the reason, is durable before the value is read, for open fields too. RC_INPUT also
 * when the field is empty; RC_READONLY (nothing can be recorded, so nothing is copied).
 */
enum rc record_copy(struct vault *v, int64_t id, int index, const char *reason,
    struct secret **out);

#endif
