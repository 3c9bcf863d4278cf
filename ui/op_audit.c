/* The audit: entries as rows, newest first, and the chain's verdict. */

#include "ui/op_near.h"
#include "ui/op_report.h"
#include "ui/op_util.h"

#include "store/audit.h"
#include "store/field.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The event that was meant, if one is near. */
static enum rc
unknown_event(struct op_call *c, const char *name)
{
	struct near near;
	int e;

	near_start(&near, name, strlen(name));
	for (e = AUDIT_CREATED; e <= AUDIT_EVENT_LAST; e++)
		near_try(&near, audit_event_name((enum audit_event)e));
	return near.best != NULL
		   ? err_set(&c->err, RC_INPUT,
			 "\"%s\" is not an event: did you mean \"%s\"?", name, near.best)
		   : err_set(&c->err, RC_INPUT,
			 "\"%s\" is not an event: strongroom help audit list names them",
			 name);
}

/* A field as it is shown is what the entries know by its name. */
static const char *
field_name(struct op_call *c)
{
	const char *typed = op_text(c, "field");
	const int index = typed != NULL ? field_index(c->v, typed) : -1;
	size_t n;

	return index >= 0 ? field_list(c->v, &n)[index].name : typed;
}

static enum rc
parse_filter(struct op_call *c, struct audit_filter *f)
{
	const char *event = op_text(c, "event"), *record = op_text(c, "record");
	int64_t slot = 0;
	enum rc rc = RC_OK;

	if (event != NULL && !audit_event_parse(event, &f->event))
		return unknown_event(c, event);
	if (record != NULL)
		rc = op_id(c, record, &f->record_id);
	f->actor = op_text(c, "actor");
	f->field = field_name(c);
	f->has_slot = op_flag(c, "slot");
	if (rc == RC_OK)
		rc = op_number(c, "slot", 0, &slot);
	f->slot = slot > INT_MAX ? INT_MAX : (int)slot;
	if (rc == RC_OK)
		rc = op_moment(c, "since", false, &f->since);
	if (rc == RC_OK)
		rc = op_moment(c, "until", true, &f->until);
	return rc == RC_OK ? audit_filter_check(c->v, f) : rc;
}

struct entries {
	struct op_call *call;
	enum rc rc;
};

enum {
	COL_SEQ,
	COL_AT,
	COL_EVENT,
	COL_ACTOR,
	COL_SLOT,
	COL_RECORD,
	COL_FIELD,
	COL_COUNT,
	COL_REASON,
	COLS
};

static bool
each(void *arg, const struct audit_entry *e)
{
	struct entries *all = arg;
	struct face *f = all->call->face;
	char seq[24], at[OP_TIME_LEN], slot[16], record[24], count[24];
	struct sink_value row[COLS];

	snprintf(seq, sizeof(seq), "%" PRId64, e->seq);
	snprintf(slot, sizeof(slot), "%d", e->slot);
	snprintf(record, sizeof(record), "%" PRId64, e->record_id);
	snprintf(count, sizeof(count), "%" PRId64, e->count);
	op_time(f, e->at, at);
	row[COL_SEQ] = op_value_text(seq);
	row[COL_AT] = op_value_text(at);
	row[COL_EVENT] = op_value_text(audit_event_name(e->event));
	row[COL_ACTOR] = op_value_text(e->actor);
	row[COL_SLOT] = op_value_text(e->slot >= 0 ? slot : NULL);
	row[COL_RECORD] = op_value_text(e->record_id != 0 ? record : NULL);
	row[COL_FIELD] = op_value_text(e->field);
	row[COL_COUNT] = op_value_text(e->count >= 0 ? count : NULL);
	row[COL_REASON] = op_value_text(e->reason);
	row[COL_SEQ].number = row[COL_SLOT].number = true;
	row[COL_RECORD].number = row[COL_COUNT].number = true;
	all->rc =
	    atomic_load(&all->call->cancel) ? RC_CANCELLED : f->ops->rows_row(f, row);
	return all->rc == RC_OK;
}

