/*
 * Tcl commands over erasure, the trash, keep-until dates, changes of many records, drafts and
 * duplicates. A vault is the name that the vault commands gave it; fields are named.
 */
#include <stdlib.h>
#include <string.h>

#include "store/bulk.h"
#include "store/draft.h"
#include "store/duplicates.h"
#include "store/erase.h"
#include "store/keep.h"
#include "store/vault_int.h"
#include "test/testfixture.h"
#include "test/testfixture_store.h"

static Tcl_Obj *
erase_dict(const struct erase_report *r)
{
	Tcl_Obj *d = Tcl_NewDictObj();

	fixture_put_int(d, "records", r->records);
	fixture_put_int(d, "kept", r->kept);
	fixture_put_int(d, "merged", r->merged);
	fixture_put_int(d, "emptied", r->emptied);
	return d;
}

#define IDS_MAX 64

/* The ids of a list, IDS_MAX of them at the most. */
static int
ids_of(Tcl_Interp *interp, Tcl_Obj *list, int64_t ids[IDS_MAX], size_t *n)
{
	Tcl_Obj **parts;
	Tcl_WideInt id;
	int i, count;

	if (Tcl_ListObjGetElements(interp, list, &count, &parts) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i < count && i < IDS_MAX; i++) {
		if (Tcl_GetWideIntFromObj(interp, parts[i], &id) != TCL_OK)
			return TCL_ERROR;
		ids[i] = id;
	}
	*n = (size_t)i;
	return TCL_OK;
}

/* erase_records VAULT {ID ...} */
static int
erase_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct erase_report report;
	int64_t ids[IDS_MAX];
	struct vault *v;
	size_t n;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT {ID ...}");
	if (!v || ids_of(interp, objv[2], ids, &n) != TCL_OK)
		return TCL_ERROR;
	rc = erase_records(v, ids, n, NULL, &report);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, erase_dict(&report));
	return fixture_result(interp, rc, vault_err(v));
}

/* trash_purge VAULT DRY ?AGREED? */
static int
purge_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct erase_report report;
	struct vault *v;
	int dry, agreed = 0;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, objc == 4 ? 4 : 3, "VAULT DRY ?AGREED?");
	if (!v || Tcl_GetBooleanFromObj(interp, objv[2], &dry) != TCL_OK ||
	    (objc == 4 && Tcl_GetIntFromObj(interp, objv[3], &agreed) != TCL_OK))
		return TCL_ERROR;
	rc = dry ? trash_count(v, &report) : trash_purge(v, agreed, NULL, &report);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, erase_dict(&report));
	return fixture_result(interp, rc, vault_err(v));
}

/* trash_days VAULT ?DAYS? */
static int
days_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	int days = 0;
	enum rc rc;

	(void)cd;
	if (objc != 2 && objc != 3)
		return fixture_usage(interp, objv, "VAULT ?DAYS?");
	v = fixture_vault(interp, objv[1]);
	if (!v || (objc == 3 && Tcl_GetIntFromObj(interp, objv[2], &days) != TCL_OK))
		return TCL_ERROR;
	rc = objc == 3 ? trash_set_days(v, days) : trash_days(v, &days);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewIntObj(days));
	return fixture_result(interp, rc, vault_err(v));
}

static bool
each_trashed(void *arg, const struct trash_entry *e)
{
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewWideIntObj(e->id));
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewWideIntObj(e->purge_at - e->deleted_at));
	return true;
}

/* trash_list VAULT: {id microseconds-in-the-trash ...} */
static int
trash_list_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	Tcl_Obj *list;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	list = Tcl_NewObj();
	rc = trash_list(v, each_trashed, list);
	Tcl_SetObjResult(interp, list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

/* keep_set VAULT ID DAY: microseconds, or "no day" */
static int
keep_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;
	Tcl_WideInt id;
	int64_t until;
	int len;
	const char *text;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, 4, "VAULT ID DAY", &v, &id))
		return TCL_ERROR;
	text = Tcl_GetStringFromObj(objv[3], &len);
	if (!keep_parse(text, (size_t)len, &until))
		return fixture_result(interp, RC_INPUT, "no day");
	rc = keep_set(v, id, until);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(until));
	return fixture_result(interp, rc, vault_err(v));
}

static bool
each_due(void *arg, int64_t id, int64_t until, bool trashed)
{
	(void)until;
	Tcl_ListObjAppendElement(NULL, arg, Tcl_NewWideIntObj(trashed ? -id : id));
	return true;
}

