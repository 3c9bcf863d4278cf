#ifndef UI_TUI_FORM_H
#define UI_TUI_FORM_H

/* A dialog's lines of text: files, secrets, words. The view that has it says what they mean. */

#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define FORM_LINES 6
#define FORM_COLS  76

struct form_line {
	const char *label;
	const char *hint; /* what is to be typed there */
	bool hidden;	  /* dots */
	bool fresh;	  /* a new passphrase: its strength is shown */
};

struct form {
	size_t n, at;
	struct form_line lines[FORM_LINES];
	struct lineedit *edit[FORM_LINES];
	struct vault_strength strength;
	bool estimated, working;
	int64_t began;
	char wrong[ERR_LEN];
};

enum form_answer { FORM_GOES_ON, FORM_DONE, FORM_LEFT };

extern const struct binding form_keys[];

/**
 * form_set(f, lines, n): these lines, all empty; f is zero or a form. RC_NOMEM: no lines.
 * form_free(f): wipe what it holds.
 * form_size(f, rows, cols): view_ops.size. form_draw(f, v, title, done): ${done}: what Enter
 * does on the last line, a verb.
 * form_key(f, v, act, e): FORM_DONE after Enter on the last line, FORM_LEFT after Esc.
 * form_paste(f, key). form_begin(f, a): what was typed is being worked on: no key is taken.
 * form_wrong(f, at, text): back at line ${at}, with a sentence.
 */
enum rc form_set(struct form *f, const struct form_line *lines, size_t n);
void form_free(struct form *f);
void form_size(const struct form *f, int *rows, int *cols);
void form_draw(struct form *f, struct view *v, const char *title, const char *done);
enum form_answer form_key(
    struct form *f, struct view *v, enum act act, const struct term_event *e);
void form_paste(struct form *f, int key);
void form_begin(struct form *f, const struct app *a);
void form_wrong(struct form *f, size_t at, const char *text);

/**
 * form_text(f, i), form_secret(f, i): what was typed. form_copy(f, i, out): a copy of it.
 */
const char *form_text(const struct form *f, size_t i);
const struct secret *form_secret(const struct form *f, size_t i);
enum rc form_copy(const struct form *f, size_t i, struct secret **out);

/**
 * form_fresh(f, at): whether line ${at} is a passphrase and the next one its repetition; if
 * not the form says what is wrong.
 */
bool form_fresh(struct form *f, size_t at);

#endif
