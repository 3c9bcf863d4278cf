#ifndef UI_TUI_APP_INT_H
#define UI_TUI_APP_INT_H

/* What app.c, app_shared.c and app_draw.c share. */

#include "ui/tui/app.h"
#include "ui/tui/copy.h"
#include "ui/tui/undo_stack.h"
#include "ui/tui/view.h"

struct app {
	struct tui_opts opts;
	struct worker *front, *back;
	struct view *top;
	struct pane *header, *status, *bar, *small;
	struct field *fields;
	size_t field_n;
	struct vault_info info;
	struct draft *draft;
	struct undo_stack undo;
	struct copied copied;
	enum vault_secret_kind way; /* that opened the vault last */
	char *key_file;
	struct work work;
	uint64_t serial, generation, own_changes, ticked, due;
	bool open, ending, pasting, escaped, g_pending;
	int end_signal;
	enum rc rc;
	struct err err;
	int signal_fd, timer_fd, wake_fd;
	int64_t last_input, fast_until, said_until;
	enum draft_state draft_state;
	int64_t waits_from; /* keys wait for what they are about; 0: they don't */
	bool fast;
	enum style said_style;
	char said[ERR_LEN];
};

void app_layout(struct app *a); /* places every pane */
void app_draw(struct app *a);	/* draws every view and brings it to the screen */
int app_bar_key(struct app *a, int col); /* the function key at a column of the bar; 0 */
bool app_too_small(void);

void app_timer(struct app *a, bool fast); /* ticks each 100 ms, or each second */
void app_close_views(struct app *a);
void app_free_catalogue(struct app *a);

#endif
