/*
 * Making a vault.
 *
 *     keys -> temporary name (0600) -> tables, first entry -> closed -> its name -> open
 *
 * 1. The vault's name is given to a whole vault or to none, and never taken from a file
 * that is there: by a call that fails when it exists.
 * 2. On failure nothing is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/audit_int.h"
#include "store/schema.h"
#include "store/vault_db.h"

#define TRIES 8

struct maker {
	const struct vault_create_opts *opts;
	struct field *fields;
	size_t field_n;
	struct keyring *kr;
	char folder[PATH_MAX]; /* without symbolic links */
	char final[PATH_MAX], temp[PATH_MAX];
	struct err *err;
};

static enum rc
system_error(struct maker *m, const char *what)
{
	const int e = errno;
	enum rc rc = RC_IO;

	if (e == ENOENT || e == ENOTDIR)
		rc = RC_NOTFOUND;
	else if (e == EACCES || e == EPERM || e == EROFS)
		rc = RC_READONLY;
	else if (e == ENOSPC || e == EDQUOT)
		rc = RC_FULL;
	else if (e == EEXIST)
		rc = RC_EXISTS;
	return err_set(m->err, rc, "%s: %s: %s", m->opts->path, what, strerror(e));
}

static enum rc
exists(struct maker *m)
{
	return err_set(m->err, RC_EXISTS,
	    "%s exists already: choose another name, or move it away first",
	    m->opts->path);
}

static enum rc
find_place(struct maker *m)
{
	char dir[PATH_MAX], base[PATH_MAX];
	struct stat st;
	int n;

	n = snprintf(dir, sizeof dir, "%s", m->opts->path);
	if (n <= 0 || n >= PATH_MAX - 32)
		return err_set(
		    m->err, RC_INPUT, "the path of the vault is empty or too long");
	strcpy(base, dir);
	if (lstat(m->opts->path, &st) == 0)
		return exists(m);
	if (!realpath(dirname(dir), m->folder))
		return system_error(m, "its folder");
	n = snprintf(m->final, sizeof m->final, "%s/%s",
	    strcmp(m->folder, "/") ? m->folder : "", basename(base));
	if (n >= PATH_MAX - 32)
		return err_set(m->err, RC_INPUT, "the path of the vault is too long");
	return RC_OK;
}

