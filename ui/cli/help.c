/* Help from the table, so that it can't lie. */

#include "ui/cli/help.h"

#include <stdio.h>
#include <string.h>

#include "ui/cli/cli.h"
#include "ui/cli/out.h"

#define HELP_WIDTH 78
#define HELP_TAB   28 /* column of an option's text */

const struct help_status help_statuses[] = {
    {0, "done"},
    {1, "an internal check failed, or memory ran out"},
    {2, "the command line can't be understood"},
    {3, "no slot opens with this passphrase or key file"},
    {4, "the vault is damaged: a checksum fails"},
    {5, "not found"},
    {6, "the input is not valid, or a file exists already"},
    {7, "denied"},
    {8, "the vault is in use, locked, or the record was changed meanwhile"},
    {9, "reading or writing failed, or no space is left; a closed pipe, without a word"},
    {10, "the vault was altered: authenticated data does not verify"},
    {11, "not a strongroom vault"},
    {12, "a vault of a newer format"},
    {13, "a parameter is beyond the limits"},
    {14, "doctor: a protection is weaker here than it could be"},
    {130, "cancelled"},
    {0, NULL},
};

void
help_synopsis(const struct op *op, char *out, size_t cap)
{
	bool vault = (op->flags & (OP_VAULT | OP_CREATE)) != 0;

	snprintf(out, cap, "strongroom %s%s%s%s%s", op->name, vault ? " VAULT" : "",
	    op->args[0] != '\0' ? " " : "", op->args,
	    op->opts[0].name != NULL || vault ? " [OPTION]..." : "");
}

/* One paragraph after the other, filled to the width. */
static void
fill(const char *text)
{
	size_t column = 0, len;

	while (*text != '\0') {
		len = strcspn(text, " \n");
		if (column > 0 && column + 1 + len > HELP_WIDTH) {
			out_text("\n");
			column = 0;
		}
		if (column > 0 && len > 0) {
			out_text(" ");
			column++;
		}
		out_write(NULL, text, len);
		column += len;
		text += len;
		if (*text == '\n') {
			out_text("\n");
			column = 0;
		}
		text += *text != '\0';
	}
	out_text("\n");
}

static void
print_option(const struct op_opt *opt)
{
	char left[64];

	snprintf(left, sizeof(left), "  %s%c%s--%s%s%s", opt->letter != 0 ? "-" : " ",
	    opt->letter != 0 ? opt->letter : ' ', opt->letter != 0 ? ", " : "  ",
	    opt->name, opt->arg != NULL ? " " : "", opt->arg != NULL ? opt->arg : "");
	if (strlen(left) + 2 > HELP_TAB)
		out_fmt("%s\n%*s%s\n", left, HELP_TAB, "", opt->help);
	else
		out_fmt("%-*s%s\n", HELP_TAB, left, opt->help);
}

static void
print_words(const struct op_word *w)
{
	out_text("\n");
	for (; w->word != NULL; w++)
		out_fmt("  %-18s %s\n", w->word, w->means);
}

static void
print_examples(const char *examples)
{
	size_t len;

	out_text("\nExamples:\n");
	for (; *examples != '\0'; examples += len + (examples[len] != '\0')) {
		len = strcspn(examples, "\n");
		out_fmt("  %.*s\n", (int)len, examples);
	}
}

enum rc
help_command(const struct op *op)
{
	char synopsis[160];
	const struct op_opt *o;

	help_synopsis(op, synopsis, sizeof(synopsis));
	out_fmt("Usage: %s\n\n%s: %s.\n", synopsis, op->name, op->summary);
	if (op->details != NULL) {
		out_text("\n");
		fill(op->details);
	}
	if (op->words != NULL)
		print_words(op->words);
	out_text("\nOptions:\n");
	for (o = op->opts; o->name != NULL; o++)
		print_option(o);
	for (o = cli_options; o->name != NULL; o++)
		if (cli_option_fits(o, op))
			print_option(o);
	if (op->examples != NULL)
		print_examples(op->examples);
	return out_flush();
}

enum rc
help_program(void)
{
	const struct help_status *s;
	int i;

	out_text("strongroom: an encrypted vault of customer records in one file\n\n"
		 "Usage: strongroom VAULT               open the terminal interface\n"
		 "       strongroom COMMAND ...         run a command\n"
		 "       strongroom help COMMAND        explain a command\n"
		 "       strongroom --version\n\n"
		 "Commands:\n");
	for (i = 0; op_table[i] != NULL; i++)
		out_fmt("  %-14s %s\n", op_table[i]->name, op_table[i]->summary);
	out_text("\n");
	fill("A passphrase is asked for on the terminal, without echo. Otherwise it "
	     "comes from "
	     "--passphrase-fd N (its first line), from the program that the environment "
	     "variable STRONGROOM_ASKPASS names, or a key file opens the vault: "
	     "--key-file F.");
	out_text("\nExit status:\n");
	for (s = help_statuses; s->text != NULL; s++)
		out_fmt("  %3d  %s\n", s->status, s->text);
	return out_flush();
}
