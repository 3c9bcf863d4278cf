/*
 * A new vault.
 *
 *     private temporary file -> tables, first entry of the audit -> closed -> given its name
 *     -> folder synced -> opened under its name
 *
 * 1. What stands under the name is whole: it was closed before it got the name, and the name
 *    was free (it is never replaced).
 * 2. On failure nothing is left in the folder.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/audit_int.h"
#include "store/schema.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

struct site { /* where the vault is made */
	const char *path;
	char *folder;         /* that it lies in, absolute */
	char temp[PATH_MAX];  /* in the same folder; once it is given, the vault's own name */
};

static enum rc
rc_of_errno(int code)
{
	switch (code) {
	case ENOENT:
	case ENOTDIR:
		return RC_NOTFOUND;
	case EEXIST:
		return RC_EXISTS;
	case ENOSPC:
	case EDQUOT:
		return RC_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return RC_READONLY;
	default:
		return RC_IO;
	}
}

static enum rc
failed(struct err *err, const char *path, int code)
{
	return err_set(err, rc_of_errno(code), "%s can't be made: %s", path, strerror(code));
}

static enum rc
exists(struct err *err, const char *path)
{
	return err_set(err, RC_EXISTS,
	    "%s exists already and is left as it is; choose another name", path);
}

static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name, *real;

	if (!slash)
		return realpath(".", NULL);
	name = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!name)
		return NULL;
	real = realpath(name, NULL);
	free(name);
	return real;
}

/* Find the folder and make an empty private file in it. */
static enum rc
site_begin(struct site *s, const char *path, struct err *err)
{
	uint8_t r[8];
	struct stat st;
	int fd, n;

	s->path = path;
	s->temp[0] = '\0';
	s->folder = NULL;
	if (lstat(path, &st) == 0)
		return exists(err, path);
	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return err_set(err, RC_INPUT, "name a file for the vault");
	s->folder = folder_of(path);
	if (!s->folder)
		return failed(err, path, errno);
	if (random_bytes(r, sizeof r) != RC_OK)
		return RC_INTERNAL;
	n = snprintf(s->temp, sizeof s->temp, "%s/.strongroom-%02x%02x%02x%02x%02x%02x%02x%02x",
	    s->folder, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]);
	if (n < 0 || (size_t)n >= sizeof s->temp - 16) {
		s->temp[0] = '\0';
		return failed(err, path, ENAMETOOLONG);
	}
	fd = open(s->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		s->temp[0] = '\0';
		return failed(err, path, errno);
	}
	close(fd);
	return RC_OK;
}

static void
site_end(struct site *s, bool keep)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
	char name[PATH_MAX + 16];
	size_t i;

	for (i = 0; !keep && s->temp[0] && i < sizeof beside / sizeof *beside; i++) {
		snprintf(name, sizeof name, "%s%s", s->temp, beside[i]);
		unlink(name);
	}
	free(s->folder);
}

