/* Tcl commands over the rules and the report of the audit. */
#include <string.h>

#include "store/audit_report.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

static int64_t
number(Tcl_Obj *dict, const char *key, int64_t preset)
{
	Tcl_Obj *value = fixture_option(dict, key);
	Tcl_WideInt n;

	return value && Tcl_GetWideIntFromObj(NULL, value, &n) == TCL_OK ? n : preset;
}

static const char *
text(Tcl_Obj *dict, const char *key)
{
	Tcl_Obj *value = fixture_option(dict, key);

	return value ? Tcl_GetString(value) : NULL;
}

static bool
read_entry(Tcl_Obj *dict, int64_t seq, struct audit_entry *e)
{
	const char *event = text(dict, "event");

	memset(e, 0, sizeof *e);
	e->seq = number(dict, "seq", seq);
	e->at = number(dict, "at", 0);
	e->slot = (int)number(dict, "slot", 0);
	e->count = number(dict, "count", -1);
	e->actor = text(dict, "actor");
	e->field = text(dict, "field");
	e->reason = text(dict, "reason");
	return event && audit_event_parse(event, &e->event);
}

static void
put_finding(Tcl_Obj *list, const struct audit_finding *f)
{
	Tcl_Obj *d = Tcl_NewDictObj();
	char words[300];

	audit_finding_words(f, words, sizeof words);
	fixture_put_text(d, "rule", audit_rule_name(f->rule));
	fixture_put_int(d, "seq", f->seq);
	fixture_put_int(d, "at", f->at);
	fixture_put_int(d, "until", f->until);
	fixture_put_int(d, "count", f->count);
	fixture_put_text(d, "words", words);
	Tcl_ListObjAppendElement(NULL, list, d);
}

static void
put_day(Tcl_Obj *list, const struct audit_day *day)
{
	Tcl_Obj *d = Tcl_NewDictObj();

	fixture_put_int(d, "at", day->at);
	fixture_put_int(d, "reveals", day->reveals);
	fixture_put_int(d, "exports", day->exports);
	fixture_put_int(d, "reveals_high", day->reveals_high);
	fixture_put_int(d, "exports_high", day->exports_high);
	Tcl_ListObjAppendElement(NULL, list, d);
}

static Tcl_Obj *
findings_of(const struct audit_finding *f, size_t n)
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t i;

	for (i = 0; i < n; i++)
		put_finding(list, &f[i]);
	return list;
}

static Tcl_Obj *
days_of(const struct audit_day *d, size_t n)
{
	Tcl_Obj *list = Tcl_NewObj();
	size_t i;

	for (i = 0; i < n; i++)
		put_day(list, &d[i]);
	return list;
}

static enum rc
feed(struct audit_rules *r, int n, Tcl_Obj **entries)
{
	struct audit_entry e;
	enum rc rc = RC_OK;
	int i;

	for (i = 0; rc == RC_OK && i < n; i++)
		rc = read_entry(entries[i], i + 1, &e) ? audit_rules_feed(r, &e)
						       : RC_INPUT;
	return rc == RC_OK ? audit_rules_end(r) : rc;
}

/* audit_judge ENTRIES: {findings days}; an entry is a dictionary of event, at, seq, slot, ... */
static int
audit_judge_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct audit_rules *r;
	const struct audit_finding *f;
	const struct audit_day *d;
	Tcl_Obj **entries, *pair[2];
	size_t fn, dn;
	enum rc rc;
	int n;

	(void)cd;
	if (objc != 2 || Tcl_ListObjGetElements(interp, objv[1], &n, &entries) != TCL_OK)
		return fixture_usage(interp, objv, "ENTRIES");
	r = audit_rules_new();
	rc = r ? feed(r, n, entries) : RC_NOMEM;
	if (rc == RC_OK) {
		f = audit_rules_findings(r, &fn);
		d = audit_rules_days(r, &dn);
		pair[0] = findings_of(f, fn);
		pair[1] = days_of(d, dn);
		Tcl_SetObjResult(interp, Tcl_NewListObj(2, pair));
	}
	audit_rules_free(r);
	return rc == RC_OK ? TCL_OK
			   : fixture_result(interp, rc, "it could not be judged");
}

static Tcl_Obj *
counts_of(const struct audit_count *c, size_t n)
{
	Tcl_Obj *d = Tcl_NewDictObj();
	size_t i;

	for (i = 0; i < n; i++)
		fixture_put_int(d, c[i].name, c[i].n);
	return d;
}

struct between {
	Tcl_Interp *interp;
	Tcl_Obj *script; /* NULL: none */
};

static bool
run_between(void *arg, uint64_t done, uint64_t all)
{
	struct between *b = arg;

	(void)done;
	(void)all;
	return b->script && Tcl_EvalObjEx(b->interp, b->script, TCL_EVAL_GLOBAL) != TCL_OK;
}

/*
 * audit_report VAULT ?SINCE? ?UNTIL? ?SCRIPT?: entries findings days events actors. SCRIPT is run
 * at each report of progress; its error stops.
 */
static int
audit_report_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct between between = { interp, objc > 4 ? objv[4] : NULL };
	const struct progress progress = { run_between, &between };
	struct audit_report r;
	Tcl_WideInt since = 0, until = 0;
	struct vault *v;
	Tcl_Obj *d;
	enum rc rc;

	(void)cd;
	if (objc < 2 ||
	    (objc > 2 && Tcl_GetWideIntFromObj(interp, objv[2], &since) != TCL_OK) ||
	    (objc > 3 && Tcl_GetWideIntFromObj(interp, objv[3], &until) != TCL_OK))
		return fixture_usage(interp, objv, "VAULT ?SINCE? ?UNTIL? ?SCRIPT?");
	v = fixture_vault(interp, objv[1]);
	if (!v)
		return TCL_ERROR;
	rc = audit_report(v, since, until, &progress, &r);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	d = Tcl_NewDictObj();
	fixture_put_int(d, "entries", r.entries);
	fixture_put(d, "findings", findings_of(r.findings, r.finding_n));
	fixture_put(d, "days", days_of(r.days, r.day_n));
	fixture_put(d, "events", counts_of(r.events, r.event_n));
	fixture_put(d, "actors", counts_of(r.actors, r.actor_n));
	audit_report_free(&r);
	Tcl_SetObjResult(interp, d);
	return TCL_OK;
}

/* audit_news VAULT: how many findings since the unlock before this one */
static int
audit_news_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	enum rc rc;
	size_t n;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = audit_news(v, NULL, &n);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)n));
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

int
rules_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "audit_judge", audit_judge_cmd, NULL },
		{ "audit_report", audit_report_cmd, NULL },
		{ "audit_news", audit_news_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
