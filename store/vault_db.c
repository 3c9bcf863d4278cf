/*
 * Connections of a vault.
 *
 * 1. A connection is set up before anything of the file is read: the schema can't be
 * written, every page is checked, no write but by the log and synced. The schema itself
 * is trusted: its pages have been authenticated, and triggers on the full text index,
 * which SQLite allows in a trusted schema only, keep that in step.
 * 2. Pages never spill before their transaction is decided (SQLite loses a commit
 * otherwise when a savepoint is rolled back after a spill and the power goes).
 */
#include "store/vault_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "keyring/passphrase.h"
#include "store/collate.h"
#include "store/sql.h"
#include "vfs/vfs.h"

#define BUSY_MS 5000

static const char *const settings = "PRAGMA cell_size_check = ON;"
				    "PRAGMA secure_delete = ON;"
				    "PRAGMA cache_size = -65536;" /* KiB */
				    "PRAGMA cache_spill = OFF;"
				    "PRAGMA synchronous = FULL;";

/* RFC 3986: what is neither unreserved nor a slash is percent-encoded. */
static char *
uri_of(const char *path, const char *parameters)
{
	static const char hex[] = "0123456789ABCDEF";
	char *uri = malloc(3 * strlen(path) + strlen(parameters) + sizeof "file:"),
	     *at = uri;

	if (!uri)
		return NULL;
	at += sprintf(at, "file:");
	for (; *path; path++) {
		const unsigned char c = (unsigned char)*path;

		if (c < 0x80 && strchr("/-._~", c) == NULL && !(c >= '0' && c <= '9') &&
		    !((c | 0x20) >= 'a' && (c | 0x20) <= 'z')) {
			*at++ = '%';
			*at++ = hex[c >> 4];
			*at++ = hex[c & 15];
		} else {
			*at++ = (char)c;
		}
	}
	strcpy(at, parameters);
	return uri;
}

static int
open_db(struct vault *v, const char *parameters, bool readonly)
{
	char *uri = uri_of(unlocked_path(v->unlocked), parameters);
	int code, flags;

	if (!uri)
		return SQLITE_NOMEM;
	flags =
	    SQLITE_OPEN_URI | (readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	code = sqlite3_open_v2(uri, &v->db, flags, VFS_NAME);
	free(uri);
	return code;
}

static int
set_up(struct vault *v)
{
	int code;

	sqlite3_extended_result_codes(v->db, 1);
	sqlite3_busy_timeout(v->db, BUSY_MS);
	sqlite3_db_config(v->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(v->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
	code = collate_register(v->db);
	if (code == SQLITE_OK)
		code = sqlite3_exec(v->db, settings, NULL, NULL, NULL);
	return code;
}

static int
try_reading(struct vault *v, const char *parameters)
{
	int code = open_db(v, parameters, true);

	if (code == SQLITE_OK)
		code = set_up(v);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
		    v->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	return code;
}

static bool
has_log(struct vault *v)
{
	char *name = sqlite3_mprintf("%s-wal", unlocked_path(v->unlocked));
	struct stat st;
	bool has = !name || (stat(name, &st) == 0 && st.st_size > 0);

	sqlite3_free(name);
	return has;
}

/*
 * A log needs its shared-memory file, which can't be made in a folder that is read-only.
 * Where no log lies there, nobody can be writing either, and the file is read as it stands.
 */
static int
open_for_reading(struct vault *v)
{
	int code = try_reading(v, "");

	if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY)
		return code;
	if (has_log(v))
		return code;
	sqlite3_close(v->db);
	v->db = NULL;
	return try_reading(v, "?immutable=1");
}

static int
open_any(struct vault *v)
{
	int code;

	if (v->readonly)
		return open_for_reading(v);
	code = open_db(v, "", false);
	if (code == SQLITE_OK)
		code = set_up(v);
	/* SQLite opens for reading what it may not write. */
	if (code == SQLITE_OK && sqlite3_db_readonly(v->db, "main") == 1) {
		sqlite3_close(v->db);
		v->db = NULL;
		v->readonly = true;
		return open_for_reading(v);
	}
	return code;
}

static void
vault_free(struct vault *v)
{
	struct catalogue *c, *older;

	for (c = v->catalogue; c; c = older) {
		older = c->older;
		free(c);
	}
	free(v->path);
	free(v);
}

enum rc
vault_connect(struct unlocked *u, const char *path, bool readonly, struct vault **out,
    struct err *err)
{
	struct vault *v = calloc(1, sizeof *v);
	enum rc rc = RC_NOMEM;

	*out = NULL;
	if (!v)
		return err_default(err, rc);
	v->unlocked = u;
	v->readonly = readonly;
	v->path = strdup(path);
	if (v->path)
		rc = sql_code(v, open_any(v), "open");
	if (rc == RC_OK) {
		*out = v;
		return RC_OK;
	}
	if (*v->err.text)
		err_set(err, rc, "%s", v->err.text);
	sqlite3_close(v->db);
	vault_free(v);
	return err_default(err, rc);
}

void
vault_disconnect(struct vault *v)
{
	struct unlocked *u;

	if (!v)
		return;
	u = v->unlocked;
	sqlite3_close_v2(v->db);
	vault_free(v);
	unlocked_drop(u);
}

void
vault_slot(struct vault *v, struct keyring *kr)
{
	struct slot_info slots[HEADER_SLOTS];

	v->slot = keyring_slot_used(kr);
	v->browse = keyring_role(kr) == ROLE_BROWSE;
	keyring_slots(kr, slots);
	if (v->slot >= 0)
		snprintf(v->slot_label, sizeof v->slot_label, "%s", slots[v->slot].label);
}

enum rc
vault_secret_ready(const struct vault_secret *s, struct keyring_secret *out,
    struct secret **own, struct err *err)
{
	enum rc rc = RC_OK;

	*own = NULL;
	out->type = s->kind == VAULT_KEYFILE ? SLOT_KEYFILE : SLOT_PASSPHRASE;
	out->bytes = s->bytes;
	if (s->kind == VAULT_PASSPHRASE) {
		rc = passphrase_normalise(s->bytes, own, NULL, err);
		out->bytes = *own;
	}
	return rc;
}

enum rc
vault_kdf_choose(struct kdf_params *params, struct vault_kdf *kdf, struct err *err)
{
	uint32_t ms;
	enum rc rc = kdf_calibrate(params, &ms);

	if (rc != RC_OK)
		return err_default(err, rc);
	if (kdf)
		*kdf = (struct vault_kdf){
		    params->memory_kib, params->passes, params->lanes, ms};
	return RC_OK;
}
