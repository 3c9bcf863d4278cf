#ifndef UI_TUI_VIEW_EDIT_H
#define UI_TUI_VIEW_EDIT_H

/* What the editor's files share: keys and saving in view_edit.c, changes and their
 * draft in edit_draft.c, drawing in edit_draw.c. */

#include "ui/tui/draft.h"
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
	bool outdated;	 /* the vault has other fields now: begins anew after the save */
	bool typed;	 /* something that the vault does not keep yet */
	bool kept;	 /* the vault keeps a draft */
	int64_t kept_at; /* app_now */
};

/**
 * edit_field_at(e, i), edit_cell_at(e, i): of the catalogue; of the stored record, or
 * NULL. edit_is_veiled(e, i): whether the field shows the masked form of what is stored,
 * which was not touched. edit_is_changed(e, i): whether it would be saved.
 * edit_settle(e): check what was typed, once for all keys since the last picture: a paste
 * of a long text is not checked at each of its characters.
 */
const struct field *edit_field_at(struct view_edit *e, size_t i);
const struct cell *edit_cell_at(struct view_edit *e, size_t i);
bool edit_is_veiled(struct view_edit *e, size_t i);
bool edit_is_changed(struct view_edit *e, size_t i);
void edit_settle(struct view_edit *e);
void edit_check(struct view_edit *e, size_t i); /* sets its why */

/**
 * edit_count_changes(e): how many fields would be saved. edit_take_changes(e, n): copies
 * of them; NULL: memory is out. edit_place_of(e, field): the index of the field with this
 * id; e->n: it is gone.
 */
size_t edit_count_changes(struct view_edit *e);
struct change_text *edit_take_changes(struct view_edit *e, size_t *n);
size_t edit_place_of(const struct view_edit *e, int field);

/**
 * edit_take_draft(e, out): what was typed; NULL in ${out}: nothing. RC_NOMEM.
 * edit_put_draft(e): put e->draft into the fields. false: memory is out; that is told,
 * the app has the draft, and ${e} is closed. edit_keep_draft(e): at a lock, for after the
 * next unlock. edit_tick(v): from time to time in the vault. edit_forget_draft(e): it was
 * saved, or left on purpose.
 */
enum rc edit_take_draft(struct view_edit *e, struct draft **out);
bool edit_put_draft(struct view_edit *e);
void edit_keep_draft(struct view_edit *e);
void edit_tick(struct view *v);
void edit_forget_draft(struct view_edit *e);

void edit_draw(struct view *v);

#endif
