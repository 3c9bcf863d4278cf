/* All that is held on one person, for that person. */

#include "ui/op_export.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "store/subject.h"

static enum rc
refuse(struct op_call *c, int64_t id)
{
	size_t n, i, closed = 0;
	const struct field *f = field_list(c->v, &n);

	for (i = 0; i < n; i++)
		closed += f[i].cls != CLASS_OPEN;
	face_say(c->face,
	    "Record %" PRId64 " would be written to %s with all fields in the clear (%zu of "
	    "%zu are protected), its history and its audit, not encrypted.\n"
	    "The audit would keep: subject exported, the reason, and each protected field as "
	    "revealed.\n"
	    "To write it: --plaintext --reason TEXT",
	    id, c->args[1], closed, n);
	return err_set(&c->err, RC_DENIED,
	    "an export leaves the vault's protection: say so with --plaintext and give a "
	    "--reason; nothing was written");
}

static enum rc
run_subject(struct op_call *c)
{
	struct export_opts opts = {
	    .path = c->args[1],
	    .fd = STDOUT_FILENO,
	    .force = op_flag(c, "force"),
	    .manifest = !op_flag(c, "no-manifest"),
	    .plaintext = op_flag(c, "plaintext"),
	    .reason = op_text(c, "reason"),
	};
	struct export_report done = {0};
	int64_t id;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc != RC_OK)
		return rc;
	if (!opts.plaintext || opts.reason == NULL || opts.reason[0] == '\0')
		return refuse(c, id);
	rc = subject_export(c->v, id, &opts, &done);
	return rc == RC_OK ? op_export_report(c, opts.path, &done) : rc;
}

const struct op op_subject_export = {
    .name = "subject export",
    .args = "ID OUT|-",
    .args_min = 2,
    .args_max = 2,
    .summary = "write all that is held on one person",
    .details =
	"For a person who asks what is held on them: one record, in the trash or not, as "
	"JSON: the fields with what the schema says of them and their values in the clear, "
	"tags, the imports that it is from, every version with the values before it, what "
	"anybody has typed into it and not saved, and the audit's entries on it. It "
	"needs a full slot, --plaintext and a --reason; each protected field is in the "
	"audit as revealed before a value is read. The file follows the rules of "
	"\"export\": whole or not at all, mode 0600, OUT.manifest.json beside it.",
    .examples = "strongroom subject export customers.vault 17 subject17.json --plaintext "
		"--reason \"request of 3 March\"\n",
    .flags = OP_VAULT | OP_WRITES | OP_RESULT | OP_SLOW | OP_MAKES,
    .opts = {{"force", 0, OPT_FLAG, NULL, "replace the file if it exists"},
	{"no-manifest", 0, OPT_FLAG, NULL, "leave out OUT.manifest.json"},
	{"plaintext", 0, OPT_FLAG, NULL, "yes, outside of the vault's protection"},
	{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit; needed"}},
    .run = run_subject,
};
