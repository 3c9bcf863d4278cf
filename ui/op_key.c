/* The slots and epochs of a vault, listed. */

#include <inttypes.h>
#include <stdio.h>

#include "ui/op_secret.h"

#define DAY 86400000000ull /* microseconds */

enum {
	COL_KIND,
	COL_NUMBER,
	COL_TYPE,
	COL_ROLE,
	COL_LABEL,
	COL_STATE,
	COL_CREATED,
	COL_USED,
	COL_KDF,
	COL_MEMORY,
	COL_PASSES,
	COL_LANES,
	COL_AGE,
	COL_WRITES,
	COL_DUE,
	COL_RETIRED,
	COLS
};

/* Data has one shape: each row with all columns. People get a table of slots and one of
 * epochs, each with its own. */
static const char *const names[COLS] = {"kind", "number", "type", "role", "label",
    "state", "created", "last_used", "kdf", "kdf_memory_kib", "kdf_passes", "kdf_lanes",
    "age_days", "writes", "due", "retired"};
static const char *const labels[COLS] = {"KIND", "NO", "TYPE", "ROLE", "LABEL", "STATE",
    "CREATED", "LAST USED", "UNLOCKING COSTS", "MEMORY", "PASSES", "LANES", "AGE, DAYS",
    "WRITES LEASED", "DUE", "RETIRED"};
static const int slot_columns[] = {
    COL_NUMBER, COL_TYPE, COL_ROLE, COL_LABEL, COL_CREATED, COL_USED, COL_KDF};
static const int epoch_columns[] = {COL_KIND, COL_NUMBER, COL_STATE, COL_CREATED, COL_AGE,
    COL_WRITES, COL_DUE, COL_RETIRED};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	struct sink_value cells[COLS];
	char text[COLS][80];
};

static void
put(struct row *r, int column, const char *text)
{
	r->cells[column] = op_value_text(text);
}

static void
put_number(struct row *r, int column, uint64_t n)
{
	snprintf(r->text[column], sizeof(r->text[column]), "%" PRIu64, n);
	r->cells[column] = op_value_text(r->text[column]);
	r->cells[column].number = true;
}

static void
put_time(struct op_call *c, struct row *r, int column, uint64_t at)
{
	if (at == 0)
		return;
	op_time(c->face, (int64_t)at, r->text[column]);
	put(r, column, r->text[column]);
}

static enum rc
begin(struct op_call *c, const char *title, const int *columns, size_t n)
{
	const char *some_names[COLS], *some_labels[COLS];
	size_t i;

	for (i = 0; i < n; i++) {
		some_names[i] = names[columns[i]];
		some_labels[i] = labels[columns[i]];
	}
	return c->face->ops->rows_begin(c->face, title, some_names, some_labels, n);
}

static enum rc
emit(struct op_call *c, const struct row *r, const int *columns, size_t n)
{
	struct sink_value some[COLS];
	size_t i;

	if (c->face->json)
		return c->face->ops->rows_row(c->face, r->cells);
	for (i = 0; i < n; i++)
		some[i] = r->cells[columns[i]];
	return c->face->ops->rows_row(c->face, some);
}

static enum rc
slot_row(struct op_call *c, const struct key_slot *s)
{
	const struct vault_kdf *k = &s->kdf;
	struct row r = {0};

	put(&r, COL_KIND, "slot");
	put_number(&r, COL_NUMBER, (uint64_t)s->number);
	put(&r, COL_TYPE, op_slot_type(c->face, s));
	put(&r, COL_ROLE, s->browse ? "browse" : "full");
	put(&r, COL_LABEL, s->label);
	put_time(c, &r, COL_CREATED, s->created);
	put_time(c, &r, COL_USED, s->last_used);
	if (s->last_used == 0 && !c->face->json)
		put(&r, COL_USED, "never");
	if (k->memory_kib == 0) {
		put(&r, COL_KDF, c->face->json ? "none" : "nothing (150 random bits)");
		return emit(c, &r, slot_columns, COUNT(slot_columns));
	}
	snprintf(r.text[COL_KDF], sizeof(r.text[COL_KDF]),
	    "argon2id, %" PRIu32 " %s x %" PRIu32 ", lanes: %" PRIu32,
	    k->memory_kib < 1024 ? k->memory_kib : k->memory_kib / 1024,
	    k->memory_kib < 1024 ? "KiB" : "MiB", k->passes, k->lanes);
	put(&r, COL_KDF, c->face->json ? "argon2id" : r.text[COL_KDF]);
	put_number(&r, COL_MEMORY, k->memory_kib);
	put_number(&r, COL_PASSES, k->passes);
	put_number(&r, COL_LANES, k->lanes);
	return emit(c, &r, slot_columns, COUNT(slot_columns));
}

