/*
 * What becomes of each column's values on their way out.
 *
 * 1. A column without a treatment never leaves in the clear what its class protects.
 * 2. What takes the value of a protected field in any form (last4, hash, reveal) needs a
 *    full slot, which is asked for before a row is read.
 * 3. A keyed hash is HMAC-SHA-256 under a key of the vault, over the field's number and the
 *    value: the same value has the same hash in every report of the vault, another one in
 *    another field and another vault, and nobody without the keys can try values. A
 *    truncation to 130 bits is written, in the alphabet of RFC 4648.
 * 4. Buffers that held values are wiped.
 */
#include "store/export_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "keyring/secret.h"
#include "store/record_walk.h"
#include "store/text.h"
#include "store/unlocked.h"

#define LAST_SHOWN 4
#define LAST_FROM  8 /* characters: the last four of less would be half of it or more */
#define HASH_LEN   EXPORT_HASH_LEN

struct column {
	int index;
	enum export_treatment treat;
	char *scratch; /* for what is not written as it stands */
	size_t cap;
};

struct treated {
	struct vault *v;
	struct err *err;
	const struct field *fields;
	size_t field_n, n;
	struct column *columns;
	struct sink_value *values;
	uint8_t *want; /* of each field: enum record_want */
	bool raw;
	uint8_t *hash_key; /* of KEY_LEN bytes in the secure heap; NULL: no column needs it */
	char id[24];
};

static const struct {
	const char *name;
	enum export_treatment treat;
} treatments[] = {
	{ "default", TREAT_DEFAULT },
	{ "as-is", TREAT_AS_IS },
	{ "mask", TREAT_MASK },
	{ "last4", TREAT_LAST4 },
	{ "hash", TREAT_HASH },
	{ "drop", TREAT_DROP },
	{ "reveal", TREAT_REVEAL },
};
#define TREATMENTS (sizeof treatments / sizeof *treatments)

bool
export_treatment_parse(const char *name, enum export_treatment *out)
{
	size_t i;

	for (i = 0; i < TREATMENTS; i++) {
		if (strcmp(treatments[i].name, name) == 0) {
			*out = treatments[i].treat;
			return true;
		}
	}
	return false;
}

const char *
export_treatment_name(enum export_treatment treat)
{
	size_t i;

	for (i = 0; i < TREATMENTS; i++)
		if (treatments[i].treat == treat)
			return treatments[i].name;
	return "";
}

/* A treatment in so many words, from what was asked and the field's class. */
static enum rc
settle_treatment(struct treated *t, const struct field *f, enum export_treatment *treat)
{
	bool open = f->cls == CLASS_OPEN;

	if (*treat == TREAT_AS_IS && !open)
		return err_set(t->err, RC_INPUT,
		    "%s is %s: its treatment is mask, or reveal to export it in the clear",
		    f->name, class_name(f->cls));
	if (*treat == TREAT_DEFAULT)
		*treat = open ? TREAT_AS_IS : TREAT_MASK;
	if (*treat == TREAT_REVEAL && open)
		*treat = TREAT_AS_IS;
	return RC_OK;
}

static enum rc
need_hash_key(struct treated *t)
{
	if (t->hash_key)
		return RC_OK;
	t->hash_key = secret_alloc(KEY_LEN);
	if (!t->hash_key)
		return err_default(t->err, RC_NOMEM);
	return keyring_derive_field(unlocked_keyring(t->v->unlocked), "export-hash",
	    t->hash_key, KEY_LEN, t->err);
}

/* What the treatment of a field takes: the slot's role, keys, the values themselves. */
static enum rc
prepare_treatment(struct treated *t, const struct field *f, enum export_treatment treat)
{
	struct keyring *kr = unlocked_keyring(t->v->unlocked);
	bool takes_value = treat == TREAT_LAST4 || treat == TREAT_HASH ||
	    treat == TREAT_REVEAL;
	enum rc rc = RC_OK;

	if (treat == TREAT_HASH)
		rc = keyring_need_full(kr, "export keyed hashes", t->err);
	else if (takes_value && f->cls != CLASS_OPEN)
		rc = keyring_need_full(
		    kr, "export masked values other than masked", t->err);
	if (rc == RC_OK && treat == TREAT_HASH)
		rc = need_hash_key(t);
	t->raw |= takes_value && f->cls != CLASS_OPEN;
	return rc;
}

/* Whether a file tells a proper value of that type from others: value_as_is. */
static bool
is_told_apart(enum field_type type)
{
	return type == TYPE_NUMBER || type == TYPE_MONEY;
}

