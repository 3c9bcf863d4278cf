/*
 * The ":" line: any operation of the command line, on the open vault, and its output.
 *
 * 1. The words go through the same parser and the same table as the command line's: what
 *    it refuses is refused here.
 * 2. The operation runs on the second worker. Its face only collects text, in a buffer
 *    that is wiped: it may hold revealed values. It asks for no text; where it asks whether to
 *    go on, it ends there, and a yes runs it again. The yes is to that question alone: where
 *    another number stands in it by then, it is asked anew.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"
#include "store/undo.h"
#include "ui/op_all.h"
#include "ui/tui/catalogue.h"
#include "ui/tui/cursor.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"
#include "ui/tui/view_slot.h"

#define COMMAND_MAX 512
#define WORDS_MAX   48
#define OUTPUT_MAX  (1024 * 1024) /* bytes: more is cut */

struct output {
	char *text;
	size_t len, cap;
	bool cut;
};

struct command_job {
	struct slow_job slow;
	struct face face;
	struct output out;
	struct sink *sink;
	struct op_call call;
	char line[COMMAND_MAX], typed[COMMAND_MAX]; /* cut into words; as it was */
	char question[ERR_LEN], agreed[ERR_LEN]; /* asked now; what had a yes */
	uint64_t asker; /* the view on top when it was begun */
	char *words[WORDS_MAX];
	int word_n;
	int64_t step, import; /* that it committed, for undo: one of the two */
	struct field *fields; /* as they are after it; NULL: no memory */
	size_t field_n;
};

struct view_command {
	struct view view;
	struct output out;
	size_t top, lines, height;
	char title[COMMAND_MAX];
};

static void output_open(struct app *a, struct command_job *j);

static void
output_free(struct output *o)
{
	if (o->text)
		secret_wipe(o->text, o->cap);
	free(o->text);
	*o = (struct output){0};
}

static enum rc
output_add(struct output *o, const char *s, size_t len)
{
	size_t cap = o->cap ? o->cap : 4096;
	char *bigger;

	if (o->len + len > OUTPUT_MAX) {
		o->cut = true;
		return RC_OK;
	}
	while (cap < o->len + len + 1)
		cap *= 2;
	if (cap != o->cap) {
		bigger = malloc(cap);
		if (!bigger)
			return RC_NOMEM;
		if (o->text) {
			memcpy(bigger, o->text, o->len);
			secret_wipe(o->text, o->cap);
			free(o->text);
		}
		o->text = bigger;
		o->cap = cap;
	}
	memcpy(o->text + o->len, s, len);
	o->len += len;
	o->text[o->len] = '\0';
	return RC_OK;
}

static struct command_job *
job_of(struct face *f)
{
	return (struct command_job *)((char *)f - offsetof(struct command_job, face));
}

static void
put(struct face *f, const char *s)
{
	output_add(&job_of(f)->out, s, strlen(s));
}

static void
command_say(struct face *f, bool warn, const char *text)
{
	put(f, warn ? "! " : "");
	put(f, text);
	put(f, "\n");
}

static void
command_text(struct face *f, const char *text)
{
	put(f, text);
}

static enum rc
command_write(void *arg, const void *bytes, size_t len)
{
	return output_add(arg, bytes, len);
}

static enum rc
command_rows_begin(struct face *f, const char *title, const char *const *names,
    const char *const *labels, size_t n)
{
	struct command_job *j = job_of(f);
	struct sink_opts opts = {.format = SINK_TABLE, .utf8 = true};
	enum rc rc;

	(void)title;
	sink_free(j->sink);
	rc = sink_new(&opts, command_write, &j->out, &j->sink);
	return rc == RC_OK ? sink_begin(j->sink, names, labels, n) : rc;
}

static enum rc
command_rows_row(struct face *f, const struct sink_value *values)
{
	return sink_row(job_of(f)->sink, values);
}

static enum rc
command_rows_end(struct face *f)
{
	return sink_end(job_of(f)->sink);
}

static enum rc
command_object(struct face *f, const char *title, const char *const *names,
    const char *const *labels, const struct sink_value *values, size_t n)
{
	size_t i;

	(void)names;
	put(f, title ? title : "");
	put(f, "\n");
	for (i = 0; i < n; i++) {
		put(f, "  ");
		put(f, labels[i]);
		put(f, ": ");
		if (values[i].text)
			output_add(&job_of(f)->out, values[i].text, values[i].len);
		put(f, "\n");
	}
	return RC_OK;
}

