/*
 * JSON lines. jansson judges each line and takes its strings apart; a number is taken from
 * the line itself, since a library that makes a double of 12.50 does not give it back.
 *
 *   jsonl_new -> take_line (200 times) -> names
 *   jsonl_next -> take_line or a line that was kept -> parse -> place
 *
 * 1. A line with a fault costs itself and nothing else.
 * 2. The k-th number of a line that jansson has accepted is that of the k-th member: it
 *    keeps the order of members and rejects a name that stands twice.
 * 3. What held a value is wiped, also what jansson gives back to the heap.
 */
#include "store/jsonl.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "keyring/secret.h"
#include "store/jsonl_lines.h"

struct jsonl {
	struct jsonl_lines *lines;
	bool array;
	uint64_t number;
	json_t *places; /* of names */
	size_t n;
	const char *names[CSV_COLUMNS_MAX];
	size_t name_lens[CSV_COLUMNS_MAX];
	const char *fields[CSV_COLUMNS_MAX];
	size_t lens[CSV_COLUMNS_MAX];
	char *text; /* what fields point into: never more than the line has */
	size_t text_cap, text_len;
};

static void
wipe_and_free(void *p)
{
	if (p)
		secret_wipe(p, malloc_usable_size(p));
	free(p);
}

static void
setup(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

/* Without blanks, and without the brackets and commas of an array around it. */
static void
trim(struct jsonl *j, const struct jsonl_line *line, const char **at, size_t *len)
{
	const char *s = line->at;
	size_t n = line->len;

	while (n && is_blank(*s)) {
		s++;
		n--;
	}
	if (line->number == 1 && n && *s == '[') {
		j->array = true;
		s++;
		n--;
	}
	while (n && is_blank(s[n - 1]))
		n--;
	if (j->array && n && s[n - 1] == ']')
		n--;
	if (j->array && n && s[n - 1] == ',')
		n--;
	*at = s;
	*len = n;
}

static enum csv_fault
fault_of(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_invalid_utf8:
		return CSV_NOT_UTF8;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return CSV_NUL;
	case json_error_duplicate_key:
		return JSONL_TWICE;
	case json_error_stack_overflow:
		return JSONL_DEEP;
	case json_error_numeric_overflow:
		return JSONL_NUMBER;
	default:
		return JSONL_FORM;
	}
}

/* The object of a line; NULL with the fault, or RC_NOMEM. */
static enum rc
parse(const char *s, size_t len, json_t **out, enum csv_fault *fault)
{
	json_error_t e;

	*fault = CSV_FINE;
	*out = json_loadb(s, len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY, &e);
	if (!*out && json_error_code(&e) == json_error_out_of_memory)
		return RC_NOMEM;
	if (!*out) {
		*fault = fault_of(&e);
	} else if (!json_is_object(*out)) {
		json_decref(*out);
		*out = NULL;
		*fault = JSONL_OBJECT;
	}
	return RC_OK;
}

/* After the string that begins at ${s}. */
static const char *
skip_string(const char *s)
{
	for (s++; *s != '"'; s++)
		if (*s == '\\')
			s++;
	return s + 1;
}

/* The text of the value of the next member of an object that is known to be valid. */
static void
next_value(const char **at, const char **value, size_t *len)
{
	const char *s = *at;
	size_t depth = 0;

	s = skip_string(strchr(s, '"'));
	s = strchr(s, ':') + 1;
	s += strspn(s, " \t\r");
	*value = s;
	for (;; s++) {
		if (*s == '"')
			s = skip_string(s);
		if (depth == 0 && (*s == ',' || *s == '}'))
			break;
		if (*s == '{' || *s == '[')
			depth++;
		else if (*s == '}' || *s == ']')
			depth--;
	}
	*at = s;
	*len = (size_t)(s - *value);
	while (*len && is_blank((*value)[*len - 1]))
		(*len)--;
}

static void
put_text(struct jsonl *j, size_t column, const char *s, size_t len)
{
	char *to = j->text + j->text_len;

	memcpy(to, s, len);
	to[len] = '\0';
	j->text_len += len + 1;
	j->fields[column] = to;
	j->lens[column] = len;
}

static enum csv_fault
place_value(struct jsonl *j, size_t column, json_t *v, const char *raw, size_t raw_len)
{
	if (json_is_object(v) || json_is_array(v))
		return JSONL_NESTED;
	if (json_is_null(v))
		return CSV_FINE;
	if (json_is_string(v))
		put_text(j, column, json_string_value(v), json_string_length(v));
	else
		put_text(j, column, raw, raw_len);
	return j->lens[column] > CSV_FIELD_MAX ? CSV_FIELD_LONG : CSV_FINE;
}