/* One column, unless it is dropped. */
static enum rc
add_column(struct treated *t, struct export_column c)
{
	const struct field *f;
	enum rc rc = RC_OK;

	if (c.treat == TREAT_DROP)
		return RC_OK;
	if (c.index == SORT_ID) {
		if (c.treat != TREAT_DEFAULT && c.treat != TREAT_AS_IS)
			return err_set(t->err, RC_INPUT,
			    "id is the record's number: it can be as-is or drop, not %s",
			    export_treatment_name(c.treat));
		c.treat = TREAT_AS_IS;
	} else {
		if (c.index < 0 || (size_t)c.index >= t->field_n)
			return err_set(
			    t->err, RC_INPUT, "there is no such column to export");
		f = &t->fields[c.index];
		rc = settle_treatment(t, f, &c.treat);
		if (rc == RC_OK)
			rc = prepare_treatment(t, f, c.treat);
		t->want[c.index] = is_told_apart(f->type) ? WANT_CHECKED : WANT_TEXT;
	}
	t->columns[t->n].index = c.index;
	t->columns[t->n++].treat = c.treat;
	return rc;
}

static enum rc
choose_columns(struct treated *t, const struct export_opts *opts)
{
	size_t want = opts->columns ? opts->column_n : t->field_n, i;
	enum rc rc = RC_OK;

	t->columns = calloc(want + 1, sizeof *t->columns);
	t->values = calloc(want + 1, sizeof *t->values);
	/* For as many fields as there may be: others may come before the rows are read. */
	t->want = calloc(FIELD_MAX, sizeof *t->want);
	if (!t->columns || !t->values || !t->want)
		return err_default(t->err, RC_NOMEM);
	for (i = 0; rc == RC_OK && i < want; i++) {
		struct export_column c = { (int)i, TREAT_DEFAULT };

		rc = add_column(t, opts->columns ? opts->columns[i] : c);
	}
	if (rc == RC_OK && t->n == 0)
		rc = err_set(t->err, RC_INPUT, "no column is left to export");
	return rc;
}

/* The fields as they are now, which the columns must have been chosen from. */
static enum rc
take_fields(struct treated *t, const struct export_opts *opts)
{
	enum rc rc = vault_read_begin(t->v);

	if (rc != RC_OK)
		return rc;
	vault_read_end(t->v);
	t->fields = field_list(t->v, &t->field_n);
	return field_same(t->v, opts->fields, opts->field_n);
}

enum rc
treated_new(struct vault *v, const struct export_opts *opts, struct treated **out,
    struct err *err)
{
	struct treated *t = calloc(1, sizeof *t);
	enum rc rc;

