/* Records gone for good: erase, the trash and its purge. */

#include "ui/op_ids.h"
#include "ui/op_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/erase.h"

/* How many of the records are to be kept beyond today. */
static enum rc
count_kept(struct op_call *c, const int64_t *ids, int *kept)
{
	struct record *r;
	enum rc rc = RC_OK;
	int i;

	*kept = 0;
	for (i = 0; rc == RC_OK && i < c->arg_n; i++) {
		rc = record_get(c->v, ids[i], &r);
		if (rc == RC_OK && r->keep_until > op_now())
			++*kept;
		record_free(r);
	}
	return rc;
}

static enum rc
ask(struct op_call *c, const int64_t *ids)
{
	char question[300], kept_text[100] = "";
	int kept;
	enum rc rc = count_kept(c, ids, &kept);

	if (rc != RC_OK)
		return rc;
	if (kept > 0)
		snprintf(kept_text, sizeof(kept_text),
		    " %d of them %s to be kept until a later day.", kept,
		    kept == 1 ? "is" : "are");
	snprintf(question, sizeof(question),
	    "%d record%s will be gone for good, with %s history; nothing brings %s "
	    "back.%s Erase?",
	    c->arg_n, c->arg_n == 1 ? "" : "s", c->arg_n == 1 ? "its" : "their",
	    c->arg_n == 1 ? "it" : "them", kept_text);
	return op_confirm(c, question);
}

/* What still holds what was erased. */
static void
say_honestly(struct op_call *c, const struct erase_report *r)
{
	if (!r->merged)
		face_warn(c->face,
		    "the full text still holds words of what was erased: it was not "
		    "merged to its end; the next erase or purge does it");
	if (!r->emptied)
		face_warn(c->face,
		    "another program is reading the vault: its log still holds what was "
		    "erased until the last one closes it");
	face_say(c->face,
	    "Backups and other copies of the vault still hold what was erased. So may "
	    "what the disk keeps of its older pages, until \"strongroom rotate\" "
	    "destroys "
	    "their keys.");
}

static void
add_clean(struct op_object *o, const struct erase_report *r)
{
	op_object_value(
	    o, "text_merged", "Gone from the full text", op_value_bool(r->merged));
	op_object_value(o, "log_emptied", "Gone from the log", op_value_bool(r->emptied));
}

static enum rc
emit(struct op_call *c, const struct erase_report *r, const char *title)
{
	struct op_object o = {0};

	op_object_fmt(&o, "records", "Records", true, "%" PRId64, r->records);
	add_clean(&o, r);
	return op_object_emit(&o, c, title);
}

static enum rc
run_erase(struct op_call *c)
{
	int64_t ids[OP_ARGS_MAX];
	struct erase_report report;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "erasing");
	enum rc rc = op_ids(c, ids);

	if (rc == RC_OK)
		rc = ask(c, ids);
	if (rc == RC_OK)
		rc = erase_records(c->v, ids, (size_t)c->arg_n, &progress, &report);
	if (rc != RC_OK)
		return rc;
	say_honestly(c, &report);
	return emit(c, &report, "Erased");
}

#define YES_OPT                                                                          \
	{                                                                                \
		"yes", 'y', OPT_FLAG, NULL, "don't ask"                                  \
	}

const struct op op_erase = {
    .name = "erase",
    .args = "ID...",
    .args_min = 1,
    .args_max = OP_ARGS_MAX,
    .summary = "erase records for good",
    .details =
	"All of them or none, whether they are in the trash or not: the record, its "
	"sealed values, history, tags and words in the full text. What is freed is "
	"overwritten. The audit keeps that it was erased, by whom and when, and none of "
	"its values. Backups still hold it, and so may older pages on the disk until "
	"\"rotate\" destroys their keys.",
    .examples = "strongroom erase customers.vault 17\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .opts = {YES_OPT},
    .run = run_erase,
};

