/* The versions of a record, and going back: history, revert, undo, redo. */

#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/history.h"
#include "store/undo.h"

struct listing {
	struct op_call *call;
	int64_t id;
	int64_t *revealed; /* versions with a value of the field ${index} */
	size_t n;
	int index;
	enum rc rc;
};

static const char *const names[] = {
    "version", "at", "actor", "step", "change", "field", "old"};
static const char *const labels[] = {
    "VERSION", "WHEN", "WHO", "BY", "CHANGE", "FIELD", "BEFORE"};
static const char *const whats[] = {
    "", "value", "tagged", "untagged", "trashed", "restored", "keep_until", "added"};

#define COLUMNS (sizeof(names) / sizeof(names[0]))

static void
put_item(struct listing *l, const struct history_item *it, struct sink_value *row,
    char day[OP_TIME_LEN])
{
	const char *field =
	    it->index >= 0 ? op_column_name(l->call, it->index) : "(dropped)";

	row[4] = op_value_text(whats[it->what]);
	row[5] = op_value_text(it->what == HISTORY_VALUE ? field : "");
	row[6] =
	    (struct sink_value){.text = it->text, .len = it->len, .masked = it->masked};
	if (it->what == HISTORY_KEEP) {
		op_day(it->time, day);
		row[6] = op_value_text(day);
	}
}

static bool
each_version(void *arg, const struct history_entry *e)
{
	struct listing *l = arg;
	struct op_call *c = l->call;
	struct sink_value row[COLUMNS];
	char version[24], at[OP_TIME_LEN], day[OP_TIME_LEN];
	size_t i;

	snprintf(version, sizeof(version), "%" PRId64, e->version);
	op_time(c->face, e->at, at);
	row[0] = op_value_text(version);
	row[0].number = true;
	row[1] = op_value_text(at);
	row[2] = op_value_text(e->actor);
	row[3] = op_value_text(e->step);
	for (i = 0; l->rc == RC_OK && i < e->n; i++) {
		put_item(l, &e->items[i], row, day);
		l->rc = c->face->ops->rows_row(c->face, row);
	}
	return l->rc == RC_OK;
}

/* Note the versions that have an old value of the field. */
static bool
note_version(void *arg, const struct history_entry *e)
{
	struct listing *l = arg;
	int64_t *more;
	size_t i;

	for (i = 0; i < e->n; i++) {
		if (e->items[i].what != HISTORY_VALUE || e->items[i].index != l->index)
			continue;
		more = realloc(l->revealed, (l->n + 1) * sizeof(*more));
		if (more == NULL) {
			l->rc = RC_NOMEM;
			return false;
		}
		l->revealed = more;
		l->revealed[l->n++] = e->version;
	}
	return true;
}

static enum rc
row_revealed(struct listing *l, int64_t version)
{
	struct op_call *c = l->call;
	struct sink_value row[2];
	struct secret *value;
	char text[24];
	enum rc rc =
	    history_reveal(c->v, l->id, version, l->index, op_text(c, "reason"), &value);

	if (rc != RC_OK)
		return rc;
	snprintf(text, sizeof(text), "%" PRId64, version);
	row[0] = op_value_text(text);
	row[0].number = true;
	row[1] = (struct sink_value){
	    .text = (const char *)secret_view(value), .len = secret_len(value)};
	rc = c->face->ops->rows_row(c->face, row);
	secret_free(value);
	return rc;
}

