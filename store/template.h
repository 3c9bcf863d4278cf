#ifndef STORE_TEMPLATE_H
#define STORE_TEMPLATE_H

/* Texts that are kept in the vault under a kind and a name, to be used again. */

#include "store/vault.h"

#define TEMPLATE_NAME_MAX 64          /* bytes */
#define TEMPLATE_BODY_MAX (256 * 1024)

#define TEMPLATE_EXPORT "export"
#define TEMPLATE_IMPORT "import"

/**
 * template_save(v, kind, name, body, replace):
 * RC_OK; RC_EXISTS (without ${replace}); RC_INPUT (the name is empty, too long or holds what
 * can't be seen); RC_LIMIT (the body).
 * template_check(v, kind, name, replace): what template_save would say of the name.
 * template_get(v, kind, name, body): the caller frees it. RC_OK; RC_NOTFOUND.
 * template_drop(v, kind, name): RC_OK; RC_NOTFOUND.
 * Upper and lower case of a name are the same.
 */
enum rc template_save(struct vault *v, const char *kind, const char *name,
    const char *body, bool replace);
enum rc template_check(
    struct vault *v, const char *kind, const char *name, bool replace);
enum rc template_get(struct vault *v, const char *kind, const char *name, char **body);
enum rc template_drop(struct vault *v, const char *kind, const char *name);

/**
 * template_list(v, kind, each, arg): in the order of kinds and names; ${kind} NULL: all.
 * ${each} returns RC_OK to go on.
 */
typedef enum rc template_each_fn(
    void *arg, const char *kind, const char *name, const char *body);
enum rc template_list(struct vault *v, const char *kind, template_each_fn *each, void *arg);

#endif
