/* The vault as a whole: make, open, verify, say what it is. */

#include "ui/op_copy.h"
#include "ui/op_util.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/sandbox.h"
#include "ui/schema_file.h"
#include "ui/tui/tui.h"

/* Before a passphrase is thought up, not after. */
static enum rc
refuse_existing(struct op_call *c)
{
	struct vault_peek peek;
	struct err err = {""};
	enum rc rc = vault_peek(c->vault_path, &peek, &err);

	if (rc == RC_NOTFOUND || rc == RC_NOMEM)
		return RC_OK;
	if (rc == RC_IO || (rc == RC_INPUT && access(c->vault_path, F_OK) != 0))
		return err_set(&c->err, rc, "%s", err.text);
	return err_set(&c->err, RC_EXISTS,
	    "%s exists already; a vault is never made over another file", c->vault_path);
}

static enum rc
created(struct op_call *c, const struct vault_kdf *kdf)
{
	struct op_object o = {0};
	struct vault_info info;
	enum rc rc = vault_info(c->v, &info);

	if (rc != RC_OK)
		return rc;
	op_object_value(&o, "path", "Vault", op_value_text(c->vault_path));
	op_object_fmt(&o, "id", "Id", false, "%s", info.id);
	op_object_fmt(&o, "slot", "Slot", true, "%d", info.slot);
	op_object_fmt(&o, "slot_label", "Slot's label", false, "%s", info.slot_label);
	op_object_kdf(&o, kdf);
	return op_object_emit(&o, c, "Vault created");
}

static enum rc
create(struct op_call *c, const struct vault_secret *secret, const char *schema)
{
	struct vault_create_opts opts = {
	    .path = c->vault_path,
	    .secret = *secret,
	    .schema = schema,
	    .label = op_text(c, "label"),
	};
	struct vault_kdf kdf = {0};
	int64_t page_size;
	enum rc rc = op_number(c, "page-size", 0, &page_size);

	if (rc != RC_OK)
		return rc;
	if (page_size > 65536)
		return err_set(&c->err, RC_INPUT, "a page is at most 65536 bytes");
	opts.page_size = (uint32_t)page_size;
	rc = vault_create(&opts, &kdf, &c->v, &c->err);
	return rc == RC_OK ? created(c, &kdf) : rc;
}

static enum rc
run_init(struct op_call *c)
{
	struct vault_secret fresh = {VAULT_PASSPHRASE, NULL};
	struct secret *asked = NULL;
	char *schema;
	enum rc rc;

	rc = refuse_existing(c);
	if (rc == RC_OK)
		rc = schema_file_read(op_text(c, "schema"), &c->cancel, &schema, &c->err);
	if (rc != RC_OK)
		return rc;
	if (c->secret == NULL) {
		rc = c->face->ops->ask_secret(
		    c->face, ASK_NEW, "Passphrase for the new vault", &asked);
		fresh.bytes = asked;
	} else {
		fresh = *c->secret;
	}
	if (rc == RC_OK)
		rc = create(c, &fresh, schema);
	secret_free(asked);
	free(schema);
	return rc;
}

const struct op op_init = {
    .name = "init",
    .args = "",
    .summary = "make a vault",
    .details =
	"Makes VAULT, which must not exist, with mode 0600. The passphrase is asked "
	"for twice and its strength is shown; the key derivation (Argon2id) is "
	"calibrated to about a second here and its cost is printed.\n"
	"With --key-file the vault opens with that file instead of a passphrase: at "
	"least 32 bytes that nobody else can read. Keep a copy apart from the vault. With "
	"--key-file and --passphrase-fd it opens with both together only.",
    .examples = "strongroom init customers.vault\n"
		"head -c 64 /dev/urandom > my.key; chmod 600 my.key\n"
		"strongroom init customers.vault --key-file my.key\n",
    .flags = OP_CREATE | OP_RESULT | OP_CLI | OP_SLOW,
    .opts = {{"schema", 0, OPT_FILE, "FILE",
		 "fields as \"schema show\" prints them (default: customers)"},
	{"label", 0, OPT_TEXT, "TEXT", "a name for the first key slot"},
	{"page-size", 0, OPT_NUMBER, "BYTES", "of a page: 512 to 65536 (default 4096)"}},
    .run = run_init,
};

