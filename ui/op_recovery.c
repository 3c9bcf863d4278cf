/*
 * A recovery code handed over to a person: the sheet.
 *
 * 1. The code stands in secret memory, on the sheet, and nowhere else.
 * 2. It is handed over before there is a slot: a code that could not be read or copied
 * opens nothing. A sheet in a file is taken away again when the slot is not made.
 */

#include "ui/op_secret.h"

#include <string.h>
#include <unistd.h>

#include "ui/recovery_sheet.h"

#define TRIES 3

static enum rc
make_sheet(struct op_call *c, const char *label, bool browse, const struct secret *code,
    struct secret **out)
{
	struct vault_info info;
	const struct recovery_sheet facts = {c->vault_path, info.id, label, browse};
	enum rc rc = vault_info(c->v, &info);

	return rc == RC_OK ? recovery_sheet_make(&facts, code, out) : rc;
}

/* Shown until it is typed back rightly, some times at most. */
static enum rc
show_sheet(struct op_call *c, const struct secret *sheet, const struct secret *code)
{
	struct secret *typed;
	enum rc rc = RC_INPUT;
	int left;

	if (c->face->ops->sheet == NULL)
		return err_set(&c->err, RC_INPUT,
		    "the code can't be shown here: give --sheet FILE, which it is "
		    "written to");
	for (left = TRIES; left > 0; left--) {
		c->err.text[0] = '\0';
		rc = c->face->ops->sheet(c->face, sheet,
		    "Type the code back, to see that it is copied", &typed);
		if (rc != RC_OK)
			return rc;
		rc = keys_recovery_confirm(typed, code, &c->err);
		secret_free(typed);
		if (rc != RC_INPUT)
			return rc;
		face_warn(c->face, "%s", c->err.text);
	}
	return err_set(&c->err, rc,
	    "the recovery code was not typed back rightly: no slot was made for it");
}

enum rc
op_recovery_new(struct op_call *c, const char *label, bool browse, struct op_secret *out)
{
	const char *path = op_text(c, "sheet");
	struct secret *code = NULL, *sheet = NULL;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	rc = keys_recovery_new(&code, &c->err);
	if (rc == RC_OK)
		rc = make_sheet(c, label, browse, code, &sheet);
	if (rc == RC_OK)
		rc = path != NULL
			 ? recovery_sheet_write(path, c->vault_path, sheet, &c->err)
			 : show_sheet(c, sheet, code);
	secret_free(sheet);
	if (rc != RC_OK) {
		secret_free(code);
		return rc;
	}
	out->bytes = code;
	out->secret.kind = VAULT_RECOVERY;
	out->secret.bytes = code;
	return RC_OK;
}

void
op_recovery_undo(struct op_call *c)
{
	const char *path = op_text(c, "sheet");

	if (path != NULL && unlink(path) != 0)
		face_warn(
		    c->face, "%s could not be removed: its code opens nothing", path);
}
