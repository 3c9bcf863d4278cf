/*
 * The same change to many records.
 *
 * 1. The hits are gathered in the transaction that changes them: what is changed is what the
 *    query finds at that moment.
 * 2. A look-up in sealed fields is in the audit before that: it stays there when the change
 *    is refused or stopped, which tells of hits too.
 * 3. The transaction may spill: it may change more pages than memory is to hold.
 */
#include "store/bulk.h"

#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/change.h"
#include "store/search_find.h"

#define SAY_EACH 256 /* records between two looks at the progress */

struct doing {
	struct vault *v;
	const struct bulk *b;
	const char *name; /* of the step */
	const struct field *fields; /* that the change was made for; NULL: none */
	size_t field_n;
	struct record_change change;
	struct audit_entry event;
	int64_t *ids;
	size_t n, cap;
	int64_t *changed;
	bool refused; /* the number was not the one that was agreed to */
};

static enum rc
add_hit(void *arg, const struct record *r)
{
	struct doing *d = arg;
	size_t cap = d->cap ? 2 * d->cap : 1024;
	int64_t *fresh;

	if (d->n == d->cap) {
		fresh = realloc(d->ids, cap * sizeof *fresh);
		if (!fresh)
			return RC_NOMEM;
		d->ids = fresh;
		d->cap = cap;
	}
	d->ids[d->n++] = r->id;
	return RC_OK;
}

static enum rc
gather(struct doing *d, struct search_error *serr)
{
	const struct search s = { .query = d->b->query, .sort = SORT_ID };
	struct record r = { .id = 0 };
	enum rc rc = RC_OK;
	size_t i;

	if (d->b->query)
		return search_each(d->v, &s, 0, add_hit, d, serr);
	for (i = 0; rc == RC_OK && i < d->b->id_n; i++) {
		r.id = d->b->ids[i];
		rc = add_hit(d, &r);
	}
	return err_default(&d->v->err, rc);
}

/* The hits may have become others since they were counted and agreed to. */
static enum rc
check_number(struct doing *d)
{
	const int64_t agreed = d->b->agreed;

	if (agreed == 0 || agreed == (int64_t)d->n)
		return RC_OK;
	*d->changed = (int64_t)d->n;
	d->refused = true;
	return err_set(&d->v->err, RC_BUSY,
	    "nothing was changed: %zu records match now, and other than that many were "
	    "agreed to; look at them and begin again",
	    d->n);
}

/* What is in the trash is only restored, or kept; what is not is all but restored. */
static enum rc
check(struct doing *d, const struct record_facts *facts)
{
	bool restore = d->change.trash && d->change.deleted_at == 0;

	if (d->change.keep || (facts->deleted_at != 0) == restore)
		return RC_OK;
	if (restore && d->b->query)
		return err_set(&d->v->err, RC_INPUT,
		    "record %lld is not in the trash: nothing was restored; put is:trash into "
		    "the query", (long long)facts->id);
	return err_set(&d->v->err, RC_INPUT,
	    restore ? "record %lld is not in the trash: nothing was restored"
		    : "record %lld is in the trash: nothing was changed; restore it first",
	    (long long)facts->id);
}

static enum rc
apply(struct doing *d)
{
	const struct progress *p = &d->b->progress;
	struct record_facts facts;
	struct changer *c;
	bool changed;
	enum rc rc = changer_new(d->v, d->name, &c);
	size_t i;

	for (i = 0; rc == RC_OK && i < d->n; i++) {
		rc = record_facts(d->v, d->ids[i], &facts);
		if (rc == RC_OK)
			rc = check(d, &facts);
		if (rc == RC_OK)
			rc = changer_apply(c, &facts, &d->change, &changed);
		if (rc == RC_OK)
			*d->changed += changed;
		if (rc == RC_OK && p->step && i % SAY_EACH == 0 && p->step(p->arg, i, d->n))
			rc = RC_CANCELLED;
	}
	changer_free(c);
	return err_default(&d->v->err, rc);
}

