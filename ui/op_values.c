/*
 * Values for a record: from a JSON object, from --set, or by asking.
 *
 * 1. A masked field's value never stands on the command line, which other users can read.
 * 2. The JSON text and all that jansson makes of it live in the secure heap, which bounds
 *    them: VALUES_JSON_MAX.
 * 3. A field is given once; a second time is an error, not a choice.
 */

#include "ui/op_values.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/infile.h"

#define VALUES_JSON_MAX (64 * 1024) /* bytes */

struct op_values {
	struct change *changes;
	size_t n, fields;
	bool *given;
	struct secret *
	    *held; /* one for each change that needs memory of its own; or NULL */
	json_t *json;
	json_malloc_t
	    json_malloc; /* jansson's memory before the secure heap was put in */
	json_free_t json_free;
};

static enum rc
put(struct op_call *c, struct op_values *v, int index, const char *text, size_t len)
{
	size_t n;
	const struct field *fields = field_list(c->v, &n);

	if (index < 0)
		return err_set(&c->err, RC_INPUT, "%s is not a field that can be set",
		    op_column_name(c, index));
	if (v->given[index])
		return err_set(&c->err, RC_INPUT, "the field \"%s\" is given twice",
		    fields[index].name);
	v->given[index] = true;
	v->changes[v->n++] = (struct change){.index = index, .text = text, .len = len};
	return RC_OK;
}

static enum rc
hold(struct op_call *c, struct op_values *v, int index, struct secret *s)
{
	enum rc rc = put(c, v, index, (const char *)secret_view(s), secret_len(s));

	if (rc == RC_OK)
		v->held[v->n - 1] = s;
	else
		secret_free(s);
	return rc;
}

static enum rc
read_whole(struct op_call *c, int fd, const char *name, struct secret *out)
{
	size_t len;
	enum rc rc = infile_read(
	    fd, name, &c->cancel, secret_bytes(out), secret_cap(out), &len, &c->err);

	if (rc != RC_OK)
		return rc;
	secret_set_len(out, len);
	if (len == secret_cap(out))
		return err_set(&c->err, RC_INPUT,
		    "%s is too long: a record in JSON is at "
		    "most %d bytes; import takes longer ones",
		    name, VALUES_JSON_MAX);
	return RC_OK;
}

static enum rc
json_failed(struct op_call *c, const char *name, const json_error_t *e)
{
	if (e->line < 0)
		return RC_NOMEM;
	return err_set(&c->err, RC_INPUT,
	    "%s is not one JSON object of field names and texts: line %d, column %d",
	    name, e->line, e->column);
}

