#ifndef UI_FACE_H
#define UI_FACE_H

/*
 * What an operation may ask of the face that runs it. The command line prints and prompts;
 * the terminal UI fills a view, its status line and its dialogs. An operation never prints.
 */

#include <stdarg.h>
#include <stdbool.h>

#include "keyring/clip.h"
#include "store/sink.h"

struct face;

enum face_ask {
	ASK_UNLOCK,
	ASK_OLD,
	ASK_NEW,    /* twice, with its strength */
	ASK_BACKUP, /* of a key backup */
	ASK_VALUE   /* of a masked field: not echoed, may be empty */
};

struct face_ops {
	/* A message for the user, one sentence or a few lines; warn: something to look at. */
	void (*say)(struct face *f, bool warn, const char *text);
	/* Rows: columns, then rows, then the end; ${title} heads a table ("Audit"). */
	enum rc (*rows_begin)(struct face *f, const char *title, const char *const *names,
	    const char *const *labels, size_t n);
	enum rc (*rows_row)(struct face *f, const struct sink_value *values);
	enum rc (*rows_end)(struct face *f);
	/* One object: label and value pairs (a record, a verdict). */
	enum rc (*object)(struct face *f, const char *title, const char *const *names,
	    const char *const *labels, const struct sink_value *values, size_t n);
	/* A text that is the result itself, as it stands (a schema). NULL: say does it. */
	void (*text)(struct face *f, const char *text);
	/* A secret from the user. RC_CANCELLED; RC_INPUT (there is nobody to ask). */
	enum rc (*ask_secret)(struct face *f, enum face_ask what, const char *prompt,
	    struct secret **out);
	/* One line of text with a default; NULL default: none. Same codes; caller frees. */
	enum rc (*ask_text)(struct face *f, const char *prompt, const char *preset, char **out);
	/* A yes/no question; without anybody to ask: RC_INPUT. */
	enum rc (*confirm)(struct face *f, const char *question);
	/* Show a text that may be seen once and never again, then ask for what is to be typed
	 * back from it. NULL: this face can't. Same codes as ask_secret. */
	enum rc (*sheet)(struct face *f, const struct secret *text, const char *prompt,
	    struct secret **typed);
	/* What was given by option to open the vault with is not used again: wipe it. NULL:
	 * this face has none. */
	void (*forget)(struct face *f);
	/* How far a long call is; true: the user wants it to stop. */
	bool (*progress)(struct face *f, const char *what, uint64_t done, uint64_t all);
};

struct face { /* first member of each face's own struct */
	const struct face_ops *ops;
	bool reads;   /* "-" may stand for the standard input */
	bool watched; /* what is said goes to the terminal of who typed the command */
	bool json; /* results are wanted as data: JSON or CSV, times as RFC 3339 */
	struct clip *clip;     /* where values can be copied to; NULL: nowhere */
	unsigned clip_seconds; /* how long they stay there */
};

void face_say(struct face *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void face_warn(struct face *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