static enum rc
run_open(struct op_call *c)
{
	struct tui_opts opts = {
	    .path = c->args[0],
	    .secret = c->secret,
	    .key_file = op_text(c, "key-file"),
	    .face = c->face,
	    .osc52 = op_is_osc52(op_text(c, "clipboard")),
	    .plain = op_flag(c, "plain"),
	};
	const char *no_color = getenv("NO_COLOR");
	int64_t idle;
	enum rc rc = op_number(c, "idle", 0, &idle);

	if (rc != RC_OK)
		return rc;
	if (idle > 24 * 3600)
		return err_set(
		    &c->err, RC_INPUT, "--idle is at most a day: 86400 seconds");
	opts.idle_seconds = (int)idle;
	opts.mono = no_color != NULL && no_color[0] != '\0';
	sandbox_screen(c);
	return tui_run(&opts, &c->err);
}

static enum rc
run_accept_older(struct op_call *c)
{
	bool older = true;
	enum rc rc = c->secret != NULL
	    ? vault_open_older(c->args[0], c->secret, &older, &c->v, &c->err)
	    : vault_accept_older(c->args[0], &c->err);

	if (rc != RC_OK)
		return rc;
	if (c->secret != NULL)
		face_say(c->face, "%s opens on this machine as it is", c->args[0]);
	else
		face_say(c->face,
		    "what was seen last of %s on this machine is forgotten; the next unlock "
		    "takes it as it is", c->args[0]);
	return RC_OK;
}

const struct op op_accept_older = {
    .name = "accept-older",
    .args = "VAULT",
    .args_min = 1,
    .args_max = 1,
    .summary = "say that an older copy of a vault was put back on purpose",
    .details =
	"A vault that is older than it was on this machine is not opened: somebody may "
	"have put an earlier copy in its place, with records or a passphrase of that "
	"time. After you have restored a backup yourself, this forgets what was seen.\n"
	"No secret is needed for that. One that is given (--key-file, --passphrase-fd, "
	"--recovery) opens the vault at once: its audit then says that it was accepted, and "
	"what was seen is forgotten only if the secret is right.",
    .examples = "cp backup.vault customers.vault\n"
		"strongroom accept-older customers.vault\n"
		"strongroom accept-older customers.vault --key-file my.key\n",
    .flags = OP_CLI | OP_SECRET | OP_MAKES,
    .run = run_accept_older,
};

const struct op op_open = {
    .name = "open",
    .args = "VAULT",
    .args_min = 1,
    .args_max = 1,
    .summary = "open the terminal interface; \"strongroom VAULT\" does the same",
    .details =
	"Browse, search, add, edit, reveal and export in the terminal. F1 shows the "
	"keys. The vault locks itself after five minutes without a key.\n"
	"It writes below the folders of the vault and of your home, below the folder that "
	"it was started in and where temporary files are made; the kernel refuses any other. "
	"To export to another place, use \"strongroom export\".\n"
	"With --clipboard, y copies the value under the cursor. It is off by default: each "
	"program of the session can read a clipboard, and clipboard managers keep what they "
	"saw. See \"copy\" for its values; osc52 sends values to the terminal instead, which "
	"may keep them, and over ssh to the terminal at the other end.",
    .examples = "strongroom customers.vault\n"
		"strongroom open customers.vault --idle 60\n"
		"strongroom customers.vault --clipboard auto --clear-after 15\n",
    .flags = OP_CLI | OP_SECRET,
    .opts = {{"plain", 0, OPT_FLAG, NULL,
		 "no boxes, cursor on the selected line (screen readers)"},
	{"idle", 0, OPT_NUMBER, "SECONDS", "lock after so long without a key"},
	OP_CLIPBOARD_OPTS},
    .run = run_open,
};