/* keep_due VAULT UNTIL: the ids, below 0 in the trash */
static int
due_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_WideInt until;
	struct vault *v;
	Tcl_Obj *list;
	enum rc rc;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, 3, "VAULT UNTIL", &v, &until))
		return TCL_ERROR;
	list = Tcl_NewObj();
	rc = keep_due(v, until, each_due, list);
	Tcl_SetObjResult(interp, list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

/* How often ${what} stands in an open file, read by its own method: decrypted. */
static int
count_in(sqlite3_file *f, const char *what, size_t len)
{
	sqlite3_int64 size = 0;
	int found = 0;
	char *all, *at;

	if (!f || !f->pMethods || f->pMethods->xFileSize(f, &size) != SQLITE_OK || size == 0)
		return 0;
	all = malloc((size_t)size);
	if (!all || f->pMethods->xRead(f, all, (int)size, 0) != SQLITE_OK) {
		free(all);
		return -1;
	}
	for (at = all; (at = memmem(at, (size_t)(all + size - at), what, len)) != NULL; at++)
		found++;
	free(all);
	return found;
}

/*
 * vault_holds VAULT BYTES: how often they stand in the pages of the database as they are
 * when decrypted, free ones too; -1: they can't be read. The log must be empty.
 */
static int
holds_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	sqlite3_file *f = NULL, *log = NULL;
	sqlite3_int64 log_size = 0;
	struct vault *v;
	const char *what;
	int len;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 3, "VAULT BYTES");
	if (!v)
		return TCL_ERROR;
	what = Tcl_GetStringFromObj(objv[2], &len);
	sqlite3_exec(v->db, "BEGIN; SELECT count(*) FROM record", NULL, NULL, NULL);
	sqlite3_file_control(v->db, "main", SQLITE_FCNTL_FILE_POINTER, &f);
	sqlite3_file_control(v->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log && log->pMethods)
		log->pMethods->xFileSize(log, &log_size);
	Tcl_SetObjResult(interp,
	    log_size ? Tcl_NewStringObj("the log is not empty", -1)
		     : Tcl_NewIntObj(count_in(f, what, (size_t)len)));
	sqlite3_exec(v->db, "COMMIT", NULL, NULL, NULL);
	return TCL_OK;
}

/* vault_checkpoint VAULT: the log goes into the database */
static int
checkpoint_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	Tcl_SetObjResult(interp,
	    Tcl_NewIntObj(sqlite3_wal_checkpoint_v2(
		v->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL)));
	return TCL_OK;
}

static bool
stop_at_once(void *arg, uint64_t done, uint64_t all)
{
	(void)arg;
	(void)done;
	(void)all;
	return true;
}

struct bulk_call {
	struct vault *v;
	struct bulk bulk;
	struct search_error serr;
	int64_t changed;
};

/* ${text}: "+vip" */
static enum rc
bulk_tags(struct bulk_call *c, const char *text)
{
	struct tag_edit edits[TAGS_MAX];
	struct err err = { "" };
	size_t n;
	enum rc rc = tag_parse(text, edits, &n, &err);

	return rc == RC_OK ? bulk_tag(c->v, &c->bulk, edits, n, &c->changed, &c->serr) : rc;
}

/* ${pair}: {FIELD VALUE} */
static enum rc
bulk_field(struct bulk_call *c, Tcl_Obj *pair)
{
	struct change ch;
	Tcl_Obj **parts;
	int n;

	if (Tcl_ListObjGetElements(NULL, pair, &n, &parts) != TCL_OK || n != 2)
		return RC_INPUT;
	ch.index = field_index(c->v, Tcl_GetString(parts[0]));
	ch.text = Tcl_GetStringFromObj(parts[1], &n);
	ch.len = (size_t)n;
	return bulk_edit(c->v, &c->bulk, &ch, 1, &c->changed, &c->serr);
}

static enum rc
bulk_run(struct bulk_call *c, const char *what, Tcl_Obj *arg)
{
	if (strcmp(what, "tag") == 0)
		return bulk_tags(c, Tcl_GetString(arg));
	if (strcmp(what, "edit") == 0)
		return bulk_field(c, arg);
	return strcmp(what, "trash") == 0 ? bulk_trash(c->v, &c->bulk, &c->changed, &c->serr)
					  : bulk_restore(c->v, &c->bulk, &c->changed, &c->serr);
}

/*
 * bulk VAULT WHAT QUERY|{ID ...} ARG ?STOP?: WHAT: tag (ARG: "+vip"), edit (ARG: {FIELD VALUE}),
 * trash, restore; with "ids-" before WHAT the list. STOP: its progress says stop. How many.
 */
