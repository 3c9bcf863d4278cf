/*
 * From rows of history to the change that takes them back.
 *
 * 1. Old values are wiped when they have been put back; sealed ones are in secret memory.
 * 2. A value goes back as it stood, also one that would not be accepted today.
 */
#include "store/rewind.h"

#include <stdlib.h>
#include <string.h>

#include "store/delta.h"
#include "store/sealed.h"

struct rewind {
	struct vault *v;
	bool strict;
	struct record_change change;
	struct change *fields;
	struct old {		 /* what the fields point into; zero: empty */
		char *text;
		size_t len;
		struct secret *opened;
	} *old;
	size_t field_cap;
	struct change_tag *tags;
	size_t tag_cap;
};

enum rc
rewind_new(struct vault *v, bool strict, struct rewind **out)
{
	struct rewind *w = calloc(1, sizeof *w);
	size_t n;

	*out = NULL;
	if (!w)
		return err_default(&v->err, RC_NOMEM);
	field_list(v, &n);
	w->v = v;
	w->strict = strict;
	w->fields = calloc(n + 1, sizeof *w->fields);
	w->old = calloc(n + 1, sizeof *w->old);
	w->field_cap = n;
	if (!w->fields || !w->old) {
		rewind_free(w);
		return err_default(&v->err, RC_NOMEM);
	}
	*out = w;
	return RC_OK;
}

static void
old_free(struct old *o)
{
	if (o->text)
		secret_wipe(o->text, o->len);
	free(o->text);
	secret_free(o->opened);
	memset(o, 0, sizeof *o);
}

void
rewind_reset(struct rewind *w)
{
	size_t i;

	for (i = 0; i < w->change.field_n; i++)
		old_free(&w->old[i]);
	for (i = 0; i < w->change.tag_n; i++)
		free((char *)w->tags[i].name);
	memset(&w->change, 0, sizeof w->change);
}

void
rewind_free(struct rewind *w)
{
	if (!w)
		return;
	rewind_reset(w);
	free(w->fields);
	free(w->old);
	free(w->tags);
	free(w);
}

const struct record_change *
rewind_change(struct rewind *w)
{
	w->change.fields = w->fields;
	w->change.tags = w->tags;
	return &w->change;
}

static int
index_of(struct vault *v, int field)
{
	size_t i, n;
	const struct field *f = field_list(v, &n);

	for (i = 0; i < n; i++)
		if (f[i].id == field)
			return (int)i;
	return -1;
}

static enum rc
old_value(struct rewind *w, const struct record_facts *facts,
    const struct delta_item *item, struct change *ch, struct old *old)
{
	const uint8_t *sealed;
	size_t len;
	enum rc rc;

	if (item->len == 0)
		return RC_OK;
	if (item->kind == DELTA_TEXT) {
		old->text = malloc(item->len + 1);
		if (!old->text)
			return err_default(&w->v->err, RC_NOMEM);
		memcpy(old->text, item->at, item->len);
		old->text[item->len] = '\0';
		ch->text = old->text;
		ch->len = old->len = item->len;
		return RC_OK;
	}
	sealed = delta_sealed(item, &len);
	rc = sealed_unwrap(
	    w->v, facts->uuid, (uint32_t)item->field, sealed, len, &old->opened);
	if (rc == RC_OK) {
		ch->text = (const char *)secret_view(old->opened);
		ch->len = secret_len(old->opened);
	}
	return rc;
}

static enum rc
add_value(struct rewind *w, const struct record_facts *facts, const struct delta_item *item)
{
	size_t i, n = w->change.field_n;
	int index = index_of(w->v, item->field);
	enum rc rc;

	if (index < 0 && w->strict)
		return err_set(&w->v->err, RC_INPUT,
		    "record %lld can't be brought back as it was: a field of it was dropped since",
		    (long long)facts->id);
	for (i = 0; i < n; i++)
		if (w->fields[i].index == index)
			return RC_OK;
	if (index < 0 || n == w->field_cap)
		return RC_OK;
	w->fields[n] = (struct change){ .index = index };
	rc = old_value(w, facts, item, &w->fields[n], &w->old[n]);
	if (rc == RC_OK)
		w->change.field_n++;
	return rc;
}

static enum rc
add_tag(struct rewind *w, const struct delta_item *item)
{
	size_t i, n = w->change.tag_n;
	struct change_tag *fresh;
	char *name = strndup((const char *)item->at, item->len);

	if (!name)
		return err_default(&w->v->err, RC_NOMEM);
	for (i = 0; i < n; i++)
		if (strcasecmp(w->tags[i].name, name) == 0) {
			free(name);
			return RC_OK;
		}
	if (n == w->tag_cap) {
		fresh = realloc(w->tags, (2 * n + 8) * sizeof *fresh);
		if (!fresh) {
			free(name);
			return err_default(&w->v->err, RC_NOMEM);
		}
		w->tags = fresh;
		w->tag_cap = 2 * n + 8;
	}
	w->tags[n] = (struct change_tag){ name, item->kind == DELTA_TAGGED };
	w->change.tag_n++;
	return RC_OK;
}

static void
add_time(struct rewind *w, const struct delta_item *item)
{
	struct record_change *ch = &w->change;

	if (item->kind == DELTA_KEEP && !ch->keep) {
		ch->keep = true;
		ch->keep_until = delta_time(item);
	} else if (item->kind != DELTA_KEEP && !ch->trash) {
		ch->trash = true;
		ch->deleted_at = item->kind == DELTA_TRASH ? delta_time(item) : vault_now();
	}
}

static enum rc
add_item(struct rewind *w, const struct record_facts *facts, const struct delta_item *item)
{
	switch (item->kind) {
	case DELTA_TEXT:
	case DELTA_SEALED:
		return add_value(w, facts, item);
	case DELTA_TAGGED:
	case DELTA_UNTAGGED:
		return add_tag(w, item);
	default:
		add_time(w, item);
		return RC_OK;
	}
}

enum rc
rewind_add(
    struct rewind *w, const struct record_facts *facts, const void *bytes, size_t len)
{
	struct delta_item item;
	const uint8_t *at;
	size_t left;
	enum rc rc = delta_begin(bytes, len, &at, &left);

	while (rc == RC_OK) {
		rc = delta_next(&at, &left, &item);
		if (rc == RC_NOTFOUND)
			return RC_OK;
		if (rc == RC_OK)
			rc = add_item(w, facts, &item);
	}
	if (rc == RC_DAMAGED)
		err_set(&w->v->err, rc, "the history of record %lld is damaged",
		    (long long)facts->id);
	return rc;
}
