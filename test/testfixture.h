#ifndef TEST_TESTFIXTURE_H
#define TEST_TESTFIXTURE_H

/* What the files test/testfixture_<floor>.c share. */

#include <sqlite3.h>
#include <tcl.h>

/* Each registers the Tcl commands of one floor. Weak: a floor's file may be absent. */
int keyring_Init(Tcl_Interp *interp) __attribute__((weak));
int fault_Init(Tcl_Interp *interp) __attribute__((weak));
int cipher_Init(Tcl_Interp *interp) __attribute__((weak));
int sys_Init(Tcl_Interp *interp) __attribute__((weak));
int shm_Init(Tcl_Interp *interp) __attribute__((weak));
int secret_Init(Tcl_Interp *interp) __attribute__((weak));
int vfs_Init(Tcl_Interp *interp) __attribute__((weak));
int cut_Init(Tcl_Interp *interp) __attribute__((weak));
int rotate_Init(Tcl_Interp *interp) __attribute__((weak));
int memory_Init(Tcl_Interp *interp) __attribute__((weak));
int backup_Init(Tcl_Interp *interp) __attribute__((weak));
int data_Init(Tcl_Interp *interp) __attribute__((weak));
int find_Init(Tcl_Interp *interp) __attribute__((weak));
int seen_Init(Tcl_Interp *interp) __attribute__((weak));
int search_Init(Tcl_Interp *interp) __attribute__((weak));
int import_Init(Tcl_Interp *interp) __attribute__((weak));
int history_Init(Tcl_Interp *interp) __attribute__((weak));
int change_Init(Tcl_Interp *interp) __attribute__((weak));
int store_Init(Tcl_Interp *interp) __attribute__((weak));
int ui_Init(Tcl_Interp *interp) __attribute__((weak));

/**
 * fixture_db(interp, name):
 * Return the connection behind the Tcl command ${name} that `sqlite3 NAME FILE` made, or
 * NULL with a message in ${interp}. The connection stays the command's.
 */
sqlite3 *fixture_db(Tcl_Interp *interp, const char *name);

struct fixture_command {
	const char *name;
	Tcl_ObjCmdProc *run;
	const void *data; /* that the command is given */
};

/**
 * fixture_commands(interp, commands, n): make ${n} Tcl commands of ${interp}.
 */
void fixture_commands(Tcl_Interp *interp, const struct fixture_command *commands, size_t n);

#endif
