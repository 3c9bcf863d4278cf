#ifndef UI_TUI_FORM_VIEW_H
#define UI_TUI_FORM_VIEW_H

/* A dialog that is a form and nothing else; or, as its first member, a part of such a view. */

#include "ui/tui/form.h"

struct form_view {
	struct view view;
	struct form form;
	const char *title, *verb;		  /* as form_draw takes them */
	void (*enter)(struct form_view *w); /* after Enter on the last line */
};

/**
 * form_view_size ... form_view_close: functions of view_ops; its keys are form_keys. The draw
 * and the key are those of a view that has a title, a verb and an enter.
 * form_view_close: frees the view too.
 */
void form_view_size(struct view *v, int *rows, int *cols);
void form_view_draw(struct view *v);
bool form_view_key(struct view *v, enum act act, const struct term_event *e);
bool form_view_typing(struct view *v);
void form_view_paste(struct view *v, int key);
void form_view_tick(struct view *v);
void form_view_close(struct view *v);

#define FORM_VIEW_OPS                                                                    \
	.keys = form_keys, .dialog = true, .size = form_view_size, .draw = form_view_draw, \
	.key = form_view_key, .typing = form_view_typing, .paste = form_view_paste,      \
	.tick = form_view_tick, .close = form_view_close

/**
 * form_view_open(a, model, lines, n): show a view as ${model} says, with ${n} empty lines.
 * Without memory it says so.
 */
void form_view_open(struct app *a, const struct form_view *model,
    const struct form_line *lines, size_t n);

#endif
