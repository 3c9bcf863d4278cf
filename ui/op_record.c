/* One record: show, add, edit, to the trash and back. */

#include "ui/op_bulk.h"
#include "ui/op_ids.h"
#include "ui/op_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
add_own(struct op_object *o, struct op_call *c, const struct record *r)
{
	char created[OP_TIME_LEN], updated[OP_TIME_LEN], trashed[OP_TIME_LEN];
	char keep[OP_TIME_LEN];

	op_time(c->face, r->created_at, created);
	op_time(c->face, r->updated_at, updated);
	op_time(c->face, r->deleted_at, trashed);
	op_day(r->keep_until, keep);
	op_object_fmt(o, op_column_name(c, SORT_ID), "ID", true, "%" PRId64, r->id);
	op_object_fmt(o, "_version", "Version", true, "%" PRId64, r->version);
	op_object_fmt(o, "_created", "Created", false, "%s", created);
	op_object_fmt(o, "_updated", "Changed", false, "%s", updated);
	op_object_fmt(o, "_actor", "Changed by", false, "%s", r->actor);
	if (c->face->json || r->tags[0] != '\0')
		op_object_value(o, "_tags", "Tags", op_value_text(r->tags));
	if (c->face->json || r->keep_until != 0)
		op_object_fmt(o, "_keep_until", "Keep until", false, "%s", keep);
	if (r->deleted_at != 0)
		op_object_fmt(o, "_trashed", "IN THE TRASH since", false, "%s", trashed);
}

struct shown {			/* what of a record is revealed; zeroed first */
	struct secret **values; /* by field; NULL: not revealed */
	size_t n;
};

static void
shown_free(struct shown *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		secret_free(s->values[i]);
	free(s->values);
}

static enum rc
reveal(struct op_call *c, int64_t id, struct shown *s)
{
	const char *reason = op_text(c, "reason");
	size_t fields, n, i;
	int *which;
	enum rc rc = op_revealed(c, &which, &n);

	if (rc != RC_OK)
		return rc;
	field_list(c->v, &fields);
	s->values = calloc(fields + 1, sizeof(struct secret *));
	if (s->values == NULL)
		rc = RC_NOMEM;
	else
		s->n = fields;
	for (i = 0; rc == RC_OK && i < n; i++)
		if (which[i] >= 0 && s->values[which[i]] == NULL)
			rc = record_reveal(
			    c->v, id, which[i], reason, &s->values[which[i]]);
	free(which);
	return rc;
}

/* People see a sign before what does not parse as its type; data is exact. */
static void
add_cell(struct op_object *o, struct op_call *c, int index, const struct cell *cell,
    const struct secret *revealed)
{
	const char *name = op_column_name(c, index), *label = op_column_label(c, index);
	struct sink_value value = op_value_cell(cell);

	if (revealed != NULL) {
		value.text = (const char *)secret_view(revealed);
		value.len = secret_len(revealed);
		value.masked = false;
	}
	if (cell->invalid && !c->face->json)
		op_object_fmt(
		    o, name, label, false, "! %.*s", (int)value.len, value.text);
	else
		op_object_value(o, name, label, value);
}

static void
add_column(struct op_object *o, struct op_call *c, int index, const struct record *r,
    const struct secret *revealed)
{
	const char *name = op_column_name(c, index);
	struct sink_value own;
	char buf[OP_TIME_LEN];

	if (index >= 0) {
		add_cell(o, c, index, &r->cells[index], revealed);
	} else {
		own = op_column_own(c, r, index, buf);
		op_object_fmt(o, name, op_column_label(c, index), own.number, "%s", own.text);
	}
}

/* The fields that --fields names, and then the revealed ones that it does not. */
static enum rc
add_chosen(
    struct op_object *o, struct op_call *c, const struct record *r, const struct shown *s)
{
	bool *seen = calloc(s->n + 1, sizeof(*seen));
	int *columns = NULL;
	size_t n = 0, i;
	enum rc rc =
	    seen != NULL ? op_fields(c, op_text(c, "fields"), &columns, &n) : RC_NOMEM;

