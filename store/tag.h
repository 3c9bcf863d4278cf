#ifndef STORE_TAG_H
#define STORE_TAG_H

/* Tags: words that people put on records. Upper and lower case are the same (ASCII). */

#include "store/vault.h"

#define TAG_MAX  64 /* bytes */
#define TAGS_MAX 64 /* in one call */

struct tag_edit {
	char name[TAG_MAX + 1];
	bool off; /* take it off */
};

/**
 * tag_parse(text, out, n, err):
 * Of "+vip -old, review": what is put on and what is taken off; words without a sign are put
 * on. Each comes out as it is kept: trimmed, NFC. ${out} has room for TAGS_MAX. RC_OK (also with
 * none); RC_INPUT: a tag has no blank, comma or quote in it and no character that can't be seen,
 * or there are too many, or one is too long.
 */
enum rc tag_parse(const char *text, struct tag_edit *out, size_t *n, struct err *err);

/**
 * tag_edit(v, id, edits, n):
 * Put on and take off; a tag that is there already, or is not, stays as it is. RC_OK;
 * RC_NOTFOUND; RC_INPUT (in the trash). Audited, with the number of tags.
 */
enum rc tag_edit(struct vault *v, int64_t id, const struct tag_edit *edits, size_t n);

/**
 * tag_list(v, each, arg): every tag that is in use, in order, with the number of records that
 * are not in the trash. ${each} returns false to stop.
 */
typedef bool tag_each_fn(void *arg, const char *name, int64_t records);
enum rc tag_list(struct vault *v, tag_each_fn *each, void *arg);

#endif
