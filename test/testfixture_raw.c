/*
 * Fixture commands that call a VFS and one open file of it as SQLite would, or as it would
 * not. Answers other than SQLITE_OK are errors: the extended code.
 *
 *   raw_open VFS PATH KIND        KIND: database, journal, log, super, temporary, unknown;
 *                                 PATH "": none, as for temporary files
 *   raw_read N OFFSET             the bytes; {CODE bytes} when it is short
 *   raw_write BYTES OFFSET
 *   raw_truncate SIZE
 *   raw_lock LEVEL                as SQLite does: 1, then 2, then 4; 0 unlocks
 *   raw_size, raw_sync, raw_close
 *   raw_device                    {sector size, characteristics}
 *   raw_delete VFS PATH
 *   raw_register_memory           the VFS "memory" (test/fuzz/memvfs.c), which has only
 *                                 what a VFS must have
 *   raw_read_only VFS             vfs_read_only
 *   raw_verify_stops DB N         vfs_verify, told to stop after N calls of its progress
 */
#include <stdlib.h>
#include <string.h>

#include "test/fuzz/memvfs.h"
#include "test/testfixture.h"
#include "test/testfixture_vfs.h"

static sqlite3_file *file; /* the one that is open */
static const char *file_name;

static int
answer(Tcl_Interp *interp, int code)
{
	if (code == SQLITE_OK)
		return TCL_OK;
	Tcl_SetObjResult(interp, Tcl_NewIntObj(code));
	return TCL_ERROR;
}

static void
forget(void)
{
	free(file);
	file = NULL;
	sqlite3_free_filename(file_name);
	file_name = NULL;
}

static int
open_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const kinds[] = { "database", "journal", "log", "super",
		"temporary", "unknown", NULL };
	static const int flags[] = { SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_MAIN_JOURNAL,
		SQLITE_OPEN_WAL, SQLITE_OPEN_SUPER_JOURNAL, SQLITE_OPEN_TEMP_DB, 0 };
	sqlite3_vfs *vfs;
	int kind, code;

	(void)cd;
	if (argc != 4 || file || !(vfs = sqlite3_vfs_find(Tcl_GetString(argv[1])))) {
		Tcl_SetResult(interp, "raw_open VFS PATH KIND, one at a time", TCL_STATIC);
		return TCL_ERROR;
	}
	if (Tcl_GetIndexFromObj(interp, argv[3], kinds, "kind", 0, &kind) != TCL_OK)
		return TCL_ERROR;
	if (Tcl_GetCharLength(argv[2]) > 0)
		file_name = sqlite3_create_filename(Tcl_GetString(argv[2]), "", "", 0, NULL);
	file = calloc(1, (size_t)vfs->szOsFile);
	code = file ? vfs->xOpen(vfs, file_name, file,
	                  flags[kind] | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL)
		    : SQLITE_NOMEM;
	if (code != SQLITE_OK)
		forget();
	return answer(interp, code);
}

static int
read_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_WideInt off;
	Tcl_Obj *bytes, *pair[2];
	int n, code;

	(void)cd;
	if (argc != 3 || !file || Tcl_GetIntFromObj(interp, argv[1], &n) != TCL_OK ||
	    Tcl_GetWideIntFromObj(interp, argv[2], &off) != TCL_OK)
		return TCL_ERROR;
	bytes = Tcl_NewByteArrayObj(NULL, 0);
	code = file->pMethods->xRead(file, Tcl_SetByteArrayLength(bytes, n), n, off);
	pair[0] = Tcl_NewIntObj(code);
	pair[1] = bytes;
	Tcl_SetObjResult(interp, code == SQLITE_OK ? bytes : Tcl_NewListObj(2, pair));
	return TCL_OK;
}

static int
write_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_WideInt off;
	const void *bytes;
	int n;

	(void)cd;
	if (argc != 3 || !file || Tcl_GetWideIntFromObj(interp, argv[2], &off) != TCL_OK)
		return TCL_ERROR;
	bytes = Tcl_GetByteArrayFromObj(argv[1], &n);
	return answer(interp, file->pMethods->xWrite(file, bytes, n, off));
}

