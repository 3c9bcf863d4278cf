/*
 * The key backup: the header alone in a file of its own, and back.
 *
 * 1. A backup is opened again from its bytes before its file gets a name.
 * 2. A header is put back only when the user's secret opens it and pages of the vault's file
 *    open with its keys (vfs/restore.c).
 * 3. A header that is whole and newer is replaced only when the user says so: with an older
 *    one, slots that were removed open the vault again.
 * 4. What is restored can't be audited before, since nothing opens; the entry follows at once.
 */

#include "store/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/backup.h"
#include "keyring/passphrase.h"
#include "store/audit_int.h"
#include "store/file.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

static enum rc
write_new(const char *path, const uint8_t *bytes, struct err *err)
{
	struct file *f;
	enum rc rc = file_new(path, false, &f, err);

	if (rc != RC_OK)
		return rc;
	rc = file_write(f, bytes, BACKUP_LEN, err);
	if (rc == RC_OK)
		rc = file_commit(f, err);
	file_free(f);
	return rc;
}

static enum rc
record(struct vault *v, enum audit_event event, const char *text, struct err *err)
{
	const struct audit_entry e = { .event = event, .count = -1, .reason = text };
	enum rc rc = audit_append(v, &e);

	if (rc != RC_OK)
		err_set(err, rc, "the audit can't be written: %s", v->err.text);
	return rc;
}

static enum rc
make_backup(struct vault *v, const struct secret *passphrase, uint8_t *bytes,
    struct vault_kdf *kdf, struct err *err)
{
	struct kdf_params params;
	struct secret *normal;
	uint32_t ms;
	enum rc rc = passphrase_normalise(passphrase, &normal, NULL, err);

	if (rc == RC_OK)
		rc = kdf_calibrate(&params, &ms);
	if (rc == RC_OK)
		rc = keyring_backup(
		    unlocked_keyring(v->unlocked), normal, &params, bytes, err);
	if (rc == RC_OK && kdf)
		*kdf = (struct vault_kdf){ params.memory_kib, params.passes, params.lanes, ms };
	secret_free(normal);
	return rc;
}

enum rc
keys_backup(struct vault *v, const char *path, const struct secret *passphrase,
    struct vault_kdf *kdf, struct err *err)
{
	uint8_t *bytes = malloc(BACKUP_LEN);
	enum rc rc = bytes ? RC_OK : RC_NOMEM;

	vault_err_start(v);
	if (rc == RC_OK && v->readonly)
		rc = err_set(err, RC_READONLY,
		    "%s is open for reading only: a key backup must be in its audit", v->path);
	if (rc == RC_OK && file_is_part_of(path, v->path))
		rc = err_set(err, RC_INPUT,
		    "%s is the vault or a part of it: name another file", path);
	if (rc == RC_OK)
		rc = make_backup(v, passphrase, bytes, kdf, err);
	if (rc == RC_OK)
		rc = record(v, AUDIT_BACKED_UP, "the header", err);
	if (rc == RC_OK && (rc = write_new(path, bytes, err)) != RC_OK)
		record(v, AUDIT_BACKED_UP, "the header: it failed, no file was made", NULL);
	free(bytes);
	return err_default(err, rc);
}

/* One byte more than a backup has, so that a longer file is known. */
static enum rc
read_file(const char *path, uint8_t *bytes, size_t *len, struct err *err)
{
	struct stat st;
	ssize_t n = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*len = 0;
	if (fd < 0)
		return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
		    "the key backup %s can't be read: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, RC_INPUT, "the key backup %s is not a regular file", path);
	}
	while (n != 0 && *len <= BACKUP_LEN) {
		n = read(fd, bytes + *len, BACKUP_LEN + 1 - *len);
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			*len += (size_t)n;
	}
	close(fd);
	return n < 0 ? err_set(err, RC_IO, "the key backup %s can't be read", path) : RC_OK;
}

static enum rc
load_backup(const char *path, uint8_t **bytes, size_t *len, struct backup_info *info,
    struct err *err)
{
	struct err why = { "" };
	enum rc rc = RC_NOMEM;

	memset(info, 0, sizeof *info);
	*bytes = malloc(BACKUP_LEN + 1);
	if (*bytes)
		rc = read_file(path, *bytes, len, err);
	if (rc == RC_OK && (rc = backup_info(*bytes, *len, info, &why)) != RC_OK)
		err_set(err, rc, "%s: %s", path, why.text);
	if (rc != RC_OK) {
		free(*bytes);
		*bytes = NULL;
	}
	return err_default(err, rc);
}

