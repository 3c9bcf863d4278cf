#ifndef UI_TUI_MASTER_JOB_H
#define UI_TUI_MASTER_JOB_H

/* New master keys, while nobody else, this program neither, has the vault open. */

#include "ui/tui/slot_order.h"
#include "ui/tui/app.h"

struct master_given { /* by number of the slot; ${kept} false: it is dropped */
	bool kept[KEYS_SLOTS];
	struct slot_secret secrets[KEYS_SLOTS];
};

void master_given_free(struct master_given *g); /* wipe what it holds */

/**
 * master_job_start(a, owner, given, done):
 * Replace the keys on the front worker, with the other one's connection closed meanwhile;
 * ${given} is taken over. False: nothing was begun. ${done} gets the outcome; where the vault
 * could not be opened again, the program is locked instead.
 */
typedef void master_done(void *owner, const struct job *j);
bool master_job_start(
    struct app *a, void *owner, struct master_given *given, master_done *done);

#endif