static enum rc
epoch_row(struct op_call *c, const struct key_epoch *e)
{
	const int64_t age = op_now() - (int64_t)e->created;
	struct row r = {0};

	put(&r, COL_KIND, e->field ? "field epoch" : "page epoch");
	put_number(&r, COL_NUMBER, e->number);
	put(&r, COL_STATE, e->state);
	put_time(c, &r, COL_CREATED, e->created);
	put_number(&r, COL_AGE, age > 0 ? (uint64_t)age / DAY : 0);
	put_number(&r, COL_WRITES, e->writes);
	put_time(c, &r, COL_DUE, e->due);
	put_time(c, &r, COL_RETIRED, e->retired);
	return emit(c, &r, epoch_columns, COUNT(epoch_columns));
}

static enum rc
list_slots(struct op_call *c, const struct keys *k)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < k->slot_n; i++)
		rc = slot_row(c, &k->slots[i]);
	return rc;
}

static enum rc
list_epochs(struct op_call *c, const struct keys *k)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; rc == RC_OK && i < k->epoch_n; i++)
		rc = epoch_row(c, &k->epochs[i]);
	return rc;
}

static enum rc
list_as_data(struct op_call *c, const struct keys *k)
{
	enum rc rc = c->face->ops->rows_begin(c->face, NULL, names, labels, COLS);

	if (rc == RC_OK)
		rc = list_slots(c, k);
	if (rc == RC_OK)
		rc = list_epochs(c, k);
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

static enum rc
list_for_people(struct op_call *c, const struct keys *k)
{
	enum rc rc = begin(c, "Slots", slot_columns, COUNT(slot_columns));

	if (rc == RC_OK)
		rc = list_slots(c, k);
	if (rc == RC_OK)
		rc = c->face->ops->rows_end(c->face);
	if (rc == RC_OK)
		rc = begin(c, "Epochs", epoch_columns, COUNT(epoch_columns));
	if (rc == RC_OK)
		rc = list_epochs(c, k);
	return rc == RC_OK ? c->face->ops->rows_end(c->face) : rc;
}

static void
remind(struct op_call *c, const struct keys *k)
{
	const struct face people = {.json = false};
	char due[OP_TIME_LEN];
	size_t i;

	for (i = 0; i < k->epoch_n; i++) {
		const struct key_epoch *e = &k->epochs[i];

		if (!e->due_soon)
			continue;
		op_time(&people, (int64_t)e->due, due);
		face_warn(c->face,
		    "the %s key of epoch %" PRIu32
		    " %s due on %.10s: strongroom rotate gives new ones",
		    e->field ? "field" : "page", e->number,
		    e->due <= (uint64_t)op_now() ? "was" : "is", due);
	}
}

static enum rc
run_list(struct op_call *c)
{
	struct keys keys;
	enum rc rc = keys_read(c->v, &keys);

	if (rc != RC_OK)
		return rc;
	rc = c->face->json ? list_as_data(c, &keys) : list_for_people(c, &keys);
	if (rc == RC_OK)
		remind(c, &keys);
	return rc;
}

const struct op op_key_list = {
    .name = "key list",
    .args = "",
    .summary = "print the key slots and the epochs of the data keys",
    .details =
	"A slot opens the vault with one secret: a passphrase, a key file, both, or a "
	"recovery code. A full slot opens all of it; with a browse slot nothing masked "
	"is "
	"revealed and nothing sealed can be opened. An epoch is a data key and the time "
	"in which it is written with; it is "
	"due after a year, and a warning comes when 90 % of it are over.\n"
	"With --json and --csv there is one row for each slot and for each epoch, told "
	"apart by \"kind\".",
    .examples = "strongroom key list customers.vault\n"
		"strongroom key list customers.vault --json\n",
    .flags = OP_VAULT | OP_ROWS,
    .run = run_list,
};
