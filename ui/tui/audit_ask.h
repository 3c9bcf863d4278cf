#ifndef UI_TUI_AUDIT_ASK_H
#define UI_TUI_AUDIT_ASK_H

/* Which entries of the audit a screen shows: asked for part by part. */

#include "store/audit.h"
#include "ui/tui/app.h"

typedef void audit_ask_fn(void *arg);

struct audit_ask { /* zero: all entries */
	struct audit_filter filter; /* its texts are those below */
	char actor[65], field[65];
	struct app *app; /* while it is being asked: where, which part, who wants to know */
	size_t part;
	audit_ask_fn *changed;
	void *arg;
};

/**
 * audit_ask_copy(to, from): with texts of its own.
 * audit_ask_words(ask, out, cap): "revealed, by ann, since 2026-01-31 00:00"; "" for all.
 */
void audit_ask_copy(struct audit_ask *to, const struct audit_ask *from);
void audit_ask_words(const struct audit_ask *ask, char *out, size_t cap);

/**
 * audit_ask_open(a, ask, changed, arg): choose a part, then its value. ${changed} is called when
 * ${ask} is another one. It lives as long as the dialogs.
 */
void audit_ask_open(struct app *a, struct audit_ask *ask, audit_ask_fn *changed, void *arg);

#endif