static enum rc
run_audit_list(struct op_call *c)
{
	static const char *const names[] = {
	    "seq", "at", "event", "actor", "slot", "record", "field", "count", "reason"};
	static const char *const labels[] = {
	    "SEQ", "AT", "EVENT", "BY", "SLOT", "RECORD", "FIELD", "COUNT", "REASON"};
	struct entries all = {c, RC_OK};
	struct audit_filter filter;
	int64_t limit;
	enum rc rc;

	memset(&filter, 0, sizeof(filter));
	rc = parse_filter(c, &filter);
	if (rc == RC_OK)
		rc = op_number(c, "limit", 0, &limit);
	if (rc == RC_OK)
		rc = c->face->ops->rows_begin(c->face, NULL, names, labels, COLS);
	if (rc == RC_OK)
		rc = audit_list(c->v, &filter, 0,
		    limit == 0 || limit > INT_MAX ? INT_MAX : (int)limit, each, &all);
	if (rc == RC_OK)
		rc = all.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_audit_list = {
    .name = "audit list",
    .args = "",
    .summary = "print who did and looked at what, newest first",
    .details =
	"An event is one of: created, unlocked, unlock failed, locked, added, changed, trashed, "
	"restored, erased, purged, undone, redone, tagged, untagged, retention set, revealed, "
	"copied, searched sealed, imported, import undone, exported, subject exported, slot "
	"added, slot changed, slot removed, slot tested, rotated, epoch destroyed, backed up, "
	"backup restored, older copy accepted, verified, tamper found, migrated, field added, "
	"field changed, field dropped. A hyphen may stand for the blank. A field, user, record or "
	"slot that there is not is refused: an empty list says that nothing was done.",
    .examples =
	"strongroom audit list customers.vault --limit 20\n"
	"strongroom audit list customers.vault --event revealed --since 2026-01-01\n"
	"strongroom audit list customers.vault --record 17 --json\n",
    .flags = OP_VAULT | OP_ROWS,
    .opts = {{"event", 0, OPT_TEXT, "EVENT", "only this event: revealed, exported, unlock-failed"},
	{"record", 0, OPT_NUMBER, "ID", "only this record"},
	{"field", 0, OPT_FIELD, "FIELD", "only this field"},
	{"actor", 0, OPT_TEXT, "NAME", "only by this user"},
	{"slot", 0, OPT_NUMBER, "SLOT", "only of sessions that this slot opened"},
	{"since", 0, OPT_TEXT, "TIME", "from this day or moment on"},
	{"until", 0, OPT_TEXT, "TIME", "up to this day (whole) or moment"},
	{"limit", 'n', OPT_NUMBER, "N", "at most N entries (0: all)"}},
    .run = run_audit_list,
};

static enum rc
show_verdict(struct op_call *c, const struct audit_verdict *v, enum rc verdict)
{
	struct op_object o = {0};

	op_object_value(&o, "verdict", "Verdict",
	    op_value_text(
		verdict == RC_OK ? "the chain holds" : "ALTERED: the chain is broken"));
	op_object_fmt(&o, "entries", "Entries", true, "%" PRIu64, v->entries);
	op_object_fmt(&o, "header", "Told of by the header", true, "%" PRIu64, v->header);
	op_object_fmt(&o, "state", "Told of by the state folder", true, "%" PRIu64, v->state);
	if (verdict != RC_OK) {
		op_object_fmt(
		    &o, "first_bad", "First bad entry", true, "%" PRId64, v->first_bad);
		op_object_value(&o, "what", "What is wrong", op_value_text(v->what));
	}
	return op_object_emit(&o, c, "Audit");
}

static enum rc
run_audit_verify(struct op_call *c)
{
	struct audit_verdict verdict;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "audit verify");
	enum rc rc, shown;

	memset(&verdict, 0, sizeof(verdict));
	rc = audit_verify(c->v, &progress, &verdict);
	if (rc != RC_OK && rc != RC_TAMPER)
		return rc;
	if (rc == RC_TAMPER)
		err_set(&c->err, rc, "the audit was altered: %s", verdict.what);
	shown = show_verdict(c, &verdict, rc);
	return rc != RC_OK ? rc : shown;
}

const struct op op_audit_verify = {
    .name = "audit verify",
    .args = "",
    .summary = "check that no entry of the audit was changed or removed",
    .details =
	"Walks the chain of authentication codes from its first entry, and compares it with the "
	"marks that were kept at the last clean close, in the header and in the state folder: "
	"they tell a chain that was made anew by one who holds a full slot. The exit status is 10 "
	"when it does not hold.",
    .examples = "strongroom audit verify customers.vault\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW,
    .run = run_audit_verify,
};
