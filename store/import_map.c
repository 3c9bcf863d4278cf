/*
 * Columns of a file to fields of the vault.
 *
 * 1. The user's word goes before everything, except that a column with a card's security
 *    code, a PIN or a track is never stored under any name: it can only be left out.
 * 2. No two columns go to one field.
 * 3. A column that looks like ssn or card is not stored in the open by oversight: the
 *    user says how, or leaves it out.
 */
#include "store/import_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/sensitive.h"
#include "store/text.h"

#define PLACE_LEN 5 /* ~1000 */
#define PLACES    10000 /* more than CSV_COLUMNS_MAX */

/* Of what the header of a spreadsheet or an archive begins with. */
static bool
is_packed(const struct csv_row *row)
{
	static const char *const marks[] = { "PK\x03\x04", "\x1f\x8b\x08", "\xd0\xcf\x11\xe0" };
	size_t i, n;

	for (i = 0; i < sizeof marks / sizeof *marks; i++) {
		n = strlen(marks[i]);
		if (row->raw_len >= n && memcmp(row->raw, marks[i], n) == 0)
			return true;
	}
	return false;
}

static enum rc
check_header(
    const struct csv_row *row, bool values, enum import_encoding encoding, struct err *err)
{
	size_t i, filled = 0;

	if (row->fault != CSV_FINE && is_packed(row))
		return err_set(err, RC_INPUT,
		    "it is a spreadsheet or an archive, no text: save it as CSV there, or unpack it");
	if (row->fault == CSV_NUL && encoding != IMPORT_UTF8)
		return err_set(err, RC_INPUT, "the header has a NUL byte: it is no text in %s",
		    import_encoding_name(encoding));
	if (row->fault == CSV_NUL)
		return err_set(err, RC_INPUT,
		    "the header has a NUL byte: it is no text, or UTF-16 without a mark, for "
		    "which there is --encoding utf-16le or utf-16be");
	if (row->fault == CSV_NOT_UTF8 && encoding != IMPORT_UTF8)
		return err_set(err, RC_INPUT, "the header is no text in %s, column %zu",
		    import_encoding_name(encoding), row->fault_column);
	if (row->fault == CSV_NOT_UTF8)
		return err_set(err, RC_INPUT,
		    "the header is not UTF-8, in column %zu: if this is Latin-1 or a "
		    "Windows code page, say --encoding latin1 or cp1252",
		    row->fault_column);
	if (row->fault != CSV_FINE)
		return err_set(err, RC_INPUT, "the header can't be read, column %zu: %s",
		    row->fault_column, csv_fault_text(row->fault));
	for (i = 0; i < row->n && !values; i++) {
		filled += row->lens[i] > 0;
		if (strchr(row->fields[i], '@') && strchr(row->fields[i], '.'))
			return err_set(err, RC_INPUT,
			    "the first row holds values, not names of columns: put a "
			    "header before it, or say --no-header");
	}
	if (filled == 0 && !values)
		return err_set(err, RC_INPUT, "the header names no column");
	return RC_OK;
}

void
import_form(const struct import *im, size_t n, char out[IMPORT_FORM_LEN])
{
	const char d = im->report->delimiter, one[] = { d, '\0' };
	const char *s = n == 1 ? "" : "s";

	if (d)
		snprintf(out, IMPORT_FORM_LEN, "it was read as %zu column%s delimited by %s", n, s,
		    d == '\t' ? "tabs" : d == ';' ? "\";\"" : one);
	else
		snprintf(out, IMPORT_FORM_LEN, "it was read as JSON lines of %zu name%s", n, s);
}

/* Questions of a survey differ at their ends: one that is cut is told by its place. */
static void
set_name(struct column *c, const char *text, size_t len, size_t place)
{
	char more[FIELD_LABEL_MAX + 64];
	size_t n = text_visible(text, len, more, sizeof more);

	if (n <= FIELD_LABEL_MAX) {
		memcpy(c->header, more, n + 1);
		return;
	}
	n = text_visible(text, len, c->header, sizeof c->header - PLACE_LEN);
	snprintf(c->header + n, PLACE_LEN + 1, "~%u", (unsigned)(place % PLACES));
}