static void
add_page_verdict(struct op_object *o, const struct vault_verdict *v)
{
	char list[200] = "";
	size_t i, len = 0, shown = sizeof(v->first_bad) / sizeof(v->first_bad[0]);

	op_object_fmt(o, "pages", "Pages", true, "%" PRIu64, v->pages);
	op_object_fmt(
	    o, "bad_pages", "Pages that don't verify", true, "%" PRIu64, v->bad_pages);
	if (v->bad_pages == 0)
		return;
	for (i = 0; i < shown && i < v->bad_pages && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%" PRIu32,
		    i > 0 ? " " : "", v->first_bad[i]);
	op_object_fmt(o, "first_bad_pages", "The first of them", false, "%s", list);
}

static enum rc
show_verdict(struct op_call *c, const struct vault_verdict *v, enum rc verdict)
{
	struct op_object o = {0};
	const char *words =
	    verdict == RC_OK && v->sealed_checked && v->audit_checked ? "all is well"
	    : verdict == RC_OK ? "what this slot can look at is well"
	    : verdict == RC_TAMPER
		? "ALTERED: what is there was not written so by strongroom"
		: "DAMAGED";

	op_object_value(&o, "verdict", "Verdict", op_value_text(words));
	add_page_verdict(&o, v);
	op_object_value(&o, "bad_log", "The log was altered", op_value_bool(v->bad_log));
	op_object_value(&o, "header_copy_damaged", "A header copy is damaged",
	    op_value_bool(v->header_copy_damaged));
	op_object_value(&o, "fresh", "Pages are current",
	    v->fresh == VAULT_FRESH_NOT_KNOWN
		? op_value_text("not known: it was not closed cleanly before")
		: op_value_bool(v->fresh == VAULT_FRESH));
	op_object_value(&o, "structure_ok", "Structure is sound",
	    v->structure_checked ? op_value_bool(v->structure_ok)
				 : op_value_text("not checked"));
	if (!v->structure_ok)
		op_object_value(
		    &o, "structure", "  what is wrong", op_value_text(v->structure));
	op_object_value(&o, "search_index_ok", "Search index is sound",
	    v->fts_checked             ? op_value_bool(v->fts_ok)
		: v->structure_checked ? op_value_text("not checked: the vault is read-only")
				       : op_value_text("not checked"));
	op_object_value(&o, "tables_ok", "Tables are strongroom's", op_value_bool(v->tables_ok));
	if (!v->tables_ok)
		op_object_value(&o, "tables", "  what is wrong", op_value_text(v->tables));
	op_object_fmt(
	    &o, "bad_cells", "Values in the wrong place", true, "%" PRIu64, v->bad_cells);
	if (v->bad_cells > 0)
		op_object_value(&o, "cells", "  what is wrong", op_value_text(v->cells));
	op_object_fmt(
	    &o, "sealed_values", "Sealed values", true, "%" PRIu64, v->sealed_values);
	op_object_value(&o, "sealed_ok", "Sealed values open",
	    v->sealed_checked     ? op_value_bool(v->bad_sealed == 0)
		: v->sealed_ended ? op_value_text("not all of them could be looked at")
				  : op_value_text("not checked: it takes a full slot"));
	if (v->bad_sealed > 0)
		op_object_value(&o, "sealed", "  what is wrong", op_value_text(v->sealed));
	op_object_fmt(
	    &o, "audit_entries", "Audit entries looked at", true, "%" PRIu64,
	    v->audit_entries);
	op_object_value(&o, "audit_ok", "Audit chain holds",
	    v->audit_checked || !v->audit_ok ? op_value_bool(v->audit_ok)
					    : op_value_text("not checked: it takes a full slot"));
	if (!v->audit_ok)
		op_object_value(&o, "audit", "  what is wrong", op_value_text(v->audit));
	return op_object_emit(&o, c, "Verification");
}

static enum rc
run_verify(struct op_call *c)
{
	struct vault_verdict verdict;
	struct op_step step;
	struct progress progress = op_progress(&step, c, "verify");
	enum rc rc, shown;

	memset(&verdict, 0, sizeof(verdict));
	rc = op_flag(c, "quick") ? vault_verify_quick(c->v, &progress, &verdict)
				 : vault_verify(c->v, &progress, &verdict);
	if (rc != RC_OK && rc != RC_TAMPER && rc != RC_DAMAGED)
		return rc;
	if (rc != RC_OK)
		err_set(&c->err, rc, "%s", vault_err(c->v));
	shown = show_verdict(c, &verdict, rc);
	return rc != RC_OK ? rc : shown;
}

