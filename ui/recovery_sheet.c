/*
 * The text of a recovery sheet.
 *
 * 1. The code stands in secret memory, on the sheet, and nowhere else.
 * 2. Names on it are made harmless: it may be shown on a terminal.
 */

#include "ui/recovery_sheet.h"

#include <stdio.h>
#include <string.h>

#include "store/file.h"
#include "store/text.h"
#include "ui/op_util.h"

#define SHEET_MAX 4096 /* bytes */
#define NAME_LEN  256  /* bytes of a name as it is shown */

static enum rc
add_text(struct secret *sheet, const char *text)
{
	return secret_append(sheet, text, strlen(text));
}

static enum rc
add_facts(struct secret *sheet, const struct recovery_sheet *facts)
{
	char text[1024], at[OP_TIME_LEN], name[NAME_LEN], called[NAME_LEN];
	const struct face people = {.json = false};
	const char *base = strrchr(facts->vault_path, '/');

	op_time(&people, op_now(), at);
	base = base != NULL ? base + 1 : facts->vault_path;
	text_visible(base, strlen(base), name, sizeof(name));
	text_visible(facts->label, strlen(facts->label), called, sizeof(called));
	snprintf(text, sizeof(text),
	    "strongroom recovery sheet\n\n"
	    "  Vault  %s\n  Id     %s\n  Label  %s\n  Role   %s\n  Made   %s\n\n",
	    name, facts->vault_id, called, facts->browse ? "browse only" : "full access",
	    at);
	return add_text(sheet, text);
}

static enum rc
add_code(struct secret *sheet, const struct secret *code)
{
	const uint8_t *p = secret_view(code);
	enum rc rc = add_text(sheet, "  Recovery code, in ten groups of four:\n\n      ");

	if (rc == RC_OK)
		rc = secret_append(sheet, p, RECOVERY_HALF);
	if (rc == RC_OK)
		rc = add_text(sheet, "\n      ");
	if (rc == RC_OK)
		rc = secret_append(
		    sheet, p + RECOVERY_HALF, secret_len(code) - RECOVERY_HALF);
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

enum rc
recovery_sheet_make(
    const struct recovery_sheet *facts, const struct secret *code, struct secret **out)
{
	enum rc rc = secret_new(SHEET_MAX, out);

	if (rc == RC_OK)
		rc = add_facts(*out, facts);
	if (rc == RC_OK)
		rc = add_code(*out, code);
	return rc == RC_OK ? add_text(*out, how_to_use) : rc;
}

enum rc
recovery_sheet_write(
    const char *path, const char *vault_path, const struct secret *sheet, struct err *err)
{
	struct file *f;
	enum rc rc;

	if (file_is_part_of(path, vault_path))
		return err_set(err, RC_INPUT,
		    "%s is the vault or a part of it: name another file", path);
	rc = file_new(path, false, &f, err);
	if (rc != RC_OK)
		return rc;
	rc = file_write(f, secret_view(sheet), secret_len(sheet), err);
	if (rc == RC_OK)
		rc = file_commit(f, err);
	file_free(f);
	return rc;
}