/* The header's text, trimmed; what has no name is called after its place. */
static void
set_header(struct column *c, const char *text, size_t len, size_t place)
{
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	c->nameless = len == 0;
	if (len == 0)
		snprintf(c->header, sizeof c->header, "column %zu", place);
	else
		set_name(c, text, len, place);
	c->index = -1;
}

static enum rc
check_twins(const struct column *c, size_t n, struct err *err)
{
	size_t i, k;

	for (i = 1; i < n; i++)
		for (k = 0; k < i; k++)
			if (strcasecmp(c[i].header, c[k].header) == 0)
				return err_set(err, RC_INPUT,
				    "columns %zu and %zu are both called \"%s\": give "
				    "them different names",
				    k + 1, i + 1, c[i].header);
	return RC_OK;
}

/* The column that a rule means: "#3", the header as it stands, or as a field name. */
static struct column *
find_column(struct column *c, size_t n, const char *name)
{
	char form[FIELD_NAME_MAX + 1], other[FIELD_NAME_MAX + 1];
	unsigned long place;
	size_t i;
	char *end;

	if (*name == '#') {
		place = strtoul(name + 1, &end, 10);
		return *end || place < 1 || place > n ? NULL : &c[place - 1];
	}
	for (i = 0; i < n; i++)
		if (strcmp(c[i].header, name) == 0)
			return &c[i];
	field_name_from(name, form);
	for (i = 0; i < n; i++) {
		field_name_from(c[i].header, other);
		if (strcmp(form, other) == 0)
			return &c[i];
	}
	/* By the field it goes to: --class ssn=masked for "Social Security". */
	for (i = 0; i < n; i++) {
		const char *field = import_synonym(c[i].header, 0);

		if (field && strcmp(field, form) == 0)
			return &c[i];
	}
	return NULL;
}

/* A rule that leaves out what a rejects file has not, since it was left out before. */
static bool
is_fulfilled(const struct column *c, size_t n, const struct import_map *rule)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (c[i].of_rejects)
			return rule->field && strcmp(rule->field, "-") == 0;
	return false;
}

static enum rc
apply_rules(struct column *c, size_t n, const struct import *im)
{
	const struct import_opts *opts = im->opts;
	char form[IMPORT_FORM_LEN];
	struct column *found;
	size_t i;

	import_form(im, n, form);

	for (i = 0; i < opts->map_n; i++) {
		const struct import_map *rule = &opts->map[i];

		found = find_column(c, n, rule->column);
		if (!found && is_fulfilled(c, n, rule))
			continue;
		if (!found)
			return err_set(im->err, RC_INPUT,
			    "there is no column \"%s\" in the file; %s", rule->column, form);
		if (found->rule)
			return err_set(im->err, RC_INPUT, "column \"%s\" is mapped twice",
			    found->header);
		found->rule = rule;
		found->ignored = rule->field ? strcmp(rule->field, "-") == 0
					     : !rule->type && !rule->cls;
	}
	return RC_OK;
}

static int
find_label(const struct field *fields, size_t n, const char *label)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(fields[i].label, label) == 0)
			return (int)i;
	return -1;
}

static int
find_field(const struct field *fields, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcasecmp(fields[i].name, name) == 0)
			return (int)i;
	return find_label(fields, n, name);
}

static bool
is_taken(const struct column *c, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!c[i].ignored && strcmp(c[i].field.name, name) == 0)
			return true;
	return false;
}

static void
use_field(struct column *c, const struct field *fields, int index)
{
	c->index = index;
	c->field = fields[index];
}