static enum rc
command_ask_secret(
    struct face *f, enum face_ask what, const char *prompt, struct secret **out)
{
	(void)f;
	(void)what;
	(void)prompt;
	*out = NULL;
	return RC_INPUT;
}

static enum rc
command_ask_text(struct face *f, const char *prompt, const char *preset, char **out)
{
	(void)f;
	(void)prompt;
	(void)preset;
	*out = NULL;
	return RC_INPUT;
}

static enum rc
command_confirm(struct face *f, const char *question)
{
	struct command_job *j = job_of(f);

	snprintf(j->question, sizeof j->question, "%s", question);
	return strcmp(j->question, j->agreed) == 0 ? RC_OK : RC_INPUT;
}

static bool
command_progress(struct face *f, const char *what, uint64_t done, uint64_t all)
{
	struct command_job *j = job_of(f);

	(void)what;
	return app_step(&j->slow, done, all);
}

static const struct face_ops command_face = {command_say, command_rows_begin,
    command_rows_row, command_rows_end, command_object, command_text, command_ask_secret,
    command_ask_text, command_confirm, NULL, NULL, command_progress};

/* What u would take back: an import is more than its last step. */
static void
note_step(struct command_job *j, struct vault *v)
{
	j->step = undo_last_step(v);
	if (undo_import_of(v, j->step, &j->import) == RC_OK && j->import)
		j->step = 0;
}

static void
command_run(struct job *job, struct vault *v)
{
	struct command_job *j = (struct command_job *)job;
	int64_t before;

	if (!v) {
		job->rc = RC_LOCKED;
		return;
	}
	j->call.v = v;
	before = undo_last_step(v);
	job->rc = op_run(&j->call);
	if (undo_last_step(v) != before)
		note_step(j, v);
	catalogue_copy(v, &j->fields, &j->field_n);
	if (job->rc != RC_OK)
		err_set(&job->err, job->rc, "%s", j->call.err.text);
}

static void
command_done(struct job *job)
{
	struct app *a = job->owner;
	struct command_job *j = (struct command_job *)job;

	app_work_end(a);
	if (job->rc == RC_INPUT && j->question[0]) {
		if (!app_may_ask(a, j->asker))
			return;
		if (j->agreed[0])
			app_say(a, STYLE_WARN, "it has changed: nothing was done yet");
		view_sure_open(a, j->question, j->typed);
		return;
	}
	if (j->fields)
		app_take_fields(a, j->fields, j->field_n);
	j->fields = NULL;
	if (job->rc != RC_OK)
		app_failed(a, job);
	app_did(a, j->step);
	app_did_import(a, j->import);
	app_changed(a);
	if (j->out.len > 0)
		output_open(a, j);
}

static void
command_free(struct job *job)
{
	struct command_job *j = (struct command_job *)job;

	sink_free(j->sink);
	output_free(&j->out);
	free(j->fields);
	secret_wipe(j->line, sizeof j->line);
	secret_wipe(j->typed, sizeof j->typed);
	free(j);
}

static const struct job_ops command_ops = {command_run, command_done, command_free};

/* Words by blanks; quotes hold them together. */
static void
split(struct command_job *j)
{
	char *from = j->line, *to;
	char quote;

	for (;;) {
		while (*from == ' ')
			from++;
		if (!*from || j->word_n == WORDS_MAX)
			return;
		j->words[j->word_n++] = to = from;
		for (quote = '\0'; *from && (quote || *from != ' '); from++) {
			if (*from == quote)
				quote = '\0';
			else if (!quote && (*from == '"' || *from == '\''))
				quote = *from;
			else
				*to++ = *from;
		}
		if (*from)
			from++;
		*to = '\0';
	}
}

/* Those that ask for secrets, or have more to show than text. */
static const struct screen {
	const struct op *op;
	void (*open)(struct app *a);
} screens[] = {{&op_doctor, view_doctor_open}, {&op_key_add, view_keys_open},
    {&op_key_test, view_keys_open}, {&op_key_change, view_keys_open},
    {&op_key_remove, view_keys_open}, {&op_key_backup, view_key_backup_open},
    {&op_passwd, view_passwd_open}, {NULL, NULL}};

static const struct screen *
screen_of(const struct op *op)
{
	const struct screen *s = screens;

	while (s->op && s->op != op)
		s++;
	return s->op ? s : NULL;
}

bool
view_command_has(const struct op *op)
{
	return screen_of(op) || ((op->flags & OP_VAULT) && !(op->flags & OP_CLI));
}

