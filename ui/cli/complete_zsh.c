/*
 * Completion for zsh, by its _arguments.
 *
 * 1. Texts stand in apostrophes; what _arguments takes for its own (":" and brackets) has a
 *    backslash.
 */

#include "ui/cli/complete.h"

#include <string.h>

#include "ui/cli/out.h"
#include "ui/op_choices.h"

static void
text(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			out_text("'\\'");
		else if (strchr(":[]\\", *s) != NULL)
			out_text("\\");
		out_write(NULL, s, 1);
	}
}

static void
value(const struct op *op, const struct op_opt *opt)
{
	bool equals = op_choice_after_equals(opt);

	out_text(":");
	text(opt->arg);
	if (op_choice(op, opt, 0) != NULL) {
		out_text(equals ? ":{compset -P \"*=\" && compadd " : ":(");
		complete_choices(op, opt);
		out_text(equals ? "}" : ")");
	} else {
		out_text(opt->kind == OPT_FILE || opt->kind == OPT_OUT ? ":_files" : ": ");
	}
}

static void
spelled(const struct op *op, const struct op_opt *opt, const char *before,
    const char *name, const char *after)
{
	out_fmt(" \\\n\t\t'*%s%s%s[", before, name, opt->kind != OPT_FLAG ? after : "");
	text(opt->help);
	out_text("]");
	if (opt->kind != OPT_FLAG)
		value(op, opt);
	out_text("'");
}

static void
option(const struct op *op, const struct op_opt *opt)
{
	if (opt->letter != 0)
		spelled(op, opt, "-", (char[]){opt->letter, '\0'}, "+");
	spelled(op, opt, "--", opt->name, "=");
}

static void
command(const struct op *op)
{
	int words = strchr(op->name, ' ') != NULL ? 2 : 1;

	out_fmt("\t'%s%s)\n\t\tshift %d words; ((CURRENT -= %d))\n\t\t_arguments -s",
	    op->name, words == 1 ? " '*" : "'", words, words);
	complete_each(op, option);
	if (op_choice(op, NULL, 0) != NULL) {
		out_text(" \\\n\t\t'3:word:(");
		complete_choices(op, NULL);
		out_text(")'");
	}
	out_text(" \\\n\t\t'*:file:_files' ;;\n");
}

static bool
is_first_of_its_word(int at)
{
	int len = complete_first(op_table[at]), i;

	for (i = 0; i < at; i++)
		if (complete_first(op_table[i]) == len &&
		    strncmp(op_table[i]->name, op_table[at]->name, (size_t)len) == 0)
			return false;
	return true;
}

/* A first word that is no command alone is told by what may follow: "list, show, drop". */
static void
meaning(const struct op *op)
{
	int len = complete_first(op), i, n = 0;

	if (op->name[len] == '\0') {
		text(op->summary);
		return;
	}
	for (i = 0; op_table[i] != NULL; i++)
		if (complete_first(op_table[i]) == len &&
		    strncmp(op_table[i]->name, op->name, (size_t)len) == 0)
			out_fmt("%s%s", n++ > 0 ? ", " : "", op_table[i]->name + len + 1);
}

static void
first_words(void)
{
	int i;

	for (i = 0; op_table[i] != NULL; i++)
		if (is_first_of_its_word(i)) {
			out_fmt("\t\t'%.*s:", complete_first(op_table[i]), op_table[i]->name);
			meaning(op_table[i]);
			out_text("'\n");
		}
}

static void
second_words(void)
{
	const char *space;
	int i;

	for (i = 0; op_table[i] != NULL; i++)
		if ((space = strchr(op_table[i]->name, ' ')) != NULL) {
			out_fmt("\t\t[[ $words[2] == %.*s ]] && seconds+=('%s:",
			    complete_first(op_table[i]), op_table[i]->name, space + 1);
			text(op_table[i]->summary);
			out_text("')\n");
		}
}

void
complete_zsh(void)
{
	out_text("#compdef strongroom\n\n_strongroom()\n{\n"
		 "\tlocal -a firsts seconds\n"
		 "\tfirsts=(\n");
	first_words();
	out_text("\t)\n"
		 "\tif [[ $words[2] == help && CURRENT -gt 2 && $words[3] != -* ]]; then\n"
		 "\t\tshift words; ((CURRENT--))\n"
		 "\tfi\n"
		 "\tif ((CURRENT == 2)) && [[ $words[2] == -* ]]; then\n"
		 "\t\tcompadd -- --help --version\n\t\treturn\n"
		 "\tfi\n"
		 "\tif ((CURRENT == 2)); then\n"
		 "\t\t_describe command firsts\n\t\t_files\n\t\treturn\n"
		 "\tfi\n"
		 "\tif ((CURRENT == 3)) && [[ $words[3] != -* ]]; then\n");
	second_words();
	out_text("\t\t(($#seconds)) && _describe command seconds\n"
		 "\tfi\n"
		 "\tcase \"$words[2] $words[3]\" in\n");
	complete_commands(true, command);
	complete_commands(false, command);
	out_text("\tesac\n}\n\n"
		 "if [[ $funcstack[1] == _strongroom ]]; then\n"
		 "\t_strongroom \"$@\"\n"
		 "else\n"
		 "\tcompdef _strongroom strongroom\n"
		 "fi\n");
}
