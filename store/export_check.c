/*
 * Whether a file is as an export of the vault left it.
 *
 * 1. The vault's list is what counts; a manifest can be written by anyone. What the list does
 *    not keep (names of files, classes) is not compared: files may be renamed.
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
#include "store/export_facts.h"
#include "store/query_hide.h"
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

/* The run that left such a file; of several that of the manifest, else the last one. */
static enum rc
find_run(struct vault *v, const uint8_t sum[SHA256_LEN], const json_t *manifest,
    sqlite3_stmt **st, struct export_check *out)
{
	int64_t told = json_integer_value(json_object_get(manifest, "run"));
	enum rc rc = sql_prepare(v,
	    "SELECT id, at, count, actor, format, query, columns, treatments, reason"
	    " FROM export_run WHERE sha256 = ?1 ORDER BY id = ?2 DESC, id DESC LIMIT 1",
	    st);

	if (rc == RC_OK)
		rc = sql_bind(v, *st, "bi", sum, (size_t)SHA256_LEN, told);
	if (rc == RC_OK)
		rc = sql_step(v, *st);
	if (rc == RC_OK) {
		out->run = sqlite3_column_int64(*st, 0);
		out->at = sqlite3_column_int64(*st, 1);
		out->count = sqlite3_column_int64(*st, 2);
		snprintf(out->actor, sizeof out->actor, "%s", sql_text(*st, 3));
		snprintf(out->format, sizeof out->format, "%s", sql_text(*st, 4));
	}
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The manifest beside the file, in ${out}; NULL when what is there is none of ours. */
static enum rc
read_manifest(struct vault *v, const char *path, bool *there, json_t **out)
{
	json_error_t error;
	struct stat st;
	char *name;
	int fd;

	if (asprintf(&name, "%s" EXPORT_MANIFEST_END, path) < 0)
		return err_default(&v->err, RC_NOMEM);
	*there = lstat(name, &st) == 0 || errno != ENOENT;
	fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= MANIFEST_MAX)
		*out = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
	if (fd >= 0)
		close(fd);
	free(name);
	return RC_OK;
}

static bool
says(const json_t *j, const char *key, const char *text)
{
	const char *said = json_string_value(json_object_get(j, key));

	return said && strcmp(said, text) == 0;
}

/* Whether ${key} of the columns is what stands in ${list} with commas between. */
static bool
says_list(const json_t *columns, const char *key, const char *list)
{
	const char *said;
	size_t i, n;

	for (i = 0; i < json_array_size(columns); i++) {
		said = json_string_value(json_object_get(json_array_get(columns, i), key));
		n = said ? strlen(said) : 0;
		if (!n || strncmp(list, said, n) != 0 || (list[n] && list[n] != ','))
			return false;
		list += n + (list[n] == ',');
	}
	return !*list;
}

struct twin {
	const struct query *told, *kept;
	const char *kept_text;
};

/* Whether the term of the kept query in the same place has its value hidden. */
static bool
is_kept_hidden(const void *arg, const struct query_node *term)
{
	const struct twin *t = arg;
	const size_t i = (size_t)(term - t->told->nodes);
	const struct query_node *kept = &t->kept->nodes[i];

	return i < t->kept->n && kept->kind == QUERY_TERM &&
	    kept->value_len == strlen(QUERY_HIDDEN) &&
	    strncmp(t->kept_text + kept->value_at, QUERY_HIDDEN, kept->value_len) == 0;
}

/*
 * Whether the manifest's query is the one that was kept. What became protected since is hidden
 * in the vault, and stands in the manifest.
 */
static enum rc
says_query(const json_t *j, const char *kept_text, bool *same)
{
	const char *told_text = json_string_value(json_object_get(j, "query"));
	struct query *told = NULL, *kept = NULL;
	char *hidden = NULL;
	enum rc rc;

	*same = told_text && strcmp(told_text, kept_text) == 0;
	if (*same || !told_text)
		return RC_OK;
	rc = query_parse(told_text, &told, NULL);
	if (rc == RC_OK)
		rc = query_parse(kept_text, &kept, NULL);
	if (rc == RC_OK) {
		struct twin twin = { told, kept, kept_text };

		rc = query_hide(told, told_text, is_kept_hidden, &twin, &hidden);
	}
	*same = hidden && strcmp(hidden, kept_text) == 0;
	free(hidden);
	query_free(told);
	query_free(kept);
	return rc == RC_INPUT ? RC_OK : rc;
}

/* Whether the manifest tells what the row of table export_run does, but for the query. */
static bool
agrees(const json_t *j, sqlite3_stmt *st, const struct export_check *found)
{
	const json_t *columns = json_object_get(j, "columns");
	char at[FACT_TIME_LEN];

	export_fact_time(found->at, at);
	return json_integer_value(json_object_get(j, "run")) == found->run &&
	    json_integer_value(json_object_get(j, "count")) == found->count &&
	    says(j, "at", at) && says(j, "actor", sql_text(st, 3)) &&
	    says(j, "format", sql_text(st, 4)) &&
	    says_list(columns, "name", sql_text(st, 6)) &&
	    says_list(columns, "treatment", sql_text(st, 7)) &&
	    says(j, "reason", sql_text(st, 8));
}

static enum rc
check_runs(struct vault *v, const char *path, const uint8_t sum[SHA256_LEN],
    struct export_check *out)
{
	sqlite3_stmt *st = NULL;
	json_t *manifest = NULL;
	bool there = false, same = true;
	enum rc rc = read_manifest(v, path, &there, &manifest);

	if (rc == RC_OK)
		rc = find_run(v, sum, manifest, &st, out);
	if (rc == RC_OK && out->run)
		rc = says_query(manifest, sql_text(st, 5), &same);
	if (rc == RC_OK && there)
		out->manifest = !says(manifest, "sha256", out->sha256) ? MANIFEST_OTHER
		    : same && (!out->run || agrees(manifest, st, out)) ? MANIFEST_SAME
								       : MANIFEST_ALTERED;
	sqlite3_finalize(st);
	json_decref(manifest);
	return rc;
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
		rc = check_runs(v, path, sum, out);
	return err_default(&v->err, rc);
}
