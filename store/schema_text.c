/*
 * The text form of a field catalogue, and the one that a vault gets unasked.
 *
 * 1. What is not understood is refused with its line; nothing is guessed.
 * 2. Only open fields can be searched, and a catalogue has at least one that is.
 */
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sensitive.h"

#define LINE_MAX 512

static const char default_text[] =
    "# The fields of a customer: name type class [required] [search] \"Label\"\n"
    "first_name name open search \"First name\"\n"
    "last_name name open required search \"Last name\"\n"
    "company text open search \"Company\"\n"
    "email email open search \"E-mail\"\n"
    "phone phone open search \"Phone\"\n"
    "phone_alt phone open search \"Phone 2\"\n"
    "address text open search \"Address\"\n"
    "city text open search \"City\"\n"
    "region text open search \"Region\"\n"
    "postcode postcode open search \"Postcode\"\n"
    "country country open search \"Country\"\n"
    "url url open search \"URL\"\n"
    "birth_date date masked \"Birth date\"\n"
    "ssn ssn sealed \"SSN\"\n"
    "card card sealed \"Card\"\n"
    "notes note sealed \"Notes\"\n";

/* Words that mean something else in a query, as a column or as a JSON key. */
static const char *const reserved[] = { "id", "is", "uuid", "version", "created", "updated",
	"deleted", "keep", "tag", "rank", "created_at", "updated_at", "deleted_at", "actor",
	"keep_until" };

const char *
schema_default(void)
{
	return default_text;
}

bool
schema_name_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

bool
schema_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= FIELD_NAME_MAX && name[n] == '\0' && name[0] >= 'a' &&
	    name[0] <= 'z' && !schema_name_reserved(name);
}

struct parser {
	struct field *fields;
	size_t n, cap;
	int line;
	struct err *err;
};

/* The label at the end of a line: "..." with \" and \\; ${at} is left behind it. */
static bool
parse_label(char **at, char label[FIELD_LABEL_MAX + 1])
{
	size_t n = 0;
	char *s = *at + 1;

	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (n == FIELD_LABEL_MAX)
			return false;
		label[n++] = *s;
	}
	label[n] = '\0';
	*at = s + 1;
	return *s == '"' && n > 0;
}

static char *
next_word(char **at)
{
	char *word;

	*at += strspn(*at, " \t");
	word = *at;
	*at += strcspn(*at, " \t");
	if (**at)
		*(*at)++ = '\0';
	*at += strspn(*at, " \t");
	return word;
}

static enum rc
parse_flags(struct parser *p, char *at, struct field *f)
{
	char *word;

	while (*at && *at != '"') {
		word = next_word(&at);
		if (strcmp(word, "required") == 0)
			f->required = true;
		else if (strcmp(word, "search") == 0)
			f->searchable = true;
		else
			return err_set(p->err, RC_INPUT,
			    "line %d of the schema: \"%s\" is neither required nor search nor a "
			    "label in quotes", p->line, word);
	}
	if (*at == '"' && (!parse_label(&at, f->label) || at[strspn(at, " \t\r")]))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: the label is not one text in quotes of at most %d "
		    "bytes", p->line, FIELD_LABEL_MAX);
	if (!*f->label)
		snprintf(f->label, sizeof f->label, "%s", f->name);
	return RC_OK;
}

static enum rc
parse_words(struct parser *p, char *at, struct field *f)
{
	char *name = next_word(&at), *type = next_word(&at), *cls = next_word(&at);
	size_t i;

	if (!schema_name_ok(name))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" can't be a field's name: use a-z, 0-9 and _",
		    p->line, name);
	if (sensitive_name(name))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" would hold %s, which must not be stored, not even "
		    "sealed", p->line, name, sensitive_name(name));
	for (i = 0; i < p->n; i++)
		if (strcmp(p->fields[i].name, name) == 0)
			return err_set(p->err, RC_INPUT,
			    "line %d of the schema: there is a field %s already", p->line, name);
	if (!type_parse(type, &f->type))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" is not a type: use text, name, email, phone, "
		    "date, number, money, country, postcode, url, ssn, card, iban or note",
		    p->line, type);
	if (!class_parse(cls, &f->cls))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" is not a class: use open, masked or sealed",
		    p->line, cls);
	snprintf(f->name, sizeof f->name, "%s", name);
	return parse_flags(p, at, f);
}

static enum rc
parse_line(struct parser *p, char *line)
{
	struct field f = { 0 }, *fresh;
	enum rc rc;

	line += strspn(line, " \t");
	line[strcspn(line, "\r")] = '\0';
	if (!*line || *line == '#')
		return RC_OK;
	if (p->n == FIELD_MAX)
		return err_set(p->err, RC_LIMIT, "the schema has more than %d fields", FIELD_MAX);
	rc = parse_words(p, line, &f);
	if (rc != RC_OK)
		return rc;
	if (f.searchable && f.cls != CLASS_OPEN)
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: %s is %s, so it can't be searched", p->line, f.name,
		    class_name(f.cls));
	if (p->n == p->cap) {
		fresh = realloc(p->fields, (p->cap * 2 + 16) * sizeof *fresh);
		if (!fresh)
			return err_default(p->err, RC_NOMEM);
		p->fields = fresh;
		p->cap = p->cap * 2 + 16;
	}
	f.id = (int)p->n + 1;
	p->fields[p->n++] = f;
	return RC_OK;
}

static enum rc
parse_all(struct parser *p, const char *text)
{
	char line[LINE_MAX];
	enum rc rc = RC_OK;
	size_t n, i;

	for (p->line = 1; rc == RC_OK && *text; p->line++) {
		n = strcspn(text, "\n");
		if (n >= sizeof line)
			return err_set(p->err, RC_INPUT, "line %d of the schema is too long", p->line);
		memcpy(line, text, n);
		line[n] = '\0';
		text += n + (text[n] == '\n');
		rc = parse_line(p, line);
	}
	for (i = 0; rc == RC_OK && i < p->n; i++)
		if (p->fields[i].searchable)
			return RC_OK;
	if (rc != RC_OK)
		return rc;
	return err_set(p->err, RC_INPUT,
	    "the schema needs at least one open field that is marked search");
}

enum rc
schema_parse(const char *text, struct field **out, size_t *n, struct err *err)
{
	struct parser p = { NULL, 0, 0, 0, err };
	enum rc rc = parse_all(&p, text);

	*out = NULL;
	*n = 0;
	if (rc != RC_OK) {
		free(p.fields);
		return rc;
	}
	*out = p.fields;
	*n = p.n;
	return RC_OK;
}
