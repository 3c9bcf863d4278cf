/*
 * A recovery code handed over to a person: the sheet.
 *
 * 1. The code stands in secret memory, on the sheet, and nowhere else.
 * 2. It is handed over before there is a slot: a code that could not be read or copied
 * opens nothing. A sheet in a file is taken away again when the slot is not made.
 */

#include "ui/op_secret.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"
#include "store/text.h"

#define SHEET_MAX 4096 /* bytes */
#define TRIES	  3
#define NAME_LEN  256 /* bytes of a name as it is shown */
#define HALF	  25  /* characters of the code on its first line, with the dash */

static enum rc
add_text(struct secret *sheet, const char *text)
{
	return secret_append(sheet, text, strlen(text));
}

static enum rc
add_facts(struct op_call *c, struct secret *sheet, const char *label, bool browse)
{
	char text[1024], at[OP_TIME_LEN], name[NAME_LEN], called[NAME_LEN];
	struct vault_info info;
	const struct face people = {.json = false};
	const char *base = strrchr(c->vault_path, '/');
	enum rc rc = vault_info(c->v, &info);

	if (rc != RC_OK)
		return rc;
	op_time(&people, op_now(), at);
	base = base != NULL ? base + 1 : c->vault_path;
	text_visible(base, strlen(base), name, sizeof(name));
	text_visible(label, strlen(label), called, sizeof(called));
	snprintf(text, sizeof(text),
	    "strongroom recovery sheet\n\n"
	    "  Vault  %s\n  Id     %s\n  Label  %s\n  Role   %s\n  Made   %s\n\n",
	    name, info.id, called, browse ? "browse only" : "full access", at);
	return add_text(sheet, text);
}

static enum rc
add_code(struct secret *sheet, const struct secret *code)
{
	const uint8_t *p = secret_view(code);
	enum rc rc = add_text(sheet, "  Recovery code, in ten groups of four:\n\n      ");

	if (rc == RC_OK)
		rc = secret_append(sheet, p, HALF);
	if (rc == RC_OK)
		rc = add_text(sheet, "\n      ");
	if (rc == RC_OK)
		rc = secret_append(sheet, p + HALF, secret_len(code) - HALF);
	return rc == RC_OK ? add_text(sheet, "\n\n") : rc;
}

static const char how_to_use[] =
    "  To open the vault with it, give --recovery to any command:\n\n"
    "      strongroom info VAULT --recovery\n\n"
    "  and type the code when it is asked for. Upper and lower case are the same, O is\n"
    "  taken for 0, I and L for 1; dashes may be left out. The last character of each\n"
    "  group is a check digit: a mistyped group is named.\n\n"
    "  Whoever has this sheet and the vault's file can open it: keep them apart. If the\n"
    "  sheet is lost or others saw it: strongroom key list VAULT, then strongroom key\n"
    "  remove VAULT SLOT.\n";

static enum rc
make_sheet(struct op_call *c, const char *label, bool browse, const struct secret *code,
    struct secret **out)
{
	enum rc rc = secret_new(SHEET_MAX, out);

	if (rc == RC_OK)
		rc = add_facts(c, *out, label, browse);
	if (rc == RC_OK)
		rc = add_code(*out, code);
	return rc == RC_OK ? add_text(*out, how_to_use) : rc;
}

static enum rc
write_sheet(struct op_call *c, const char *path, const struct secret *sheet)
{
	struct file *f;
	enum rc rc;

	if (file_is_part_of(path, c->vault_path))
		return err_set(&c->err, RC_INPUT,
		    "%s is the vault or a part of it: name another file", path);
	rc = file_new(path, false, &f, &c->err);
	if (rc != RC_OK)
		return rc;
	rc = file_write(f, secret_view(sheet), secret_len(sheet), &c->err);
	if (rc == RC_OK)
		rc = file_commit(f, &c->err);
	file_free(f);
	return rc;
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
		rc = path != NULL ? write_sheet(c, path, sheet)
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