/* The old values of one field, each with an event in the audit before it is read. */
static enum rc
run_reveal(struct listing *l)
{
	struct op_call *c = l->call;
	const char *columns[] = {"version", op_column_name(c, l->index)};
	const char *heads[] = {"VERSION", op_column_label(c, l->index)};
	enum rc rc = history_list(c->v, l->id, 0, 0, note_version, l);
	size_t i;

	if (rc == RC_OK)
		rc = l->rc;
	if (rc == RC_OK)
		rc = c->face->ops->rows_begin(c->face, NULL, columns, heads, 2);
	for (i = 0; rc == RC_OK && i < l->n; i++)
		rc = row_revealed(l, l->revealed[i]);
	free(l->revealed);
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

static enum rc
run_list(struct listing *l, int64_t limit)
{
	struct op_call *c = l->call;
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, COLUMNS);

	if (rc == RC_OK)
		rc = history_list(
		    c->v, l->id, 0, limit > INT32_MAX ? 0 : (int)limit, each_version, l);
	if (rc == RC_OK)
		rc = l->rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

static enum rc
run_history(struct op_call *c)
{
	struct listing l = {.call = c};
	int *which = NULL;
	int64_t limit = 0;
	size_t n = 0;
	enum rc rc = op_id(c, c->args[0], &l.id);

	if (rc == RC_OK)
		rc = op_number(c, "limit", 0, &limit);
	if (rc == RC_OK)
		rc = op_revealed(c, &which, &n);
	if (rc == RC_OK && (n > 1 || (n == 1 && which[0] < 0)))
		rc = err_set(&c->err, RC_INPUT, "--reveal takes one field here");
	if (rc == RC_OK && n == 1 && op_flag(c, "limit"))
		rc = err_set(&c->err, RC_INPUT,
		    "--limit is for the list of versions: leave it out with --reveal");
	if (rc == RC_OK && n == 1)
		l.index = which[0];
	free(which);
	if (rc != RC_OK)
		return rc;
	return n == 1 ? run_reveal(&l) : run_list(&l, limit);
}

const struct op op_history = {
    .name = "history",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "print the versions of a record: who changed what, when",
    .details =
	"Each row is one thing that a version changed, with what it was BEFORE, masked "
	"fields masked. --reveal prints the old values of one field instead; each look "
	"is "
	"written to the audit before the value is read. Of imported records the first "
	"version is not listed; the audit and the import have it.",
    .examples = "strongroom history customers.vault 17\n"
		"strongroom history customers.vault 17 --reveal birth_date --reason "
		"\"complaint\"\n",
    .flags = OP_VAULT | OP_ROWS,
    .opts = {{"limit", 'n', OPT_NUMBER, "N", "the newest N versions (0: all)"},
	{"reveal", 0, OPT_FIELD, "FIELD", "the field's old values; is audited"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed with --reveal"}},
    .run = run_history,
};

static enum rc
run_revert(struct op_call *c)
{
	struct op_object o = {0};
	int64_t id, version, now = 0;
	char *end;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc != RC_OK)
		return rc;
	version = strtoll(c->args[1], &end, 10);
	if (*end != '\0' || version < 1)
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" is not a version: strongroom history lists them", c->args[1]);
	rc = history_revert(c->v, id, version, &now);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "id", "ID", true, "%" PRId64, id);
	op_object_fmt(&o, "_version", "Version", true, "%" PRId64, now);
	return op_object_emit(&o, c, "Brought back");
}

const struct op op_revert = {
    .name = "revert",
    .args = "ID VERSION",
    .args_min = 2,
    .args_max = 2,
    .summary = "make a record what it was at a version",
    .details = "Fields, tags, the keep-until date and whether it is in the trash. It is "
	       "one more change: nothing of the history is lost, and it can be undone.",
    .examples = "strongroom revert customers.vault 17 3\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .run = run_revert,
};

/* What an import added goes for good: no redo brings it back. */
static enum rc
ask_of_import(struct op_call *c, int64_t step)
{
	char question[120];
	int64_t run;
	enum rc rc = undo_import_of(c->v, step, &run);

	if (rc != RC_OK || run == 0)
		return rc;
	snprintf(question, sizeof(question),
	    "The last change is import %" PRId64 ": its records go for good. Undo it?",
	    run);
	return op_confirm(c, question);
}

static enum rc
run_undoing(struct op_call *c, bool redo)
{
	struct undo_report report;
	struct op_object o = {0};
	int64_t step;
	enum rc rc = undo_find(c->v, redo, &step);

	if (rc == RC_OK && !redo)
		rc = ask_of_import(c, step);
	if (rc == RC_OK)
		rc = undo_step(c->v, step, redo, &report);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "step", "What", false, "%s", report.name);
	op_object_fmt(&o, "records", "Records", true, "%" PRId64, report.records);
	if (report.id != 0)
		op_object_fmt(&o, "id", "ID", true, "%" PRId64, report.id);
	return op_object_emit(&o, c,
	    report.records == 0 ? "Nothing was left of it; again for the next"
	    : redo		? "Done again"
				: "Undone");
}

static enum rc
run_undo(struct op_call *c)
{
	return run_undoing(c, false);
}

const struct op op_undo = {
    .name = "undo",
    .args = "",
    .summary = "take back the last change that you made",
    .details =
	"The last one of yours that stands, from any session: an edit, an added record, "
	"tags, the trash, a change to many records at once, or, when you agree, an "
	"import: "
	"what it added goes for good. Again: the one before. It is refused (exit status "
	"8) "
	"when somebody changed one of its records since.",
    .examples = "strongroom undo customers.vault\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .opts = {{"yes", 'y', OPT_FLAG, NULL, "don't ask about an import"}},
    .run = run_undo,
};

static enum rc
run_redo(struct op_call *c)
{
	return run_undoing(c, true);
}

const struct op op_redo = {
    .name = "redo",
    .args = "",
    .summary = "do again what you have undone",
    .details = "What you have undone last, unless you changed something since. Again: the "
	       "one before that. An import that was taken back is done again from its file.",
    .examples = "strongroom redo customers.vault\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT,
    .run = run_redo,
};
