#ifndef UI_TUI_UNLOCK_JOBS_H
#define UI_TUI_UNLOCK_JOBS_H

/* What the unlock screen asks of a vault that is not open. On the front worker. */

#include "ui/tui/app.h"
#include "ui/tui/slot_order.h"

struct peek_job;
typedef void peek_done(struct peek_job *j);

struct peek_job {
	struct job job;
	peek_done *done;
	const char *path;
	struct worker *other; /* must have closed the vault before: it writes the header */
	struct vault_peek peek;
};

struct unlock_make { /* of a vault that is to be made */
	char *label, *schema; /* NULL: as "init" without them */
	uint32_t page_size;   /* 0: the usual one */
};

struct open_job;
typedef void open_done(struct open_job *j);

struct open_job {
	struct job job;
	open_done *done;
	const char *path;
	bool older; /* vault_open_older */
	bool makes;
	struct unlock_make make; /* the job's */
	struct vault_kdf kdf;	 /* of the vault that was made */
	struct slot_secret present; /* the job's; with a file: it is read on the thread */
	struct worker *other;	    /* as above */
	struct vault *clone;	    /* for the other worker; done may take it (NULL it) */
	struct vault_info info;
	struct field *fields; /* as ${clone} */
	size_t field_n;
};

/**
 * unlock_peek(a, owner, done), unlock_open(a, owner, present, older, done): post the job;
 * ${present} is taken over; ${older}: an older copy is accepted. False: memory is out.
 * unlock_make(a, owner, present, make, done): the same for a vault that is made first; ${make} too
 * is taken over.
 */
bool unlock_peek(struct app *a, void *owner, peek_done *done);
bool unlock_open(struct app *a, void *owner, struct slot_secret *present, bool older,
    open_done *done);
bool unlock_make(struct app *a, void *owner, struct slot_secret *present,
    struct unlock_make *make, open_done *done);

#endif
