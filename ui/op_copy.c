/*
 * A value onto the clipboard.
 *
 * 1. The value is read once the event is durable, and printed nowhere.
 * 2. Where it can't go anywhere, nothing is read and nothing written to the audit.
 */

#include "ui/op_copy.h"

#include <inttypes.h>
#include <string.h>

#include "ui/op_util.h"

bool
op_is_osc52(const char *how)
{
	return how != NULL && strcmp(how, "osc52") == 0;
}

enum rc
op_clipboard(struct op_call *c, struct clip_opts *opts)
{
	const char *how = op_text(c, "clipboard");
	bool copies = (c->op->flags & OP_VAULT) != 0;
	int64_t seconds;
	enum rc rc = op_number(c, "clear-after", CLIP_SECONDS, &seconds);

	memset(opts, 0, sizeof(*opts));
	if (rc != RC_OK)
		return rc;
	if (seconds < 1 || seconds > CLIP_SECONDS_MAX)
		return err_set(&c->err, RC_INPUT, "--clear-after is 1 to %d seconds",
		    CLIP_SECONDS_MAX);
	if (copies && op_is_osc52(how))
		return err_set(&c->err, RC_INPUT,
		    "osc52 is for the terminal interface, which can take the value off again");
	opts->seconds = (unsigned)seconds;
	opts->stays = copies;
	opts->tool = how == NULL && copies ? "auto" : op_is_osc52(how) ? NULL : how;
	return RC_OK;
}

static enum rc
check(struct op_call *c, int *index)
{
	const char *reason = op_text(c, "reason");
	const struct field *fields;
	size_t n;
	enum rc rc = op_field(c, c->args[1], strlen(c->args[1]), index);

	if (rc != RC_OK)
		return rc;
	fields = field_list(c->v, &n);
	if (*index < 0)
		return err_set(&c->err, RC_INPUT, "%s is no field: fields can be copied",
		    c->args[1]);
	if (fields[*index].cls != CLASS_OPEN && (reason == NULL || reason[0] == '\0'))
		return err_set(&c->err, RC_DENIED,
		    "a copy is written to the audit with its reason: say it with --reason "
		    "TEXT");
	if (!c->face->reads && (op_flag(c, "clipboard") || op_flag(c, "clear-after")))
		return err_set(&c->err, RC_INPUT,
		    "the interface was started with its clipboard and its time: leave out "
		    "--clipboard and --clear-after");
	if (c->face->clip == NULL)
		return err_set(&c->err, RC_INPUT,
		    "copying is off: start the interface with --clipboard auto");
	return RC_OK;
}

static enum rc
run_copy(struct op_call *c)
{
	struct secret *value = NULL;
	int64_t id;
	int index;
	enum rc rc = op_id(c, c->args[0], &id);

	if (rc == RC_OK)
		rc = check(c, &index);
	if (rc == RC_OK)
		rc = record_copy(c->v, id, index, op_text(c, "reason"), &value);
	if (rc == RC_OK)
		rc = clip_copy(c->face->clip, value, &c->err);
	secret_free(value);
	if (rc == RC_OK)
		face_say(c->face,
		    "%s of record %" PRId64 " is on the clipboard for %u s; then it is taken "
		    "off, unless something else is there",
		    op_column_name(c, index), id, c->face->clip_seconds);
	return rc;
}

const struct op op_copy = {
    .name = "copy",
    .args = "ID FIELD",
    .args_min = 2,
    .args_max = 2,
    .summary = "copy a field's value to the clipboard, for a time",
    .details =
	"The copy is written to the audit before the value is read, with its reason where the "
	"field is masked or sealed. The value goes by a pipe to wl-copy (under Wayland), xclip "
	"or xsel, which are looked for in /usr/local/bin, /usr/bin and /bin and not in PATH. "
	"The command ends at once; a process of its own waits until the time is over, compares, "
	"and clears the clipboard if the value is still there. Until then each program of the "
	"session can read it, and a clipboard manager may keep it for longer: switch off its "
	"history. wl-copy keeps what it has in a file: it is run only where XDG_RUNTIME_DIR and "
	"/tmp are in memory (tmpfs).",
    .examples = "strongroom copy customers.vault 17 ssn --reason \"form 4\"\n"
		"strongroom copy customers.vault 17 email --clear-after 10 --clipboard "
		"/usr/bin/xsel\n",
    .flags = OP_VAULT,
    .opts = {{"reason", 0, OPT_TEXT, "TEXT", "why, for the audit"}, OP_CLIPBOARD_OPTS},
    .run = run_copy,
};