static int
bulk_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct bulk_call c = { .v = NULL };
	int64_t ids[IDS_MAX];
	const char *what;
	enum rc rc;

	(void)cd;
	if (objc < 5)
		return fixture_usage(interp, objv, "VAULT WHAT QUERY|IDS ARG ?STOP?");
	c.v = fixture_vault(interp, objv[1]);
	if (!c.v)
		return TCL_ERROR;
	what = Tcl_GetString(objv[2]);
	if (strncmp(what, "ids-", 4) == 0) {
		what += 4;
		c.bulk.ids = ids;
		if (ids_of(interp, objv[3], ids, &c.bulk.id_n) != TCL_OK)
			return TCL_ERROR;
	} else {
		c.bulk.query = Tcl_GetString(objv[3]);
	}
	if (objc > 5)
		c.bulk.progress = (struct progress){ stop_at_once, NULL };
	rc = bulk_run(&c, what, objv[4]);
	if (rc == RC_OK)
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(c.changed));
	return fixture_result(interp, rc, c.serr.text[0] ? c.serr.text : vault_err(c.v));
}

/* draft_save VAULT ID VERSION {FIELD TEXT ...} */
static int
draft_save_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct change ch[16];
	Tcl_WideInt id, version;
	struct vault *v;
	Tcl_Obj **parts;
	int n, i, len;

	(void)cd;
	if (!fixture_vault_id(interp, objc, objv, 5, "VAULT ID VERSION {FIELD TEXT ...}", &v, &id) ||
	    Tcl_GetWideIntFromObj(interp, objv[3], &version) != TCL_OK ||
	    Tcl_ListObjGetElements(interp, objv[4], &n, &parts) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i + 1 < n && i < 32; i += 2) {
		ch[i / 2].index = field_index(v, Tcl_GetString(parts[i]));
		ch[i / 2].text = Tcl_GetStringFromObj(parts[i + 1], &len);
		ch[i / 2].len = (size_t)len;
	}
	return fixture_result(
	    interp, draft_save(v, id, version, ch, (size_t)i / 2), vault_err(v));
}

/* draft_find VAULT: {id version FIELD TEXT ...} */
static int
draft_find_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	const struct field *f;
	struct draft_kept *d;
	struct vault *v;
	Tcl_Obj *list;
	size_t n, i;
	enum rc rc;

	(void)cd;
	v = fixture_vault_of(interp, objc, objv, 2, "VAULT");
	if (!v)
		return TCL_ERROR;
	rc = draft_find(v, &d);
	if (rc != RC_OK)
		return fixture_result(interp, rc, vault_err(v));
	f = field_list(v, &n);
	list = Tcl_ObjPrintf("%d %d", (int)d->id, (int)d->version);
	for (i = 0; i < d->n; i++) {
		Tcl_ListObjAppendElement(
		    NULL, list, Tcl_NewStringObj(f[d->values[i].index].name, -1));
		Tcl_ListObjAppendElement(NULL, list,
		    Tcl_NewStringObj((const char *)secret_view(d->values[i].text),
			(int)secret_len(d->values[i].text)));
	}
	draft_kept_free(d);
	Tcl_SetObjResult(interp, list);
	return TCL_OK;
}

static bool
each_group(void *arg, const int64_t *ids, size_t n)
{
	Tcl_Obj *one = Tcl_NewObj();
	size_t i;

	for (i = 0; i < n; i++)
		Tcl_ListObjAppendElement(NULL, one, Tcl_NewWideIntObj(ids[i]));
	Tcl_ListObjAppendElement(NULL, arg, one);
	return true;
}

/* duplicates_find VAULT {FIELD ...} ?LIMIT?: the groups of ids */
static int
duplicates_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	int fields[16], n, i, limit = 0;
	Tcl_Obj **parts, *list;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (objc != 3 && objc != 4)
		return fixture_usage(interp, objv, "VAULT {FIELD ...} ?LIMIT?");
	v = fixture_vault(interp, objv[1]);
	if (!v || Tcl_ListObjGetElements(interp, objv[2], &n, &parts) != TCL_OK ||
	    (objc == 4 && Tcl_GetIntFromObj(interp, objv[3], &limit) != TCL_OK))
		return TCL_ERROR;
	for (i = 0; i < n && i < 16; i++)
		fields[i] = field_index(v, Tcl_GetString(parts[i]));
	list = Tcl_NewObj();
	rc = duplicates_find(v, fields, (size_t)i, limit, each_group, list);
	Tcl_SetObjResult(interp, list);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, vault_err(v));
}

int
change_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "erase_records", erase_cmd, NULL },
		{ "trash_purge", purge_cmd, NULL },
		{ "trash_days", days_cmd, NULL },
		{ "trash_list", trash_list_cmd, NULL },
		{ "keep_set", keep_cmd, NULL },
		{ "keep_due", due_cmd, NULL },
		{ "draft_save", draft_save_cmd, NULL },
		{ "draft_find", draft_find_cmd, NULL },
		{ "duplicates_find", duplicates_cmd, NULL },
		{ "bulk", bulk_cmd, NULL },
		{ "vault_holds", holds_cmd, NULL },
		{ "vault_checkpoint", checkpoint_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
