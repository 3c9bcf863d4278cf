/* Whether a file is as an export of the vault left it. */

#include "ui/op_util.h"

#include <inttypes.h>

#include "store/export_check.h"

static enum rc
run_verify(struct op_call *c)
{
	static const char *const manifests[] = {
	    "none", "fits", "another file's", "altered"};
	struct op_object o = {0};
	struct export_check k;
	char at[OP_TIME_LEN];
	enum rc rc = export_check(c->v, c->args[0], &k);

	if (rc != RC_OK)
		return rc;
	op_time(c->face, k.at, at);
	op_object_value(&o, "path", "File", op_value_text(c->args[0]));
	op_object_value(&o, "sha256", "SHA-256", op_value_text(k.sha256));
	op_object_value(&o, "known", "Exported from here", op_value_bool(k.run != 0));
	if (k.run != 0) {
		op_object_fmt(&o, "run", "Run", true, "%" PRId64, k.run);
		op_object_value(&o, "at", "When", op_value_text(at));
		op_object_value(&o, "actor", "By", op_value_text(k.actor));
		op_object_value(&o, "format", "Format", op_value_text(k.format));
		op_object_fmt(&o, "count", "Records", true, "%" PRId64, k.count);
	}
	op_object_value(
	    &o, "manifest", "Manifest beside it", op_value_text(manifests[k.manifest]));
	rc = op_object_emit(&o, c, "Check of an export");
	if (rc == RC_OK && k.run == 0)
		rc = err_set(&c->err, RC_TAMPER,
		    "%s is not as this vault has written it: it was changed since, or is "
		    "another vault's",
		    c->args[0]);
	else if (rc == RC_OK && k.manifest > MANIFEST_SAME)
		rc = err_set(&c->err, RC_TAMPER,
		    "%s is as this vault has written it, but the manifest beside it is not: "
		    "believe what is told here of it",
		    c->args[0]);
	return rc;
}

const struct op op_export_verify = {
    .name = "export verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "check that a file is as it was exported",
    .details = "The vault keeps the SHA-256 of each export. A file that is none of them was "
	       "changed since, or is not from here: exit status 10. The same for a manifest "
	       "beside it that is another file's, or tells another run, count, query, reason, "
	       "format, time or user, other columns or treatments than the vault. A "
	       "manifest alone proves nothing: anyone can write one.",
    .examples = "strongroom export verify customers.vault out.csv\n",
    .flags = OP_VAULT | OP_RESULT | OP_READS,
    .run = run_verify,
};
