/*
 * Tcl commands over the rotation of page keys.
 *
 *   vfs_rotate begin DB          the code that it answers, OK or EXISTS ...
 *   vfs_rotate step DB           one step of the fewest pages, from where the last one stopped:
 *                                {CODE done rewritten bad}
 *   vfs_rotate finish DB         the code, with its sentence
 *   vfs_rotate pause DB
 *   vfs_rotate status DB         a dict: active epoch pages left
 *   vfs_rotate all DB            begin or go on, step to the end, finish; BUSY is tried again
 *   vfs_rotate again DB          the next step looks at the first page
 *   vfs_leased_set DB N          make the header say that N writes are leased
 *   vault_rotate VAULT ?STOP ?SCRIPT??   of the store: {CODE resumed pages left sentence}; it
 *                                asks to stop at the STOPth report of progress (0: at none), and
 *                                when SCRIPT, which runs at each, fails; the globals rotate_done
 *                                and rotate_all hold the report
 *   vault_rotate_status VAULT    a dict
 */
#include <string.h>

#include "keyring/keyring_int.h"
#include "store/rotate.h"

#include "test/testfixture.h"
#include "test/testfixture_store.h"
#include "vfs/rotate.h"

enum { BUSY_TRIES = 500 };

static struct vfs_rotation at;
static struct err err;

static enum rc
next(sqlite3 *db, bool *begun)
{
	enum rc rc;

	err.text[0] = '\0';
	if (!*begun) {
		rc = vfs_rotate_begin(db, NULL, &err);
		*begun = rc == RC_OK || rc == RC_EXISTS;
		return *begun ? RC_EXISTS : rc;
	}
	if (at.done)
		return vfs_rotate_finish(db, NULL, true, &at, &err);
	rc = vfs_rotate_step(db, NULL, &at, &err);
	return rc == RC_OK ? RC_EXISTS : rc;
}

static enum rc
patiently(sqlite3 *db)
{
	bool begun = false;
	int tries = 0;
	enum rc rc;

	memset(&at, 0, sizeof at);
	while ((rc = next(db, &begun)) == RC_EXISTS || rc == RC_BUSY) {
		if (rc == RC_BUSY && ++tries == BUSY_TRIES)
			break;
		if (rc == RC_BUSY)
			sqlite3_sleep(2);
	}
	return rc;
}

static void
status(Tcl_Interp *interp, sqlite3 *db)
{
	struct vfs_rotate_status s;
	enum rc rc = vfs_rotate_status(db, NULL, &s, &err);

	Tcl_SetObjResult(interp, rc != RC_OK
	        ? Tcl_NewStringObj(rc_name(rc), -1)
	        : Tcl_ObjPrintf("active %d epoch %d pages %d left %d", s.active,
	              (int)s.epoch, (int)s.pages, (int)s.left));
}

static void
answer(Tcl_Interp *interp, enum rc rc)
{
	Tcl_SetObjResult(interp, err.text[0]
	        ? Tcl_ObjPrintf("%s: %s", rc_name(rc), err.text)
	        : Tcl_NewStringObj(rc_name(rc), -1));
}

static int
rotate_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const what[] = { "begin", "step", "finish", "pause", "status",
		"all", "again", NULL };
	enum { BEGIN, STEP, FINISH, PAUSE, STATUS, ALL, AGAIN };
	sqlite3 *db;
	int which;
	enum rc rc;

	(void)cd;
	if (argc != 3) {
		Tcl_WrongNumArgs(interp, 1, argv, "WHAT DB");
		return TCL_ERROR;
	}
	db = fixture_db(interp, Tcl_GetString(argv[2]));
	if (!db || Tcl_GetIndexFromObj(interp, argv[1], what, "step", 0, &which) != TCL_OK)
		return TCL_ERROR;
	err.text[0] = '\0';
	switch (which) {
	case BEGIN:
		at.to = 0;
		answer(interp, vfs_rotate_begin(db, NULL, &err));
		return TCL_OK;
	case STEP:
		at.most = 0;
		rc = vfs_rotate_step(db, NULL, &at, &err);
		Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d %d %d", rc_name(rc), at.done,
		    (int)at.rewritten, (int)at.bad));
		return TCL_OK;
	case FINISH:
		answer(interp, vfs_rotate_finish(db, NULL, true, &at, &err));
		return TCL_OK;
	case PAUSE:
		answer(interp, vfs_rotate_pause(db, NULL, &err));
		return TCL_OK;
	case STATUS:
		status(interp, db);
		return TCL_OK;
	case ALL:
		answer(interp, patiently(db));
		return TCL_OK;
	default:
		memset(&at, 0, sizeof at);
		return TCL_OK;
	}
}

