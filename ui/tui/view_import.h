#ifndef UI_TUI_VIEW_IMPORT_H
#define UI_TUI_VIEW_IMPORT_H

/* What the files of the import wizard share. */

#include "store/import.h"
#include "store/template.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/lines.h"
#include "ui/tui/view.h"

enum import_page { PAGE_FILE, PAGE_COLUMNS, PAGE_RESULT, PAGE_DONE };

struct view_import {
	struct view view;
	enum import_page page;
	bool running;
	struct lineedit *file;
	struct import_column *columns;
	size_t n;
	struct import_column *found; /* the same as they were read; NULL: no memory */
	enum import_duplicates duplicates;
	enum import_encoding encoding; /* that was asked for */
	enum import_encoding read_as;  /* by which the columns shown were read */
	char form[96]; /* how the file was read */
	char rejects[ASK_MAX], reason[ASK_MAX]; /* "": none */
	bool replace; /* the rejects file that is there */
	char mapping[TEMPLATE_NAME_MAX + 1]; /* that was asked for; "": none */
	char read_mapping[TEMPLATE_NAME_MAX + 1]; /* by which the columns shown were read */
	char keep[TEMPLATE_NAME_MAX + 1]; /* name to keep one under */
	bool replace_kept; /* the mapping of that name */
	char *text; /* the mapping of the last dry run or import */
	char **names; /* of the mappings in the vault */
	size_t name_n, next_mapping; /* that is asked about: 0 is none */
	char *read_file; /* the file of the columns shown; NULL */
	int64_t run;
	struct lines lines;
};

/**
 * import_put_columns(w), import_put_report(w, r): the lines of the page.
 * import_set_form(w, r): how the file was read, in words.
 */
void import_put_columns(struct view_import *w);
void import_put_report(struct view_import *w, const struct import_report *r);
void import_set_form(struct view_import *w, const struct import_report *r);
void import_draw(struct view *v);
int import_top(const struct view_import *w); /* the row where the lines begin */

/**
 * import_look_again(w): read the beginning of the file anew.
 * import_start(w), import_keep(w): write; keep the mapping as w->keep says.
 */
void import_look_again(struct view_import *w);
void import_start(struct view_import *w);
void import_keep(struct view_import *w);

/**
 * import_current(w): the column that the cursor is on; NULL.
 * import_is_used(w, field): whether a column goes to it.
 * import_set_new(w, c): to a new field, of a name that is free.
 * import_take_in(w, c): what was left out goes where it was found to go, or to a new field.
 * import_has_choices(w): whether the user said other than was found.
 * import_take_columns(w, columns, n, keep): show these, which become ${w}'s; choices made for
 * those before are kept, or dropped with them.
 * What is asked in a dialog: import_choose_field (of the column that the cursor is on),
 * import_choose_encoding, import_choose_mapping, import_ask_rejects, import_ask_name (to keep
 * the mapping under), import_ask_reason (for rejects in plaintext; then the import begins).
 */
struct import_column *import_current(struct view_import *w);
bool import_is_used(const struct view_import *w, const char *field);
void import_set_new(struct view_import *w, struct import_column *c);
void import_take_in(struct view_import *w, struct import_column *c);
bool import_has_choices(const struct view_import *w);
void import_take_columns(
    struct view_import *w, struct import_column *columns, size_t n, bool keep);
void import_choose_field(struct view_import *w);
void import_choose_encoding(struct view_import *w);
void import_choose_mapping(struct view_import *w);
void import_ask_rejects(struct view_import *w);
void import_ask_name(struct view_import *w);
void import_ask_reason(struct view_import *w);

#endif