static enum rc
parse(struct op_call *c, struct op_values *v, const char *name, const struct secret *text)
{
	json_error_t e = {.line = -1};

	json_get_alloc_funcs(&v->json_malloc, &v->json_free);
	json_set_alloc_funcs(secret_alloc, secret_release);
	v->json = json_loadb((const char *)secret_view(text), secret_len(text),
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
	if (v->json == NULL)
		return json_failed(c, name, &e);
	if (!json_is_object(v->json))
		return err_set(&c->err, RC_INPUT,
		    "%s is not a JSON object: {\"last_name\": \"Ellison\"}", name);
	return RC_OK;
}

static enum rc
put_json(struct op_call *c, struct op_values *v, const char *key, const json_t *value)
{
	struct secret *s;
	char number[32];
	int index, len;
	enum rc rc = op_field(c, key, strlen(key), &index);

	if (rc != RC_OK)
		return rc;
	if (json_is_string(value))
		return put(
		    c, v, index, json_string_value(value), json_string_length(value));
	if (json_is_null(value))
		return put(c, v, index, NULL, 0);
	if (!json_is_integer(value))
		return err_set(&c->err, RC_INPUT,
		    "the value of \"%s\" is neither a text nor a whole number nor null: "
		    "put "
		    "it into quotes",
		    key);
	len = snprintf(
	    number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	rc = secret_from(number, (size_t)len, &s);
	secret_wipe(number, sizeof(number));
	return rc == RC_OK ? hold(c, v, index, s) : rc;
}

static enum rc
take_from(struct op_call *c, struct op_values *v)
{
	const char *name = op_text(c, "from"), *key;
	bool standard = name != NULL && strcmp(name, "-") == 0;
	struct secret *text = NULL;
	json_t *value;
	enum rc rc;
	int fd = STDIN_FILENO;

	if (name == NULL)
		return RC_OK;
	rc = standard ? RC_OK : infile_open(name, &c->cancel, &fd, &c->err);
	if (rc != RC_OK)
		return rc;
	rc = secret_new(VALUES_JSON_MAX + 1, &text);
	if (rc == RC_OK)
		rc = read_whole(c, fd, standard ? "the standard input" : name, text);
	if (!standard)
		close(fd);
	if (rc == RC_OK)
		rc = parse(c, v, standard ? "the standard input" : name, text);
	secret_free(text);
	if (rc != RC_OK)
		return rc;
	json_object_foreach(
	    v->json, key, value) if ((rc = put_json(c, v, key, value)) != RC_OK) break;
	return rc;
}

static enum rc
take_set(struct op_call *c, struct op_values *v, const char *text)
{
	size_t len = strcspn(text, "="), n;
	const struct field *f;
	int index;
	enum rc rc;

	if (text[len] == '\0')
		return err_set(&c->err, RC_INPUT, "--set takes FIELD=VALUE");
	rc = op_field(c, text, len, &index);
	if (rc != RC_OK)
		return rc;
	f = index >= 0 ? &field_list(c->v, &n)[index] : NULL;
	if (f && f->cls != CLASS_OPEN)
		return err_set(&c->err, RC_DENIED,
		    "\"%s\" is %s, and other users can read a command line: give it with "
		    "--ask %s, or with --from",
		    f->name, class_name(f->cls), f->name);
	return put(c, v, index, text + len + 1, strlen(text + len + 1));
}

static enum rc
ask_masked(struct op_call *c, struct op_values *v, int index, const char *label)
{
	struct secret *s;
	enum rc rc = c->face->ops->ask_secret(c->face, ASK_VALUE, label, &s);

	return rc == RC_OK ? hold(c, v, index, s) : rc;
}

static enum rc
ask_open(struct op_call *c, struct op_values *v, int index, const char *label)
{
	struct secret *s = NULL;
	char *text;
	size_t len;
	enum rc rc = c->face->ops->ask_text(c->face, label, NULL, &text);

	if (rc != RC_OK)
		return rc;
	len = strlen(text);
	if (len > 0)
		rc = secret_from(text, len, &s);
	secret_wipe(text, len);
	free(text);
	return rc == RC_OK && s != NULL ? hold(c, v, index, s) : rc;
}

static enum rc
take_ask(struct op_call *c, struct op_values *v, const char *text)
{
	int index;
	enum rc rc = op_field(c, text, strlen(text), &index);

	if (rc != RC_OK)
		return rc;
	if (index < 0)
		return put(c, v, index, NULL, 0);
	return ask_masked(c, v, index, op_column_label(c, index));
}

static enum rc
take_clear(struct op_call *c, struct op_values *v, const char *text)
{
	int index;
	enum rc rc = op_field(c, text, strlen(text), &index);

	return rc == RC_OK ? put(c, v, index, NULL, 0) : rc;
}

typedef enum rc take_fn(struct op_call *c, struct op_values *v, const char *text);

static enum rc
take_all(struct op_call *c, struct op_values *v, const char *option, take_fn *take)
{
	const char *text;
	enum rc rc = RC_OK;
	int i;

	for (i = 0; rc == RC_OK && (text = op_each(c, option, i)) != NULL; i++)
		rc = take(c, v, text);
	return rc;
}

static enum rc
allocate(struct op_call *c, struct op_values **out)
{
	struct op_values *v = calloc(1, sizeof(*v));

	*out = v;
	if (v == NULL)
		return RC_NOMEM;
	field_list(c->v, &v->fields);
	v->changes = calloc(v->fields + 1, sizeof(*v->changes));
	v->given = calloc(v->fields + 1, sizeof(*v->given));
	v->held = calloc(v->fields + 1, sizeof(struct secret *));
	return v->changes != NULL && v->given != NULL && v->held != NULL ? RC_OK
									 : RC_NOMEM;
}

enum rc
op_values_new(struct op_call *c, struct op_values **out)
{
	enum rc rc = allocate(c, out);

	if (rc == RC_OK)
		rc = take_from(c, *out);
	if (rc == RC_OK)
		rc = take_all(c, *out, "set", take_set);
	if (rc == RC_OK)
		rc = take_all(c, *out, "clear", take_clear);
	if (rc == RC_OK)
		rc = take_all(c, *out, "ask", take_ask);
	if (rc != RC_OK) {
		op_values_free(*out);
		*out = NULL;
	}
	return rc;
}

enum rc
op_values_ask(struct op_call *c, struct op_values *v)
{
	const struct field *fields;
	size_t n, i;
	enum rc rc = RC_OK;

	fields = field_list(c->v, &n);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = fields[i].cls == CLASS_OPEN
			 ? ask_open(c, v, (int)i, fields[i].label)
			 : ask_masked(c, v, (int)i, fields[i].label);
	return rc;
}

const struct change *
op_values_list(const struct op_values *v, size_t *n)
{
	*n = v->n;
	return v->changes;
}

void
op_values_free(struct op_values *v)
{
	size_t i;

	if (v == NULL)
		return;
	for (i = 0; v->held != NULL && i < v->n; i++)
		secret_free(v->held[i]);
	json_decref(v->json);
	if (v->json_free != NULL)
		json_set_alloc_funcs(v->json_malloc, v->json_free);
	free(v->held);
	free(v->given);
	free(v->changes);
	free(v);
}
