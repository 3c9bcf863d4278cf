/* Completion for bash (and zsh by its bashcompinit) and for fish, from the table. */

#include <string.h>

#include "ui/cli/cli.h"
#include "ui/cli/help.h"
#include "ui/cli/out.h"

typedef void each_option_fn(const struct op *op, const struct op_opt *opt);

static void
each_option(const struct op *op, each_option_fn *each)
{
	const struct op_opt *o;

	for (o = op->opts; o->name != NULL; o++)
		each(op, o);
	for (o = cli_options; o->name != NULL; o++)
		if (cli_option_fits(o, op))
			each(op, o);
}

static void
bash_option(const struct op *op, const struct op_opt *opt)
{
	(void)op;
	out_fmt(" --%s", opt->name);
}

/* The second words of the commands that have two: "audit" -> "list verify". */
static void
bash_groups(void)
{
	const char *space;
	int i;

	for (i = 0; op_table[i] != NULL; i++) {
		space = strchr(op_table[i]->name, ' ');
		if (space != NULL)
			out_fmt("\t%.*s) words+=\" %s\" ;;&\n",
			    (int)(space - op_table[i]->name), op_table[i]->name,
			    space + 1);
	}
}

static void
bash(void)
{
	int i;

	out_text("_strongroom()\n{\n"
		 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words= options=\n"
		 "\tlocal line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
		 "\tcase $line in\n");
	for (i = 0; op_table[i] != NULL; i++) {
		out_fmt("\t\"%s \"*) options=\"", op_table[i]->name);
		each_option(op_table[i], bash_option);
		out_text("\" ;;\n");
	}
	out_text("\tesac\n\tcase ${line% } in\n\t'') words=\"");
	for (i = 0; op_table[i] != NULL; i++)
		out_fmt(" %.*s", (int)strcspn(op_table[i]->name, " "), op_table[i]->name);
	out_text("\" ;;\n");
	bash_groups();
	out_text("\tesac\n"
		 "\tif [[ $cur == -* ]]; then\n"
		 "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
		 "\telse\n"
		 "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\" | sort -u))\n"
		 "\tfi\n}\n"
		 "complete -o default -F _strongroom strongroom\n");
}

/* Options and summaries hold no quote but the apostrophe. */
static void
fish_quoted(const char *text)
{
	out_text("'");
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			out_text("\\");
		out_write(NULL, text, 1);
	}
	out_text("'");
}

static void
fish_option(const struct op *op, const struct op_opt *opt)
{
	size_t first = strcspn(op->name, " ");

	out_fmt("complete -c strongroom -n '__fish_seen_subcommand_from %.*s'",
	    (int)first, op->name);
	if (op->name[first] != '\0')
		out_fmt(" -n '__fish_seen_subcommand_from %s'", op->name + first + 1);
	if (opt->letter != 0)
		out_fmt(" -s %c", opt->letter);
	out_fmt(" -l %s%s -d ", opt->name, opt->kind != OPT_FLAG ? " -r" : "");
	fish_quoted(opt->help);
	out_text("\n");
}

static void
fish_command(const struct op *op)
{
	size_t first = strcspn(op->name, " ");

	if (op->name[first] == '\0')
		out_fmt("complete -c strongroom -n __fish_use_subcommand -a %s -d ",
		    op->name);
	else
		out_fmt(
		    "complete -c strongroom -n __fish_use_subcommand -a %.*s\n"
		    "complete -c strongroom -n '__fish_seen_subcommand_from %.*s' -a %s "
		    "-d ",
		    (int)first, op->name, (int)first, op->name, op->name + first + 1);
	fish_quoted(op->summary);
	out_text("\n");
	each_option(op, fish_option);
}

enum rc
complete_shell(const char *shell)
{
	int i;

	if (strcmp(shell, "bash") == 0 || strcmp(shell, "zsh") == 0) {
		if (shell[0] == 'z')
			out_text("autoload -U +X bashcompinit && bashcompinit\n");
		bash();
	} else if (strcmp(shell, "fish") == 0) {
		for (i = 0; op_table[i] != NULL; i++)
			fish_command(op_table[i]);
	} else {
		return RC_INPUT;
	}
	return out_flush();
}
