/* New page keys for the whole vault, while it is in use. */

#include "store/rotate.h"

#include <inttypes.h>

#include "ui/op_master.h"
#include "ui/op_util.h"

static uint64_t
mebibytes(uint64_t pages, uint32_t page_size)
{
	return pages * page_size >> 20;
}

static enum rc
show_status(struct op_call *c)
{
	struct op_object o = {0};
	struct rotate_status s;
	char begun[OP_TIME_LEN];
	enum rc rc = rotate_status(c->v, &s, &c->err);

	if (rc != RC_OK)
		return rc;
	op_time(c->face, (int64_t)s.begun, begun);
	op_object_value(&o, "state", "State",
	    op_value_text(s.active ? "begun, and not yet at its end" : "none is running"));
	op_object_fmt(&o, "epoch", "Active page key", true, "%" PRIu32, s.epoch);
	if (s.active)
		op_object_fmt(&o, "begun", "Begun", false, "%s", begun);
	op_object_fmt(&o, "pages", "Pages", true, "%" PRIu64, s.pages);
	op_object_fmt(&o, "pages_left", "Under older keys", true, "%" PRIu64, s.left);
	op_object_fmt(&o, "mib_left", "MiB to write", true, "%" PRIu64,
	    mebibytes(s.left, s.page_size));
	return op_object_emit(&o, c, "Rotation of the page keys");
}

static enum rc
show_report(struct op_call *c, const struct rotate_report *r)
{
	struct op_object o = {0};
	const uint64_t ms = r->ms > 0 ? r->ms : 1;

	op_object_fmt(&o, "epoch", "Active page key", true, "%" PRIu32, r->epoch);
	op_object_value(&o, "resumed", "Begun before", op_value_bool(r->resumed));
	op_object_fmt(&o, "pages", "Pages written", true, "%" PRIu64, r->pages);
	op_object_fmt(&o, "seconds", "Seconds", true, "%" PRIu64 ".%03" PRIu64, ms / 1000,
	    ms % 1000);
	op_object_fmt(&o, "values", "Sealed values renewed", true, "%" PRIu64, r->values);
	op_object_fmt(&o, "mb_per_second", "MB/s", true, "%.1f",
	    (double)r->pages * r->page_size / 1000 / (double)ms);
	op_object_fmt(&o, "longest_step_ms", "Longest step, ms", true, "%" PRIu64,
	    r->longest_ms);
	c->reports = true;
	return op_object_emit(&o, c, "Page and field keys rotated; the older ones are destroyed");
}

static enum rc
run_rotate(struct op_call *c)
{
	struct rotate_report report;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "rotate");
	enum rc rc = RC_OK;

	if (op_flag(c, "status"))
		return show_status(c);
	if (op_flag(c, "master"))
		rc = op_master(c);
	if (rc == RC_OK)
		rc = rotate_run(c->v, &progress, &report, &c->err);
	return rc == RC_OK ? show_report(c, &report) : rc;
}

const struct op op_rotate = {
    .name = "rotate",
    .args = "",
    .summary = "give the vault new page and field keys and destroy the old ones, while it is in use",
    .details =
	"Every sealed value is sealed and every page written again under new keys, in steps "
	"of some hundredths of a second; between them others read and write as ever. ^C pauses it and nothing is "
	"lost, nor by a kill or a power cut: the same command goes on. At the end no value, "
	"no page and no frame of the log is under an older key, and the older keys are gone from "
	"the header. Copies of the file that were made before keep theirs.\n"
	"The passphrase and the other slots stay as they are.\n"
	"--master is for when a key has leaked: the master keys are replaced first, while "
	"nobody else has the vault open, so that nothing in an older copy of the header opens "
	"what is written from then on. Each slot presents its secret, which stays the "
	"same, or is dropped: on the terminal it asks slot by slot; --slot-passphrase-fd "
	"gives the typed secrets, one a line, in the order of the slots, without that which "
	"opened the vault. Change a secret that has leaked as well: key change.",
    .examples = "strongroom rotate customers.vault\n"
		"strongroom rotate customers.vault --status --json\n"
		"strongroom rotate customers.vault --master\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW,
    .opts = {{"status", 0, OPT_FLAG, NULL, "say how far it is, and change nothing"},
	{"master", 0, OPT_FLAG, NULL, "replace the master keys too, as after a leak"},
	{"slot-passphrase-fd", 0, OPT_NUMBER, "N",
	    "with --master: read the other slots' secrets from descriptor N, one a line"},
	{"slot-key-file", 0, OPT_FILE, "FILE", "with --master: the other slots' key file"},
	{"drop-slots", 0, OPT_FLAG, NULL,
	    "with --master: drop the slots that can't be asked, without a question"}},
    .run = run_rotate,
};
