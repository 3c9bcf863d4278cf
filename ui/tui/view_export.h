#ifndef UI_TUI_VIEW_EXPORT_H
#define UI_TUI_VIEW_EXPORT_H

/* What the files of the export dialog share. */

#include "store/export_template.h"
#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define EXPORT_WORD	 "EXPORT"
#define EXPORT_QUERY_MAX 4200

enum export_row {
	ROW_SOURCE,
	ROW_TEMPLATE,
	ROW_KEEP,
	ROW_FORMAT,
	ROW_FILE,
	ROW_REPLACE,
	ROW_REASON,
	ROW_WORD,
	ROW_COLUMNS
};

enum export_source { SOURCE_MARKED, SOURCE_HITS, SOURCE_ALL };

struct view_export {
	struct view view;
	char query[EXPORT_QUERY_MAX];
	enum export_source source;
	int64_t *marks; /* ids of the marked records; NULL: there are none */
	size_t mark_n;
	bool replace;
	bool starting; /* asked whether the file can be made: no key but Esc */
	int sort;
	bool descending;
	enum sink_format format;
	struct export_column *columns; /* each field and the id, once; some dropped */
	char **first; /* of the first record, as it will be written; each may be NULL */
	size_t n, cursor, top;
	int64_t count; /* records; -1: not known yet */
	struct err plan_wrong; /* why it could not be written */
	char template[80]; /* that was taken; "" */
	char **names; /* of the templates to choose from */
	size_t name_n;
	struct lineedit *file, *reason, *word, *keep;
};

/**
 * export_chosen(x, out): the columns that are not dropped, in order; how many.
 * export_replan(x): something has changed: ask for count and first record again.
 * export_start(x): write the file; the dialog is left once it can be made.
 * export_choose_template(x): let one be chosen, and take it over.
 */
size_t export_chosen(const struct view_export *x, struct export_column *out);
void export_replan(struct view_export *x);
void export_start(struct view_export *x);
void export_choose_template(struct view_export *x);

/**
 * export_forget_first(x): wipe what is shown of the first record.
 * export_has(x, index): whether the column of field ${index} is among them already.
 * export_add_column(x, index, treat): the next column.
 */
void export_forget_first(struct view_export *x);
void export_forget_names(struct view_export *x);
bool export_has(const struct view_export *x, int index);
void export_add_column(struct view_export *x, int index, enum export_treatment treat);

size_t export_height(const struct view_export *x); /* lines for rows and columns */
void export_draw(struct view *v);
void export_size(struct view *v, int *rows, int *cols);
struct lineedit *export_edited(const struct view_export *x); /* NULL: no line of text */

#endif
