#ifndef STORE_ROTATE_H
#define STORE_ROTATE_H

/*
 * New page and field keys for a whole vault, while it is in use: every sealed value is sealed
 * and every page written again in small steps, then the old keys are destroyed. Audited:
 * that it began, went on, was paused, ended.
 */

#include "store/vault.h"

struct rotate_report {
	bool resumed;          /* it had begun before this call */
	uint32_t epoch;        /* of the page keys, the active one */
	uint32_t page_size;
	uint64_t values;       /* sealed again by this call */
	uint64_t pages;        /* written again by it */
	uint64_t left;         /* when it was paused or failed: still under older keys */
	uint64_t ms;           /* that this call took */
	uint64_t longest_ms;   /* that writers had to wait for one step */
};

/**
 * rotate_run(v, progress, out, err):
 * Begin a rotation or go on with one, to its end. ${progress} counts bytes; when it asks to
 * stop, the rotation is paused. RC_OK; RC_CANCELLED (paused: the next call goes on);
 * RC_DENIED (a browse slot opened the vault); RC_READONLY; RC_BUSY (another program holds
 * the vault, or reads from its log: the next call goes on); RC_TAMPER (a page does not
 * verify: the older keys are kept); RC_LIMIT; RC_IO; RC_FULL. ${out} is filled in any case.
 */
enum rc rotate_run(struct vault *v, const struct progress *progress,
    struct rotate_report *out, struct err *err);

struct rotate_status {
	bool active;
	uint64_t begun; /* UTC microseconds */
	uint32_t epoch; /* of the page keys, the active one */
	uint32_t page_size;
	uint64_t pages, left; /* of the file; of these under older keys */
};

/**
 * rotate_status(v, out, err): how it stands. RC_OK; RC_IO; RC_NOMEM.
 */
enum rc rotate_status(struct vault *v, struct rotate_status *out, struct err *err);

#endif
