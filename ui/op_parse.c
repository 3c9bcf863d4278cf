/*
 * Words into a call: GNU long options, letters, "--", the numbers of arguments; for the
 * command line and the terminal interface alike. getopt_long prints by itself and has one
 * state.
 *
 * 1. What is not in the table is an error; nothing is guessed and nothing is ignored.
 * 2. An option's own words end at the next word; the texts stay the caller's words, so a
 *    call lives no longer than they do.
 */

#include "ui/op_all.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/op_near.h"

struct words { /* the cursor over what was given */
	char *const *at;
	int left;
};

static const char *
next_word(struct words *w)
{
	if (w->left == 0)
		return NULL;
	w->left--;
	return *w->at++;
}

static const struct op_opt *
find_in(const struct op_opt *opts, const char *name, size_t len, char letter)
{
	for (; opts != NULL && opts->name != NULL; opts++) {
		if (name != NULL && strncmp(opts->name, name, len) == 0 &&
		    opts->name[len] == '\0')
			return opts;
		if (name == NULL && opts->letter == letter)
			return opts;
	}
	return NULL;
}

static const struct op_opt *
find(const struct op_call *c, const char *name, size_t len, char letter)
{
	const struct op_opt *opt = find_in(c->op->opts, name, len, letter);

	return opt != NULL ? opt : find_in(c->common, name, len, letter);
}

static enum rc
unknown_long(struct op_call *c, const char *name, size_t len)
{
	struct near near;
	const struct op_opt *o;

	near_start(&near, name, len);
	for (o = c->op->opts; o->name != NULL; o++)
		near_try(&near, o->name);
	for (o = c->common; o != NULL && o->name != NULL; o++)
		near_try(&near, o->name);
	if (near.best != NULL)
		return err_set(&c->err, RC_INPUT,
		    "\"%s\" has no option --%.*s: did you mean --%s?", c->op->name,
		    (int)len, name, near.best);
	return err_set(&c->err, RC_INPUT,
	    "\"%s\" has no option --%.*s: see strongroom help %s", c->op->name, (int)len,
	    name, c->op->name);
}

static enum rc
number_parse(struct op_call *c, const struct op_opt *opt, const char *text, int64_t *out)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
		return err_set(&c->err, RC_INPUT, "--%s takes a whole number, not \"%s\"",
		    opt->name, text);
	*out = n;
	return RC_OK;
}

static enum rc
give(struct op_call *c, const struct op_opt *opt, const char *text)
{
	int64_t n;

	if (c->given_n == (int)(sizeof(c->given) / sizeof(c->given[0])))
		return err_set(
		    &c->err, RC_INPUT, "too many options: %d at most", c->given_n);
	if (opt->kind == OPT_NUMBER && text != NULL &&
	    number_parse(c, opt, text, &n) != RC_OK)
		return RC_INPUT;
	c->given[c->given_n].opt = opt;
	c->given[c->given_n++].text = text;
	return RC_OK;
}

/* --name, --name=text or --name text. */
static enum rc
take_long(struct op_call *c, const char *word, struct words *w)
{
	size_t len = strcspn(word, "=");
	const char *text = word[len] == '=' ? word + len + 1 : NULL;
	const struct op_opt *opt = find(c, word, len, 0);

	if (opt == NULL)
		return unknown_long(c, word, len);
	if (opt->kind == OPT_FLAG && text != NULL)
		return err_set(&c->err, RC_INPUT, "--%s takes no value", opt->name);
	if (opt->kind != OPT_FLAG && text == NULL && (text = next_word(w)) == NULL)
		return err_set(&c->err, RC_INPUT, "--%s needs a value: --%s %s",
		    opt->name, opt->name, opt->arg);
	return give(c, opt, text);
}

