#ifndef UI_OP_H
#define UI_OP_H

/*
 * The table of operations. Both faces run these: the command line turns argv into a struct
 * op_call, the terminal UI's ":" line and its keys make the same. Help, the man page's list,
 * completion and the F1 overlay are printed from the table.
 */

#include <stdatomic.h>

#include "store/vault.h"
#include "ui/face.h"

enum opt_kind {
	OPT_FLAG,
	OPT_TEXT,
	OPT_NUMBER,
	OPT_FILE,   /* a file to be read */
	OPT_OUT,    /* a file to be written */
	OPT_FIELD,  /* one field name */
	OPT_FIELDS, /* field names, comma-separated */
	OPT_LIST    /* may be given more than once, or comma-separated */
};

struct op_opt {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	enum opt_kind kind;
	const char *arg;  /* "FIELDS" in the help; NULL for a flag */
	const char *help;
};

enum op_flags {
	OP_VAULT = 1,    /* first argument is a vault, opened before run */
	OP_CREATE = 2,   /* first argument is the path of a vault to be made */
	OP_WRITES = 4,   /* changes records: refused on a read-only vault before anything */
	OP_ROWS = 8,     /* prints rows: --json, --csv, --table */
	OP_RESULT = 16,  /* prints an object: --json */
	OP_CLI = 32,     /* the command line only */
	OP_SLOW = 64,    /* the terminal UI runs it on its worker with a bar */
	OP_SECRET = 128, /* opens a vault by itself: takes the secret's options */
	OP_READS = 256,  /* its arguments name files that are read */
	OP_MAKES = 512,  /* its arguments name files that are written */
	OP_SIGNS = 1024  /* a word with one "-" before it is an argument, no option */
};

#define OP_OPTS_MAX 24
#define OP_ARGS_MAX 64

struct op_call;

struct op_word { /* a row of a table in the help */
	const char *word, *means;
};

struct op {
	const char *name; /* "audit list": one or two words */
	const char *args; /* synopsis of what follows the vault: "ID", "[QUERY]", "FILE|-" */
	int args_min, args_max;
	const char *summary;  /* one line, no full stop */
	const char *details;  /* paragraphs for --help and the man page; may be NULL */
	const struct op_word *words; /* a table; ends with a NULL word; may be NULL */
	const char *examples; /* lines */
	unsigned flags;
	struct op_opt opts[OP_OPTS_MAX]; /* ends with a NULL name */
	enum rc (*run)(struct op_call *c);
};

struct op_given { /* one option as given */
	const struct op_opt *opt;
	const char *text; /* NULL for a flag */
};

struct op_call {
	const struct op *op;
	struct face *face;
	struct vault *v;        /* open for OP_VAULT; OP_CREATE's run sets it */
	const char *vault_path;
	const struct vault_secret *secret; /* key file or the passphrase given; may be NULL */
	const char *args[OP_ARGS_MAX];     /* after the vault */
	int arg_n;
	struct op_given given[OP_OPTS_MAX * 4];
	int given_n;
	const struct op_opt *common; /* the face's own options, beside the operation's; or NULL */
	bool reports;       /* what it shows now tells what it has done: --quiet leaves it out */
	atomic_bool cancel; /* set by a signal or ^G */
	struct err err;     /* the sentence of a failure */
};

extern const struct op_word op_query_words[]; /* the language of queries (op_query.c) */
extern const struct op *const op_table[]; /* ends with NULL; in the order of the help */
const struct op *op_find(const char *word1, const char *word2, int *words);

/**
 * op_flag(c, name), op_text(c, name): whether an option was given; its text or NULL (the
 * last one). op_number: RC_INPUT with a sentence when it is not a whole number >= 0;
 * ${preset} when not given. op_each: the n-th text of a repeatable option, or NULL.
 */
bool op_flag(const struct op_call *c, const char *name);
const char *op_text(const struct op_call *c, const char *name);
enum rc op_number(struct op_call *c, const char *name, int64_t preset, int64_t *out);
const char *op_each(const struct op_call *c, const char *name, int n);

/**
 * op_takes(op, name): whether ${op} has an option of its own that is called so.
 */
bool op_takes(const struct op *op, const char *name);

/**
 * op_parse_words(c, words, n):
 * Fill args and given of ${c} (whose op is set) from words: GNU long options, letters, "--".
 * RC_OK; RC_INPUT with a sentence (the command line exits with 2).
 */
enum rc op_parse_words(struct op_call *c, char *const *words, int n);

/**
 * op_run(c):
 * Run the operation of ${c} with its vault open. What it may not do (write to a read-only
 * vault) is refused before it begins; a failure always leaves a sentence in c->err.
 */
enum rc op_run(struct op_call *c);

/**
 * op_nearest(word1, word2):
 * The name of the command that the two words, or the first alone, were probably meant to be;
 * NULL when none is near. ${word2} may be NULL.
 */
const char *op_nearest(const char *word1, const char *word2);

#endif