/* Rule 2. */
static enum rc
announce(struct vault *v, const char *query, struct search_error *serr)
{
	const struct search s = { .query = query, .sort = SORT_ID };
	struct finder f;
	enum rc rc = finder_begin(&f, v, &s, serr);

	finder_end(&f);
	return err_default(&v->err, rc);
}

static enum rc
run(struct doing *d, int64_t *changed, struct search_error *serr)
{
	struct vault *v = d->v;
	enum rc rc = RC_OK;

	*changed = 0;
	d->changed = changed;
	if (v->in_tx)
		return err_set(
		    &v->err, RC_INTERNAL, "many records are changed in no other change");
	if (d->b->query)
		rc = announce(v, d->b->query, serr);
	if (rc != RC_OK)
		return rc;
	v->bulk = true;
	rc = vault_begin(v);
	if (rc == RC_OK) {
		if (d->fields)
			rc = field_same(v, d->fields, d->field_n);
		if (rc == RC_OK)
			rc = gather(d, serr);
		if (rc == RC_OK)
			rc = check_number(d);
		if (rc == RC_OK)
			rc = apply(d);
		d->event.count = *changed;
		if (rc == RC_OK && *changed)
			rc = audit_append_at(v, &d->event, vault_now());
		rc = vault_leave(v, true, rc);
		if (rc != RC_OK && !d->refused)
			*changed = 0;
	}
	v->bulk = false;
	free(d->ids);
	return rc;
}

enum rc
bulk_edit(struct vault *v, const struct bulk *b, const struct change *ch, size_t n,
    int64_t *changed, struct search_error *serr)
{
	struct doing d = { .v = v, .b = b, .name = "edit", .event.event = AUDIT_CHANGED };
	struct record_normal m;
	enum rc rc;

	*changed = 0;
	vault_err_start(v);
	d.fields = field_list(v, &d.field_n);
	rc = record_normalise(v, ch, n, &m);
	if (rc == RC_OK) {
		d.change.fields = m.ch;
		d.change.field_n = m.n;
		d.event.field = m.n == 1 ? d.fields[m.ch[0].index].name : NULL;
		rc = run(&d, changed, serr);
	}
	record_normal_free(&m);
	return rc;
}

enum rc
bulk_tag(struct vault *v, const struct bulk *b, const struct tag_edit *edits, size_t n,
    int64_t *changed, struct search_error *serr)
{
	struct doing d = { .v = v, .b = b, .name = "tag", .event.event = AUDIT_UNTAGGED };
	struct change_tag tags[TAGS_MAX];
	size_t i;

	*changed = 0;
	vault_err_start(v);
	if (n > TAGS_MAX)
		return err_set(&v->err, RC_INPUT, "more than %d tags at once", TAGS_MAX);
	for (i = 0; i < n; i++) {
		tags[i] = (struct change_tag){ edits[i].name, edits[i].off };
		if (!edits[i].off)
			d.event.event = AUDIT_TAGGED;
	}
	d.change.tags = tags;
	d.change.tag_n = n;
	return run(&d, changed, serr);
}

enum rc
bulk_trash(
    struct vault *v, const struct bulk *b, int64_t *changed, struct search_error *serr)
{
	struct doing d = { .v = v, .b = b, .name = "trash", .event.event = AUDIT_TRASHED };

	d.change.trash = true;
	d.change.deleted_at = vault_now();
	return run(&d, changed, serr);
}

enum rc
bulk_restore(
    struct vault *v, const struct bulk *b, int64_t *changed, struct search_error *serr)
{
	struct doing d = { .v = v, .b = b, .name = "restore", .event.event = AUDIT_RESTORED };

	d.change.trash = true;
	return run(&d, changed, serr);
}

enum rc
bulk_keep(struct vault *v, const struct bulk *b, int64_t until, int64_t *changed,
    struct search_error *serr)
{
	struct doing d = { .v = v, .b = b, .name = "keep", .event.event = AUDIT_KEEP_SET };

	d.change.keep = true;
	d.change.keep_until = until;
	return run(&d, changed, serr);
}