/* -a, -abc (flags), -f text or -ftext. */
static enum rc
take_letters(struct op_call *c, const char *word, struct words *w)
{
	const struct op_opt *opt;
	const char *text;
	enum rc rc;

	for (; *word != '\0'; word++) {
		opt = find(c, NULL, 0, *word);
		if (opt == NULL)
			return err_set(&c->err, RC_INPUT,
			    "\"%s\" has no option -%c; words that begin with \"-\" go "
			    "after --",
			    c->op->name, *word);
		if (opt->kind != OPT_FLAG) {
			text = word[1] != '\0' ? word + 1 : next_word(w);
			if (text == NULL)
				return err_set(&c->err, RC_INPUT,
				    "-%c needs a value: -%c %s", *word, *word, opt->arg);
			return give(c, opt, text);
		}
		rc = give(c, opt, NULL);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
take_arg(struct op_call *c, const char *word)
{
	if (c->vault_path == NULL && (c->op->flags & (OP_VAULT | OP_CREATE)) != 0) {
		c->vault_path = word;
		return RC_OK;
	}
	if (c->arg_n == OP_ARGS_MAX)
		return err_set(
		    &c->err, RC_INPUT, "too many arguments: %d at most", OP_ARGS_MAX);
	c->args[c->arg_n++] = word;
	return RC_OK;
}

/* What is asked for instead of running needs no arguments. */
static bool
asks_for_help(const struct op_call *c)
{
	return c->common != NULL && op_flag(c, "help");
}

/* A field's value without its option: the sentence names the field, not the value. */
static enum rc
check_set(struct op_call *c)
{
	const char *last = c->arg_n > 0 ? c->args[c->arg_n - 1] : "";
	size_t len = strcspn(last, "=");

	if (c->arg_n <= c->op->args_max || last[len] == '\0' || !op_takes(c->op, "set"))
		return RC_OK;
	return err_set(&c->err, RC_INPUT, "a value is given with --set: --set %.*s=VALUE",
	    (int)len, last);
}

static enum rc
check_arity(struct op_call *c)
{
	bool vault = (c->op->flags & (OP_VAULT | OP_CREATE)) != 0;
	enum rc rc;

	if (asks_for_help(c))
		return RC_OK;
	rc = check_set(c);
	if (rc != RC_OK)
		return rc;
	if ((!vault || c->vault_path != NULL) && c->arg_n >= c->op->args_min &&
	    c->arg_n <= c->op->args_max)
		return RC_OK;
	return err_set(&c->err, RC_INPUT, "%s: write strongroom %s%s%s%s",
	    c->arg_n > c->op->args_max ? "too many arguments" : "an argument is missing",
	    c->op->name, vault ? " VAULT" : "", c->op->args[0] != '\0' ? " " : "",
	    c->op->args);
}

enum rc
op_parse_words(struct op_call *c, char *const *words, int n)
{
	struct words w = {words, n};
	bool options = true;
	const char *word;
	enum rc rc = RC_OK;

	while (rc == RC_OK && (word = next_word(&w)) != NULL) {
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && strncmp(word, "--", 2) == 0)
			rc = take_long(c, word + 2, &w);
		else if (options && word[0] == '-' && word[1] != '\0' &&
			 (c->op->flags & OP_SIGNS) == 0)
			rc = take_letters(c, word + 1, &w);
		else
			rc = take_arg(c, word);
	}
	return rc == RC_OK ? check_arity(c) : rc;
}

enum rc
op_number(struct op_call *c, const char *name, int64_t preset, int64_t *out)
{
	const char *text = op_text(c, name);

	*out = preset;
	if (text == NULL)
		return RC_OK;
	return number_parse(c, find(c, name, strlen(name), 0), text, out);
}

static const char *
nearest(const char *word, size_t len, bool of_two)
{
	struct near near;
	int i;

	near_start(&near, word, len);
	for (i = 0; op_table[i] != NULL; i++)
		if (!of_two || strchr(op_table[i]->name, ' ') != NULL)
			near_try(&near, op_table[i]->name);
	return near.best;
}

const char *
op_nearest(const char *word1, const char *word2)
{
	char both[NEAR_WORD_MAX + 1];
	const char *best = NULL;
	int len = 0;

	if (word2 != NULL)
		len = snprintf(both, sizeof(both), "%s %s", word1, word2);
	if (len > 0 && len < (int)sizeof(both))
		best = nearest(both, (size_t)len, true);
	return best != NULL ? best : nearest(word1, strlen(word1), false);
}
