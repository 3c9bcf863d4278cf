/*
 * Templates of exports. The text, a line each and the query to the end:
 *
 *     strongroom export 1
 *     format csv
 *     [raw]
 *     [sort [-]NAME]                NAME: a field, _id, _updated or _created
 *     column NAME TREATMENT         any number; none: all fields
 *     query
 *     the rest, as it stands
 *
 * 1. A text is understood whole or refused: nothing of it is skipped or guessed.
 * 2. Records that were chosen one by one are in no template: without them it would be one of
 *    all records.
 */
#include "store/export_template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/export_facts.h"
#include "store/template.h"

#define FIRST_LINE "strongroom export 1\n"

static const struct {
	const char *name;
	int index;
} orders[] = {
	{ "_id", SORT_ID },
	{ "_updated", SORT_UPDATED },
	{ "_created", SORT_CREATED },
};
#define ORDERS (sizeof orders / sizeof *orders)

static const char *
column_name(const struct vault *v, int index)
{
	size_t n, i;
	const struct field *f = field_list(v, &n);

	for (i = 0; i < ORDERS; i++)
		if (orders[i].index == index)
			return orders[i].name;
	return index >= 0 && (size_t)index < n ? f[index].name : NULL;
}

static bool
column_index(const struct vault *v, const char *name, int *index)
{
	size_t n, i;
	const struct field *f = field_list(v, &n);

	for (i = 0; i < ORDERS; i++) {
		if (strcmp(orders[i].name, name) == 0) {
			*index = orders[i].index;
			return true;
		}
	}
	for (i = 0; i < n; i++) {
		if (strcmp(f[i].name, name) == 0) {
			*index = (int)i;
			return true;
		}
	}
	return false;
}

/* "reveal" of an open field was no choice: it would become one when the field is protected. */
static enum export_treatment
kept_treatment(const struct vault *v, const struct export_column *c)
{
	size_t n;
	const struct field *f = field_list(v, &n);
	bool open = c->index < 0 || f[c->index].cls == CLASS_OPEN;

	return c->treat == TREAT_REVEAL && open ? TREAT_AS_IS : c->treat;
}

/* The text of ${opts}; NULL without memory. */
static char *
write_body(struct vault *v, const struct export_opts *opts)
{
	const char *sort = column_name(v, opts->search.sort);
	char *body = NULL;
	size_t len, i;
	FILE *f = open_memstream(&body, &len);

	if (!f)
		return NULL;
	fprintf(f, FIRST_LINE "format %s\n", sink_format_name(opts->sink.format));
	if (opts->sink.raw)
		fputs("raw\n", f);
	if (sort && (opts->search.sort != SORT_ID || opts->search.descending))
		fprintf(f, "sort %s%s\n", opts->search.descending ? "-" : "", sort);
	for (i = 0; opts->columns && i < opts->column_n; i++) {
		const char *name = column_name(v, opts->columns[i].index);

		if (name)
			fprintf(f, "column %s %s\n", name,
			    export_treatment_name(kept_treatment(v, &opts->columns[i])));
	}
	fprintf(f, "query\n%s", opts->search.query ? opts->search.query : "");
	if (fclose(f) == 0)
		return body;
	free(body);
	return NULL;
}

enum rc
export_template_check(struct vault *v, const char *name, const struct export_opts *opts)
{
	const char *query = opts->search.query ? opts->search.query : "";
	char *public = NULL;
	enum rc rc;

	vault_err_start(v);
	if (opts->search.ids)
		return err_set(&v->err, RC_INPUT,
		    "chosen records are not kept in a template: save it from a query or "
		    "from all records");
	rc = export_query_public(v, query, &public);
	if (rc == RC_OK && strcmp(public, query) != 0)
		rc = err_set(&v->err, RC_INPUT,
		    "the query looks for a value of a protected field, and a template can be "
		    "read by a browse slot: save it without");
	free(public);
	if (rc == RC_OK)
		rc = template_check(v, TEMPLATE_EXPORT, name, false);
	return err_default(&v->err, rc);
}