static enum rc
set_leased(void *arg, struct keyring *kr)
{
	int i;

	pthread_mutex_lock(&kr->lock);
	for (i = 0; i < HEADER_EPOCHS; i++)
		if (kr->header.epochs[i].purpose == EPOCH_PAGE &&
		    kr->header.epochs[i].state == EPOCH_ACTIVE)
			kr->header.epochs[i].leased = *(uint64_t *)arg;
	kr->dirty = true;
	pthread_mutex_unlock(&kr->lock);
	return RC_OK;
}

static int
leased_set_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_WideInt n;
	uint64_t leased;
	sqlite3 *db = argc == 3 ? fixture_db(interp, Tcl_GetString(argv[1])) : NULL;
	enum rc rc;

	(void)cd;
	if (!db || Tcl_GetWideIntFromObj(interp, argv[2], &n) != TCL_OK)
		return TCL_ERROR;
	leased = (uint64_t)n;
	rc = vfs_header_update(db, NULL, set_leased, &leased, &err);
	return rc == RC_OK ? TCL_OK : fixture_result(interp, rc, err.text);
}

struct steps {
	int stop, n;
	Tcl_Interp *interp;
	Tcl_Obj *script; /* may be NULL */
};

static bool
count_step(void *arg, uint64_t done, uint64_t all)
{
	struct steps *s = arg;

	Tcl_SetVar2Ex(s->interp, "rotate_done", NULL, Tcl_NewWideIntObj((Tcl_WideInt)done),
	    TCL_GLOBAL_ONLY);
	Tcl_SetVar2Ex(s->interp, "rotate_all", NULL, Tcl_NewWideIntObj((Tcl_WideInt)all),
	    TCL_GLOBAL_ONLY);
	if (s->script && Tcl_EvalObjEx(s->interp, s->script, TCL_EVAL_GLOBAL) != TCL_OK)
		return true;
	return ++s->n == s->stop;
}

static int
vault_rotate_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct steps s = { 0, 0, interp, argc > 3 ? argv[3] : NULL };
	const struct progress progress = { count_step, &s };
	struct rotate_report r;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (argc < 2)
		return fixture_usage(interp, argv, "VAULT ?STOP ?SCRIPT??");
	v = fixture_vault(interp, argv[1]);
	if (!v || (argc > 2 && Tcl_GetIntFromObj(interp, argv[2], &s.stop) != TCL_OK))
		return TCL_ERROR;
	err.text[0] = '\0';
	rc = rotate_run(v, &progress, &r, &err);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d %d %d {%s}", rc_name(rc), r.resumed,
	    (int)r.pages, (int)r.left, err.text));
	return TCL_OK;
}

static int
vault_status_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct rotate_status s;
	struct vault *v;
	enum rc rc;

	(void)cd;
	if (argc != 2)
		return fixture_usage(interp, argv, "VAULT");
	v = fixture_vault(interp, argv[1]);
	if (!v)
		return TCL_ERROR;
	rc = rotate_status(v, &s, &err);
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("active %d epoch %d pages %d left %d", s.active,
	    (int)s.epoch, (int)s.pages, (int)s.left));
	return TCL_OK;
}

int
rotate_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "vfs_leased_set", leased_set_cmd, NULL },
		{ "vault_rotate", vault_rotate_cmd, NULL },
		{ "vault_rotate_status", vault_status_cmd, NULL },
		{ "vfs_rotate", rotate_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
