/*
 * The table of operations and what both faces ask of it.
 *
 * 1. The table's order is the order of the help and of the man page.
 * 2. op_run is the only caller of an operation's run: what the vault forbids is refused
 *    before the operation begins, and no failure is without a sentence.
 */

#include "ui/op_all.h"

#include <string.h>

const struct op op_help = {
    .name = "help",
    .args = "[COMMAND]",
    .args_max = 2,
    .summary = "explain the program or one command",
    .examples = "strongroom help\n"
		"strongroom help audit list\n",
    .flags = OP_CLI,
    .opts = {{"man", 0, OPT_FLAG, NULL, "print the manual page in roff"},
	{"completion", 0, OPT_TEXT, "SHELL", "print completion for bash, zsh or fish"}},
};

const struct op *const op_table[] = {&op_init, &op_open, &op_import, &op_import_list,
    &op_import_undo, &op_list, &op_search, &op_view_list, &op_view_save, &op_view_drop,
    &op_show, &op_copy, &op_add, &op_edit, &op_rm, &op_restore, &op_tag, &op_tag_list, &op_history,
    &op_revert, &op_undo, &op_redo, &op_erase, &op_trash_list, &op_trash_days, &op_purge,
    &op_keep, &op_due, &op_duplicates,
    &op_export, &op_export_verify, &op_subject_export, &op_template_list, &op_template_show, &op_template_drop,
    &op_passwd, &op_key_list,
    &op_key_add, &op_key_test, &op_key_change, &op_key_remove, &op_key_backup,
    &op_key_restore, &op_rotate, &op_backup, &op_verify, &op_accept_older,
    &op_audit_list, &op_audit_verify, &op_audit_report, &op_stats, &op_info, &op_schema_show, &op_field_list,
    &op_field_add, &op_field_class, &op_field_type, &op_field_drop, &op_doctor, &op_help, NULL};

static bool
named(const struct op *op, const char *word1, const char *word2)
{
	size_t len = strlen(word1);

	if (strncmp(op->name, word1, len) != 0)
		return false;
	if (op->name[len] == '\0')
		return word2 == NULL;
	return op->name[len] == ' ' && word2 != NULL &&
	       strcmp(op->name + len + 1, word2) == 0;
}

const struct op *
op_find(const char *word1, const char *word2, int *words)
{
	int n, i;

	for (n = word2 != NULL ? 2 : 1; n >= 1; n--)
		for (i = 0; op_table[i] != NULL; i++)
			if (named(op_table[i], word1, n == 2 ? word2 : NULL)) {
				*words = n;
				return op_table[i];
			}
	*words = 0;
	return NULL;
}

bool
op_flag(const struct op_call *c, const char *name)
{
	return op_each(c, name, 0) != NULL;
}

const char *
op_text(const struct op_call *c, const char *name)
{
	const char *last = NULL, *text;
	int n;

	for (n = 0; (text = op_each(c, name, n)) != NULL; n++)
		last = text;
	return last;
}

const char *
op_each(const struct op_call *c, const char *name, int n)
{
	int i;

	for (i = 0; i < c->given_n; i++)
		if (strcmp(c->given[i].opt->name, name) == 0 && n-- == 0)
			return c->given[i].text != NULL ? c->given[i].text : "";
	return NULL;
}

bool
op_takes(const struct op *op, const char *name)
{
	const struct op_opt *o;

	for (o = op->opts; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

static enum rc
refuse(struct op_call *c)
{
	struct vault_info info;

	if (c->v == NULL || (c->op->flags & OP_WRITES) == 0)
		return RC_OK;
	vault_about(c->v, &info);
	if (info.readonly)
		return err_set(&c->err, RC_READONLY,
		    "%s can't be written by you, and \"%s\" writes to it", c->vault_path,
		    c->op->name);
	return RC_OK;
}

/* The sentence names the file; which of what was asked for has not come to its end? */
static void
say_full(struct op_call *c)
{
	const struct err why = c->err;

	err_set(&c->err, RC_FULL, "\"%s\" did not come to its end: %s", c->op->name,
	    why.text[0] != '\0' ? why.text : rc_text(RC_FULL));
}

enum rc
op_run(struct op_call *c)
{
	enum rc rc = refuse(c);

	if (rc == RC_OK)
		rc = c->op->run(c);
	if (rc != RC_OK && c->err.text[0] == '\0' && c->v != NULL &&
	    vault_err(c->v)[0] != '\0')
		err_set(&c->err, rc, "%s", vault_err(c->v));
	if (rc == RC_FULL)
		say_full(c);
	return err_default(&c->err, rc);
}