	*out = NULL;
	if (!t)
		return err_default(err, RC_NOMEM);
	t->v = v;
	t->err = err;
	rc = take_fields(t, opts);
	if (rc == RC_OK)
		rc = choose_columns(t, opts);
	if (rc != RC_OK) {
		treated_free(t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

void
treated_free(struct treated *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->n; i++) {
		if (t->columns[i].scratch)
			secret_wipe(t->columns[i].scratch, t->columns[i].cap);
		free(t->columns[i].scratch);
	}
	secret_release(t->hash_key);
	free(t->columns);
	free(t->values);
	free(t->want);
	free(t);
}

size_t
treated_count(const struct treated *t)
{
	return t->n;
}

const struct field *
treated_field(const struct treated *t, size_t i)
{
	return t->columns[i].index == SORT_ID ? NULL : &t->fields[t->columns[i].index];
}

enum export_treatment
treated_how(const struct treated *t, size_t i)
{
	return t->columns[i].treat;
}

const char *
treated_name(const struct treated *t, size_t i)
{
	const struct field *f = treated_field(t, i);

	return f ? f->name : "id";
}

const char *
treated_label(const struct treated *t, size_t i)
{
	const struct field *f = treated_field(t, i);

	return f ? f->label : "ID";
}

const uint8_t *
treated_want(const struct treated *t)
{
	return t->want;
}

bool
treated_raw(const struct treated *t)
{
	return t->raw;
}

/* The buffer of a column, of at least ${want} bytes. */
static char *
scratch(struct column *c, size_t want)
{
	char *fresh;

	if (c->cap >= want)
		return c->scratch;
	fresh = malloc(want);
	if (!fresh)
		return NULL;
	if (c->scratch)
		secret_wipe(c->scratch, c->cap);
	free(c->scratch);
	c->scratch = fresh;
	c->cap = want;
	return fresh;
}

/* Four asterisks and the last four characters; of a short value asterisks alone. */
static size_t
last_four(const char *s, size_t len, char *out)
{
	size_t at = len, shown = len, i;

	memcpy(out, "****", 4);
	for (i = 0; i < LAST_FROM && at > 0; i++) {
		at = text_prev(s, at);
		if (i + 1 == LAST_SHOWN)
			shown = at;
	}
	if (i < LAST_FROM)
		return 4;
	memcpy(out + 4, s + shown, len - shown);
	return 4 + len - shown;
}

/* The first 130 bits, 5 a letter. */
static void
write_base32(const uint8_t sum[SHA256_LEN], char out[HASH_LEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0, held = 0;
	size_t i, at = 0;

	for (i = 0; i < HASH_LEN; i++) {
		if (held < 5) {
			bits = bits << 8 | sum[at++];
			held += 8;
		}
		held -= 5;
		out[i] = letters[bits >> held & 31];
	}
}

static enum rc
keyed_hash(const struct treated *t, const struct field *f, const char *s, size_t len,
    char out[HASH_LEN])
{
	uint8_t *message = malloc(4 + len), sum[SHA256_LEN];
	uint32_t id = (uint32_t)f->id;
	enum rc rc;
	int i;

	if (!message)
		return RC_NOMEM;
	for (i = 0; i < 4; i++)
		message[i] = (uint8_t)(id >> (24 - 8 * i));
	memcpy(message + 4, s, len);
	rc = hmac_sha256(t->hash_key, KEY_LEN, message, 4 + len, sum);
	if (rc == RC_OK)
		write_base32(sum, out);
	secret_wipe(message, 4 + len);
	secret_wipe(sum, sizeof sum);
	free(message);
	return rc;
}

/* A value that is there, in a form other than its own. */
static enum rc
transform(struct treated *t, struct column *c, const struct field *f, const char *s,
    size_t len, struct sink_value *out)
{
	size_t cap = len * 2 + 64;
	char *buf = scratch(c, cap);
	enum rc rc = RC_OK;

	if (!buf)
		return RC_NOMEM;
	out->masked = true;
	out->text = buf;
	if (c->treat == TREAT_LAST4) {
		out->len = last_four(s, len, buf);
	} else if (c->treat == TREAT_HASH) {
		rc = keyed_hash(t, f, s, len, buf);
		out->len = HASH_LEN;
	} else {
		type_mask(f->type, s, len, buf, cap);
		out->len = strlen(buf);
	}
	return rc;
}

static void
value_as_is(const struct field *f, const struct cell *cell, struct sink_value *out)
{
	bool proper = !cell->invalid && !cell->masked && cell->len;

	out->text = cell->text;
	out->len = cell->len;
	out->masked = cell->masked;
	out->number = proper && (f->type == TYPE_NUMBER || f->type == TYPE_MONEY);
	out->phone = f->type == TYPE_PHONE && !cell->masked;
}

static enum rc
set_value(struct treated *t, size_t i, const struct record *r)
{
	struct column *c = &t->columns[i];
	const struct field *f = &t->fields[c->index];
	const struct cell *cell = &r->cells[c->index];
	struct sink_value *out = &t->values[i];

	memset(out, 0, sizeof *out);
	if (cell->len == 0 || cell->masked || c->treat == TREAT_AS_IS ||
	    c->treat == TREAT_REVEAL) {
		value_as_is(f, cell, out);
		return RC_OK;
	}
	return transform(t, c, f, cell->text, cell->len, out);
}

static void
set_id(struct treated *t, size_t i, const struct record *r)
{
	struct sink_value *out = &t->values[i];

	memset(out, 0, sizeof *out);
	out->len = (size_t)snprintf(t->id, sizeof t->id, "%lld", (long long)r->id);
	out->text = t->id;
	out->number = true;
}

enum rc
treated_row(struct treated *t, const struct record *r, const struct sink_value **out)
{
	enum rc rc = field_same(t->v, t->fields, t->field_n);
	size_t i;

	for (i = 0; rc == RC_OK && i < t->n; i++) {
		if (t->columns[i].index == SORT_ID)
			set_id(t, i, r);
		else
			rc = set_value(t, i, r);
	}
	*out = t->values;
	return rc;
}

/* Words for what a preview can't show of a protected field. */
static const char *
stand_in(enum export_treatment treat)
{
	switch (treat) {
	case TREAT_REVEAL:
		return "(the value itself)";
	case TREAT_LAST4:
		return "(its last four characters)";
	case TREAT_HASH:
		return "(its keyed hash)";
	default:
		return NULL;
	}
}

enum rc
treated_preview(struct treated *t, const struct record *r, const struct sink_value **out)
{
	const char *words;
	enum rc rc = treated_row(t, r, out);
	size_t i;

	for (i = 0; rc == RC_OK && i < t->n; i++) {
		words = stand_in(t->columns[i].treat);
		if (t->columns[i].index == SORT_ID || !words || !t->values[i].len ||
		    !r->cells[t->columns[i].index].masked)
			continue;
		t->values[i] = (struct sink_value){ .text = words,
			.len = strlen(words), .masked = true };
	}
	return rc;
}