static enum rc
prepare(struct command_job *j, struct app *a, struct err *err)
{
	int used = 0;
	const struct op *op;

	split(j);
	if (j->word_n == 0)
		return err_set(err, RC_INPUT, "type a command: list, show 17, stats ...");
	op = op_find(j->words[0], j->word_n > 1 ? j->words[1] : NULL, &used);
	if (!op)
		return err_set(err, RC_INPUT, "there is no command %s", j->words[0]);
	j->call.op = op;
	if (screen_of(op))
		return j->word_n == used ? RC_OK : err_set(err, RC_INPUT,
		    "%s has a screen of its own here: type it alone", op->name);
	if (!view_command_has(op))
		return err_set(
		    err, RC_INPUT, "%s is for the command line alone", op->name);
	j->face.ops = &command_face;
	j->face.clip = app_opts(a)->face->clip;
	j->face.clip_seconds = app_opts(a)->face->clip_seconds;
	j->call.face = &j->face;
	j->call.vault_path = app_opts(a)->path;
	if (op_parse_words(&j->call, j->words + used, j->word_n - used) != RC_OK)
		return err_set(err, RC_INPUT, "%s", j->call.err.text);
	return RC_OK;
}

void
view_command_agreed(struct app *a, const char *text, const char *question)
{
	struct command_job *j = calloc(1, sizeof *j);
	const struct screen *screen;
	struct err err = {""};

	if (!j)
		return;
	j->slow.job.ops = &command_ops;
	j->slow.job.owner = a;
	j->slow.work = app_work(a);
	snprintf(j->line, sizeof j->line, "%s", text);
	snprintf(j->typed, sizeof j->typed, "%s", text);
	snprintf(j->agreed, sizeof j->agreed, "%s", question);
	j->asker = app_asker(a);
	if (prepare(j, a, &err) != RC_OK) {
		app_say(a, STYLE_BAD, "%s", err.text);
		command_free(&j->slow.job);
	} else if ((screen = screen_of(j->call.op))) {
		command_free(&j->slow.job);
		screen->open(a);
	} else if (app_work_begin(a, j->call.op->name)) {
		worker_post(app_back(a), &j->slow.job);
	} else {
		command_free(&j->slow.job);
	}
}

void
view_command_run(struct app *a, const char *text)
{
	view_command_agreed(a, text, "");
}

static void
output_draw(struct view *v)
{
	struct view_command *c = (struct view_command *)v;
	const char *s = c->out.text, *end;
	size_t line;

	c->height = pane_rows(v->pane) > 1 ? (size_t)pane_rows(v->pane) - 1 : 1;
	if (c->top + c->height > c->lines)
		c->top = c->lines > c->height ? c->lines - c->height : 0;
	pane_putf(v->pane, 0, 1, 0, STYLE_STRONG, ":%s%s", c->title,
	    c->out.cut ? " (cut after 1 MiB)" : "");
	for (line = 0; *s && line < c->top + c->height; line++) {
		end = strchr(s, '\n');
		if (!end)
			end = s + strlen(s);
		if (line >= c->top)
			pane_putn(v->pane, 1 + (int)(line - c->top), 0,
			    pane_cols(v->pane), STYLE_TEXT, s, (size_t)(end - s));
		s = *end ? end + 1 : end;
	}
	if (term_plain())
		pane_cursor(v->pane, 1, 0);
}

static bool
output_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_command *c = (struct view_command *)v;

	if (act != ACT_BACK)
		return cursor_key(act, e, c->lines, c->height, &c->top);
	app_pop(v->app, v);
	return true;
}

/* What an operation revealed goes from the screen with the view. */
static void
output_close(struct view *v)
{
	struct view_command *c = (struct view_command *)v;

	output_free(&c->out);
	free(c);
	term_wipe();
}

static const struct binding output_keys[] = {
    MOVE_KEYS("scroll down", "scroll up", "beginning", "end"),
    {' ', ACT_PAGE_DOWN, NULL, NULL},
    {'q', ACT_BACK, NULL, "close"}, {K_ESC, ACT_BACK, NULL, NULL},
    {0, ACT_NONE, NULL, NULL}};

static const struct view_ops output_ops = {.title = "Output",
    .keys = output_keys,
    .draw = output_draw,
    .key = output_key,
    .close = output_close};

static void
output_open(struct app *a, struct command_job *j)
{
	struct view_command *c = calloc(1, sizeof *c);
	size_t i;

	if (!c)
		return;
	c->view.ops = &output_ops;
	c->out = j->out;
	j->out = (struct output){0};
	snprintf(c->title, sizeof c->title, "%s", j->call.op->name);
	for (i = 0; i < c->out.len; i++)
		c->lines += c->out.text[i] == '\n';
	app_push(a, &c->view);
}
