/*
 * 1. No command writes a file that it also reads: with --force the only copy of a file to be
 *    imported, or of a key, would be gone.
 * 2. No command reads its vault as another file: to close that would let go of the process's
 *    locks on it.
 */
#include "ui/op_files.h"

#include <string.h>

#include "store/file.h"
#include "ui/schema_file.h"

#define NAMES_MAX (OP_ARGS_MAX + OP_OPTS_MAX * 4)

struct names {
	const char *at[NAMES_MAX];
	size_t n;
};

static void
add(struct names *names, const char *name)
{
	if (name != NULL && strcmp(name, "-") != 0)
		names->at[names->n++] = name;
}

/* --schema takes the name of the schema that is built in, too. */
static bool
is_no_file(const struct op_given *g)
{
	return strcmp(g->opt->name, "schema") == 0 && schema_file_is_built_in(g->text);
}

static void
gather(const struct op_call *c, struct names *written, struct names *others)
{
	int i;

	for (i = 0; i < c->given_n; i++)
		if (c->given[i].opt->kind == OPT_OUT)
			add(written, c->given[i].text);
		else if (c->given[i].opt->kind == OPT_FILE && !is_no_file(&c->given[i]))
			add(others, c->given[i].text);
	for (i = 0; i < c->arg_n; i++)
		if ((c->op->flags & OP_MAKES) != 0)
			add(written, c->args[i]);
		else if ((c->op->flags & OP_READS) != 0)
			add(others, strcmp(c->args[i], "-") == 0 ? "/dev/stdin" : c->args[i]);
}

static enum rc
check(struct op_call *c, const char *written, const struct names *others, size_t from)
{
	size_t i;

	for (i = from; i < others->n; i++)
		if (file_is_same(written, others->at[i]))
			return err_set(&c->err, RC_INPUT,
			    "%s and %s are the same file, and %s would replace it: "
			    "write elsewhere",
			    written, others->at[i], c->op->name);
	return RC_OK;
}

/* Rule 2. */
static enum rc
check_vault(struct op_call *c, const struct names *others)
{
	size_t i;

	for (i = 0; c->vault_path != NULL && i < others->n; i++)
		if (file_is_part_of(others->at[i], c->vault_path))
			return err_set(&c->err, RC_INPUT,
			    "%s belongs to the vault itself: name another file",
			    others->at[i]);
	return RC_OK;
}

enum rc
op_files_apart(struct op_call *c)
{
	struct names written = {.n = 0}, others = {.n = 0};
	enum rc rc;
	size_t i;

	gather(c, &written, &others);
	rc = check_vault(c, &others);
	for (i = 0; rc == RC_OK && i < written.n; i++) {
		rc = check(c, written.at[i], &others, 0);
		if (rc == RC_OK)
			rc = check(c, written.at[i], &written, i + 1);
	}
	return rc;
}
