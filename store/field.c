/*
 * The field catalogue.
 *
 * 1. A catalogue that was handed out stays until the vault closes; a newer one takes its
 *    place at the head of the list.
 * 2. It is read again when SQLite's schema version differs: a change of the catalogue adds or
 *    drops a column, or touches the schema.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/audit.h"
#include "store/convert_int.h"
#include "store/schema.h"
#include "store/sensitive.h"
#include "store/sql.h"
#include "store/text.h"
#include "store/unlocked.h"

/* Not one in the making (convert.c). By its name: tables of version 1 are read too. */
#define SHOWN "name NOT LIKE '~%'"

const struct field *
field_list(const struct vault *v, size_t *n)
{
	*n = v->catalogue ? v->catalogue->n : 0;
	return v->catalogue ? v->catalogue->fields : NULL;
}

int
field_index(const struct vault *v, const char *name)
{
	const struct field *f;
	size_t i, n;

	f = field_list(v, &n);
	for (i = 0; i < n; i++)
		if (strcasecmp(f[i].name, name) == 0)
			return (int)i;
	for (i = 0; i < n; i++)
		if (strcasecmp(f[i].label, name) == 0)
			return (int)i;
	return -1;
}

void
field_name_from(const char *header, char out[FIELD_NAME_MAX + 1])
{
	size_t n = 0;
	bool gap = false;

	for (; *header && n < FIELD_NAME_MAX - 8; header++) {
		if (!isascii((unsigned char)*header) || !isalnum((unsigned char)*header)) {
			gap = n > 0;
			continue;
		}
		if (n == 0 && isdigit((unsigned char)*header))
			n = (size_t)sprintf(out, "field_");
		if (gap)
			out[n++] = '_';
		gap = false;
		out[n++] = (char)tolower((unsigned char)*header);
	}
	out[n] = '\0';
	if (n == 0)
		memcpy(out, "field", sizeof "field");
	else if (schema_name_reserved(out))
		memcpy(out + n, "_given", sizeof "_given");
}

static enum rc
read_field(struct vault *v, sqlite3_stmt *st, struct field *f)
{
	const char *type = (const char *)sqlite3_column_text(st, 3);
	const char *cls = (const char *)sqlite3_column_text(st, 4);

	f->id = sqlite3_column_int(st, 0);
	snprintf(f->name, sizeof f->name, "%s", sql_text(st, 1));
	snprintf(f->label, sizeof f->label, "%s", sql_text(st, 2));
	f->required = sqlite3_column_int(st, 5) != 0;
	f->searchable = sqlite3_column_int(st, 6) != 0;
	if (type && cls && type_parse(type, &f->type) && class_parse(cls, &f->cls))
		return RC_OK;
	return err_set(&v->err, RC_VERSION,
	    "%s: field %s has a type that this program does not know: use a newer strongroom",
	    v->path, f->name);
}