/* SQLite would make the file for everybody to read. */
static enum rc
make_temp(struct maker *m)
{
	uint8_t random[8];
	int i, fd = -1, n;

	for (i = 0; i < TRIES && fd < 0; i++) {
		if (random_bytes(random, sizeof random) != RC_OK)
			return err_default(m->err, RC_INTERNAL);
		n = snprintf(m->temp, sizeof m->temp,
		    "%s/.strongroom-%02x%02x%02x%02x%02x%02x", m->folder, random[0],
		    random[1], random[2], random[3], random[4], random[5]);
		if (n >= PATH_MAX)
			return err_set(
			    m->err, RC_INPUT, "the path of the vault is too long");
		fd = open(
		    m->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd >= 0) {
		close(fd);
		return RC_OK;
	}
	m->temp[0] = '\0';
	return system_error(m, "make a file beside it");
}

static enum rc
make_keys(struct maker *m, struct vault_kdf *kdf)
{
	struct keyring_secret s;
	struct kdf_params params;
	struct secret *own;
	enum rc rc;

	rc = vault_secret_ready(&m->opts->secret, &s, &own, m->err);
	if (rc == RC_OK)
		rc = vault_kdf_choose(&params, kdf, m->err);
	if (rc == RC_OK)
		rc = keyring_create(&s, &params,
		    m->opts->label ? m->opts->label : "first", &m->kr, m->err);
	secret_free(own);
	if (rc == RC_OK && m->opts->page_size &&
	    keyring_set_page_size(m->kr, m->opts->page_size) != RC_OK)
		rc = err_set(m->err, RC_INPUT,
		    "a page has 512, 1024, 2048, ... or 65536 bytes, not %u",
		    m->opts->page_size);
	return rc;
}

static enum rc
fill(struct maker *m, struct vault *v)
{
	const struct audit_entry created = {.event = AUDIT_CREATED, .count = -1};
	char sql[64];
	enum rc rc;

	vault_slot(v, m->kr);
	snprintf(sql, sizeof sql, "PRAGMA page_size = %u", keyring_page_size(m->kr));
	rc = sql_exec(v, sql);
	if (rc == RC_OK)
		rc = sql_exec(v, "BEGIN IMMEDIATE");
	v->in_tx = rc == RC_OK;
	if (rc == RC_OK)
		rc = schema_create(v, m->fields, m->field_n);
	if (rc == RC_OK)
		rc = audit_start(v);
	if (rc == RC_OK)
		rc = audit_append(v, &created);
	if (rc == RC_OK)
		rc = vault_commit(v);
	else
		vault_rollback(v);
	return rc == RC_OK ? sql_exec(v, "PRAGMA journal_mode = WAL") : rc;
}

/* A connection on ${path}, with a user of the keyring of its own. */
static enum rc
connect(struct maker *m, const char *path, struct vault **out)
{
	struct unlocked *u;
	enum rc rc = unlocked_add(path, m->kr, &u);

	if (rc != RC_OK)
		return err_default(m->err, rc);
	rc = vault_connect(u, m->opts->path, false, out, m->err);
	if (rc != RC_OK) {
		unlocked_leave(u);
		unlocked_drop(u);
	}
	return rc;
}

static void
disconnect(struct vault *v)
{
	unlocked_leave(v->unlocked);
	vault_disconnect(v);
}

static enum rc
build(struct maker *m)
{
	struct vault *v;
	enum rc rc = connect(m, m->temp, &v);

	if (rc != RC_OK)
		return rc;
	rc = fill(m, v);
	if (rc != RC_OK)
		err_set(m->err, rc, "%s", v->err.text);
	disconnect(v);
	return rc;
}

static enum rc
sync_folder(struct maker *m)
{
	int fd = open(m->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = RC_OK;

	if (fd < 0 || fsync(fd) != 0)
		rc = system_error(m, "make its name durable");
	if (fd >= 0)
		close(fd);
	return rc;
}

/* By link(2); where the file system has not got it, by a rename that replaces nothing. */
static enum rc
give_name(struct maker *m)
{
	bool named = link(m->temp, m->final) == 0;

	if (!named && (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS))
		named = renameat2(
			    AT_FDCWD, m->temp, AT_FDCWD, m->final, RENAME_NOREPLACE) == 0;
	if (!named)
		return errno == EEXIST ? exists(m) : system_error(m, "give it its name");
	unlink(m->temp);
	strcpy(m->temp, m->final); /* what is to be removed when something fails */
	return sync_folder(m);
}

static enum rc
open_made(struct maker *m, struct vault **out)
{
	struct vault *v;
	enum rc rc = connect(m, m->final, &v);

	if (rc != RC_OK)
		return rc;
	vault_slot(v, m->kr);
	rc = field_load(v);
	if (rc != RC_OK) {
		err_set(m->err, rc, "%s", v->err.text);
		disconnect(v);
		return rc;
	}
	vault_changed(v);
	*out = v;
	return RC_OK;
}

static void
remove_with_log(const char *path)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char name[PATH_MAX + 16];
	size_t i;

	for (i = 0; *path && i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static enum rc
make(struct maker *m, struct vault_kdf *kdf, struct vault **out)
{
	const char *schema = m->opts->schema ? m->opts->schema : schema_default();
	enum rc rc;

	rc = find_place(m);
	if (rc == RC_OK)
		rc = schema_parse(schema, &m->fields, &m->field_n, m->err);
	if (rc == RC_OK)
		rc = make_temp(m);
	if (rc == RC_OK)
		rc = make_keys(m, kdf);
	if (rc == RC_OK)
		rc = build(m);
	if (rc == RC_OK)
		rc = give_name(m);
	return rc == RC_OK ? open_made(m, out) : rc;
}

enum rc
vault_create(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct vault **out, struct err *err)
{
	struct maker *m = calloc(1, sizeof *m);
	enum rc rc;

	*out = NULL;
	if (!m)
		return err_default(err, RC_NOMEM);
	m->opts = opts;
	m->err = err;
	rc = make(m, kdf, out);
	if (rc != RC_OK)
		remove_with_log(m->temp);
	keyring_free(m->kr);
	free(m->fields);
	free(m);
	return err_default(err, rc);
}