	for (i = 0; rc == RC_OK && i < n; i++) {
		add_column(
		    o, c, columns[i], r, columns[i] >= 0 ? s->values[columns[i]] : NULL);
		if (columns[i] >= 0)
			seen[columns[i]] = true;
	}
	for (i = 0; rc == RC_OK && i < s->n; i++)
		if (s->values[i] != NULL && !seen[i])
			add_column(o, c, (int)i, r, s->values[i]);
	free(columns);
	free(seen);
	return rc;
}

static enum rc
show(struct op_call *c, const struct record *r, const struct shown *s)
{
	struct op_object o = {0};
	size_t i;
	enum rc rc = RC_OK;

	if (op_flag(c, "fields")) {
		rc = add_chosen(&o, c, r, s);
	} else {
		add_own(&o, c, r);
		for (i = 0; i < s->n; i++)
			add_column(&o, c, (int)i, r, s->values[i]);
	}
	if (rc == RC_OK)
		return op_object_emit(&o, c, NULL);
	op_object_free(&o);
	return rc;
}

static enum rc
run_show(struct op_call *c)
{
	struct shown revealed = {NULL, 0};
	struct record *r = NULL;
	int64_t id;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc == RC_OK)
		rc = record_get(c->v, id, &r);
	if (rc == RC_OK)
		rc = reveal(c, id, &revealed);
	if (rc == RC_OK)
		rc = show(c, r, &revealed);
	shown_free(&revealed);
	record_free(r);
	return rc;
}

const struct op op_show = {
    .name = "show",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "print one record, masked fields masked",
    .details = "--reveal shows the value of a masked field; the look is written to the "
	       "audit, with its reason, before the value is read.",
    .examples = "strongroom show customers.vault 17\n"
		"strongroom show customers.vault 17 --reveal birth_date --reason \"call "
		"back\"\n"
		"strongroom show customers.vault 17 --json\n",
    .flags = OP_VAULT | OP_RESULT,
    .opts = {{"fields", 'f', OPT_FIELDS, "FIELDS", "these only, comma-separated"},
	{"reveal", 0, OPT_LIST, "FIELD", "show a masked field's value; is audited"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed with --reveal"}},
    .run = run_show,
};

static enum rc
done(struct op_call *c, const char *title, int64_t id)
{
	struct op_object o = {0};

	op_object_fmt(&o, "id", "ID", true, "%" PRId64, id);
	return op_object_emit(&o, c, title);
}

static enum rc
run_add(struct op_call *c)
{
	struct op_values *values;
	const struct change *changes;
	int64_t id = 0;
	size_t n;
	enum rc rc = op_values_new(c, &values);

	if (rc == RC_OK && !op_flag(c, "set") && !op_flag(c, "ask") &&
	    !op_flag(c, "from"))
		rc = op_values_ask(c, values);
	if (rc == RC_OK) {
		changes = op_values_list(values, &n);
		rc = record_add(c->v, changes, n, &id);
	}
	op_values_free(values);
	return rc == RC_OK ? done(c, "Record added", id) : rc;
}

#define VALUE_OPTS                                                                       \
	{"set", 0, OPT_TEXT, "FIELD=VALUE", "the value of an open field; repeatable"},   \
	    {"ask", 0, OPT_FIELD, "FIELD",                                               \
		"ask for the value without echo; repeatable"},                           \
	{                                                                                \
		"from", 0, OPT_FILE, "FILE|-", "take values from one JSON object"        \
	}

const struct op op_add = {
    .name = "add",
    .args = "",
    .summary = "add a record",
    .details = "Open fields are given with --set. A masked field's value is never taken "
	       "from the command line, which other users can read: --ask asks for it "
	       "without echo, --from reads a JSON object of field names and texts from a "
	       "file or from the standard input. Without any, every field is asked for.",
    .examples = "strongroom add customers.vault --set last_name=Ellison --set "
		"email=d@mail.example --ask birth_date\n"
		"echo '{\"last_name\": \"Ellison\", \"birth_date\": \"1980-01-31\"}' |\n"
		"    strongroom add customers.vault --from -\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {VALUE_OPTS},
    .run = run_add,
};

/* The version to be replaced: the one that the caller saw, or the present one. */
static enum rc
version_of(struct op_call *c, int64_t id, int64_t *out)
{
	struct record *r;
	enum rc rc = op_number(c, "version", 0, out);

	if (rc != RC_OK || op_flag(c, "version"))
		return rc;
	rc = record_get(c->v, id, &r);
	if (rc == RC_OK)
		*out = r->version;
	record_free(r);
	return rc;
}

static enum rc
edit(struct op_call *c, const struct change *changes, size_t n)
{
	int64_t id, version;
	enum rc rc;

	if (n == 0)
		return err_set(&c->err, RC_INPUT,
		    "say what to change: --set, --ask, --from or --clear");
	if (op_where(c))
		return op_bulk_edit(c, changes, n);
	rc = op_id(c, c->args[0], &id);
	if (rc == RC_OK)
		rc = version_of(c, id, &version);
	if (rc == RC_OK)
		rc = record_edit(c->v, id, version, changes, n);
	return rc == RC_OK ? done(c, "Record changed", id) : rc;
}

static enum rc
run_edit(struct op_call *c)
{
	struct op_values *values = NULL;
	const struct change *changes;
	size_t n;
	enum rc rc = op_id_or_where(c);

	if (rc == RC_OK)
		rc = op_values_new(c, &values);
	if (rc == RC_OK) {
		changes = op_values_list(values, &n);
		rc = edit(c, changes, n);
	}
	op_values_free(values);
	return rc;
}

const struct op op_edit = {
    .name = "edit",
    .args = "ID|--where QUERY",
    .args_max = 1,
    .summary = "change some fields of a record",
    .details =
	"Takes values as \"add\" does; what is not named stays. With --version N, "
	"as \"show\" prints it, the change is refused (exit status 8) when somebody "
	"else has changed the record since. With --where all records that match are "
	"changed, in one step that \"undo\" takes back.",
    .examples = "strongroom edit customers.vault 17 --set city=Garis --clear phone_alt\n"
		"strongroom edit customers.vault --where city:garis --set region=GA\n"
		"strongroom edit customers.vault 17 --ask birth_date\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {VALUE_OPTS,
	{"clear", 0, OPT_FIELD, "FIELD", "make the field empty; repeatable"},
	{"version", 0, OPT_NUMBER, "N", "only if the record is at version N"}, BULK_OPTS},
    .run = run_edit,
};

typedef enum rc each_id_fn(struct vault *v, int64_t id);

/* All of them or none. */
static enum rc
for_each_id(struct op_call *c, each_id_fn *each, const char *title)
{
	struct op_object o = {0};
	int64_t ids[OP_ARGS_MAX];
	enum rc rc = op_ids(c, ids);
	int i;

	if (rc == RC_OK)
		rc = vault_begin(c->v);
	if (rc != RC_OK)
		return rc;
	for (i = 0; rc == RC_OK && i < c->arg_n; i++)
		if ((rc = each(c->v, ids[i])) != RC_OK)
			err_set(&c->err, rc, "%s", vault_err(c->v));
	if (rc == RC_OK)
		rc = vault_commit(c->v);
	else
		vault_rollback(c->v);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "records", "Records", true, "%d", c->arg_n);
	return op_object_emit(&o, c, title);
}

