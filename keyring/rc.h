#ifndef KEYRING_RC_H
#define KEYRING_RC_H

/*
 * The answers of every floor. One list: the code, its message, the program's exit status.
 *
 * PASS, TAMPER, DAMAGED and FORMAT never merge: who mistyped must not read that the vault
 * is broken, nor the reverse.
 */
#define RC_LIST(X)                                                                       \
	X(OK, 0, "done")                                                                 \
	X(NOMEM, 1, "out of memory")                                                     \
	X(IO, 9, "the file could not be read or written")                                \
	X(FULL, 9, "no space is left on the device")                                     \
	X(BUSY, 8, "the vault is in use by another process")                             \
	X(READONLY, 9, "the file can't be written")                                      \
	X(NOTFOUND, 5, "not found")                                                      \
	X(EXISTS, 6, "it exists already")                                                \
	X(INPUT, 6, "the input is not valid")                                            \
	X(CANCELLED, 130, "cancelled")                                                   \
	X(PASS, 3, "no slot opens with this passphrase or key file")                     \
	X(LOCKED, 8, "the vault is locked")                                              \
	X(TAMPER, 10, "authenticated data does not verify: the vault was altered")       \
	X(DAMAGED, 4, "a checksum fails: the vault is damaged")                          \
	X(FORMAT, 11, "this is not a strongroom vault")                                  \
	X(VERSION, 12, "the vault has a newer format than this program knows")           \
	X(LIMIT, 13, "a parameter is beyond the limits")                                 \
	X(DENIED, 7, "this slot may not do that")                                        \
	X(WEAK, 14, "a protection is weaker here than it could be")                      \
	X(INTERNAL, 1, "an internal check failed; please report it")

enum rc {
#define X(name, status, text) RC_##name,
	RC_LIST(X)
#undef X
};

#define RC_EXIT_USAGE 2 /* exit status of a command line that can't be understood */

#define ERR_LEN 512

/* The sentence that a failing call leaves for the user: what failed, on what, what to do. */
struct err {
	char text[ERR_LEN]; /* UTF-8, "" when nothing was said */
};

/**
 * rc_text(rc):
 * Return the general message of ${rc}: a static string, lower case, without a full stop.
 */
const char *rc_text(enum rc rc);

/**
 * rc_name(rc):
 * Return the name of ${rc} without its prefix ("TAMPER"): a static string.
 */
const char *rc_name(enum rc rc);

/**
 * rc_exit(rc):
 * Return the exit status that the program ends with for ${rc}.
 */
int rc_exit(enum rc rc);

/**
 * rc_of_errno(code):
 * Return what ${code} means of a file that is made or written: RC_FULL, RC_READONLY,
 * RC_NOTFOUND (its folder), RC_EXISTS, RC_NOMEM; RC_IO for all else.
 */
enum rc rc_of_errno(int code);

/**
 * err_set(err, rc, fmt, ...):
 * Format the sentence into ${err} (which may be NULL), cut at ERR_LEN on a character
 * boundary, and return ${rc}: `return err_set(err, RC_INPUT, "...")`. Never give it a
 * secret or a field's value.
 */
enum rc err_set(struct err *err, enum rc rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * err_default(err, rc):
 * Put rc_text(${rc}) into ${err} unless a sentence is there already; return ${rc}.
 */
enum rc err_default(struct err *err, enum rc rc);

#endif
