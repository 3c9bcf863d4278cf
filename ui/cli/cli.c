/*
 * The command line: which command, its words, its vault, its end.
 *
 *   argv -> find_command -> op_parse_words -> unlock -> op_run -> finish
 *
 * 1. Nothing is opened and nothing asked before the whole command line is understood.
 * 2. What is not a vault is told before a passphrase is asked for.
 * 3. On every way out the vault is closed and the secret wiped, then the error is printed
 *    once.
 */

#include "ui/cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/cli/help.h"
#include "ui/cli/interrupt.h"
#include "ui/cli/out.h"
#include "ui/cli/source.h"
#include "ui/failed.h"
#include "ui/op_all.h"
#include "ui/op_copy.h"
#include "ui/op_files.h"
#include "ui/sandbox.h"

const struct op_opt cli_options[] = {
    {"key-file", 'k', OPT_FILE, "FILE", "open the vault with a key file"},
    {"passphrase-fd", 0, OPT_NUMBER, "N",
	"read the passphrase from descriptor N (first line)"},
    {"recovery", 0, OPT_FLAG, NULL, "open the vault with its recovery code"},
    {"json", 'j', OPT_FLAG, NULL, "print the result as JSON"},
    {"csv", 0, OPT_FLAG, NULL, "print the rows as CSV"},
    {"table", 0, OPT_FLAG, NULL, "print the rows as a table (default)"},
    {"quiet", 'q', OPT_FLAG, NULL,
	"no notes, no progress, no report of what was written"},
    {"help", 'h', OPT_FLAG, NULL, "explain the command"},
    {NULL, 0, OPT_FLAG, NULL, NULL},
};

bool
cli_option_fits(const struct op_opt *opt, const struct op *op)
{
	const char *name = opt->name;

	if (strcmp(name, "json") == 0)
		return (op->flags & (OP_ROWS | OP_RESULT)) != 0;
	if (strcmp(name, "csv") == 0 || strcmp(name, "table") == 0)
		return (op->flags & OP_ROWS) != 0;
	if (strcmp(name, "key-file") == 0 || strcmp(name, "passphrase-fd") == 0)
		return (op->flags & (OP_VAULT | OP_CREATE | OP_SECRET)) != 0;
	if (strcmp(name, "recovery") == 0)
		return (op->flags & (OP_VAULT | OP_SECRET)) != 0;
	return true;
}

struct line { /* what is left of argv */
	char **words;
	int n;
};

static void
drop(struct line *l, int at)
{
	memmove(l->words + at, l->words + at + 1,
	    sizeof(*l->words) * (size_t)(l->n - at - 1));
	l->n--;
}

static bool
is_with_value(const struct op_opt *o, const char *word)
{
	for (; o->name != NULL; o++)
		if (o->kind != OPT_FLAG &&
		    ((strncmp(word, "--", 2) == 0 && strcmp(word + 2, o->name) == 0) ||
			(word[0] == '-' && word[1] == o->letter && word[1] != '\0' &&
			    word[2] == '\0')))
			return true;
	return false;
}

/* Before the command is known: an option of all, or of "open", which may be left out. */
static bool
takes_value(const char *word)
{
	return is_with_value(cli_options, word) || is_with_value(op_open.opts, word);
}

/* The first word that is neither an option nor its value; l->n when there is none. */
static int
first_word(const struct line *l)
{
	int i;

	for (i = 0; i < l->n; i++) {
		if (strcmp(l->words[i], "--") == 0)
			return i + 1 < l->n ? i + 1 : l->n;
		if (l->words[i][0] != '-' || l->words[i][1] == '\0')
			return i;
		if (takes_value(l->words[i]))
			i++;
	}
	return l->n;
}

/* "audit" alone: name those that begin so. */
static bool
is_group(const char *word, char *list, size_t cap)
{
	size_t len = strlen(word), at = 0;
	int i;

	list[0] = '\0';
	for (i = 0; op_table[i] != NULL; i++)
		if (strncmp(op_table[i]->name, word, len) == 0 &&
		    op_table[i]->name[len] == ' ' && at < cap)
			at += (size_t)snprintf(list + at, cap - at, "%s\"%s\"",
			    at > 0 ? " or " : "", op_table[i]->name);
	return at > 0;
}

