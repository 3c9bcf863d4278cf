/* What is known of a vault, with and without a secret. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/attempts.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

void
vault_id_text(const uint8_t id[VAULT_ID_LEN], char out[37])
{
	char *p = out;
	int i;

	for (i = 0; i < VAULT_ID_LEN; i++)
		p += sprintf(p, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", id[i]);
}

static enum rc
counts(struct vault *v, struct vault_info *out)
{
	int64_t version;
	enum rc rc;

	rc = sql_int(v, "SELECT count(*) FROM record INDEXED BY record_updated"
			" WHERE deleted_at IS NULL", &out->records);
	if (rc == RC_OK)
		rc = sql_int(v, "SELECT count(*) FROM record INDEXED BY record_trash"
				" WHERE deleted_at IS NOT NULL", &out->trashed);
	if (rc == RC_OK)
		rc = sql_int(v, "PRAGMA user_version", &version);
	if (rc == RC_OK)
		out->schema_version = (int)version;
	return rc;
}

static void
id_text(struct keyring *kr, char out[37])
{
	uint8_t id[VAULT_ID_LEN];

	keyring_vault_id(kr, id);
	vault_id_text(id, out);
}

void
vault_about(struct vault *v, struct vault_info *out)
{
	struct keyring *kr = unlocked_keyring(v->unlocked);
	struct header h;

	memset(out, 0, sizeof *out);
	vault_err_start(v);
	keyring_header(kr, &h);
	out->path = v->path;
	out->readonly = v->readonly;
	out->browse = v->browse;
	out->slot = v->slot;
	memcpy(out->slot_label, v->slot_label, sizeof out->slot_label);
	out->created = h.created;
	out->last_unlock = v->last_unlock;
	out->failed_since = v->failed_since;
	out->failed_n = v->failed_n;
	memcpy(out->failed_at, v->failed_at, sizeof out->failed_at);
	out->clock_behind = v->clock_behind;
	out->repaired = v->repaired;
	id_text(kr, out->id);
	out->records = out->trashed = -1;
}

enum rc
vault_info(struct vault *v, struct vault_info *out)
{
	vault_about(v, out);
	return counts(v, out);
}

static void
peek_slots(const struct header *h, struct vault_peek *out)
{
	struct slot_info info;
	int i;

	for (i = 0; i < HEADER_SLOTS; i++) {
		struct vault_slot *s = &out->slots[out->slot_count];

		if (slot_info(h->slots[i], &info, NULL) != RC_OK || info.type == SLOT_EMPTY)
			continue;
		s->number = i;
		s->takes_passphrase =
		    info.type == SLOT_PASSPHRASE || info.type == SLOT_PASSPHRASE_KEYFILE;
		s->takes_keyfile =
		    info.type == SLOT_KEYFILE || info.type == SLOT_PASSPHRASE_KEYFILE;
		s->takes_recovery = info.type == SLOT_RECOVERY;
		s->browse = info.role == ROLE_BROWSE;
		s->created = info.created;
		memcpy(s->label, info.label, sizeof s->label);
		s->kdf.memory_kib = info.kdf.memory_kib;
		s->kdf.passes = info.kdf.passes;
		s->kdf.lanes = info.kdf.lanes;
		out->slot_count++;
	}
}

static void
peek_attempts(const struct header *h, struct vault_peek *out)
{
	struct attempts failed;

	attempts_begin(h->vault_id, (int64_t)h->created, &failed);
	out->failed = failed.n + failed.more;
	if (failed.n > 0)
		out->failed_at = (uint64_t)failed.at[failed.n - 1];
	attempts_end(&failed, false);
}

enum rc
vault_peek(const char *path, struct vault_peek *out, struct err *err)
{
	struct keyring *kr;
	struct header h;
	struct stat st;
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = vault_read_header(path, &kr, err);
	if (rc == RC_OK && stat(path, &st) != 0)
		rc = err_set(err, RC_IO, "%s: %s", path, strerror(errno));
	if (rc == RC_OK) {
		keyring_header(kr, &h);
		out->size = (uint64_t)st.st_size;
		out->created = h.created;
		out->format_major = h.major;
		out->format_minor = h.minor;
		out->page_size = h.page_size;
		out->copy_damaged = keyring_needs_repair(kr);
		id_text(kr, out->id);
		out->changed = h.modified;
		peek_slots(&h, out);
		peek_attempts(&h, out);
	}
	keyring_free(kr);
	return rc;
}
