/*
 * Whether a file is as an export of the vault left it.
 *
 * 1. The vault's list is what counts; a manifest can be written by anyone.
 */
#include "store/export_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "keyring/crypto.h"
#include "keyring/secret.h"
#include "store/export.h"
#include "store/sql.h"

#define CHUNK        (64 * 1024)
#define MANIFEST_MAX (4 * 1024 * 1024) /* more is none of ours, and is not read */

static enum rc
sum_all(struct vault *v, int fd, const char *path, struct sha256 *h)
{
	char *buf = malloc(CHUNK);
	enum rc rc = buf ? RC_OK : RC_NOMEM;
	ssize_t n = 1;

	while (rc == RC_OK && n > 0) {
		n = read(fd, buf, CHUNK);
		if (n > 0)
			rc = sha256_add(h, buf, (size_t)n);
		else if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			rc = err_set(&v->err, RC_IO, "%s can't be read: %s", path,
			    strerror(errno));
	}
	if (buf)
		secret_wipe(buf, CHUNK);
	free(buf);
	return rc;
}

static enum rc
sum_file(struct vault *v, const char *path, uint8_t sum[SHA256_LEN])
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct sha256 *h = NULL;
	struct stat st;
	enum rc rc;

	if (fd < 0)
		return err_set(&v->err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
		    "%s can't be read: %s", path, strerror(errno));
	rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
	    ? sha256_new(&h)
	    : err_set(&v->err, RC_INPUT, "%s is not a regular file, as an export is", path);
	if (rc == RC_OK)
		rc = sum_all(v, fd, path, h);
	if (rc == RC_OK)
		rc = sha256_end(h, sum);
	sha256_free(h);
	close(fd);
	return rc;
}

static enum rc
find_run(struct vault *v, const uint8_t sum[SHA256_LEN], struct export_check *out)
{
	sqlite3_stmt *st = NULL;
	enum rc rc = sql_prepare(v,
	    "SELECT id, at, count, actor, format FROM export_run WHERE sha256 = ?1"
	    " ORDER BY id DESC LIMIT 1",
	    &st);

	if (rc == RC_OK)
		rc = sql_bind(v, st, "b", sum, (size_t)SHA256_LEN);
	if (rc == RC_OK)
		rc = sql_step(v, st);
	if (rc == RC_OK) {
		out->run = sqlite3_column_int64(st, 0);
		out->at = sqlite3_column_int64(st, 1);
		out->count = sqlite3_column_int64(st, 2);
		snprintf(out->actor, sizeof out->actor, "%s", sql_text(st, 3));
		snprintf(out->format, sizeof out->format, "%s", sql_text(st, 4));
	}
	sqlite3_finalize(st);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
read_manifest(struct vault *v, const char *path, struct export_check *out)
{
	json_error_t error;
	struct stat st;
	const char *said;
	json_t *j;
	char *name;

	if (asprintf(&name, "%s" EXPORT_MANIFEST_END, path) < 0)
		return err_default(&v->err, RC_NOMEM);
	if (stat(name, &st) == 0 && S_ISREG(st.st_mode)) {
		j = st.st_size > MANIFEST_MAX
		    ? NULL : json_load_file(name, JSON_REJECT_DUPLICATES, &error);
		said = json_string_value(json_object_get(j, "sha256"));
		out->manifest = said && strcmp(said, out->sha256) == 0 ? MANIFEST_SAME
								       : MANIFEST_OTHER;
		json_decref(j);
	}
	free(name);
	return RC_OK;
}

enum rc
export_check(struct vault *v, const char *path, struct export_check *out)
{
	uint8_t sum[SHA256_LEN] = { 0 };
	enum rc rc;
	size_t i;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	rc = sum_file(v, path, sum);
	for (i = 0; rc == RC_OK && i < sizeof sum; i++)
		sprintf(out->sha256 + 2 * i, "%02x", sum[i]);
	if (rc == RC_OK)
		rc = find_run(v, sum, out);
	if (rc == RC_OK)
		rc = read_manifest(v, path, out);
	return err_default(&v->err, rc);
}