static enum rc
unknown(struct cli *cli, const char *word, const char *second)
{
	const char *near = op_nearest(word, second);
	char list[200];

	if (is_group(word, list, sizeof(list)))
		return err_set(&cli->call.err, RC_INPUT, "write %s", list);
	if (near != NULL)
		return err_set(&cli->call.err, RC_INPUT,
		    "\"%s\" is neither a command nor a file: did you mean \"%s\"?", word,
		    near);
	return err_set(&cli->call.err, RC_INPUT,
	    "\"%s\" is neither a command nor a file: strongroom help lists the commands, "
	    "strongroom init makes a vault",
	    word);
}

/* A vault that is to be made: the terminal interface asks, where somebody can answer. */
static bool
names_new_vault(const char *word)
{
	const char *end = strrchr(word, '.');

	return end != NULL && strcmp(end, ".vault") == 0 && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO);
}

/* Find the command and take its words out of the line; a file's name is "open". */
static enum rc
find_command(struct cli *cli, struct line *l)
{
	int at = first_word(l), words;
	const char *second;

	if (at == l->n)
		return err_set(&cli->call.err, RC_INPUT,
		    "a command or a vault is missing: see strongroom help");
	second = at + 1 < l->n ? l->words[at + 1] : NULL;
	cli->call.op = op_find(l->words[at], second, &words);
	if (cli->call.op == NULL &&
	    (access(l->words[at], F_OK) == 0 || names_new_vault(l->words[at]))) {
		cli->call.op = &op_open;
		return RC_OK;
	}
	if (cli->call.op == NULL)
		return unknown(cli, l->words[at], second);
	while (words-- > 0)
		drop(l, at);
	return RC_OK;
}

static enum rc
check_common(struct cli *cli)
{
	struct op_call *c = &cli->call;
	const struct op_opt *opt;
	int i;

	for (i = 0; i < c->given_n; i++) {
		opt = c->given[i].opt;
		if (opt >= cli_options &&
		    opt < cli_options + sizeof(cli_options) / sizeof(cli_options[0]) &&
		    !cli_option_fits(opt, c->op))
			return err_set(&c->err, RC_INPUT, "\"%s\" has no option --%s",
			    c->op->name, opt->name);
	}
	if (op_flag(c, "json") + op_flag(c, "csv") + op_flag(c, "table") > 1)
		return err_set(
		    &c->err, RC_INPUT, "give one of --json, --csv and --table");
	if (op_flag(c, "json"))
		cli->format = SINK_JSON;
	if (op_flag(c, "csv"))
		cli->format = SINK_CSV;
	cli->face.json = cli->format != SINK_TABLE;
	cli->quiet = op_flag(c, "quiet");
	cli->bar.on = cli->bar.on && !cli->quiet;
	return RC_OK;
}

static enum rc
parse(struct cli *cli, int argc, char **argv)
{
	struct line l = {argv + 1, argc - 1};
	enum rc rc = find_command(cli, &l);

	if (rc != RC_OK)
		return rc;
	cli->call.face = &cli->face;
	cli->call.common = cli_options;
	rc = op_parse_words(&cli->call, l.words, l.n);
	return rc == RC_OK ? check_common(cli) : rc;
}

static void
warn_of_failed(struct cli *cli, const struct vault_info *info)
{
	char times[FAILED_TIMES_LEN];

	failed_times(info, VAULT_FAILED_TIMES, times);
	face_warn(&cli->face, "%d failed attempt%s to unlock since the last time%s%s",
	    info->failed_since, info->failed_since == 1 ? "" : "s", *times ? ": " : "", times);
}

static enum rc
warn_about(struct cli *cli)
{
	struct vault_info info;
	enum rc rc = vault_info(cli->call.v, &info);

	if (rc != RC_OK)
		return rc;
	if (info.repaired)
		face_warn(&cli->face,
		    "one copy of the header was damaged; it has been written "
		    "again from the other");
	if (info.failed_since > 0)
		warn_of_failed(cli, &info);
	if (info.clock_behind > 0)
		face_warn(&cli->face,
		    "the clock stands %llu minutes before the latest entry of the audit: it was set "
		    "back, or it was ahead then; look at it before times are believed",
		    (unsigned long long)(info.clock_behind / 60));
	return RC_OK;
}

static enum rc
unlock(struct cli *cli)
{
	struct op_call *c = &cli->call;
	struct vault_peek peek;
	enum rc rc = vault_peek(c->vault_path, &peek, &c->err);

	if (rc == RC_OK)
		rc = source_unlock(cli, &peek);
	if (rc == RC_OK && interrupt_signal() != 0)
		rc = RC_CANCELLED;
	if (rc == RC_OK)
		rc = vault_open(c->vault_path, c->secret, &c->v, &c->err);
	if (rc == RC_OK)
		rc = warn_about(cli);
	if (rc == RC_OK && interrupt_signal() != 0)
		rc = RC_CANCELLED;
	return rc;
}

