#ifndef STORE_STATS_H
#define STORE_STATS_H

/*
 * Counts over a vault. Of an open field its values are counted; of a masked or sealed one only
 * how many records have it. What is in the trash is left out, but where it is named. All of
 * it reads every record: on a thread of its own, and vault_interrupt ends it.
 */

#include "store/field.h"
#include "store/vault.h"

struct stats_month {
	int year, month; /* 1 to 12, local time */
	int64_t added, all; /* in it; up to its end */
};

struct stats_fill {
	int index; /* of field_list */
	int64_t filled;
};

struct stats_key { /* who came in by which slot */
	int slot;
	char label[65]; /* as the slot is called now */
	char actor[65];
	int64_t times, last; /* unlocks; the last one, UTC microseconds */
};

struct stats {
	int64_t records, trashed;
	struct stats_month *months; /* from the first record on, without a gap */
	size_t month_n;
	struct stats_fill *fills; /* each field */
	size_t fill_n;
	struct stats_key *keys; /* the latest use first */
	size_t key_n;
};

/**
 * stats_read(v, progress, out):
 * ${progress} may be NULL. RC_OK; RC_CANCELLED; RC_NOMEM; the codes of reading. On failure
 * ${out} is empty. stats_free(out): harmless for an empty one.
 */
enum rc stats_read(struct vault *v, const struct progress *progress, struct stats *out);
void stats_free(struct stats *out);

struct stats_value {
	char *text;
	int64_t n;
};

struct stats_field {
	int64_t filled, empty;
	bool counted;      /* false: a masked or sealed field, whose values are nobody's */
	bool years;        /* dates, by their year */
	int64_t different; /* values */
	struct stats_value *values; /* the most frequent first */
	size_t n;
};

/**
 * stats_of_field(v, index, most, progress, out):
 * At most ${most} values of field ${index}. Codes as above, and RC_INPUT (no such field).
 */
enum rc stats_of_field(struct vault *v, int index, int most, const struct progress *progress,
    struct stats_field *out);
void stats_field_free(struct stats_field *out);

#endif