const struct op op_verify = {
    .name = "verify",
    .args = "",
    .summary = "check every page, table and value, the structure, the search index and the audit",
    .details = "Reads the whole vault. The exit status is 0 when all is well, 10 when "
	       "something was altered, 4 when something is damaged.\n"
	       "--quick leaves SQLite's structure and the search index out, which take most of "
	       "the time: what others have altered is found all the same.\n"
	       "A browse slot has no key for the sealed values and the audit's chain: that they "
	       "were not looked at is said, and the status is 0 when the rest is well.",
    .examples = "strongroom verify customers.vault\n"
		"strongroom verify customers.vault --quick --json\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW,
    .opts = {{"quick", 0, OPT_FLAG, NULL, "all but the structure and the search index"}},
    .run = run_verify,
};

#define SLOT_KEY_LEN 12

static void
add_slots(struct op_object *o, const struct vault_peek *peek, char keys[][SLOT_KEY_LEN])
{
	const struct vault_slot *s;
	size_t i;

	for (i = 0; i < peek->slot_count; i++) {
		s = &peek->slots[i];
		snprintf(keys[i], SLOT_KEY_LEN, "slot_%d", s->number);
		op_object_fmt(o, keys[i], "Slot", false,
		    "%d \"%s\": %s%s%s, argon2id %" PRIu32 " KiB x %" PRIu32 ", %s",
		    s->number, s->label,
		    s->takes_passphrase ? "passphrase"
		    : s->takes_recovery ? "recovery code"
					: "",
		    s->takes_passphrase && s->takes_keyfile ? " and " : "",
		    s->takes_keyfile ? "key file" : "", s->kdf.memory_kib, s->kdf.passes,
		    s->browse ? "browse only" : "full access");
	}
}

static enum rc
show_info(struct op_call *c, const struct vault_info *info, const struct vault_peek *peek)
{
	struct op_object o = {0};
	char created_at[OP_TIME_LEN], unlocked[OP_TIME_LEN], keys[16][SLOT_KEY_LEN];

	op_time(c->face, (int64_t)info->created, created_at);
	op_time(c->face, (int64_t)info->last_unlock, unlocked);
	op_object_value(&o, "path", "Vault", op_value_text(c->vault_path));
	op_object_fmt(&o, "id", "Id", false, "%s", info->id);
	op_object_fmt(&o, "format", "Format", false, "%d.%d", peek->format_major,
	    peek->format_minor);
	op_object_fmt(&o, "size", "Bytes", true, "%" PRIu64, peek->size);
	op_object_fmt(&o, "page_size", "Page size", true, "%" PRIu32, peek->page_size);
	op_object_fmt(&o, "records", "Records", true, "%" PRId64, info->records);
	op_object_fmt(&o, "trashed", "In the trash", true, "%" PRId64, info->trashed);
	op_object_fmt(&o, "created", "Created", false, "%s", created_at);
	op_object_fmt(&o, "last_unlock", "Unlocked before", false, "%s", unlocked);
	op_object_fmt(
	    &o, "failed_since", "Failed attempts since", true, "%d", info->failed_since);
	op_object_value(&o, "readonly", "Read-only", op_value_bool(info->readonly));
	op_object_fmt(&o, "slot_used", "Opened with slot", true, "%d", info->slot);
	add_slots(&o, peek, keys);
	return op_object_emit(&o, c, "Vault");
}

static enum rc
run_info(struct op_call *c)
{
	struct vault_info info;
	struct vault_peek peek;
	enum rc rc = vault_info(c->v, &info);

	if (rc == RC_OK)
		rc = vault_peek(c->vault_path, &peek, &c->err);
	return rc == RC_OK ? show_info(c, &info, &peek) : rc;
}

const struct op op_info = {
    .name = "info",
    .args = "",
    .summary = "say what the vault is and holds: format, slots, sizes, counts",
    .examples = "strongroom info customers.vault\n",
    .flags = OP_VAULT | OP_RESULT,
    .run = run_info,
};
