#ifndef STORE_UNDO_H
#define STORE_UNDO_H

/*
 * Undo and redo. All that one transaction changed is a step. Undoing it is a change like any
 * other, with its own versions and history; redoing it is undoing that.
 */

#include "store/vault.h"

struct undo_report {
	char name[17];   /* of the step: "edit", "tag", ... */
	int64_t records; /* that were changed back */
	int64_t id;      /* of the one record; 0: there were more */
	bool undone;     /* false: it was redone */
	bool already;    /* with RC_BUSY: somebody else, or another session, did it first */
};

/**
 * undo_last_step(v): the step that this connection has committed last; 0: none.
 * An import that was taken back leaves none.
 */
int64_t undo_last_step(const struct vault *v);

/**
 * undo_import_of(v, step, run): the import that ${step} was, for import_undo; 0: none.
 */
enum rc undo_import_of(struct vault *v, int64_t step, int64_t *run);

/**
 * undo_step(v, step, redo, out):
 * Take back what ${step} changed; ${redo}: do again what was taken back. All of it or nothing.
 * RC_OK (also where its fields are gone and nothing is left of it: 0 records, and undo_find
 * finds it no more); RC_BUSY (one of its records was changed since: the sentence names it; or
 * it does not stand any more, or stands: out->already); RC_NOTFOUND (no such step, or nothing
 * is left of it: its records have been erased); RC_INPUT (a field was dropped since; an import
 * that was taken back); RC_DENIED (sealed values on a browse slot). Audited.
 */
enum rc undo_step(struct vault *v, int64_t step, bool redo, struct undo_report *out);

/**
 * undo_find(v, redo, step): the last step of this user that is not undone, or the one of
 * theirs that was undone last with nothing done since. RC_OK; RC_NOTFOUND with a sentence.
 */
enum rc undo_find(struct vault *v, bool redo, int64_t *step);

#endif
