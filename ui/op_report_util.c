/* Texts put together, times as they are given. */
#include "ui/op_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/moment.h"

enum rc
op_moment(struct op_call *c, const char *name, bool end, int64_t *out)
{
	const char *text = op_text(c, name);

	*out = 0;
	if (text != NULL && !moment_parse(text, end, out))
		return err_set(&c->err, RC_INPUT,
		    "--%s takes a date, 2026-01-31, or a time, 2026-01-31T12:00", name);
	return RC_OK;
}

/* What is outgrown is wiped: it may hold what records hold. */
static bool
grow(struct op_text *t, size_t len)
{
	const size_t cap = 2 * (t->len + len) + 1024;
	char *more;

	if (t->len + len < t->cap)
		return true;
	more = malloc(cap);
	if (more == NULL)
		return false;
	if (t->at != NULL) {
		memcpy(more, t->at, t->len + 1);
		secret_wipe(t->at, t->len);
		free(t->at);
	}
	t->at = more;
	t->cap = cap;
	return true;
}

void
op_text_add(struct op_text *t, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !grow(t, (size_t)len + 1)) {
		t->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(t->at + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)len;
}

void
op_text_json(struct op_text *t, json_t *all)
{
	char *bytes = all != NULL ? json_dumps(all, JSON_INDENT(2)) : NULL;

	json_decref(all);
	if (bytes == NULL) {
		t->failed = true;
		return;
	}
	op_text_add(t, "%s\n", bytes);
	secret_wipe(bytes, strlen(bytes));
	free(bytes);
}

enum rc
op_text_emit(struct op_text *t, struct op_call *c)
{
	enum rc rc = t->failed || t->at == NULL ? RC_NOMEM : RC_OK;

	if (rc == RC_OK && c->face->ops->text != NULL)
		c->face->ops->text(c->face, t->at);
	else if (rc == RC_OK)
		c->face->ops->say(c->face, false, t->at);
	if (t->at != NULL)
		secret_wipe(t->at, t->len);
	free(t->at);
	memset(t, 0, sizeof *t);
	return rc;
}

json_t *
op_json_grown(json_t *list, json_t *item)
{
	if (list != NULL && item != NULL && json_array_append_new(list, item) == 0)
		return list;
	if (list == NULL)
		json_decref(item);
	json_decref(list);
	return NULL;
}