/* Each value to its column. ${s}: the object's own text, ended by NUL. */
static void
place(struct jsonl *j, const char *s, json_t *object, struct csv_row *row)
{
	const char *key, *raw;
	json_t *v, *at;
	size_t raw_len, column;

	json_object_foreach(object, key, v)
	{
		next_value(&s, &raw, &raw_len);
		at = json_object_get(j->places, key);
		column = at ? (size_t)json_integer_value(at) : 0;
		row->fault = at ? place_value(j, column, v, raw, raw_len) : JSONL_NAME;
		if (row->fault != CSV_FINE) {
			row->fault_column = at ? column + 1 : 0;
			return;
		}
	}
}

/* Room for all values of the line, and its own text with a NUL. */
static enum rc
make_room(struct jsonl *j, size_t len)
{
	size_t want = 2 * (len + 1) + CSV_COLUMNS_MAX;

	j->text_len = 0;
	if (want <= j->text_cap)
		return RC_OK;
	wipe_and_free(j->text);
	j->text = malloc(want * 2);
	j->text_cap = j->text ? want * 2 : 0;
	return j->text ? RC_OK : RC_NOMEM;
}

static enum rc
read_object(struct jsonl *j, const char *s, size_t len, struct csv_row *row)
{
	json_t *object = NULL;
	enum rc rc;
	size_t i;

	rc = make_room(j, len);
	if (rc == RC_OK)
		rc = parse(s, len, &object, &row->fault);
	if (rc != RC_OK || !object)
		return rc;
	memcpy(j->text, s, len);
	j->text[len] = '\0';
	j->text_len = len + 1;
	for (i = 0; i < j->n; i++) {
		j->fields[i] = "";
		j->lens[i] = 0;
	}
	place(j, j->text, object, row);
	json_decref(object);
	row->n = j->n;
	return RC_OK;
}

enum rc
jsonl_next(struct jsonl *j, struct csv_row *row)
{
	struct jsonl_line line;
	const char *s;
	size_t len;
	enum rc rc;

	memset(row, 0, sizeof *row);
	do {
		rc = jsonl_line(j->lines, &line);
		if (rc != RC_OK)
			return rc;
		trim(j, &line, &s, &len);
	} while (len == 0 && !line.cut);
	row->number = ++j->number;
	row->line = line.number;
	row->fields = j->fields;
	row->lens = j->lens;
	row->raw = s;
	row->raw_len = len;
	if (line.cut)
		row->fault = CSV_ROW_LONG;
	else if (memchr(s, '\0', len))
		row->fault = CSV_NUL;
	else
		rc = read_object(j, s, len, row);
	return rc;
}

/* The names of one object become columns, as many as there may be. */
static enum rc
take_names(struct jsonl *j, const char *s, size_t len)
{
	enum csv_fault fault;
	const char *key;
	json_t *object, *v;
	enum rc rc = parse(s, len, &object, &fault);

	if (rc != RC_OK || !object)
		return rc;
	json_object_foreach(object, key, v)
	{
		if (j->n == CSV_COLUMNS_MAX || json_object_get(j->places, key))
			continue;
		j->names[j->n] = strdup(key);
		if (!j->names[j->n] ||
		    json_object_set_new(
			j->places, key, json_integer((json_int_t)j->n)) != 0) {
			free((char *)(uintptr_t)j->names[j->n]);
			rc = RC_NOMEM;
			break;
		}
		j->name_lens[j->n] = strlen(key);
		j->n++;
	}
	json_decref(object);
	return rc;
}

static enum rc
look(struct jsonl *j)
{
	struct jsonl_line line;
	const char *s;
	size_t i, len;
	enum rc rc;

	for (i = 0; i < JSONL_LOOKED_AT; i++) {
		rc = jsonl_line_ahead(j->lines, &line);
		if (rc == RC_NOTFOUND)
			return RC_OK;
		if (rc != RC_OK)
			return rc;
		trim(j, &line, &s, &len);
		if (!line.cut && len)
			rc = take_names(j, s, len);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc
jsonl_new(csv_read_fn *read, void *arg, struct jsonl **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct jsonl *j;
	enum rc rc;

	*out = NULL;
	pthread_once(&once, setup);
	j = calloc(1, sizeof *j);
	if (!j)
		return RC_NOMEM;
	j->places = json_object();
	rc = j->places ? jsonl_lines_new(read, arg, &j->lines) : RC_NOMEM;
	if (rc == RC_OK)
		rc = look(j);
	if (rc != RC_OK) {
		jsonl_free(j);
		return rc;
	}
	*out = j;
	return RC_OK;
}

void
jsonl_header(const struct jsonl *j, struct csv_row *row)
{
	memset(row, 0, sizeof *row);
	row->n = j->n;
	row->fields = j->names;
	row->lens = j->name_lens;
}

void
jsonl_free(struct jsonl *j)
{
	size_t i;

	if (!j)
		return;
	for (i = 0; i < j->n; i++)
		free((char *)(uintptr_t)j->names[i]);
	json_decref(j->places);
	wipe_and_free(j->text);
	jsonl_lines_free(j->lines);
	free(j);
}
