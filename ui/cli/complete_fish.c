/*
 * Completion for fish: one line for each command and each of its options.
 *
 * 1. A command of one word that is the first of others' two ("import", "import list") is
 *    that one only where no second word makes it another.
 */

#include "ui/cli/complete.h"

#include <string.h>

#include "ui/cli/out.h"
#include "ui/op_choices.h"

static void
quoted(const char *text)
{
	out_text("'");
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			out_text("\\");
		out_write(NULL, text, 1);
	}
	out_text("'");
}

/* complete -c strongroom -n 'the command is OP' */
static void
where(const struct op *op)
{
	size_t len = strlen(op->name);
	int i;

	out_fmt("complete -c strongroom -n '__strongroom_is %s", op->name);
	for (i = 0; op_table[i] != NULL; i++)
		if (strncmp(op_table[i]->name, op->name, len) == 0 &&
		    op_table[i]->name[len] == ' ')
			out_fmt("; and not __strongroom_is %s", op_table[i]->name);
	out_text("'");
}

/* FIELD=WORD is completed as a whole; "FIELD" is what was typed of it. */
static void
choices(const struct op *op, const struct op_opt *opt)
{
	bool equals = opt != NULL && op_choice_after_equals(opt);

	out_text(equals ? " -a '(__strongroom_field)=(string split \" \" \"" : " -a '");
	complete_choices(op, opt);
	out_text(equals ? "\")'" : "'");
}

static void
option(const struct op *op, const struct op_opt *opt)
{
	where(op);
	if (opt->letter != 0)
		out_fmt(" -s %c", opt->letter);
	out_fmt(" -l %s", opt->name);
	if (opt->kind == OPT_FILE || opt->kind == OPT_OUT)
		out_text(" -r -F");
	else if (opt->kind != OPT_FLAG)
		out_text(" -x");
	if (op_choice(op, opt, 0) != NULL)
		choices(op, opt);
	out_text(" -d ");
	quoted(opt->help);
	out_text("\n");
}

static void
command(const struct op *op)
{
	int first = complete_first(op);

	if (op->name[first] == '\0')
		out_fmt("complete -c strongroom -n __strongroom_is -a %s -d ", op->name);
	else
		out_fmt("complete -c strongroom -n __strongroom_is -a %.*s\n"
			"complete -c strongroom -n '__strongroom_is_just %.*s' -a %s -d ",
		    first, op->name, first, op->name, op->name + first + 1);
	quoted(op->summary);
	out_text("\n");
	if (op_choice(op, NULL, 0) != NULL) {
		out_fmt("complete -c strongroom -n '__strongroom_is %s; and __strongroom_after "
			"%d' -f", op->name, op->name[first] == '\0' ? 4 : 5);
		choices(op, NULL);
		out_text("\n");
	}
	complete_each(op, option);
}

static const char head[] =
    "function __strongroom_words\n"
    "    set -l words (commandline -opc)\n"
    "    if test (count $words) -gt 1; and test $words[2] = help\n"
    "        and not string match -q -- '-*' $words[3] (commandline -ct)\n"
    "        set -e words[2]\n"
    "    end\n"
    "    string join \\n -- $words\n"
    "end\n\n"
    "function __strongroom_is # these words begin the line; without: none does\n"
    "    set -l words (__strongroom_words)\n"
    "    if test (count $argv) -eq 0\n"
    "        test (count $words) -eq 1\n"
    "        return\n"
    "    end\n"
    "    set -l last (math (count $argv) + 1)\n"
    "    test \"$words[2..$last]\" = \"$argv\"\n"
    "end\n\n"
    "function __strongroom_is_just\n"
    "    set -l words (__strongroom_words)\n"
    "    test (count $words) -eq 2; and test $words[2] = $argv[1]\n"
    "end\n\n"
    "function __strongroom_after # so many words stand before the cursor\n"
    "    test (count (__strongroom_words)) -eq $argv[1]\n"
    "end\n\n"
    "function __strongroom_field # of FIELD=WORD, as far as it is typed\n"
    "    string replace -r '=.*' '' -- (commandline -ct)\n"
    "end\n\n";

void
complete_fish(void)
{
	int i;

	out_text(head);
	out_text("complete -c strongroom -n __strongroom_is -l help -d 'explain the program'\n"
		 "complete -c strongroom -n __strongroom_is -l version -d 'print it'\n");
	for (i = 0; op_table[i] != NULL; i++)
		command(op_table[i]);
}
