/* A copy of the whole vault, while it is in use. */

#include "store/backup.h"

#include <inttypes.h>

#include "ui/op_util.h"

static enum rc
show(struct op_call *c, const struct backup_report *r)
{
	struct op_object o = {0};
	const uint64_t ms = r->ms > 0 ? r->ms : 1;

	op_object_value(&o, "file", "Copy", op_value_text(c->args[0]));
	op_object_fmt(&o, "pages", "Pages", true, "%" PRIu64, r->pages);
	op_object_fmt(&o, "epoch", "Its page key", true, "%" PRIu32, r->epoch);
	op_object_fmt(&o, "audit_entries", "Audit entries", true, "%" PRIu64,
	    r->audit_entries);
	op_object_fmt(&o, "seconds", "Seconds", true, "%" PRIu64 ".%03" PRIu64, ms / 1000,
	    ms % 1000);
	op_object_fmt(&o, "mb_per_second", "MB/s", true, "%.1f",
	    (double)r->pages * r->page_size / 1000 / (double)ms);
	c->reports = true;
	return op_object_emit(&o, c, "Backed up and verified");
}

static enum rc
run_backup(struct op_call *c)
{
	struct backup_report report;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "backup");
	enum rc rc = backup_run(c->v, c->args[0], &progress, &report, &c->err);

	if (rc == RC_OK)
		rc = show(c, &report);
	if (rc == RC_OK)
		face_say(c->face,
		    "Where the vault has been seen, the copy counts as older than it;\n"
		    "to open it there: strongroom accept-older %s\n"
		    "Today's secrets open the copy, also after they are changed in the vault.",
		    c->args[0]);
	return rc;
}

const struct op op_backup = {
    .name = "backup",
    .args = "COPY",
    .args_min = 1,
    .args_max = 1,
    .summary = "make a verified copy of the whole vault, while it is in use",
    .details =
	"The copy is the vault as it stands when the copying begins; others read and write "
	"it meanwhile. It is made under a temporary name in the folder of COPY, read back "
	"and verified wholly, and then given its name, which must be free. When it fails or "
	"is stopped by ^C, nothing is left. It takes a full slot: a browse slot can't verify "
	"the audit.\n"
	"The copy has the id and the slots of the vault, so that the same secrets open it, "
	"and page keys of its own. It keeps the secrets of today: to change or remove them "
	"in the vault changes nothing in the copy. Records that are erased later stay in "
	"it.\n"
	"Where the vault has been seen, the copy is told to be older than the vault, as it "
	"is; \"accept-older\" lets it be opened there. Elsewhere it opens at once.",
    .examples = "strongroom backup customers.vault /media/backup/customers.vault\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW | OP_MAKES,
    .run = run_backup,
};
