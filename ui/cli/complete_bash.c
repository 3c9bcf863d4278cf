/*
 * Completion for bash.
 *
 * 1. bash splits words at "=": --format=csv and --treat email=mask come as three and four.
 * 2. Commands of two words are looked for first: "import list" is no import.
 */

#include "ui/cli/complete.h"

#include <string.h>

#include "ui/cli/out.h"
#include "ui/op_choices.h"

static void
option(const struct op *op, const struct op_opt *opt)
{
	(void)op;
	out_fmt(" --%s", opt->name);
}

static void
choices(const struct op *op, const struct op_opt *opt)
{
	const char *equals = op_choice_after_equals(opt) ? "=" : "";

	if (op_choice(op, opt, 0) == NULL)
		return;
	out_fmt("\t\t--%s%s", opt->name, equals);
	if (opt->letter != 0)
		out_fmt(" | -%c%s", opt->letter, equals);
	out_text(") choices=\"");
	complete_choices(op, opt);
	out_text("\" ;;\n");
}

static void
command(const struct op *op)
{
	int words = strchr(op->name, ' ') != NULL ? 2 : 1;

	out_fmt("\t\"%s \"*)\n\t\toptions=\"", op->name);
	complete_each(op, option);
	out_text("\"\n\t\tcase $option in\n");
	complete_each(op, choices);
	if (op_choice(op, NULL, 0) != NULL) {
		out_fmt("\t\t*) ((COMP_CWORD == %d)) && choices=\"", words + 3);
		complete_choices(op, NULL);
		out_text("\" ;;\n");
	}
	out_text("\t\tesac ;;\n");
}

/* The second words of the commands that have two: "audit" -> "list verify". */
static void
groups(void)
{
	const char *space;
	int i;

	for (i = 0; op_table[i] != NULL; i++)
		if ((space = strchr(op_table[i]->name, ' ')) != NULL)
			out_fmt("\t%.*s) words+=\" %s\" ;;&\n",
			    complete_first(op_table[i]), op_table[i]->name, space + 1);
}

static const char head[] =
    "_strongroom()\n{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) option=\n"
    "\tlocal words= options= choices= line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
    "\tif [[ $cur == = ]]; then\n"
    "\t\tcur= at=$COMP_CWORD\n"
    "\tfi\n"
    "\toption=${COMP_WORDS[at]}\n"
    "\tif [[ $option == = ]]; then\n"
    "\t\toption=${COMP_WORDS[at-1]}\n"
    "\t\t[[ $option == -* ]] || option=${COMP_WORDS[at-2]}=\n"
    "\tfi\n"
    "\t[[ $line$cur == 'help -'* ]] || line=${line#help }\n"
    "\tcase $line in\n";

static const char tail[] =
    "\tesac\n"
    "\tif [[ $choices ]]; then\n"
    "\t\tCOMPREPLY=($(compgen -W \"$choices\" -- \"$cur\"))\n"
    "\telif [[ $cur == -* ]]; then\n"
    "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
    "\telse\n"
    "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\" | sort -u))\n"
    "\tfi\n}\n"
    "complete -o default -F _strongroom strongroom\n";

void
complete_bash(void)
{
	int i;

	out_text(head);
	complete_commands(true, command);
	complete_commands(false, command);
	out_text("\tesac\n\tcase ${line% } in\n\t'') words=\"");
	for (i = 0; op_table[i] != NULL; i++)
		out_fmt(" %.*s", complete_first(op_table[i]), op_table[i]->name);
	out_text("\" options=\"--help --version\" ;;\n");
	groups();
	out_text(tail);
}
