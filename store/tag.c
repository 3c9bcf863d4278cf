/*
 * Tags.
 *
 * 1. A tag is harmless wherever it stands: it has no blank, quote or comma, so that a list of
 *    tags is one text, and no character that a terminal would not show.
 * 2. Putting on and taking off are changes to the record like any other: a version, a row of
 *    history, an entry in the audit. The names stand in the history, which is erased with
 *    the record, and not in the audit, which stays.
 */
#include "store/tag.h"

#include <string.h>

#include "store/audit_int.h"
#include "store/change.h"
#include "store/text.h"
#include "store/type.h"

#define BLANKS " \t\r\n,"

/* The form that is kept; false, and ${why} a sentence, for what can't be a tag. */
static bool
tag_normal(const char *in, size_t len, char out[TAG_MAX + 1], const char **why)
{
	char buf[2 * 4 * TAG_MAX + 32];
	const char *none;

	if (!why)
		why = &none;
	*out = '\0';
	*why = "longer than 64 bytes";
	if (len > (size_t)4 * TAG_MAX)
		return false;
	*why = "it holds a character that can't be seen";
	if (!text_is_harmless(in, len) || strnlen(in, len) < len)
		return false;
	type_normalise(TYPE_TEXT, in, len, buf, sizeof buf, NULL);
	*why = "it is empty";
	if (!*buf)
		return false;
	*why = "blanks, commas and quotes can't be in a tag";
	if (strpbrk(buf, BLANKS "\"'"))
		return false;
	*why = "a tag can't begin with - or +";
	if (*buf == '-' || *buf == '+')
		return false;
	*why = "longer than 64 bytes";
	if (strlen(buf) > TAG_MAX)
		return false;
	strcpy(out, buf);
	return true;
}

enum rc
tag_parse(const char *text, struct tag_edit *out, size_t *n, struct err *err)
{
	const char *why;
	size_t len;

	*n = 0;
	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		len = strcspn(text, BLANKS);
		if (*n == TAGS_MAX)
			return err_set(err, RC_INPUT, "more than %d tags at once", TAGS_MAX);
		out[*n].off = *text == '-';
		if (*text == '-' || *text == '+') {
			text++;
			len--;
		}
		if (!tag_normal(text, len, out[*n].name, &why))
			return err_set(err, RC_INPUT, "a tag is not valid: %s", why);
		text += len;
		++*n;
	}
	return RC_OK;
}

static enum rc
apply(struct vault *v, struct record_facts *facts, const struct tag_edit *edits, size_t n)
{
	struct change_tag tags[TAGS_MAX];
	struct record_change ch = { .tags = tags, .tag_n = n };
	bool changed = false;
	enum rc rc;
	size_t i;

	for (i = 0; i < n; i++)
		tags[i] = (struct change_tag){ edits[i].name, edits[i].off };
	rc = change_one(v, "tag", facts, &ch, &changed);
	if (rc != RC_OK || !changed)
		return rc;
	for (i = 0; i < n && edits[i].off; i++)
		;
	return audit_record(v, i == n ? AUDIT_UNTAGGED : AUDIT_TAGGED, facts->uuid, NULL,
	    (int64_t)n, NULL);
}

enum rc
tag_edit(struct vault *v, int64_t id, const struct tag_edit *edits, size_t n)
{
	struct record_facts facts;
	bool own;
	enum rc rc;

	vault_err_start(v);
	if (n > TAGS_MAX)
		return err_set(&v->err, RC_INPUT, "more than %d tags at once", TAGS_MAX);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = record_facts(v, id, &facts);
	if (rc == RC_OK && facts.deleted_at)
		rc = err_set(&v->err, RC_INPUT, "record %lld is in the trash; restore it first",
		    (long long)id);
	if (rc == RC_OK && n > 0)
		rc = apply(v, &facts, edits, n);
	return vault_leave(v, own, rc);
}

enum rc
tag_list(struct vault *v, tag_each_fn *each, void *arg)
{
	sqlite3_stmt *st = NULL;
	enum rc rc;

	vault_err_start(v);
	rc = vault_read_begin(v);
	if (rc != RC_OK)
		return rc;
	rc = sql_prepare(v,
	    "SELECT t.tag, count(*) FROM tag t JOIN record r ON r.id = t.record_id"
	    " WHERE r.deleted_at IS NULL GROUP BY t.tag ORDER BY t.tag", &st);
	while (rc == RC_OK && (rc = sql_step(v, st)) == RC_OK)
		if (!each(arg, sql_text(st, 0),
			sqlite3_column_int64(st, 1)))
			break;
	sqlite3_finalize(st);
	vault_read_end(v);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
