/* One result, built pair by pair; what it copied is wiped when it goes. */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
grow(struct op_object *o)
{
	size_t cap = o->cap == 0 ? 16 : o->cap * 2;
	void *p;

	if (o->n < o->cap)
		return true;
	if ((p = realloc(o->names, cap * sizeof(*o->names))) == NULL)
		return false;
	o->names = p;
	if ((p = realloc(o->labels, cap * sizeof(*o->labels))) == NULL)
		return false;
	o->labels = p;
	if ((p = realloc(o->values, cap * sizeof(*o->values))) == NULL)
		return false;
	o->values = p;
	if ((p = realloc(o->owned, cap * sizeof(*o->owned))) == NULL)
		return false;
	o->owned = p;
	o->cap = cap;
	return true;
}

void
op_object_value(
    struct op_object *o, const char *name, const char *label, struct sink_value value)
{
	if (!grow(o)) {
		o->failed = true;
		return;
	}
	o->names[o->n] = name;
	o->labels[o->n] = label;
	o->values[o->n] = value;
	o->owned[o->n++] = NULL;
}

void
op_object_fmt(struct op_object *o, const char *name, const char *label, bool number,
    const char *fmt, ...)
{
	struct sink_value value = {.number = number};
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		o->failed = true;
		return;
	}
	value.text = text;
	value.len = (size_t)len;
	op_object_value(o, name, label, value);
	if (o->failed)
		free(text);
	else
		o->owned[o->n - 1] = text;
}

void
op_object_kdf(struct op_object *o, const struct vault_kdf *kdf)
{
	op_object_value(o, "kdf", "Key derivation", op_value_text("argon2id"));
	op_object_fmt(
	    o, "kdf_memory_kib", "  memory, KiB", true, "%" PRIu32, kdf->memory_kib);
	op_object_fmt(o, "kdf_passes", "  passes", true, "%" PRIu32, kdf->passes);
	op_object_fmt(o, "kdf_lanes", "  lanes", true, "%" PRIu32, kdf->lanes);
	if (kdf->ms != 0)
		op_object_fmt(o, "kdf_ms", "  time here, ms", true, "%" PRIu32, kdf->ms);
}

enum rc
op_object_emit(struct op_object *o, struct op_call *c, const char *title)
{
	enum rc rc = RC_NOMEM;

	if (!o->failed)
		rc = c->face->ops->object(
		    c->face, title, o->names, o->labels, o->values, o->n);
	op_object_free(o);
	return rc;
}

void
op_object_free(struct op_object *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->owned[i] != NULL) {
			secret_wipe(o->owned[i], strlen(o->owned[i]));
			free(o->owned[i]);
		}
	free(o->names);
	free(o->labels);
	free(o->values);
	free(o->owned);
	memset(o, 0, sizeof(*o));
}

struct sink_value
op_value_text(const char *text)
{
	return (struct sink_value){.text = text, .len = text != NULL ? strlen(text) : 0};
}

struct sink_value
op_value_cell(const struct cell *cell)
{
	return (struct sink_value){
	    .text = cell->text, .len = cell->len, .masked = cell->masked};
}

struct sink_value
op_value_bool(bool yes)
{
	return (struct sink_value){
	    .text = yes ? "true" : "false", .len = yes ? 4 : 5, .number = true};
}
