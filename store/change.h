#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

/*
 * The one way in which a record that is there is changed: its fields, tags, keep-until date
 * and place in the trash, with a row of history that can take it back. For the store's own
 * files; needs an open write transaction. No audit here.
 */

#include "store/record_int.h"

#define STEP_NAME_MAX 16

struct change_tag {
	const char *name;
	bool off; /* take it off */
};

struct record_change { /* what a record is to become; zero: as it is */
	const struct change *fields; /* as they are to be stored */
	size_t field_n;
	const struct change_tag *tags;
	size_t tag_n;
	bool trash, keep; /* whether the times below are to be set */
	int64_t deleted_at, keep_until; /* 0: none */
};

struct record_facts { /* of a record that is to be changed */
	uint8_t uuid[16];
	int64_t id, version, deleted_at, keep_until;
};

/**
 * record_facts(v, id, out): RC_OK; RC_NOTFOUND with a sentence.
 */
enum rc record_facts(struct vault *v, int64_t id, struct record_facts *out);

struct changer; /* prepared once, for many records */

/**
 * changer_new(v, name, out):
 * Changes that are one step called ${name} ("edit"), together with all others of the
 * transaction: they are undone together. The first name of a transaction stays.
 * changer_apply(c, facts, ch, changed): ${facts} as they are now; after it, as they have
 * become. ${changed} (may be NULL): false when there was nothing to change. RC_OK; RC_DENIED
 * (a sealed field on a browse slot).
 * changer_added(c, facts): the record ${facts} was added in this transaction.
 */
enum rc changer_new(struct vault *v, const char *name, struct changer **out);
enum rc changer_apply(struct changer *c, struct record_facts *facts,
    const struct record_change *ch, bool *changed);
enum rc changer_added(struct changer *c, const struct record_facts *facts);
void changer_free(struct changer *c);

/**
 * change_one(v, name, facts, ch, changed): a changer for this change alone.
 */
enum rc change_one(struct vault *v, const char *name, struct record_facts *facts,
    const struct record_change *ch, bool *changed);

/**
 * change_step(v): the step of the transaction that is open, with the first changer_new; 0:
 * none yet. change_settle(v): before its commit: a step in which nothing was changed is none.
 */
int64_t change_step(const struct vault *v);
enum rc change_settle(struct vault *v);

/**
 * change_forget(v): after records were removed for good: steps of which nothing is left can't
 * be undone or done again, and stand in no other's way.
 */
enum rc change_forget(struct vault *v);

#endif
