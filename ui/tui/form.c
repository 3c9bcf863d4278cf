/*
 * Lines of text in a dialog.
 *
 * 1. All that is typed lives in the line editors' secret memory, be it secret or not.
 * 2. After a mistake everything typed still stands there.
 * 3. While what was typed is worked on no key is taken.
 */
#include "ui/tui/form.h"

#include <stdio.h>
#include <string.h>

#include "ui/tui/wrap.h"

#define LABEL_WIDTH  14
#define STRENGTH_MAX 128 /* bytes: longer ones are not estimated while typing */
#define WORDS_ROWS   3

const struct binding form_keys[] = {{'\t', ACT_NEXT, NULL, "next line"},
    {K_DOWN, ACT_NEXT, NULL, NULL}, {K_BACKTAB, ACT_PREVIOUS, NULL, "line before"},
    {K_UP, ACT_PREVIOUS, NULL, NULL},
    {K_ENTER, ACT_OPEN, NULL, "next line; on the last one: do it"},
    {K_ESC, ACT_BACK, NULL, "leave"}, {0, ACT_NONE, NULL, NULL}};

enum rc
form_set(struct form *f, const struct form_line *lines, size_t n)
{
	size_t i;

	form_free(f);
	for (i = 0; i < n; i++) {
		f->lines[i] = lines[i];
		if (lineedit_new(&f->edit[i]) != RC_OK) {
			form_free(f);
			return RC_NOMEM;
		}
		f->n = i + 1;
	}
	return RC_OK;
}

void
form_free(struct form *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		lineedit_free(f->edit[i]);
	secret_wipe(f, sizeof *f);
}

/* Lines for sentences: the hint is seen whole where the screen has room for it. */
static int
words_rows(const struct form *f)
{
	const char *hint = f->n > 0 ? f->lines[f->at].hint : "";
	int rows = wrap_put(NULL, 0, 0, FORM_COLS - 4, 100, STYLE_DIM, hint);

	return rows > WORDS_ROWS ? rows : WORDS_ROWS;
}

void
form_size(const struct form *f, int *rows, int *cols)
{
	*rows = (int)f->n + words_rows(f) + 3;
	*cols = FORM_COLS;
}

static void
draw_line(struct form *f, struct pane *p, int row, size_t i)
{
	bool at = i == f->at, active = at && !f->working;
	int col = LABEL_WIDTH + 3, width = pane_cols(p) - col - 2;

	pane_put(p, row, 2, LABEL_WIDTH, at ? STYLE_SELECTED : STYLE_DIM, f->lines[i].label);
	if (f->lines[i].hidden)
		lineedit_draw_hidden(f->edit[i], p, row, col, width, active);
	else
		lineedit_draw(f->edit[i], p, row, col, width, active);
}

static void
draw_words(struct form *f, const struct app *a, struct pane *p, int row, int rows)
{
	int width = pane_cols(p) - 4;
	int64_t ms = app_now(a) - f->began;
	char text[200];

	if (f->working) {
		pane_putf(p, row, 2, width, STYLE_TEXT, "%c working, %d s",
		    "|/-\\"[ms / 100 & 3], (int)(ms / 1000));
	} else if (f->wrong[0]) {
		pane_put(p, row, 2, 2, STYLE_BAD, "!");
		wrap_put(p, row, 4, width - 2, rows, STYLE_BAD, f->wrong);
	} else if (f->lines[f->at].fresh && f->estimated) {
		snprintf(text, sizeof text, "%s%s", f->strength.words,
		    f->strength.changed ? " (its normal form is used)" : "");
		wrap_put(p, row, 2, width, rows,
		    f->strength.score < 3 ? STYLE_WARN : STYLE_GOOD, text);
	} else {
		wrap_put(p, row, 2, width, rows, STYLE_DIM, f->lines[f->at].hint);
	}
}

/* On a small screen the lines scroll, and sentences take what they need before them. */
void
form_draw(struct form *f, struct view *v, const char *title, const char *done)
{
	struct pane *p = v->pane;
	int inner = pane_rows(p) - 2, all = (int)f->n, words, lines, top, i;
	bool roomy = inner >= all + 1 + words_rows(f);

	pane_frame(p, title);
	words = roomy ? words_rows(f) : f->wrong[0] ? 3 : 2;
	lines = inner - words - roomy;
	top = (int)f->at - lines + 1 > 0 ? (int)f->at - lines + 1 : 0;
	for (i = top; i < all && i - top < lines; i++)
		draw_line(f, p, 1 + i - top, (size_t)i);
	draw_words(f, v->app, p, 1 + (lines < all ? lines : all), words);
	if (roomy)
		pane_putf(p, inner, 2, pane_cols(p) - 4, STYLE_DIM,
		    "Tab: next   Enter: next, at last %s   Esc: leave", done);
}

static void
type(struct form *f, int key)
{
	const struct secret *s;

	lineedit_key(f->edit[f->at], key);
	f->wrong[0] = '\0';
	if (!f->lines[f->at].fresh)
		return;
	s = lineedit_secret(f->edit[f->at]);
	f->estimated = secret_len(s) > 0 && secret_len(s) <= STRENGTH_MAX &&
		       vault_strength(s, &f->strength, NULL) == RC_OK;
}

enum form_answer
form_key(struct form *f, struct view *v, enum act act, const struct term_event *e)
{
	if (f->working) {
		app_say(v->app, STYLE_WARN, "it is under way; ^G cancels it");
		return FORM_GOES_ON;
	}
	if (act == ACT_BACK)
		return FORM_LEFT;
	if (act == ACT_OPEN && f->at + 1 == f->n)
		return FORM_DONE;
	if (act == ACT_NEXT || act == ACT_OPEN)
		f->at += f->at + 1 < f->n;
	else if (act == ACT_PREVIOUS)
		f->at -= f->at > 0;
	else
		type(f, e->key);
	return FORM_GOES_ON;
}

void
form_paste(struct form *f, int key)
{
	if (key >= 32 && !f->working)
		type(f, key);
}

void
form_begin(struct form *f, const struct app *a)
{
	f->working = true;
	f->began = app_now(a);
	f->wrong[0] = '\0';
	term_forget_keys();
}

void
form_wrong(struct form *f, size_t at, const char *text)
{
	f->working = false;
	f->at = at < f->n ? at : f->n - 1;
	snprintf(f->wrong, sizeof f->wrong, "%s", text);
}

const char *
form_text(const struct form *f, size_t i)
{
	return lineedit_text(f->edit[i]);
}

const struct secret *
form_secret(const struct form *f, size_t i)
{
	return lineedit_secret(f->edit[i]);
}

enum rc
form_copy(const struct form *f, size_t i, struct secret **out)
{
	return secret_from(secret_view(form_secret(f, i)), secret_len(form_secret(f, i)), out);
}

bool
form_fresh(struct form *f, size_t at)
{
	struct vault_strength strength;
	struct err err = {""};
	bool good = false;

	if (vault_strength(form_secret(f, at), &strength, &err) != RC_OK)
		form_wrong(f, at, err.text);
	else if (!secret_equal(form_secret(f, at), form_secret(f, at + 1)))
		form_wrong(f, at + 1, "the new one and its repetition differ");
	else
		good = true;
	secret_wipe(&strength, sizeof strength);
	return good;
}