/* How the vault's present header stands to the backup. */
static enum rc
compare(const char *path, const struct backup_info *info, struct keys_backup *out,
    struct err *err)
{
	struct keyring *kr;
	struct header h;
	enum rc rc = vault_read_header(path, &kr, err);

	out->present = KEYS_HEADER_DAMAGED;
	if (rc == RC_DAMAGED || rc == RC_FORMAT || rc == RC_LIMIT) {
		if (err)
			err->text[0] = '\0';
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	keyring_header(kr, &h);
	keyring_free(kr);
	if (memcmp(h.vault_id, info->vault_id, VAULT_ID_LEN) != 0)
		return err_set(err, RC_INPUT,
		    "the key backup is another vault's: its id is %s", out->id);
	out->present_sequence = h.sequence;
	out->present_modified = h.modified;
	out->present =
	    h.sequence > info->sequence ? KEYS_HEADER_NEWER : KEYS_HEADER_OLDER;
	return RC_OK;
}

static enum rc
peek(const char *path, const struct backup_info *info, struct keys_backup *out,
    struct err *err)
{
	memset(out, 0, sizeof *out);
	vault_id_text(info->vault_id, out->id);
	out->sequence = info->sequence;
	out->modified = info->modified;
	out->made = info->made;
	out->kdf.memory_kib = info->kdf.memory_kib;
	out->kdf.passes = info->kdf.passes;
	out->kdf.lanes = info->kdf.lanes;
	return compare(path, info, out, err);
}

enum rc
keys_backup_peek(
    const char *path, const char *file, struct keys_backup *out, struct err *err)
{
	struct backup_info info;
	uint8_t *bytes;
	size_t len = 0;
	enum rc rc = load_backup(file, &bytes, &len, &info, err);

	if (rc == RC_OK)
		rc = peek(path, &info, out, err);
	free(bytes);
	return rc;
}

/* The header in the backup, unlocked by the user's own secret and ready to be written. */
static enum rc
open_backup(const struct keys_restore *r, const uint8_t *bytes, size_t len,
    uint64_t above, struct keyring **out, struct err *err)
{
	struct secret *normal;
	enum rc rc = passphrase_normalise(r->passphrase, &normal, NULL, err);

	*out = NULL;
	if (rc == RC_OK)
		rc = keyring_from_backup(bytes, len, normal, out, err);
	secret_free(normal);
	if (rc == RC_OK)
		rc = vault_unlock(r->path, *out, r->secret, err);
	if (rc == RC_OK)
		rc = keyring_restored(*out, above, err);
	return rc;
}

static enum rc
enter(const struct keys_restore *r, struct keyring *kr, struct vault **out, struct err *err)
{
	enum rc rc = vault_open_unlocked(r->path, kr, out, err);

	if (rc == RC_OK)
		rc = record(*out, AUDIT_RESTORED_BACKUP, "the header", err);
	if (rc != RC_OK) {
		vault_close(*out);
		*out = NULL;
	}
	return rc;
}

enum rc
keys_restore(const struct keys_restore *r, struct vault **out, struct err *err)
{
	struct backup_info info;
	struct keys_backup state;
	struct keyring *kr = NULL;
	uint8_t *bytes;
	size_t len = 0;
	enum rc rc = load_backup(r->file, &bytes, &len, &info, err);

	*out = NULL;
	if (rc == RC_OK)
		rc = peek(r->path, &info, &state, err);
	if (rc == RC_OK && state.present == KEYS_HEADER_NEWER && !r->even_if_newer)
		rc = err_set(err, RC_EXISTS,
		    "the vault's header is whole and newer than the key backup: nothing was "
		    "changed");
	if (rc == RC_OK)
		rc = open_backup(r, bytes, len, state.present_sequence, &kr, err);
	if (rc == RC_OK)
		rc = vfs_header_restore(VFS_NAME, r->path, kr, err);
	if (rc == RC_OK) /* the header is an older one, and its owner says so */
		rc = vault_accept_older(r->path, err);
	if (rc == RC_OK)
		rc = enter(r, kr, out, err);
	keyring_free(kr);
	free(bytes);
	return err_default(err, rc);
}
