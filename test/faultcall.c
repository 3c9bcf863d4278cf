/* Calls that fail on demand: which one, and what has fired. */
#include "test/faultcall.h"

bool
faultcall_fails(struct faultcall *f, const char *name)
{
	unsigned long long nth = atomic_load(&f->target), call;
	const char *none = NULL;

	if (!nth)
		return false;
	call = atomic_fetch_add(&f->counted, 1) + 1;
	if (call != nth && !(atomic_load(&f->for_good) && call > nth))
		return false;
	atomic_fetch_add(&f->fired, 1);
	atomic_compare_exchange_strong(&f->source, &none, name);
	return true;
}

static int
arm_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct faultcall *f = cd;
	Tcl_WideInt n;

	if (argc < 2 || argc > 3 || Tcl_GetWideIntFromObj(interp, argv[1], &n) != TCL_OK) {
		Tcl_WrongNumArgs(interp, 1, argv, "N ?-persistent?");
		return TCL_ERROR;
	}
	atomic_store(&f->counted, 0);
	atomic_store(&f->fired, 0);
	atomic_store(&f->source, NULL);
	atomic_store(&f->for_good, argc > 2);
	atomic_store(&f->target, (unsigned long long)n);
	return TCL_OK;
}

static int
off_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct faultcall *f = cd;
	const char *name = atomic_load(&f->source);

	(void)argc;
	(void)argv;
	atomic_store(&f->target, 0);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("fired %d calls %d source {%s}", (int)atomic_load(&f->fired),
	        (int)atomic_load(&f->counted), name ? name : ""));
	return TCL_OK;
}

void
faultcall_commands(
    Tcl_Interp *interp, struct faultcall *f, const char *arm, const char *off)
{
	Tcl_CreateObjCommand(interp, arm, arm_cmd, f, NULL);
	Tcl_CreateObjCommand(interp, off, off_cmd, f, NULL);
}
