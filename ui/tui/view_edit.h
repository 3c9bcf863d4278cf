#ifndef UI_TUI_VIEW_EDIT_H
#define UI_TUI_VIEW_EDIT_H

/* What the editor's files share: keys and saving in view_edit.c, drawing in edit_draw.c. */

#include "ui/tui/lineedit.h"
#include "ui/tui/view.h"

#define EDIT_HEAD_ROWS 2

struct edit_field {
	int id; /* in the catalogue, which may have another place for it by now */
	struct lineedit *line;
	bool touched;	 /* differs from what is stored, or may */
	bool unchecked;	 /* typed in since it was checked */
	const char *why; /* why it is not valid; NULL: it is */
};

struct view_edit {
	struct view view;
	int64_t id, version;
	struct record *record; /* NULL: a new one, or not loaded yet */
	struct draft *draft;   /* to be put in when the record is there */
	struct edit_field *f;
	size_t n, cursor, top;
	bool reviewing, saving, saved;
	bool typed;	/* something that the vault does not keep yet */
	bool kept;	/* the vault keeps a draft */
	int64_t kept_at; /* app_now */
};

/**
 * edit_field_at(e, i), edit_cell_at(e, i): of the catalogue; of the stored record, or NULL.
 * edit_is_veiled(e, i): whether the field shows the masked form of what is stored, which was
 * not touched. edit_is_changed(e, i): whether it would be saved.
 * edit_settle(e): check what was typed, once for all keys since the last picture: a paste of
 * a long text is not checked at each of its characters.
 */
const struct field *edit_field_at(struct view_edit *e, size_t i);
const struct cell *edit_cell_at(struct view_edit *e, size_t i);
bool edit_is_veiled(struct view_edit *e, size_t i);
bool edit_is_changed(struct view_edit *e, size_t i);
void edit_settle(struct view_edit *e);

void edit_draw(struct view *v);

#endif
