/*
 * Completion scripts, made from the table of operations.
 *
 * 1. A script asks nobody: it runs no strongroom and opens no vault, so the names of fields,
 *    which are inside, are not completed.
 */

#include "ui/cli/complete.h"

#include <string.h>

#include "ui/cli/cli.h"
#include "ui/cli/help.h"
#include "ui/cli/out.h"
#include "ui/op_choices.h"

void
complete_each(const struct op *op, each_option_fn *each)
{
	const struct op_opt *o;

	for (o = op->opts; o->name != NULL; o++)
		each(op, o);
	for (o = cli_options; o->name != NULL; o++)
		if (cli_option_fits(o, op))
			each(op, o);
}

void
complete_commands(bool two_words, void (*each)(const struct op *op))
{
	int i;

	for (i = 0; op_table[i] != NULL; i++)
		if ((strchr(op_table[i]->name, ' ') != NULL) == two_words)
			each(op_table[i]);
}

void
complete_choices(const struct op *op, const struct op_opt *opt)
{
	const char *word;
	int n;

	for (n = 0; (word = op_choice(op, opt, n)) != NULL; n++) {
		if (n > 0)
			out_text(" ");
		for (; *word != '\0'; word++)
			out_text((char[]){*word == ' ' ? '-' : *word, '\0'});
	}
}

int
complete_first(const struct op *op)
{
	return (int)strcspn(op->name, " ");
}

enum rc
complete_shell(const char *shell)
{
	if (strcmp(shell, "bash") == 0)
		complete_bash();
	else if (strcmp(shell, "zsh") == 0)
		complete_zsh();
	else if (strcmp(shell, "fish") == 0)
		complete_fish();
	else
		return RC_INPUT;
	return out_flush();
}
