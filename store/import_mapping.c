/*
 * Mapping files, by jansson.
 *
 * 1. What is read is checked here as far as it can be without the file that it is for; the
 *    rest is what an import checks of any rule.
 * 2. What is written is what was done, whoever chose it: the next file of this kind is read
 *    in the same way, whatever its values would suggest.
 */
#include "store/import_mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "store/csv.h"

#define KIND "import mapping 1"

struct import_mapping {
	json_t *root; /* all texts are its */
	struct import_map *map;
	size_t map_n;
	char name[256];
};

static const struct {
	const char *name;
	json_type type;
	bool column; /* of a column; else of the whole */
} keys[] = {
	{ "strongroom", JSON_STRING, false },
	{ "format", JSON_STRING, false },
	{ "delimiter", JSON_STRING, false },
	{ "encoding", JSON_STRING, false },
	{ "header", JSON_TRUE, false },
	{ "duplicates", JSON_STRING, false },
	{ "duplicate_by", JSON_STRING, false },
	{ "columns", JSON_ARRAY, false },
	{ "column", JSON_STRING, true },
	{ "field", JSON_STRING, true },
	{ "type", JSON_STRING, true },
	{ "class", JSON_STRING, true },
};

static const char *const duplicates[] = { [DUP_SKIP] = "skip", [DUP_UPDATE] = "update",
	[DUP_KEEP] = "keep" };

#define COUNT(a) (sizeof(a) / sizeof *(a))

static enum rc
check_keys(const json_t *o, bool column, const char *name, struct err *err)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)o, key, value)
	{
		for (i = 0; i < COUNT(keys); i++)
			if (keys[i].column == column && strcmp(keys[i].name, key) == 0)
				break;
		if (i == COUNT(keys))
			return err_set(err, RC_INPUT,
			    "%s: \"%.40s\" is nothing that a mapping%s says", name, key,
			    column ? " of a column" : "");
		if (json_typeof(value) != keys[i].type &&
		    !(keys[i].type == JSON_TRUE && json_is_boolean(value)))
			return err_set(err, RC_INPUT,
			    "%s: \"%s\" has a value of another kind than a mapping has", name,
			    key);
	}
	return RC_OK;
}

static const char *
text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static enum rc
check_column(const struct import_map *m, const char *name, struct err *err)
{
	enum field_type type;
	enum field_class cls;

	if (!m->column || !*m->column || !m->field || !*m->field)
		return err_set(err, RC_INPUT,
		    "%s: a column of a mapping has both \"column\" and \"field\"", name);
	if (m->type && !type_parse(m->type, &type))
		return err_set(err, RC_INPUT, "%s: column \"%.40s\": \"%.40s\" is not a type",
		    name, m->column, m->type);
	if (m->cls && !class_parse(m->cls, &cls))
		return err_set(err, RC_INPUT,
		    "%s: column \"%.40s\": \"%.40s\" is not a class", name, m->column, m->cls);
	return RC_OK;
}

static enum rc
read_columns(struct import_mapping *m, struct err *err)
{
	const json_t *list = json_object_get(m->root, "columns"), *o;
	size_t i, n = json_array_size(list);
	enum rc rc = RC_OK;

	if (n > CSV_COLUMNS_MAX)
		return err_set(err, RC_INPUT, "%s: more than %d columns", m->name,
		    CSV_COLUMNS_MAX);
	m->map = calloc(n + 1, sizeof *m->map);
	if (!m->map)
		return err_default(err, RC_NOMEM);
	for (i = 0; rc == RC_OK && i < n; i++) {
		o = json_array_get(list, i);
		if (!json_is_object(o))
			return err_set(err, RC_INPUT,
			    "%s: a column of a mapping is an object", m->name);
		rc = check_keys(o, true, m->name, err);
		m->map[i] = (struct import_map){ text_of(o, "column"), text_of(o, "field"),
			text_of(o, "type"), text_of(o, "class") };
		if (rc == RC_OK)
			rc = check_column(&m->map[i], m->name, err);
		m->map_n++;
	}
	return rc;
}

enum rc
import_mapping_read(const char *text, size_t len, const char *name,
    struct import_mapping **out, struct err *err)
{
	struct import_mapping *m = calloc(1, sizeof *m);
	const char *kind;
	json_error_t e;
	enum rc rc = RC_OK;

	*out = NULL;
	if (!m)
		return err_default(err, RC_NOMEM);
	snprintf(m->name, sizeof m->name, "%s", name);
	m->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	kind = text_of(m->root, "strongroom");
	if (!m->root)
		rc = err_set(err, RC_INPUT, "%s is no mapping: line %d is not valid JSON, or "
					    "says something twice", m->name, e.line);
	else if (!kind || strcmp(kind, KIND) != 0)
		rc = err_set(err, RC_INPUT,
		    "%s is no mapping: it does not begin with \"strongroom\": \"" KIND "\"",
		    m->name);
	if (rc == RC_OK)
		rc = check_keys(m->root, false, m->name, err);
	if (rc == RC_OK)
		rc = read_columns(m, err);
	if (rc != RC_OK) {
		import_mapping_free(m);
		return rc;
	}
	*out = m;
	return RC_OK;
}

