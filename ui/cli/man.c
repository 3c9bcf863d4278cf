/* The manual page, made from the table of operations. */

#include <stdio.h>
#include <string.h>

#include "ui/cli/cli.h"
#include "ui/cli/help.h"
#include "ui/cli/out.h"

/* Text as roff takes it literally: escapes, hyphens and lines that begin with a dot. */
static void
roff(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((i == 0 || text[i - 1] == '\n') &&
		    (text[i] == '.' || text[i] == '\''))
			out_text("\\&");
		if (text[i] == '\\')
			out_text("\\e");
		else if (text[i] == '-')
			out_text("\\-");
		else if (text[i] == '\'')
			out_text("\\(aq");
		else
			out_write(NULL, text + i, 1);
	}
}

static void
roff_text(const char *text)
{
	roff(text, strlen(text));
}

static void
paragraphs(const char *text)
{
	size_t len;

	for (; *text != '\0'; text += len + (text[len] != '\0')) {
		len = strcspn(text, "\n");
		out_text(".PP\n");
		roff(text, len);
		out_text("\n");
	}
}

static void
option(const struct op_opt *opt)
{
	out_text(".TP\n\\fB");
	if (opt->letter != 0)
		out_fmt("\\-%c\\fR, \\fB", opt->letter);
	out_text("\\-\\-");
	roff_text(opt->name);
	out_text("\\fR");
	if (opt->arg != NULL) {
		out_text(" \\fI");
		roff_text(opt->arg);
		out_text("\\fR");
	}
	out_text("\n");
	roff_text(opt->help);
	out_text("\n");
}

static void
words(const struct op_word *w)
{
	for (; w->word != NULL; w++) {
		out_text(".TP\n\\fB");
		roff_text(w->word);
		out_text("\\fR\n");
		roff_text(w->means);
		out_text("\n");
	}
}

static void
command(const struct op *op)
{
	char synopsis[160];
	const struct op_opt *o;

	help_synopsis(op, synopsis, sizeof(synopsis));
	out_text(".SS ");
	roff_text(synopsis);
	out_text("\n");
	roff_text(op->summary);
	out_text(".\n");
	if (op->details != NULL)
		paragraphs(op->details);
	if (op->words != NULL)
		words(op->words);
	for (o = op->opts; o->name != NULL; o++)
		option(o);
	if (op->examples != NULL) {
		out_text(".PP\nExamples:\n.PP\n.nf\n.RS\n");
		roff_text(op->examples);
		out_text(".RE\n.fi\n");
	}
}

static const char about_secrets[] = ".SH SECRETS\n"
				    "A passphrase is asked for on the terminal "
				    "(/dev/tty) without echo, a new one twice with an\n"
				    "estimate of its strength. It is brought to "
				    "Unicode\\(aqs normal form NFC. Without a terminal "
				    "it comes from\n"
				    ".BR \\-\\-passphrase\\-fd ,\n"
				    "the first line of a descriptor (not a byte more is "
				    "read, so an import may follow on the same\n"
				    "one), or from the program in\n"
				    ".BR STRONGROOM_ASKPASS .\n"
				    "A key file has at least 32 bytes and must not be "
				    "readable by group or others. No secret is\n"
				    "taken from the command line or from an environment "
				    "variable\\(aqs value, which other users\n"
				    "can read.\n";

static const char about_output[] =
    ".SH OUTPUT\n"
    "The standard output has results only; notes, warnings, progress and errors go to "
    "the standard\n"
    "error. Rows are printed as a table, with\n"
    ".B \\-\\-json\n"
    "as one array of objects, with\n"
    ".B \\-\\-csv\n"
    "as CSV; other results with\n"
    ".B \\-\\-json\n"
    "as one object on a line. The keys are stable: fields have their names; a "
    "record\\(aqs number is\n"
    "\"id\" (\"_id\" where a field has that name); \"_version\", \"_created\", "
    "\"_updated\", \"_actor\"\n"
    "and \"_trashed\" are the record\\(aqs own. Times are RFC 3339 in UTC, in tables "
    "local time. A\n"
    "masked field is a text in its masked form. Tables show control characters as "
    "visible escapes;\n"
    "JSON and CSV have the exact value; a file for a spreadsheet is made by\n"
    ".BR export ,\n"
    "which guards cells that would be taken for a formula.\n";

static const struct op_word environment[] = {
    {"STRONGROOM_ASKPASS",
	"path of a program that prints a passphrase; the prompt is its argument"},
    {"XDG_STATE_HOME",
	"the folder of what is kept beside a vault (see FILES); else ~/.local/state"},
    {"NO_COLOR", "no colours when it is set"},
    {"TERM, TERMINFO", "the terminal: without a cursor that can be moved, commands only"},
    {"LC_ALL, LC_CTYPE, LANG", "whether the terminal shows UTF-8"},
    {"TZ", "the time zone of the moments in tables"},
    {"SQLITE_TMPDIR, TMPDIR", "where sorts that need it have their temporary files, encrypted"},
    {NULL, NULL},
};

static const struct op_word files[] = {
    {"VAULT", "the vault; only its owner can read it when it is made"},
    {"VAULT-wal, VAULT-shm",
	"the log of what was written last, encrypted, and its index, while the vault is in "
	"use and after a crash: they belong to it"},
    {"VAULT-journal", "the journal of a vault in rollback mode, encrypted: belongs to it too"},
    {"OUT.manifest.json",
	"beside an exported file: query, columns, treatments, count, SHA-256, reason"},
    {"XDG_STATE_HOME/strongroom/ID/",
	"for each vault: failed attempts to unlock, the state last seen, the end of the "
	"audit; no secret"},
    {"PREFIX/lib/strongroom_vfs.so",
	"loadable extension: opens vaults in sqlite3(1) and other programs with SQLite, "
	"read-only unless the URI says mode=rw, without the masks and the audit"},
    {NULL, NULL},
};

enum rc
man_page(void)
{
	const struct help_status *s;
	const struct op_opt *o;
	int i;

	out_text(".TH STRONGROOM 1 \"\" \"strongroom " STRONGROOM_VERSION "\"\n"
		 ".SH NAME\nstrongroom \\- an encrypted vault of customer records in one "
		 "file\n"
		 ".SH SYNOPSIS\n.B strongroom\n.I VAULT\n.br\n.B strongroom\n.I "
		 "COMMAND\n\\&...\n"
		 ".SH DESCRIPTION\n");
	roff_text("One file holds all records. Every page of it is encrypted and "
		  "authenticated with "
		  "AES-256-GCM; a passphrase (by Argon2id) or a key file opens it. With "
		  "the name "
		  "of a vault alone the terminal interface opens; F1 shows its keys. The "
		  "commands "
		  "do the same without it. Options stand anywhere; -- ends them.\n");
	out_text(".SH COMMANDS\n");
	for (i = 0; op_table[i] != NULL; i++)
		command(op_table[i]);
	out_text(".SH COMMON OPTIONS\n");
	for (o = cli_options; o->name != NULL; o++)
		option(o);
	out_text(about_secrets);
	out_text(about_output);
	out_text(".SH EXIT STATUS\n");
	for (s = help_statuses; s->text != NULL; s++) {
		out_fmt(".TP\n.B %d\n", s->status);
		roff_text(s->text);
		out_text("\n");
	}
	out_text(".SH ENVIRONMENT\n");
	words(environment);
	out_text(".SH FILES\n");
	words(files);
	out_text(".SH SEE ALSO\n.BR sqlite3 (1),\n.BR bash (1),\n.BR fish (1),\n.BR zsh (1)\n");
	return out_flush();
}
