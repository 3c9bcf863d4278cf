#ifndef STORE_SUBJECT_H
#define STORE_SUBJECT_H

/* All that the vault holds on one person, for that person: as JSON with the schema. */

#include "store/export.h"

#define SUBJECT_VERSION 1 /* of the JSON */

/**
 * subject_export(v, id, opts, report):
 * The record ${id} (in the trash or not) with all fields in the clear, its tags, the imports
 * that it is from, its history with the old values, drafts on it and the audit's entries.
 * Of ${opts}: path, fd, force, plaintext,
 * reason, manifest, as for export_run. The events ("subject exported", "revealed" for each
 * protected field) are durable before a value is read. RC_OK; RC_NOTFOUND; RC_DENIED (no
 * consent, or a browse slot); RC_TAMPER; export_run's.
 */
enum rc subject_export(struct vault *v, int64_t id, const struct export_opts *opts,
    struct export_report *report);

#endif