static enum rc
unknown(const struct import_mapping *m, const char *key, struct err *err)
{
	return err_set(err, RC_INPUT, "%s: \"%s\" is \"%.40s\", which is no such thing",
	    m->name, key, text_of(m->root, key));
}

static enum rc
apply_form(const struct import_mapping *m, struct import_opts *o, struct err *err)
{
	const char *format = text_of(m->root, "format");
	const char *delimiter = text_of(m->root, "delimiter");
	const char *encoding = text_of(m->root, "encoding");
	const json_t *header = json_object_get(m->root, "header");

	if (format && strcmp(format, "csv") == 0)
		o->format = IMPORT_CSV;
	else if (format && strcmp(format, "jsonl") == 0)
		o->format = IMPORT_JSONL;
	else if (format)
		return unknown(m, "format", err);
	if (delimiter && (strlen(delimiter) != 1 || !strchr(",;\t|", *delimiter)))
		return unknown(m, "delimiter", err);
	if (delimiter)
		o->delimiter = *delimiter;
	if (encoding && !import_encoding_parse(encoding, &o->encoding))
		return unknown(m, "encoding", err);
	if (header)
		o->no_header = json_is_false(header);
	return RC_OK;
}

static enum rc
apply_duplicates(const struct import_mapping *m, struct import_opts *o, struct err *err)
{
	const char *rule = text_of(m->root, "duplicates");
	size_t i;

	o->duplicate_by = text_of(m->root, "duplicate_by");
	for (i = 0; rule && i < COUNT(duplicates); i++)
		if (strcmp(duplicates[i], rule) == 0) {
			o->duplicates = (enum import_duplicates)i;
			return RC_OK;
		}
	return rule ? unknown(m, "duplicates", err) : RC_OK;
}

static bool
is_named(const struct import_opts *o, const char *column)
{
	size_t i;

	for (i = 0; i < o->map_n; i++)
		if (strcmp(o->map[i].column, column) == 0)
			return true;
	return false;
}

/* The rules of the user and then those of the mapping, in an array of the mapping's. */
static enum rc
apply_columns(struct import_mapping *m, struct import_opts *o, struct err *err)
{
	struct import_map *all = calloc(o->map_n + m->map_n + 1, sizeof *all);
	size_t i, n = o->map_n;

	if (!all)
		return err_default(err, RC_NOMEM);
	if (n)
		memcpy(all, o->map, n * sizeof *all);
	for (i = 0; i < m->map_n; i++)
		if (!is_named(o, m->map[i].column))
			all[n++] = m->map[i];
	free(m->map);
	m->map = all;
	m->map_n = n;
	o->map = all;
	o->map_n = n;
	return RC_OK;
}

enum rc
import_mapping_apply(struct import_mapping *m, struct import_opts *opts, struct err *err)
{
	enum rc rc = apply_form(m, opts, err);

	if (rc == RC_OK)
		rc = apply_duplicates(m, opts, err);
	return rc == RC_OK ? apply_columns(m, opts, err) : rc;
}

void
import_mapping_free(struct import_mapping *m)
{
	if (!m)
		return;
	json_decref(m->root);
	free(m->map);
	free(m);
}

/* A column as it was understood; NULL without memory. */
static json_t *
column_of(const struct import_column *c)
{
	if (!*c->field)
		return json_pack("{s:s, s:s}", "column", c->header, "field", "-");
	return json_pack("{s:s, s:s, s:s, s:s}", "column", c->header, "field", c->field, "type",
	    type_name(c->type), "class", class_name(c->cls));
}

/* Of a nameless column that was left out nothing is kept: the next file may have none. */
static json_t *
columns_of(const struct import_report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < r->column_n; i++) {
		const struct import_column *c = &r->columns[i];

		if (c->nameless && !c->field[0])
			continue;
		if (json_array_append_new(list, column_of(c)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

enum rc
import_mapping_write(
    const struct import_opts *opts, const struct import_report *report, char **out)
{
	bool csv = report->format == IMPORT_CSV;
	const char *by = opts->duplicate_by;
	char delimiter[2] = { report->delimiter, '\0' };
	json_t *root = json_pack("{s:s, s:s, s:s*, s:s, s:b, s:s, s:s*, s:o}", "strongroom", KIND,
	    "format", csv ? "csv" : "jsonl", "delimiter", csv ? delimiter : NULL, "encoding",
	    import_encoding_name(report->encoding), "header", report->header, "duplicates",
	    duplicates[opts->duplicates], "duplicate_by", by && *by ? by : NULL, "columns",
	    columns_of(report));

	*out = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	json_decref(root);
	return *out ? RC_OK : RC_NOMEM;
}
