/*
 * The command line's face.
 *
 * 1. The standard output has results only; notes, warnings and progress go to the
 * standard error. So what is piped is data.
 * 2. Every text that may reach a terminal passes text_visible; data (JSON, CSV) is exact.
 * 3. --quiet leaves results that were asked for and warnings; it drops notes, progress
 * and the report of an operation that wrote: all of one that changes records, and what is
 * shown by another once its call reports.
 */

#include "ui/cli/cli.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "store/text.h"
#include "ui/cli/out.h"
#include "ui/cli/prompt.h"
#include "ui/cli/sheet.h"
#include "ui/cli/source.h"

#define VISIBLE_GROWTH 8 /* a byte becomes at most so many: \u{10ffff} from three */

static struct cli *
cli_of(struct face *f)
{
	return (struct cli *)(void *)f;
}

/* Made harmless; the caller wipes and frees. */
static char *
visible(const char *text, size_t len)
{
	size_t cap = len * VISIBLE_GROWTH + 1;
	char *out = malloc(cap);

	if (out != NULL)
		text_visible(text, len, out, cap);
	return out;
}

static void
forget(char *text)
{
	if (text != NULL)
		secret_wipe(text, strlen(text));
	free(text);
}

static void
print_lines(FILE *to, const char *prefix, const char *text)
{
	size_t len;
	char *line;

	for (;; text += len + 1) {
		len = strcspn(text, "\n");
		line = visible(text, len);
		fprintf(to, "%s%s\n", prefix, line != NULL ? line : "");
		free(line);
		if (text[len] == '\0')
			return;
	}
}

void
cli_print_error(const char *text)
{
	print_lines(stderr, "strongroom: ", text);
}

static void
cli_say(struct face *f, bool warn, const char *text)
{
	struct cli *cli = cli_of(f);

	if (cli->quiet && !warn)
		return;
	progress_clear(&cli->bar);
	print_lines(stderr, warn ? "strongroom: " : "", text);
}

static void
cli_text(struct face *f, const char *text)
{
	(void)f;
	out_text(text);
}

static bool
muted(const struct cli *cli)
{
	return cli->quiet && !cli->face.json &&
	       (cli->call.reports || (cli->call.op->flags & (OP_WRITES | OP_CREATE)) != 0);
}

