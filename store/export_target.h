#ifndef STORE_EXPORT_TARGET_H
#define STORE_EXPORT_TARGET_H

/* Where an export goes: a file with its manifest, or a descriptor; and the run's row. */

#include "store/export_facts.h"

struct export_target;

/**
 * export_check_asked(opts, err): RC_OK; RC_DENIED (no plaintext, no reason); RC_INPUT (the
 * reason is not UTF-8).
 * export_target_open(v, opts, out, err):
 * RC_OK; RC_INPUT (a file of the vault); file_new's. export_target_free(t): what was not
 * finished is gone; NULL is harmless.
 * export_target_write(t, bytes, len): a sink_write_fn; ${t} is its argument.
 * export_target_finish(t, facts, columns, report):
 * Make the bytes durable, record the run, write the manifest, give the names. ${report} has
 * the rows; bytes, digest and run are filled in. On failure neither name is
 * there, or both: only the folder could not be synced then.
 */
enum rc export_check_asked(const struct export_opts *opts, struct err *err);
enum rc export_target_open(struct vault *v, const struct export_opts *opts,
    struct export_target **out, struct err *err);
void export_target_free(struct export_target *t);
enum rc export_target_write(void *target, const void *bytes, size_t len);
enum rc export_target_finish(struct export_target *t, const struct export_facts *facts,
    const struct treated *columns, struct export_report *report);

#endif