static enum rc
read_fields(struct vault *v, sqlite3_stmt *st, struct catalogue *c, size_t cap)
{
	enum rc rc;

	while ((rc = sql_step(v, st)) == RC_OK && c->n < cap) {
		rc = read_field(v, st, &c->fields[c->n]);
		if (rc != RC_OK)
			return rc;
		c->n++;
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
field_load(struct vault *v)
{
	struct catalogue *c;
	int64_t cookie, count;
	sqlite3_stmt *st;
	enum rc rc;

	rc = sql_int(v, "PRAGMA schema_version", &cookie);
	if (rc != RC_OK || (v->catalogue && v->catalogue->cookie == cookie))
		return rc;
	rc = sql_int(v, "SELECT count(*) FROM field WHERE " SHOWN, &count);
	if (rc != RC_OK)
		return rc;
	c = calloc(1, sizeof *c + (size_t)count * sizeof *c->fields);
	if (!c)
		return err_default(&v->err, RC_NOMEM);
	rc = sql_prepare(v, "SELECT id, name, label, type, class, required, searchable"
			    " FROM field WHERE " SHOWN " ORDER BY position, id", &st);
	if (rc == RC_OK)
		rc = read_fields(v, st, c, (size_t)count);
	sqlite3_finalize(st);
	if (rc != RC_OK) {
		free(c);
		return rc;
	}
	c->cookie = cookie;
	c->older = v->catalogue;
	v->catalogue = c;
	return RC_OK;
}

/* Fields that came behind the others change no place. */
enum rc
field_same(struct vault *v, const struct field *was, size_t n)
{
	size_t i, now;
	const struct field *f = field_list(v, &now);

	if (f == was)
		return RC_OK;
	for (i = 0; i < n && i < now; i++)
		if (f[i].id != was[i].id || f[i].cls != was[i].cls || f[i].type != was[i].type)
			break;
	if (i == n)
		return RC_OK;
	return err_set(&v->err, RC_BUSY,
	    "the fields were changed by somebody else meanwhile: look at them again");
}

enum rc
field_at(struct vault *v, int index, const struct field **out)
{
	size_t n;
	const struct field *fields = field_list(v, &n);
	enum rc rc;

	*out = NULL;
	if (index < 0 || (size_t)index >= n)
		return err_set(&v->err, RC_INPUT, "the vault has no such field");
	rc = field_load(v);
	if (rc == RC_OK)
		rc = field_same(v, fields, n);
	if (rc == RC_OK)
		*out = &fields[index];
	return rc;
}

static enum rc
check(struct vault *v, const struct field *f, size_t n)
{
	const char *what = sensitive_name(f->name);

	if (!what)
		what = sensitive_name(f->label);
	if (what)
		return err_set(&v->err, RC_INPUT,
		    "a field \"%s\" would hold %s, which must not be stored, not even sealed", f->name,
		    what);
	if (!schema_name_ok(f->name))
		return err_set(&v->err, RC_INPUT,
		    "\"%s\" can't be a field's name: use a-z, 0-9 and _, and begin with a letter; "
		    "id, is, version and the like are taken", f->name);
	if (f->searchable && f->cls != CLASS_OPEN)
		return err_set(&v->err, RC_INPUT,
		    "field %s is %s, so it can't be searched", f->name, class_name(f->cls));
	if (field_index(v, f->name) >= 0)
		return err_set(&v->err, RC_EXISTS, "there is a field %s already", f->name);
	if (n >= FIELD_MAX)
		return err_set(
		    &v->err, RC_LIMIT, "the vault has %d fields, and no more fit", FIELD_MAX);
	if (f->cls == CLASS_SEALED)
		return keyring_need_full(
		    unlocked_keyring(v->unlocked), "add a sealed field", &v->err);
	return RC_OK;
}

/*
 * One line that no terminal obeys, whatever the header of a file held: the schema's text has one
 * field a line.
 */
static void
tidy_label(struct field *f)
{
	char given[FIELD_LABEL_MAX + 1], *s;

	for (s = f->label; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
	if (!text_is_harmless(f->label, strlen(f->label))) {
		memcpy(given, f->label, sizeof given);
		text_visible(given, strlen(given), f->label, sizeof f->label);
	}
	if (!f->label[strspn(f->label, " ")])
		snprintf(f->label, sizeof f->label, "%s", f->name);
}

static enum rc
add(struct vault *v, const struct field *f)
{
	struct audit_entry e = { .event = AUDIT_FIELD_ADDED, .field = f->name, .count = -1 };
	struct field made = *f;
	enum rc rc;
	size_t n;

	rc = field_load(v);
	field_list(v, &n);
	if (rc == RC_OK)
		rc = check(v, f, n);
	if (rc == RC_OK)
		rc = field_next_id(v, &made.id);
	if (rc != RC_OK)
		return rc;
	tidy_label(&made);
	rc = schema_add_column(v, &made);
	return rc == RC_OK ? audit_append(v, &e) : rc;
}

enum rc
field_add(struct vault *v, const struct field *f, int *index)
{
	bool own;
	enum rc rc;

	vault_err_start(v);
	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = vault_leave(v, own, add(v, f));
	if (rc == RC_OK && index)
		*index = field_index(v, f->name);
	return rc;
}

static void
print_label(FILE *out, const char *label)
{
	fputc('"', out);
	for (; *label; label++) {
		if (*label == '"' || *label == '\\')
			fputc('\\', out);
		fputc(*label, out);
	}
	fputc('"', out);
}

enum rc
field_schema(const struct vault *v, char **out)
{
	const struct field *f;
	size_t i, n, len;
	FILE *text;

	*out = NULL;
	text = open_memstream(out, &len);
	if (!text)
		return RC_NOMEM;
	f = field_list(v, &n);
	for (i = 0; i < n; i++) {
		fprintf(text, "%s %s %s%s%s ", f[i].name, type_name(f[i].type),
		    class_name(f[i].cls), f[i].required ? " required" : "",
		    f[i].searchable ? " search" : "");
		print_label(text, f[i].label);
		fputc('\n', text);
	}
	if (fclose(text) == 0)
		return RC_OK;
	free(*out);
	*out = NULL;
	return RC_NOMEM;
}
