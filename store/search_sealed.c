/*
 * Looking up sealed values: by the blind index, which answers to a whole value and to no
 * part of one.
 *
 * 1. Here the look-up is only made ready. search.c writes to the audit that a field is asked,
 *    never what for, and only then runs it.
 * 2. A browse slot has no key to ask with.
 * 3. What is no value of the field's type is looked up in quotes alone, as it may have been
 *    kept; without them it is taken for a part of a value, and is a fault.
 */
#include <string.h>

#include "store/search_term.h"
#include "store/sealed.h"

static enum rc
refuse(struct compiler *c, const struct query_node *t, const struct field *f)
{
	if (!sealed_has_blind(f->type))
		return query_fault(c->err, t->at, t->len,
		    "%s is sealed and of type %s: its values can't be looked up", f->name,
		    type_name(f->type));
	if (t->op != QUERY_IS || t->prefix || !*t->value)
		return query_fault(c->err, t->at, t->len,
		    "%s is sealed: it answers only to a whole value, %s:VALUE", f->name,
		    f->name);
	if (c->live)
		return query_fault(c->err, t->at, t->len,
		    "%s is sealed: Enter looks it up, and the audit tells of it", f->name);
	if (c->s->asked_n == SEALED_ASKED_MAX)
		return query_fault(c->err, t->at, t->len,
		    "more than %d sealed values: look up fewer at once", SEALED_ASKED_MAX);
	return RC_OK;
}

enum rc
sealed_mean(struct compiler *c, const struct query_node *t, const struct field *f,
    struct search_meaning *m)
{
	struct sealed_asked *asked;
	const char *value;
	bool valid;
	enum rc rc = refuse(c, t, f);

	if (rc != RC_OK)
		return rc;
	value = term_normal(c, f, t->value, false, &valid);
	if (!valid && !t->quoted)
		return query_fault(c->err, t->value_at, t->value_len,
		    "%s is sealed and takes a whole %s only, in quotes if it has blanks: "
		    "%s:\"...\"", f->name, type_name(f->type), f->name);
	asked = &c->s->asked[c->s->asked_n++];
	asked->field_id = f->id;
	rc = sealed_blind(c->v, f, value, strlen(value), asked->blind);
	if (rc == RC_DENIED) /* the sentence says which slots may */
		query_fault(c->err, t->at, t->len, "%s: %.300s", f->name, vault_err(c->v));
	if (rc != RC_OK)
		return rc;
	m->condition = term_text(c,
	    "r.id IN (SELECT record_id FROM sealed WHERE field_id = %d AND blind = ?%zu)",
	    f->id, term_bind_blind(c, asked->blind));
	return RC_OK;
}