static int
terminal_width(const struct cli *cli)
{
	struct winsize size;

	if (!cli->out_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static enum rc
cli_rows_begin(struct face *f, const char *title, const char *const *names,
    const char *const *labels, size_t n)
{
	struct cli *cli = cli_of(f);
	struct sink_opts opts = {
	    .format = cli->format,
	    .raw = true,
	    .terminal = cli->out_terminal,
	    .width = terminal_width(cli),
	    .utf8 = cli->utf8,
	    .colour = cli->colour,
	};
	enum rc rc;

	if (muted(cli))
		return RC_OK;
	progress_clear(&cli->bar);
	if (title != NULL && cli->format == SINK_TABLE &&
	    (rc = out_fmt("%s\n", title)) != RC_OK)
		return rc;
	sink_free(cli->sink);
	rc = sink_new(&opts, out_write, NULL, &cli->sink);
	return rc == RC_OK ? sink_begin(cli->sink, names, labels, n) : rc;
}

static enum rc
cli_rows_row(struct face *f, const struct sink_value *values)
{
	struct cli *cli = cli_of(f);

	return cli->sink != NULL ? sink_row(cli->sink, values) : RC_OK;
}

static enum rc
cli_rows_end(struct face *f)
{
	struct cli *cli = cli_of(f);
	enum rc rc = RC_OK;

	if (cli->sink == NULL)
		return RC_OK;
	rc = sink_end(cli->sink);
	sink_free(cli->sink);
	cli->sink = NULL;
	return rc;
}

/* One JSON object on a line. */
static enum rc
object_json(const char *const *names, const struct sink_value *values, size_t n)
{
	struct sink_opts opts = {.format = SINK_JSONL};
	struct sink *s;
	enum rc rc = sink_new(&opts, out_write, NULL, &s);

	if (rc != RC_OK)
		return rc;
	rc = sink_begin(s, names, names, n);
	if (rc == RC_OK)
		rc = sink_row(s, values);
	if (rc == RC_OK)
		rc = sink_end(s);
	sink_free(s);
	return rc;
}

/* A value of several lines goes on below itself. */
static enum rc
print_value(const char *label, int width, const struct sink_value *value)
{
	const char *text = value->text != NULL ? value->text : "",
		   *end = text + value->len, *nl;
	int pad = width - text_width(label, strlen(label));
	char *name = visible(label, strlen(label)), *line;
	enum rc rc = out_fmt("  %s%*s", name != NULL ? name : "", pad + 2, "");

	free(name);
	while (rc == RC_OK) {
		nl = memchr(text, '\n', (size_t)(end - text));
		line = visible(text, (size_t)((nl != NULL ? nl : end) - text));
		rc = out_fmt("%s\n", line != NULL ? line : "");
		forget(line);
		if (nl == NULL)
			break;
		text = nl + 1;
		rc = out_fmt("%*s", width + 4, "");
	}
	return rc;
}

static enum rc
object_text(const char *title, const char *const *labels, const struct sink_value *values,
    size_t n)
{
	int width = 0, w;
	size_t i;
	enum rc rc = title != NULL ? out_fmt("%s\n", title) : RC_OK;

	for (i = 0; i < n; i++) {
		w = text_width(labels[i], strlen(labels[i]));
		if (w > width)
			width = w;
	}
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = print_value(labels[i], width, &values[i]);
	return rc;
}

static enum rc
cli_object(struct face *f, const char *title, const char *const *names,
    const char *const *labels, const struct sink_value *values, size_t n)
{
	struct cli *cli = cli_of(f);

	progress_clear(&cli->bar);
	if (muted(cli))
		return RC_OK;
	return f->json ? object_json(names, values, n)
		       : object_text(title, labels, values, n);
}

static enum rc
cli_ask_secret(
    struct face *f, enum face_ask what, const char *prompt, struct secret **out)
{
	return source_ask(cli_of(f), what, prompt, out);
}

static enum rc
cli_ask_text(struct face *f, const char *prompt, const char *preset, char **out)
{
	struct cli *cli = cli_of(f);
	char line[256];
	struct secret *s;
	enum rc rc;

	*out = NULL;
	snprintf(
	    line, sizeof(line), preset != NULL ? "%s [%s]: " : "%s: ", prompt, preset);
	rc = prompt_line(line, true, &s, &cli->call.err);
	if (rc != RC_OK)
		return rc;
	*out = secret_len(s) == 0 && preset != NULL
		   ? strdup(preset)
		   : strdup((const char *)secret_view(s));
	secret_free(s);
	return *out != NULL ? RC_OK : RC_NOMEM;
}

static enum rc
cli_confirm(struct face *f, const char *question)
{
	char *answer;
	bool yes;
	enum rc rc = cli_ask_text(f, question, "no", &answer);

	if (rc != RC_OK)
		return rc;
	yes = strcmp(answer, "yes") == 0 || strcmp(answer, "y") == 0;
	free(answer);
	return yes ? RC_OK : RC_CANCELLED;
}

static enum rc
cli_sheet(struct face *f, const struct secret *text, const char *prompt,
    struct secret **typed)
{
	struct cli *cli = cli_of(f);

	progress_clear(&cli->bar);
	return sheet_show(text, prompt, typed, &cli->call.err);
}

static bool
cli_progress(struct face *f, const char *what, uint64_t done, uint64_t all)
{
	struct cli *cli = cli_of(f);

	progress_draw(&cli->bar, what, done, all);
	return atomic_load(&cli->call.cancel);
}

static void
cli_forget(struct face *f)
{
	struct cli *cli = (struct cli *)f;

	secret_free(cli->bytes);
	cli->bytes = NULL;
	cli->call.secret = NULL;
}

static const struct face_ops cli_ops = {
    .say = cli_say,
    .rows_begin = cli_rows_begin,
    .rows_row = cli_rows_row,
    .rows_end = cli_rows_end,
    .object = cli_object,
    .text = cli_text,
    .ask_secret = cli_ask_secret,
    .ask_text = cli_ask_text,
    .confirm = cli_confirm,
    .sheet = cli_sheet,
    .forget = cli_forget,
    .progress = cli_progress,
};

void
cli_face_setup(struct cli *cli)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;

	cli->face.ops = &cli_ops;
	cli->format = SINK_TABLE;
	cli->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	cli->out_terminal = isatty(STDOUT_FILENO) == 1;
	cli->colour =
	    cli->out_terminal && !dumb && (no_color == NULL || no_color[0] == '\0');
	cli->bar.on = isatty(STDERR_FILENO) == 1 && !dumb;
	cli->face.reads = true;
	cli->face.watched = cli->bar.on;
}
