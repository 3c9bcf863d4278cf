#ifndef STORE_ERASE_H
#define STORE_ERASE_H

/*
 * Records gone for good: the record, its sealed values, history, tags, draft and full text.
 * SQLite overwrites what it frees; then the full text is merged, since it forgets lazily, and
 * the log is emptied. Backups still hold the record, and so does what a disk keeps of older
 * pages, until the next rotation destroys their keys.
 */

#include "store/vault.h"

#define TRASH_DAYS     30 /* unless the vault says otherwise */
#define TRASH_DAYS_MAX 36500

struct erase_report {
	int64_t records;
	int64_t kept; /* purge: left in the trash, since they are to be kept until a later day */
	bool merged;  /* the full text holds nothing of them any more */
	bool emptied; /* the log either; false: another program was reading from it */
};

/**
 * erase_records(v, ids, n, progress, out):
 * All of them or none; in the trash or not. RC_OK; RC_NOTFOUND; RC_READONLY; RC_BUSY. Audited,
 * one event a record. What fails or is cancelled after the records are gone is RC_OK with
 * merged or emptied false.
 */
enum rc erase_records(struct vault *v, const int64_t *ids, size_t n,
    const struct progress *progress, struct erase_report *out);

/**
 * erase_clean(v, progress, out): what follows after the commit of a change that removed records
 * for good: merge the full text, empty the log. Fills merged and emptied.
 */
void erase_clean(
    struct vault *v, const struct progress *progress, struct erase_report *out);

/**
 * trash_days(v, out): how many days a record stays in the trash before a purge erases it.
 * trash_set_days(v, days): RC_INPUT beyond TRASH_DAYS_MAX. Nothing goes by itself.
 */
enum rc trash_days(struct vault *v, int *out);
enum rc trash_set_days(struct vault *v, int days);

struct trash_entry {
	int64_t id, deleted_at, purge_at, keep_until;
};

/**
 * trash_list(v, each, arg): what is in the trash, the first to go first. ${purge_at}: when a
 * purge takes it; not before its keep-until date.
 */
typedef bool trash_each_fn(void *arg, const struct trash_entry *e);
enum rc trash_list(struct vault *v, trash_each_fn *each, void *arg);

/**
 * trash_count(v, out): how many records a purge would take, and leave, now.
 * trash_purge(v, agreed, progress, out):
 * Erase what is past its purge date. One event for all of them. RC_BUSY, and nothing is done,
 * when these are not ${agreed} records by now; 0: any number.
 */
enum rc trash_count(struct vault *v, struct erase_report *out);
enum rc trash_purge(struct vault *v, int64_t agreed, const struct progress *progress,
    struct erase_report *out);

#endif