static enum rc
run_purge(struct op_call *c)
{
	struct erase_report report;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "purging");
	bool dry = op_flag(c, "dry-run");
	struct op_object o = {0};
	char question[200];
	enum rc rc = trash_count(c->v, &report);

	if (rc == RC_OK && report.kept > 0)
		face_say(c->face,
		    "%" PRId64 " of the trash stay%s: the keep-until date is a later day",
		    report.kept, report.kept == 1 ? "s" : "");
	if (rc == RC_OK && !dry && report.records > 0) {
		snprintf(question, sizeof(question),
		    "%" PRId64 " of the trash will be gone for good. Purge?",
		    report.records);
		rc = op_confirm(c, question);
	}
	if (rc == RC_OK && !dry && report.records > 0) {
		rc = trash_purge(
		    c->v, op_flag(c, "yes") ? 0 : report.records, &progress, &report);
		if (rc == RC_OK)
			say_honestly(c, &report);
	}
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "records", "Records", true, "%" PRId64, report.records);
	op_object_fmt(&o, "kept", "Kept", true, "%" PRId64, report.kept);
	if (!dry && report.records > 0)
		add_clean(&o, &report);
	return op_object_emit(&o, c, dry ? "Would be purged" : "Purged");
}

const struct op op_purge = {
    .name = "purge",
    .args = "",
    .summary = "erase what is past its date in the trash",
    .details =
	"What has been in the trash for more days than \"trash days\" says, and is "
	"not to be kept until a later day. Nothing is ever purged by itself.",
    .examples = "strongroom purge customers.vault --dry-run\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW,
    .opts = {YES_OPT, {"dry-run", 0, OPT_FLAG, NULL, "count only"}},
    .run = run_purge,
};

struct listing {
	struct op_call *call;
	enum rc rc;
};

static bool
each_trashed(void *arg, const struct trash_entry *e)
{
	struct listing *l = arg;
	struct face *f = l->call->face;
	struct sink_value row[4];
	char id[24], deleted[OP_TIME_LEN], goes[OP_TIME_LEN], keep[OP_TIME_LEN];

	snprintf(id, sizeof(id), "%" PRId64, e->id);
	op_time(f, e->deleted_at, deleted);
	op_time(f, e->purge_at, goes);
	op_day(e->keep_until, keep);
	row[0] = op_value_text(id);
	row[0].number = true;
	row[1] = op_value_text(deleted);
	row[2] = op_value_text(goes);
	row[3] = op_value_text(keep);
	l->rc = f->ops->rows_row(f, row);
	return l->rc == RC_OK;
}

static enum rc
run_trash_list(struct op_call *c)
{
	static const char *const names[] = {"id", "_trashed", "_purge", "_keep_until"};
	static const char *const labels[] = {"ID", "TRASHED", "PURGE FROM", "KEEP UNTIL"};
	struct listing l = {c, RC_OK};
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, 4);

	if (rc == RC_OK)
		rc = trash_list(c->v, each_trashed, &l);
	if (rc == RC_OK)
		rc = l.rc;
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

const struct op op_trash_list = {
    .name = "trash list",
    .args = "",
    .summary = "print what is in the trash, and from when a purge takes it",
    .examples = "strongroom trash list customers.vault\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_trash_list,
};

static enum rc
run_trash_days(struct op_call *c)
{
	struct op_object o = {0};
	int days = 0;
	char *end;
	long n;
	enum rc rc = RC_OK;

	if (c->arg_n > 0) {
		n = strtol(c->args[0], &end, 10);
		if (c->args[0][0] < '0' || c->args[0][0] > '9' || *end != '\0' ||
		    n > TRASH_DAYS_MAX)
			return err_set(&c->err, RC_INPUT,
			    "\"%s\" is not a number of days from 0 to %d", c->args[0],
			    TRASH_DAYS_MAX);
		rc = trash_set_days(c->v, (int)n);
	}
	if (rc == RC_OK)
		rc = trash_days(c->v, &days);
	if (rc != RC_OK)
		return rc;
	op_object_fmt(&o, "days", "Days in the trash", true, "%d", days);
	return op_object_emit(&o, c, NULL);
}

const struct op op_trash_days = {
    .name = "trash days",
    .args = "[DAYS]",
    .args_max = 1,
    .summary = "print or set for how many days the trash keeps records",
    .details = "30 in a new vault. After that \"purge\" erases them when it is run.",
    .examples = "strongroom trash days customers.vault 90\n",
    .flags = OP_VAULT | OP_RESULT,
    .run = run_trash_days,
};