/* A field to be made, called after ${name}; a number follows when that is taken. */
static void
make_field(struct column *all, size_t n, struct column *c, const char *name,
    const struct field *fields, size_t field_n)
{
	char base[FIELD_NAME_MAX + 1], form[FIELD_NAME_MAX + 16];
	int k;

	field_name_from(name, base);
	snprintf(form, sizeof form, "%s", base);
	for (k = 2; is_taken(all, n, form) || find_field(fields, field_n, form) >= 0; k++)
		snprintf(form, sizeof form, "%.*s_%d", FIELD_NAME_MAX - 6, base, k);
	c->made = true;
	snprintf(c->field.name, sizeof c->field.name, "%.*s", FIELD_NAME_MAX, form);
	snprintf(c->field.label, sizeof c->field.label, "%s", c->header);
	c->field.type = TYPE_TEXT;
	c->field.cls = CLASS_OPEN;
}

static enum rc
place_by_rule(struct column *all, size_t n, struct column *c, const struct field *fields,
    size_t field_n, struct err *err)
{
	const char *want = c->rule->field;
	int index = find_field(fields, field_n, want);
	char form[FIELD_NAME_MAX + 1];

	if (sensitive_name(want))
		return err_set(err, RC_INPUT,
		    "column \"%s\" would go to \"%s\", which looks like %s: that must not be "
		    "stored, leave the column out by mapping it to -",
		    c->header, want, sensitive_name(want));
	snprintf(form, sizeof form, "%s", want);
	if (index < 0)
		field_name_from(want, form);
	if (is_taken(all, n, index >= 0 ? fields[index].name : form))
		return err_set(
		    err, RC_INPUT, "two columns are mapped to the field \"%s\"", want);
	if (index >= 0)
		use_field(c, fields, index);
	else
		make_field(all, n, c, form, fields, field_n);
	return RC_OK;
}

/* Of names that make the same field name, each has the field that was made of it before. */
static void
place_by_label(
    struct column *all, size_t n, struct column *c, const struct field *fields, size_t field_n)
{
	int index = find_label(fields, field_n, c->header);

	if (index >= 0 && !is_taken(all, n, fields[index].name))
		use_field(c, fields, index);
}

static void
place_by_name(struct column *all, size_t n, struct column *c, const struct field *fields,
    size_t field_n, bool synonyms)
{
	char form[FIELD_NAME_MAX + 1];
	const char *name;
	size_t i;
	int index;

	field_name_from(c->header, form);
	index = find_field(fields, field_n, form);
	if (index < 0)
		index = find_field(fields, field_n, c->header);
	for (i = 0; index < 0 && synonyms && (name = import_synonym(c->header, i)); i++) {
		index = find_field(fields, field_n, name);
		if (index >= 0 && is_taken(all, n, fields[index].name))
			index = -1;
	}
	if (index >= 0 && !is_taken(all, n, fields[index].name))
		use_field(c, fields, index);
}

/* Rules, then exact names, then synonyms: no synonym takes a name's field. */
static enum rc
place_all(struct column *c, size_t n, const struct field *fields, size_t field_n,
    struct err *err)
{
	enum rc rc;
	size_t i;
	int pass;

	for (i = 0; i < n; i++) {
		if (c[i].ignored || !c[i].rule || !c[i].rule->field)
			continue;
		rc = place_by_rule(c, n, &c[i], fields, field_n, err);
		if (rc != RC_OK)
			return rc;
	}
	for (i = 0; i < n; i++)
		if (!c[i].ignored && !*c[i].field.name)
			place_by_label(c, n, &c[i], fields, field_n);
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < n; i++)
			if (!c[i].ignored && !*c[i].field.name)
				place_by_name(c, n, &c[i], fields, field_n, pass == 1);
	for (i = 0; i < n; i++)
		if (!c[i].ignored && !*c[i].field.name)
			make_field(c, n, &c[i], c[i].header, fields, field_n);
	return RC_OK;
}

