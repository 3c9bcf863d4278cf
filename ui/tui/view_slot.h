#ifndef UI_TUI_VIEW_SLOT_H
#define UI_TUI_VIEW_SLOT_H

/* Dialogs about one slot: the form, and the sheet of a new recovery code. */

#include "ui/tui/keys_jobs.h"
#include "ui/tui/view.h"

/**
 * view_slot_open(a, task, slot, opened):
 * The form for ${task}. ${slot}: which, NULL for SLOT_ADD; ${opened}: the one that opened
 * the vault.
 * view_sheet_open(a, o): show a new recovery code, have it typed back, then carry ${o}
 * out; takes over what it holds.
 * view_key_backup_open(a): the form of a key backup.
 * view_master_open(a, slots, n): new master keys, for which each slot is asked.
 * slot_done_words(o, out, cap): that ${o} was carried out.
 */
void view_slot_open(struct app *a, enum slot_task task, const struct key_slot *slot,
    const struct key_slot *opened);
void view_sheet_open(struct app *a, struct slot_order *o);
void view_key_backup_open(struct app *a);
void view_master_open(struct app *a, const struct key_slot *slots, size_t n);
void slot_done_words(const struct slot_order *o, char *out, size_t cap);

#endif