enum rc
export_template_save(struct vault *v, const char *name, const struct export_opts *opts)
{
	enum rc rc = export_template_check(v, name, opts);
	char *body = NULL;

	if (rc == RC_OK && !(body = write_body(v, opts)))
		rc = RC_NOMEM;
	if (rc == RC_OK)
		rc = template_save(v, TEMPLATE_EXPORT, name, body, false);
	free(body);
	return err_default(&v->err, rc);
}

struct parse {
	struct vault *v;
	const char *name;
	struct export_template *t;
	size_t cap;
};

static enum rc
not_understood(const struct parse *p, const char *line)
{
	return err_set(&p->v->err, RC_INPUT,
	    "template %s is not understood, at \"%.60s\": drop it and save it again", p->name,
	    line);
}

static enum rc
parse_name(const struct parse *p, const char *name, int *index)
{
	if (column_index(p->v, name, index))
		return RC_OK;
	return err_set(&p->v->err, RC_INPUT,
	    "template %s names the field %.64s, which the vault has no more: drop it and save "
	    "it again", p->name, name);
}

static enum rc
parse_column(struct parse *p, char *text)
{
	struct export_template *t = p->t;
	struct export_column c, *more;
	char *blank = strchr(text, ' ');
	enum rc rc;

	if (!blank || !export_treatment_parse(blank + 1, &c.treat))
		return not_understood(p, text);
	*blank = '\0';
	rc = parse_name(p, text, &c.index);
	if (rc != RC_OK)
		return rc;
	if (c.index < SORT_ID)
		return not_understood(p, text);
	if (t->column_n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 16;
		more = realloc(t->columns, p->cap * sizeof *more);
		if (!more)
			return RC_NOMEM;
		t->columns = more;
	}
	t->columns[t->column_n++] = c;
	return RC_OK;
}

static enum rc
parse_line(struct parse *p, char *line)
{
	struct export_template *t = p->t;

	if (strncmp(line, "column ", 7) == 0)
		return parse_column(p, line + 7);
	if (strncmp(line, "sort ", 5) == 0) {
		t->search.descending = line[5] == '-';
		return parse_name(p, line + 5 + t->search.descending, &t->search.sort);
	}
	if (strcmp(line, "raw") == 0)
		t->raw = true;
	else if (strncmp(line, "format ", 7) != 0 ||
	    !sink_format_parse(line + 7, &t->format))
		return not_understood(p, line);
	return RC_OK;
}

static enum rc
parse_body(struct parse *p, char *body)
{
	char *line = body, *end;
	enum rc rc = RC_OK;

	if (strncmp(line, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return not_understood(p, "its first line");
	line += strlen(FIRST_LINE);
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		if (strcmp(line, "query") == 0)
			break;
		rc = parse_line(p, line);
		if (rc != RC_OK)
			return rc;
		line = end + 1;
	}
	if (!end || !p->t->format)
		return not_understood(p, "its end");
	p->t->query = strdup(end + 1);
	p->t->search.query = p->t->query;
	return p->t->query ? RC_OK : RC_NOMEM;
}

enum rc
export_template_load(struct vault *v, const char *name, struct export_template **out)
{
	struct parse p = { v, name, calloc(1, sizeof *p.t), 0 };
	char *body = NULL;
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (p.t) {
		p.t->search.sort = SORT_ID;
		rc = template_get(v, TEMPLATE_EXPORT, name, &body);
	}
	if (rc == RC_OK)
		rc = parse_body(&p, body);
	free(body);
	if (rc != RC_OK) {
		export_template_free(p.t);
		return err_default(&v->err, rc);
	}
	*out = p.t;
	return RC_OK;
}

void
export_template_free(struct export_template *t)
{
	if (!t)
		return;
	free(t->query);
	free(t->columns);
	free(t);
}