static enum rc
sync_folder(const struct site *s)
{
	int fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = fd >= 0 && fsync(fd) == 0 ? RC_OK : RC_IO;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* Closing may leave an empty journal, where it could not be deleted. */
static void
drop_empty_journal(const struct site *s)
{
	char name[PATH_MAX + 16];
	struct stat st;

	snprintf(name, sizeof name, "%s-journal", s->temp);
	if (lstat(name, &st) == 0 && st.st_size == 0)
		unlink(name);
}

/* File systems that can't rename without replacing have hard links, which never do. */
static int
give_name(const struct site *s)
{
	if (renameat2(AT_FDCWD, s->temp, AT_FDCWD, s->path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return link(s->temp, s->path) == 0 ? unlink(s->temp) : -1;
}

/* Give the finished file its name, unless the name has been taken meanwhile. */
static enum rc
site_publish(struct site *s, struct err *err)
{
	drop_empty_journal(s);
	if (give_name(s) != 0)
		return errno == EEXIST ? exists(err, s->path) : failed(err, s->path, errno);
	/* What is to be removed if a later step fails. */
	snprintf(s->temp, sizeof s->temp, "%s", s->path);
	return err_default(err, sync_folder(s));
}

static enum rc
fill(struct vault *v, const struct field *fields, size_t n)
{
	const struct audit_entry created = { .event = AUDIT_CREATED, .count = -1 };
	enum rc rc;

	rc = sql_exec(v, "BEGIN IMMEDIATE");
	if (rc != RC_OK)
		return rc;
	v->in_tx = true;
	rc = schema_create(v, fields, n);
	if (rc == RC_OK)
		rc = audit_start(v);
	if (rc == RC_OK)
		rc = audit_append_at(v, &created, vault_now());
	if (rc != RC_OK) {
		vault_rollback(v);
		return rc;
	}
	return vault_commit(v);
}

/* The vault under its temporary name, from nothing to closed. */
static enum rc
build(const struct site *s, const struct vault_create_opts *opts, struct keyring *kr,
    const struct field *fields, size_t n, struct err *err)
{
	struct vault *v;
	char pragma[64];
	enum rc rc;

	rc = vault_new(s->temp, &v);
	if (rc != RC_OK)
		return rc;
	rc = unlocked_add(s->temp, kr, &v->unlocked);
	if (rc == RC_OK)
		rc = vault_connect(v, s->temp, true);
	snprintf(pragma, sizeof pragma, "PRAGMA page_size = %u",
	    opts->page_size ? opts->page_size : PAGE_SIZE_DEFAULT);
	if (rc == RC_OK)
		rc = sql_exec(v, pragma);
	v->slot = keyring_slot_used(kr);
	if (rc == RC_OK)
		rc = fill(v, fields, n);
	if (rc == RC_OK) /* not before: the file alone must hold all of it when it is closed */
		rc = sql_exec(v, "PRAGMA journal_mode = WAL");
	if (rc != RC_OK)
		err_set(err, rc, "%s", v->err.text);
	vault_abandon(v);
	return rc;
}

static enum rc
make_keyring(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct keyring **out, struct err *err)
{
	struct keyring_secret ks;
	struct kdf_params params;
	struct secret *normal;
	uint32_t ms;
	enum rc rc;

	*out = NULL;
	rc = vault_present(&opts->secret, &ks, &normal, err);
	if (rc == RC_OK)
		rc = kdf_calibrate(&params, &ms);
	if (rc == RC_OK)
		rc = keyring_create(
		    &ks, &params, opts->label ? opts->label : "first", out, err);
	secret_free(normal);
	if (rc == RC_OK && kdf)
		*kdf = (struct vault_kdf){ params.memory_kib, params.passes, params.lanes, ms };
	return err_default(err, rc);
}

/* The page size and the fields, before a second is spent on the KDF. */
static enum rc
check_wishes(const struct vault_create_opts *opts, struct field **fields, size_t *n,
    struct err *err)
{
	uint32_t size = opts->page_size;

	*fields = NULL;
	if (size && (size < PAGE_SIZE_MIN || size > PAGE_SIZE_MAX || (size & (size - 1))))
		return err_set(err, RC_INPUT,
		    "a page size is a power of two from %d to %d", PAGE_SIZE_MIN, PAGE_SIZE_MAX);
	return schema_parse(opts->schema ? opts->schema : schema_default(), fields, n, err);
}

static enum rc
open_new(const struct vault_create_opts *opts, struct keyring *kr, struct vault **out,
    struct err *err)
{
	struct vault *v;
	enum rc rc;

	rc = vault_new(opts->path, &v);
	if (rc != RC_OK)
		return rc;
	rc = vault_enter(v, kr);
	if (rc != RC_OK) {
		err_set(err, rc, "%s", v->err.text);
		vault_abandon(v);
		return rc;
	}
	*out = v;
	return RC_OK;
}

enum rc
vault_create(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct vault **out, struct err *err)
{
	struct site site;
	struct keyring *kr = NULL;
	struct field *fields;
	size_t n = 0;
	enum rc rc;

	*out = NULL;
	rc = check_wishes(opts, &fields, &n, err);
	if (rc != RC_OK)
		return rc;
	rc = site_begin(&site, opts->path, err);
	if (rc == RC_OK)
		rc = make_keyring(opts, kdf, &kr, err);
	if (rc == RC_OK)
		rc = build(&site, opts, kr, fields, n, err);
	if (rc == RC_OK)
		rc = site_publish(&site, err);
	if (rc == RC_OK)
		rc = open_new(opts, kr, out, err);
	site_end(&site, rc == RC_OK);
	keyring_free(kr);
	free(fields);
	return err_default(err, rc);
}