static enum rc
check_forbidden(struct column *c, size_t n, bool look, struct err *err)
{
	const char *what;
	size_t i;

	for (i = 0; i < n; i++) {
		what = sensitive_name(c[i].header);
		c[i].forbidden = what != NULL;
		c[i].ignored |= what && look;
		if (what && !c[i].ignored)
			return err_set(err, RC_INPUT,
			    "column \"%s\" looks like %s, which must not be stored: "
			    "leave it out by mapping it to -",
			    c[i].header, what);
	}
	return RC_OK;
}

/* All columns of a rejects file together: one alone may be anything. */
static void
leave_out_rejects(struct column *c, size_t n)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		found += import_rejects_column(c[i].header);
	for (i = 0; i < n && found == IMPORT_REJECT_COLUMNS; i++)
		if (import_rejects_column(c[i].header))
			c[i].ignored = c[i].of_rejects = true;
}

enum rc
import_columns(const struct csv_row *header, const struct import *im, struct column **out)
{
	const struct import_opts *opts = im->opts;
	struct err *err = im->err;
	const struct field *fields;
	struct column *c;
	enum rc rc;
	size_t i, field_n;

	*out = NULL;
	rc = check_header(header, opts->no_header, im->report->encoding, err);
	if (rc != RC_OK)
		return rc;
	c = calloc(header->n, sizeof *c);
	if (!c)
		return err_default(err, RC_NOMEM);
	for (i = 0; i < header->n; i++)
		set_header(&c[i], header->fields[i],
		    opts->no_header ? 0 : header->lens[i], i + 1);
	for (i = 0; i < header->n && opts->no_header; i++)
		c[i].nameless = false;
	leave_out_rejects(c, header->n);
	rc = check_twins(c, header->n, err);
	if (rc == RC_OK)
		rc = apply_rules(c, header->n, im);
	if (rc == RC_OK)
		rc = check_forbidden(c, header->n, im->look, err);
	fields = field_list(im->v, &field_n);
	if (rc == RC_OK)
		rc = place_all(c, header->n, fields, field_n, err);
	if (rc != RC_OK) {
		free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

static enum rc
apply_type(struct column *c, struct err *err)
{
	enum field_type type = c->field.type;
	enum field_class cls = c->field.cls;

	if (!c->rule)
		return RC_OK;
	if (c->rule->type && !type_parse(c->rule->type, &type))
		return err_set(err, RC_INPUT, "\"%s\" is not a type", c->rule->type);
	if (c->rule->cls && !class_parse(c->rule->cls, &cls))
		return err_set(err, RC_INPUT, "\"%s\" is not a class", c->rule->cls);
	if (!c->made && (type != c->field.type || cls != c->field.cls))
		return err_set(err, RC_INPUT,
		    "the field \"%s\" is there already, %s and of type %s: an import "
		    "does not change that",
		    c->field.name, class_name(c->field.cls), type_name(c->field.type));
	c->field.type = type;
	c->field.cls = cls;
	return RC_OK;
}

/* Numbers and dates are compared, not searched for by words. */
static bool
is_words(enum field_type t)
{
	return t != TYPE_DATE && t != TYPE_NUMBER && t != TYPE_MONEY;
}

static enum rc
refuse_open(const struct column *c, enum field_type type, struct err *err)
{
	return err_set(err, RC_DENIED,
	    "column \"%s\" looks like %s, and the field %s is open: seal it first, with "
	    "strongroom field class, or leave the column out (--map %s=-)",
	    c->header, type == TYPE_CARD ? "card numbers" : "social security numbers",
	    c->field.name, c->field.name);
}

static bool
to_be_sealed(enum field_type t)
{
	return t == TYPE_CARD || t == TYPE_SSN;
}

/* The class of a field to be made, where the user said nothing of it. */
static void
choose_class(struct column *c, enum field_type guess)
{
	if (!c->made)
		return;
	if (!(c->rule && c->rule->cls) &&
	    (to_be_sealed(guess) || to_be_sealed(c->field.type)))
		c->field.cls = CLASS_SEALED;
	c->field.searchable = c->field.cls == CLASS_OPEN && is_words(c->field.type);
}

static bool
has_cards(const struct import *im, const struct sample *samples)
{
	size_t i;

	for (i = 0; i < im->n; i++)
		if (type_guess(im->columns[i].header, samples[i].values, samples[i].n) == TYPE_CARD)
			return true;
	return false;
}

static enum rc
refuse_codes(const struct column *c, enum sensitive_doubt doubt, struct err *err)
{
	if (doubt == SENSITIVE_PINS)
		return err_set(err, RC_INPUT,
		    "column \"%s\" looks like PINs, which must not be stored: leave it out by "
		    "mapping it to - (postal PIN codes have six digits)",
		    c->header);
	return err_set(err, RC_INPUT,
	    "column \"%s\" has three or four digits beside card numbers and looks like their "
	    "security codes, which must not be stored: leave it out by mapping it to -%s",
	    c->header,
	    doubt == SENSITIVE_DIGITS ? "; if it is something else, map it to a field" : "");
}

/* By values and name together. Where the name says nothing, the user's word goes before. */
static enum rc
check_codes(struct import *im, const struct sample *samples)
{
	const bool cards = has_cards(im, samples);
	enum sensitive_doubt doubt;
	size_t i;

	for (i = 0; i < im->n; i++) {
		struct column *c = &im->columns[i];

		doubt = sensitive_values(c->header, samples[i].values, samples[i].n, cards);
		if (doubt == SENSITIVE_NOT ||
		    (doubt == SENSITIVE_DIGITS && c->rule && c->rule->field && !c->ignored))
			continue;
		c->forbidden = true;
		if (!c->ignored && !im->look)
			return refuse_codes(c, doubt, im->err);
		c->ignored = true;
	}
	return RC_OK;
}

/* A look shows nothing of such a column; an import refuses at the row. */
static void
find_tracks(struct import *im, const struct sample *samples)
{
	size_t i, k;

	for (i = 0; i < im->n; i++)
		for (k = 0; k < samples[i].n; k++) {
			const char *value = samples[i].values[k];

			if (!sensitive_track(value, strlen(value)))
				continue;
			im->columns[i].forbidden = true;
			im->columns[i].ignored |= im->look;
		}
}

/* As behind a delimiter at the end of each line: no field is made for nothing. */
static void
leave_out_nameless(struct import *im, const struct sample *samples)
{
	size_t i;

	for (i = 0; i < im->n; i++) {
		struct column *c = &im->columns[i];

		c->nameless &= !c->ignored && !c->rule && samples[i].n == 0;
		c->ignored |= c->nameless;
	}
}

enum rc
import_types(struct import *im, const struct sample *samples)
{
	enum field_type guess;
	enum rc rc = check_codes(im, samples);
	size_t i;

	find_tracks(im, samples);
	leave_out_nameless(im, samples);
	for (i = 0; rc == RC_OK && i < im->n; i++) {
		struct column *c = &im->columns[i];

		if (c->ignored)
			continue;
		guess = type_guess(
		    c->made ? c->header : "", samples[i].values, samples[i].n);
		if (c->made)
			c->field.type = guess;
		rc = apply_type(c, im->err);
		if (rc != RC_OK)
			return rc;
		choose_class(c, guess);
		if (c->field.cls != CLASS_OPEN || (c->rule && c->rule->cls))
			continue;
		/* Nine digits in a known field may be anything; card numbers not. */
		if (guess != TYPE_CARD && !to_be_sealed(c->field.type))
			continue;
		if (!im->look)
			return refuse_open(c,
			    guess == TYPE_CARD ? guess : c->field.type, im->err);
		c->ignored = true;
	}
	return rc;
}