static enum rc
run_rm(struct op_call *c)
{
	enum rc rc = op_id_or_where(c);

	if (rc != RC_OK)
		return rc;
	return op_where(c) ? op_bulk_trash(c)
			   : for_each_id(c, record_trash, "Moved to the trash");
}

const struct op op_rm = {
    .name = "rm",
    .args = "ID...|--where QUERY",
    .args_max = OP_ARGS_MAX,
    .summary = "move records to the trash",
    .details = "All of them or none. \"list VAULT is:trash\" shows what is there, "
	       "\"restore\" brings it back.",
    .examples = "strongroom rm customers.vault 17 18\n"
		"strongroom rm customers.vault --where tag:closed\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {BULK_OPTS},
    .run = run_rm,
};

static enum rc
run_restore(struct op_call *c)
{
	enum rc rc = op_id_or_where(c);

	if (rc != RC_OK)
		return rc;
	return op_where(c) ? op_bulk_restore(c)
			   : for_each_id(c, record_restore, "Restored from the trash");
}

const struct op op_restore = {
    .name = "restore",
    .args = "ID...|--where QUERY",
    .args_max = OP_ARGS_MAX,
    .summary = "bring records back from the trash",
    .details = "All of them or none.",
    .examples = "strongroom restore customers.vault 17\n"
		"strongroom restore customers.vault --where 'is:trash tag:vip'\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {BULK_OPTS},
    .run = run_restore,
};