static enum rc
run_help(struct cli *cli)
{
	const struct op_call *c = &cli->call;
	const struct op *op;
	int words;

	if (c->op != &op_help || op_flag(c, "help"))
		return help_command(c->op);
	if (op_flag(c, "man"))
		return man_page();
	if (op_flag(c, "completion"))
		return complete_shell(op_text(c, "completion")) == RC_INPUT
			   ? err_set(&cli->call.err, RC_INPUT,
				 "completion is for bash, zsh and fish")
			   : RC_OK;
	if (c->arg_n == 0)
		return help_program();
	op = op_find(c->args[0], c->arg_n > 1 ? c->args[1] : NULL, &words);
	if (op == NULL || words < c->arg_n)
		return unknown(cli, c->args[0], c->arg_n > 1 ? c->args[1] : NULL);
	return help_command(op);
}

/* The process that runs the clipboard's tool, while one may still be made. */
static enum rc
begin_clip(struct cli *cli)
{
	struct op_call *c = &cli->call;
	struct clip_opts opts;
	enum rc rc;

	if (!op_takes(c->op, "clipboard"))
		return RC_OK;
	rc = op_clipboard(c, &opts);
	cli->face.clip_seconds = opts.seconds;
	if (rc != RC_OK || opts.tool == NULL)
		return rc;
	return clip_begin(&opts, &cli->face.clip, &c->err);
}

static enum rc
run(struct cli *cli)
{
	struct op_call *c = &cli->call;
	enum rc rc = begin_clip(cli);

	if (c->op != &op_open) { /* the terminal interface has its own way with signals */
		interrupt_setup();
		interrupt_watch(c);
		vault_stop_by(&c->cancel);
	}
	if (rc == RC_OK && c->op != &op_open) {
		rc = op_files_apart(c);
		if (rc == RC_OK)
			rc = source_begin(cli);
		sandbox_command(c);
	}
	if (rc == RC_OK)
		rc = (c->op->flags & OP_VAULT) != 0 ? unlock(cli) : source_given(cli);
	if (rc == RC_OK)
		rc = op_run(c);
	if (out_flush() != RC_OK && rc == RC_OK)
		rc = RC_IO;
	return rc;
}

/* The reader of our output has enough: that is no error to speak of. */
static enum rc
output_failed(struct cli *cli, enum rc rc)
{
	if (out_errno() == 0)
		return rc;
	cli->call.err.text[0] = '\0';
	if (out_errno() == EPIPE)
		return RC_IO;
	return err_set(&cli->call.err, rc_of_errno(out_errno()),
	    "the standard output can't be written: %s%s", strerror(out_errno()),
	    cli->call.op && (cli->call.op->flags & OP_WRITES)
		? "; what was changed in the vault stays changed"
		: "");
}

static void
finish(struct cli *cli)
{
	progress_clear(&cli->bar);
	sink_free(cli->sink);
	interrupt_watch(NULL);
	vault_stop_by(NULL);
	vault_close(cli->call.v);
	secret_free(cli->bytes);
	source_end(cli);
	clip_end(cli->face.clip);
}

static int
status_of(struct cli *cli, enum rc rc)
{
	int sig = interrupt_signal();

	rc = output_failed(cli, rc);
	if (rc != RC_OK && out_errno() != EPIPE) {
		err_default(&cli->call.err, rc);
		cli_print_error(cli->call.err.text);
	}
	if (rc == RC_CANCELLED && (sig == SIGTERM || sig == SIGHUP)) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	return rc_exit(rc);
}

static int
usage_error(const struct cli *cli)
{
	cli_print_error(cli->call.err.text);
	return RC_EXIT_USAGE;
}

int
cli_main(int argc, char **argv)
{
	struct cli cli;
	enum rc rc;

	memset(&cli, 0, sizeof(cli));
	cli_face_setup(&cli);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		help_program();
		return status_of(&cli, RC_OK);
	}
	if (argc == 2 &&
	    (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		out_text("strongroom " STRONGROOM_VERSION "\n");
		out_flush();
		return status_of(&cli, RC_OK);
	}
	if (parse(&cli, argc, argv) != RC_OK)
		return usage_error(&cli);
	if (cli.call.op == &op_help || op_flag(&cli.call, "help")) {
		if (run_help(&cli) == RC_INPUT)
			return usage_error(&cli);
		return status_of(&cli, RC_OK);
	}
	rc = run(&cli);
	finish(&cli);
	return status_of(&cli, rc);
}
