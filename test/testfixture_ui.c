/*
 * Fixture commands over the terminal interface's worker.
 *
 *   worker_lock_during VAULT WORK   lock a worker while WORK runs on its own connection to
 *           VAULT (a name of the vault commands), and wait until that has come about:
 *           {CODE of the work} {whether VAULT's own connection is alone then}
 *           WORK: endless (a query without end), calls (many short ones without end),
 *           derive (the dearest key derivation that there may be)
 */
#include <sys/eventfd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keyring/kdf.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_int.h"
#include "test/testfixture_store.h"
#include "ui/tui/worker.h"

struct locked_job {
	struct job job;
	const char *work;
	int begun; /* an eventfd, written when the work has begun */
	enum rc *told;
};

static const char endless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

static enum rc
derive(void)
{
	const struct kdf_params dear = {KDF_ARGON2ID, 256 * 1024, KDF_MAX_PASSES, 1};
	const uint8_t salt[KDF_SALT_LEN] = {0};
	uint8_t out[KDF_OUT_LEN];

	return kdf_run(&dear, salt, sizeof salt, salt, out);
}

static void
locked_run(struct job *j, struct vault *v)
{
	struct locked_job *l = (struct locked_job *)j;
	uint64_t one = 1;
	int64_t n;

	if (write(l->begun, &one, sizeof one) != sizeof one)
		return;
	if (strcmp(l->work, "endless") == 0)
		j->rc = sql_int(v, endless, &n);
	else if (strcmp(l->work, "derive") == 0)
		j->rc = derive();
	else
		do {
			vault_err_start(v);
			j->rc = sql_int(v, "SELECT 1", &n);
		} while (j->rc == RC_OK);
}

static void
locked_free(struct job *j)
{
	struct locked_job *l = (struct locked_job *)j;

	*l->told = j->rc;
	free(l);
}

static const struct job_ops locked_ops = {locked_run, NULL, locked_free};

/* Lock while it runs. What was called before is called again until the worker has heard. */
static void
lock_during(struct worker *w, struct locked_job *l)
{
	uint64_t n;
	int begun = l->begun;

	worker_post(w, &l->job);
	if (read(begun, &n, sizeof n) != sizeof n)
		return;
	worker_lock(w);
	while (worker_press(w))
		usleep(1000);
	worker_collect(w);
}

static int
lock_during_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	struct vault *v, *clone = NULL;
	struct locked_job *l;
	struct worker *w = NULL;
	struct err err = {""};
	enum rc told = RC_INTERNAL, rc;
	int fds[2] = {eventfd(0, 0), eventfd(0, 0)}, alone;

	(void)cd;
	if (objc != 3 || !(v = fixture_vault(interp, objv[1])))
		return TCL_ERROR;
	rc = vault_clone(v, &clone, &err);
	if (rc == RC_OK)
		rc = worker_new(fds[0], &w);
	l = rc == RC_OK ? calloc(1, sizeof *l) : NULL;
	if (l) {
		*l = (struct locked_job){{.ops = &locked_ops}, Tcl_GetString(objv[2]), fds[1],
		    &told};
		worker_give(w, clone);
		lock_during(w, l);
	}
	alone = unlocked_alone(v->unlocked);
	worker_free(w);
	close(fds[0]);
	close(fds[1]);
	if (rc != RC_OK)
		return fixture_result(interp, rc, err.text);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d", rc_name(told), alone));
	return TCL_OK;
}

int ui_Init(Tcl_Interp *interp);

int
ui_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "worker_lock_during", lock_during_cmd, NULL, NULL);
	return TCL_OK;
}
