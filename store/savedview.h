#ifndef STORE_SAVEDVIEW_H
#define STORE_SAVEDVIEW_H

/*
 * Saved views: a query, the columns and the order of a list under a name. Upper and lower
 * case of names are the same (ASCII).
 */

#include "store/search.h"

#define SAVEDVIEW_NAME_MAX 64 /* bytes */
#define SAVEDVIEW_MAX      1000

struct savedview {
	const char *name;
	const char *query;   /* "" : all that is not in the trash */
	const char *columns; /* names of fields, comma-separated; "": as the face shows them */
	const char *sort;    /* [-]name; "": by the record's number */
};

/**
 * savedview_save(v, view, replace, err):
 * Keep ${view}; one that has its name is replaced only with ${replace}. RC_OK; RC_EXISTS;
 * RC_INPUT (the name; the query, then ${err} tells where: one that looks up a sealed value
 * can't be saved, as that would stand in the view); RC_LIMIT (SAVEDVIEW_MAX).
 */
enum rc savedview_save(struct vault *v, const struct savedview *view, bool replace,
    struct search_error *err);

/**
 * savedview_get(v, name, out): RC_OK; RC_NOTFOUND.
 * savedview_drop(v, name): the same codes.
 * savedview_free(s): wipes; NULL is harmless.
 */
enum rc savedview_get(struct vault *v, const char *name, struct savedview **out);
enum rc savedview_drop(struct vault *v, const char *name);
void savedview_free(struct savedview *s);

/**
 * savedview_list(v, each, arg): all of them, by name. ${each} returns false to stop; what it
 * gets lives during the call only.
 */
typedef bool savedview_each_fn(void *arg, const struct savedview *s);
enum rc savedview_list(struct vault *v, savedview_each_fn *each, void *arg);

#endif
