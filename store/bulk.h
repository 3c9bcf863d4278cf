#ifndef STORE_BULK_H
#define STORE_BULK_H

/*
 * The same change to many records: one transaction, one event with their number, one step
 * that is undone as a whole.
 */

#include "store/search.h"
#include "store/tag.h"

struct bulk { /* which records */
	const char *query;  /* all its hits; NULL: those below */
	const int64_t *ids;
	size_t id_n;
	int64_t agreed; /* how many hits were agreed to; 0: any number; -1: none, they are to
			 * be counted */
	struct progress progress; /* of the records; zero: none */
};

/**
 * bulk_edit(v, b, ch, n, changed, serr), bulk_tag(v, b, edits, n, changed, serr),
 * bulk_trash(v, b, changed, serr), bulk_restore(...), bulk_keep(v, b, until, changed, serr):
 * All of them or none; ${changed}: how many had anything to change. RC_OK (also of none);
 * RC_INPUT (the query, with ${serr}; a value; a record that is in the trash, or not, named by
 * its id); RC_NOTFOUND; RC_DENIED; RC_CANCELLED; RC_BUSY. When the hits are not as many as were
 * agreed to it is RC_BUSY, nothing is changed, and ${changed} is how many there are; after every
 * other failure it is 0.
 */
enum rc bulk_edit(struct vault *v, const struct bulk *b, const struct change *ch, size_t n,
    int64_t *changed, struct search_error *serr);
enum rc bulk_tag(struct vault *v, const struct bulk *b, const struct tag_edit *edits,
    size_t n, int64_t *changed, struct search_error *serr);
enum rc bulk_trash(
    struct vault *v, const struct bulk *b, int64_t *changed, struct search_error *serr);
enum rc bulk_restore(
    struct vault *v, const struct bulk *b, int64_t *changed, struct search_error *serr);
enum rc bulk_keep(struct vault *v, const struct bulk *b, int64_t until, int64_t *changed,
    struct search_error *serr);

#endif