enum { RAW_TRUNCATE, RAW_LOCK, RAW_SIZE, RAW_SYNC, RAW_DEVICE, RAW_CLOSE };

static int
simple_cmd(ClientData which, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	sqlite3_int64 size = 0;
	Tcl_WideInt to = 0;
	int code = SQLITE_OK;

	if (!file || (argc > 1 && Tcl_GetWideIntFromObj(interp, argv[1], &to) != TCL_OK))
		return TCL_ERROR;
	switch ((int)(intptr_t)which) {
	case RAW_TRUNCATE:
		code = file->pMethods->xTruncate(file, to);
		break;
	case RAW_LOCK:
		code = to ? file->pMethods->xLock(file, (int)to)
			  : file->pMethods->xUnlock(file, 0);
		break;
	case RAW_SIZE:
		code = file->pMethods->xFileSize(file, &size);
		Tcl_SetObjResult(interp, Tcl_NewWideIntObj(size));
		break;
	case RAW_SYNC:
		code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
		break;
	case RAW_DEVICE:
		Tcl_SetObjResult(interp,
		    Tcl_ObjPrintf("%d %d", file->pMethods->xSectorSize(file),
		        file->pMethods->xDeviceCharacteristics(file)));
		break;
	default:
		code = file->pMethods->xClose(file);
		forget();
	}
	return answer(interp, code);
}

static int
delete_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	sqlite3_vfs *vfs = argc == 3 ? sqlite3_vfs_find(Tcl_GetString(argv[1])) : NULL;

	(void)cd;
	if (!vfs)
		return TCL_ERROR;
	return answer(interp, vfs->xDelete(vfs, Tcl_GetString(argv[2]), 0));
}

static int
register_memory_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)cd;
	(void)interp;
	(void)argc;
	(void)argv;
	memvfs_register(NULL);
	return TCL_OK;
}

static int
read_only_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	enum rc rc = argc == 2 ? vfs_read_only(Tcl_GetString(argv[1])) : RC_INPUT;

	(void)cd;
	Tcl_SetObjResult(interp, Tcl_NewStringObj(rc_name(rc), -1));
	return TCL_OK;
}

static bool
stop(void *left, uint64_t done, uint64_t all)
{
	return done <= all && --*(int *)left <= 0;
}

static int
verify_stops_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	struct vfs_verify v;
	sqlite3 *db;
	int left;
	enum rc rc;

	(void)cd;
	if (argc != 3 || !(db = fixture_db(interp, Tcl_GetString(argv[1]))) ||
	    Tcl_GetIntFromObj(interp, argv[2], &left) != TCL_OK)
		return TCL_ERROR;
	rc = vfs_verify(db, NULL, stop, &left, &v, &err);
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %d", rc_name(rc), (int)v.pages));
	return TCL_OK;
}

int
raw_Init(Tcl_Interp *interp)
{
	static const struct {
		const char *name;
		Tcl_ObjCmdProc *proc;
		intptr_t which;
	} commands[] = {
		{ "raw_open", open_cmd, 0 },
		{ "raw_read", read_cmd, 0 },
		{ "raw_write", write_cmd, 0 },
		{ "raw_truncate", simple_cmd, RAW_TRUNCATE },
		{ "raw_lock", simple_cmd, RAW_LOCK },
		{ "raw_size", simple_cmd, RAW_SIZE },
		{ "raw_sync", simple_cmd, RAW_SYNC },
		{ "raw_device", simple_cmd, RAW_DEVICE },
		{ "raw_close", simple_cmd, RAW_CLOSE },
		{ "raw_delete", delete_cmd, 0 },
		{ "raw_register_memory", register_memory_cmd, 0 },
		{ "raw_read_only", read_only_cmd, 0 },
		{ "raw_verify_stops", verify_stops_cmd, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		Tcl_CreateObjCommand(interp, commands[i].name, commands[i].proc,
		    (ClientData)commands[i].which, NULL);
	return TCL_OK;
}
