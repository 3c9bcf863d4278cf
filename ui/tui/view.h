#ifndef UI_TUI_VIEW_H
#define UI_TUI_VIEW_H

/*
 * Views: what stands on the screen. Each is one file: a struct whose first member is a
 * struct view, a table of functions and a keymap.
 */

#include "ui/tui/app.h"
#include "ui/tui/keymap.h"
#include "ui/tui/term.h"

struct op;
struct op_word;
struct view;

struct view_ops {
	const char *title;
	const struct binding *keys;
	bool dialog; /* stands over the view below */
	/* How large a dialog wants to be; it gets less on a small screen. */
	void (*size)(struct view *v, int *rows, int *cols);
	void (*draw)(struct view *v);
	/* ${act} ACT_NONE: the key has no binding. Whether it was used. */
	bool (*key)(struct view *v, enum act act, const struct term_event *e);
	/* Whether printable keys are text now. NULL: never. */
	bool (*typing)(struct view *v);
	/* Whether what keys are about is being loaded: they wait for it, not for long. NULL: never. */
	bool (*waits)(struct view *v);
	/* A key of pasted text; it never runs a command. NULL: dropped. */
	void (*paste)(struct view *v, int key);
	void (*tick)(struct view *v); /* time has passed; may be NULL */
	void (*hide)(struct view *v); /* reveal nothing any more; may be NULL */
	void (*status)(struct view *v, char *out, size_t cap); /* may be NULL */
	/* A table that the help shows before the keys; it and its answer may be NULL. */
	const struct op_word *(*words)(struct view *v);
	/* What the header calls that which is shown; "" for nothing; may be NULL. */
	const char *(*heading)(struct view *v);
	/* A field has another index now, or is gone. NULL: the view is closed then. */
	void (*fields)(struct view *v);
	void (*close)(struct view *v); /* wipe and free; the pane is the app's */
};

struct view {
	const struct view_ops *ops;
	struct app *app;
	struct pane *pane;
	struct view *under;
	uint64_t serial; /* app_push: no other view has it, also later */
};

struct export_from { /* what the list shows, to be exported; copied */
	const char *query;
	int sort;
	bool descending;
	const int64_t *marks; /* ids */
	size_t mark_n;
	const int *columns; /* fields */
	size_t column_n;
};

/* Each makes its view and pushes it; failures are told in the status line. */
void view_unlock_open(struct app *a, const char *why);
void view_key_restore_open(struct app *a); /* before the vault is open */
void view_create_open(struct app *a);      /* where there is none yet */
void view_list_open(struct app *a);
void view_record_open(struct app *a, int64_t id);
void view_history_open(struct app *a, int64_t id);
void view_edit_open(struct app *a, int64_t id); /* 0: a new record */
void view_edit_resume(struct app *a, struct draft *d);
void view_export_open(struct app *a, const struct export_from *from);
void view_import_open(struct app *a);
void view_passwd_open(struct app *a);
void view_audit_open(struct app *a);
void view_report_open(struct app *a);
void view_stats_open(struct app *a);
void view_doctor_open(struct app *a); /* also before the vault is open */
void view_verify_open(struct app *a);
void view_keys_open(struct app *a);
void view_trash_open(struct app *a);
void view_due_open(struct app *a);
void view_alike_open(struct app *a);
void view_compare_open(struct app *a, int64_t left, int64_t right);
void view_command_run(struct app *a, const char *text);
/* What an operation asked: y runs ${line} again, and is the answer to that question alone. */
void view_sure_open(struct app *a, const char *question, const char *line);
void view_command_agreed(struct app *a, const char *text, const char *question);
bool view_command_has(const struct op *op); /* whether its line takes that operation */
void view_help_open(struct app *a, struct view *of);

/**
 * view_choose_open(a, title, items, n, at, chosen, arg): a dialog with one line an item;
 * ${chosen} gets the index. The items are copied.
 * view_columns_open(a, title, shown, n, chosen, arg): which fields, in which order; ${title}
 * is a literal.
 */
typedef void choose_fn(void *arg, size_t index);
void view_choose_open(struct app *a, const char *title, const char *const *items,
    size_t n, size_t at, choose_fn *chosen, void *arg);
typedef void columns_fn(void *arg, const int *columns, size_t n);
void view_columns_open(struct app *a, const char *title, const int *shown, size_t n,
    columns_fn *chosen, void *arg);

/**
 * view_ask_open(a, title, prompt, fn, arg): a dialog with one line of text, shorter than
 * ASK_MAX; a longer one is not taken. view_confirm_open(a, question, yes, arg): y or n.
 */
typedef void ask_fn(void *arg, const char *text);
void view_ask_open(
    struct app *a, const char *title, const char *prompt, ask_fn *fn, void *arg);
typedef void confirm_fn(void *arg);
void view_confirm_open(struct app *a, const char *question, confirm_fn *yes, void *arg);

/**
 * view_palette_open(a, views, n, use, arg): a line for a command, and what it may become:
 * operations and the saved views called ${views}; ${use} gets the name of the view taken.
 */
typedef void palette_fn(void *arg, const char *name);
void view_palette_open(
    struct app *a, char *const *views, size_t n, palette_fn *use, void *arg);

/**
 * view_tell_open(a, title, text): a sentence too long for the status line, till a key.
 */
void view_tell_open(struct app *a, const char *title, const char *text);

/* For a dialog that only shows something, and holds no more than its struct. */
extern const struct binding view_shown_keys[];
bool view_shown_key(struct view *v, enum act act, const struct term_event *e);
void view_shown_close(struct view *v);

#endif
