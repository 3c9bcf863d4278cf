/*
 * Where an export goes.
 *
 * 1. It is never a file of the vault, and whole or not there (file.h).
 * 2. When the file gets its name, the vault has its digest, and its manifest lies beside it:
 *    a file without one was not finished here.
 */
#include "store/export_target.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/crypto.h"
#include "store/file.h"
#include "store/text.h"

struct export_target {
	struct vault *v;
	const struct export_opts *opts;
	struct err *err;
	struct file *file, *manifest;
	struct sha256 *sum;
	uint64_t bytes;
};

enum rc
export_check_asked(const struct export_opts *opts, struct err *err)
{
	if (!opts->plaintext)
		return err_set(err, RC_DENIED,
		    "an export is readable by anyone who gets the file: ask for "
		    "plaintext explicitly");
	if (!opts->reason || !opts->reason[strspn(opts->reason, " \t\r\n")])
		return err_set(err, RC_DENIED,
		    "an export in plaintext needs a reason, which the audit keeps");
	if (!text_is_utf8(opts->reason, strlen(opts->reason)))
		return err_set(err, RC_INPUT, "the reason is not UTF-8: write it again");
	return RC_OK;
}

static enum rc
open_file(struct export_target *t, const char *path, struct file **out)
{
	if (file_is_part_of(path, t->v->path))
		return err_set(t->err, RC_INPUT,
		    "%s belongs to the vault itself: export to another file", path);
	return file_new(path, t->opts->force, out, t->err);
}

/* Told before the file is made: it could not get its name after all the work. */
static enum rc
open_manifest(struct export_target *t)
{
	const char *slash = strrchr(t->opts->path, '/');
	const size_t len = strlen(slash ? slash + 1 : t->opts->path);
	enum rc rc;
	char *path;

	if (len + strlen(EXPORT_MANIFEST_END) > NAME_MAX)
		return err_set(t->err, RC_INPUT,
		    "the file's name has %zu bytes: at most %zu leave room for that of its "
		    "manifest, choose a shorter one",
		    len, NAME_MAX - strlen(EXPORT_MANIFEST_END));
	if (asprintf(&path, "%s" EXPORT_MANIFEST_END, t->opts->path) < 0)
		return err_default(t->err, RC_NOMEM);
	rc = open_file(t, path, &t->manifest);
	if (rc == RC_OK)
		file_keep_replaced(t->manifest);
	free(path);
	return rc;
}

enum rc
export_target_open(struct vault *v, const struct export_opts *opts,
    struct export_target **out, struct err *err)
{
	struct export_target *t = calloc(1, sizeof *t);
	bool stream = strcmp(opts->path, "-") == 0;
	enum rc rc;

	*out = NULL;
	if (!t)
		return err_default(err, RC_NOMEM);
	t->v = v;
	t->opts = opts;
	t->err = err;
	rc = sha256_new(&t->sum);
	if (rc == RC_OK && !stream)
		rc = open_file(t, opts->path, &t->file);
	if (rc == RC_OK && !stream && opts->manifest)
		rc = open_manifest(t);
	if (rc != RC_OK) {
		export_target_free(t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

void
export_target_free(struct export_target *t)
{
	if (!t)
		return;
	file_free(t->file);
	file_free(t->manifest);
	sha256_free(t->sum);
	free(t);
}

enum rc
export_target_write(void *target, const void *bytes, size_t len)
{
	struct export_target *t = target;
	enum rc rc = sha256_add(t->sum, bytes, len);

	if (rc != RC_OK)
		return rc;
	t->bytes += len;
	if (t->file)
		return file_write(t->file, bytes, len, t->err);
	return file_write_fd(t->opts->fd, bytes, len, "the output", t->err);
}

/* The run's row, with the digest of all that was written. */
static enum rc
record_run(struct export_target *t, const struct export_facts *facts,
    struct export_report *report)
{
	uint8_t sum[SHA256_LEN];
	enum rc rc = sha256_end(t->sum, sum);
	size_t i;

	for (i = 0; rc == RC_OK && i < sizeof sum; i++)
		sprintf(report->sha256 + 2 * i, "%02x", sum[i]);
	if (rc == RC_OK)
		rc = export_record_run(t->v, facts, report->rows, sum, &report->run);
	return rc;
}

static enum rc
write_to_manifest(void *target, const void *bytes, size_t len)
{
	struct export_target *t = target;

	return file_write(t->manifest, bytes, len, t->err);
}

static enum rc
write_manifest(struct export_target *t, const struct export_facts *facts,
    const struct treated *columns, const struct export_report *report)
{
	enum rc rc = export_manifest(
	    facts, columns, report, t->opts->path, write_to_manifest, t);

	return rc == RC_OK ? file_commit(t->manifest, t->err) : rc;
}

enum rc
export_target_finish(struct export_target *t, const struct export_facts *facts,
    const struct treated *columns, struct export_report *report)
{
	/* Little can fail after the manifest has its name. */
	enum rc rc = t->file ? file_settle(t->file, t->err) : RC_OK;

	report->bytes = t->bytes;
	if (rc == RC_OK)
		rc = record_run(t, facts, report);
	if (rc == RC_OK && t->manifest)
		rc = write_manifest(t, facts, columns, report);
	if (rc == RC_OK && t->file)
		rc = file_commit(t->file, t->err);
	if (rc != RC_OK && t->manifest && !file_given(t->file))
		file_withdraw(t->manifest);
	return rc;
}
