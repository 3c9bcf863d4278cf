/*
 * The words that options are made of.
 *
 * 1. What the store has names for is asked of the store: a new type is completed at once.
 * 2. A row names an option; the test that tries each word tells of a row that is wrong.
 */

#include "ui/op_choices.h"

#include <string.h>

#include "store/audit.h"
#include "store/export.h"
#include "store/sink.h"
#include "store/type.h"

static const char *
types(int n)
{
	return n <= TYPE_NOTE - TYPE_TEXT ? type_name(TYPE_TEXT + (unsigned)n) : NULL;
}

static const char *
classes(int n)
{
	return n <= CLASS_SEALED - CLASS_OPEN ? class_name(CLASS_OPEN + (unsigned)n) : NULL;
}

static const char *
events(int n)
{
	const char *name = audit_event_name(AUDIT_CREATED + (unsigned)n);
	enum audit_event e;

	return audit_event_parse(name, &e) ? name : NULL;
}

static const char *
formats(int n)
{
	static const char *const words[] = {
	    "csv", "json", "jsonl", "markdown", "html", "table"};

	return n < (int)(sizeof(words) / sizeof(*words)) ? words[n] : NULL;
}

static const struct choices {
	const char *op, *opt; /* opt "": the last argument */
	const char *(*of)(int n);
	const char *words[8];
} rows[] = {
    {"audit list", "event", events, {NULL}},
    {"export", "format", formats, {NULL}},
    {"export", "treat", NULL, {"as-is", "mask", "last4", "hash", "reveal", "drop"}},
    {"import", "class", classes, {NULL}},
    {"import", "format", NULL, {"csv", "jsonl"}},
    {"import", "encoding", NULL,
	{"utf-8", "utf-16", "utf-16le", "utf-16be", "latin1", "cp1252"}},
    {"import", "duplicates", NULL, {"skip", "update", "keep"}},
    {"field add", "type", types, {NULL}},
    {"field add", "class", classes, {NULL}},
    {"field type", "", types, {NULL}},
    {"field class", "", classes, {NULL}},
    {"key add", "type", NULL, {"passphrase", "keyfile", "both", "recovery"}},
    {"key add", "role", NULL, {"full", "browse"}},
    {"template show", "kind", NULL, {"export", "import"}},
    {"template drop", "kind", NULL, {"export", "import"}},
    {"help", "completion", NULL, {"bash", "zsh", "fish"}},
};

const char *
op_choice(const struct op *op, const struct op_opt *opt, int n)
{
	const char *name = opt != NULL ? opt->name : "";
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].op, op->name) == 0 && strcmp(rows[i].opt, name) == 0)
			return rows[i].of != NULL ? rows[i].of(n) : rows[i].words[n];
	return NULL;
}

bool
op_choice_after_equals(const struct op_opt *opt)
{
	return opt->arg != NULL && strchr(opt->arg, '=') != NULL;
}
