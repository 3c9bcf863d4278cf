#ifndef UI_TUI_DRAFT_H
#define UI_TUI_DRAFT_H

/* What was typed into a record and not saved when the vault was locked. */

#include "ui/tui/jobs.h"

struct draft {
	int64_t id, version; /* id 0: a new record */
	struct change_text *changes;
	size_t n;
};

void draft_free(struct draft *d); /* wipes; NULL is harmless */

#endif
