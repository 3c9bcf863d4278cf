/*
 * Fixture commands over secrets (keyring/secret.h) and where they come from
 * (keyring/askpass.h).
 *
 *   secret_sizes CAP BYTES ?LEN?   a new secret of CAP bytes, BYTES appended, its length set
 *                                 to LEN: {code of each, length, content}
 *   secret_same BYTES BYTES       secret_equal
 *   askpass_line PATH MODE        the line that the open file gives; MODE: r or w
 *   askpass_run PROGRAM PROMPT
 *   nonce_fork                    drawn before a fork, then by parent and child: whether the
 *                                 nonces all differ
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keyring/askpass.h"
#include "keyring/crypto.h"
#include "test/testfixture.h"
#include "test/testfixture_keyring.h"

static int
give(Tcl_Interp *interp, enum rc rc, struct secret *s, const struct err *err)
{
	if (rc != RC_OK)
		return fixture_fail(interp, rc, err);
	Tcl_SetObjResult(
	    interp, Tcl_NewByteArrayObj(secret_view(s), (int)secret_len(s)));
	secret_free(s);
	return TCL_OK;
}

static int
sizes_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct secret *s;
	const uint8_t *bytes;
	Tcl_WideInt cap, len;
	enum rc made, appended;
	size_t n;

	(void)cd;
	if (argc < 3 || Tcl_GetWideIntFromObj(interp, argv[1], &cap) != TCL_OK)
		return TCL_ERROR;
	bytes = fixture_bytes(argv[2], &n);
	made = secret_new((size_t)cap, &s);
	if (made != RC_OK) {
		Tcl_SetObjResult(interp, Tcl_NewStringObj(rc_name(made), -1));
		return TCL_OK;
	}
	appended = secret_append(s, bytes, n);
	if (argc > 3 && Tcl_GetWideIntFromObj(interp, argv[3], &len) == TCL_OK)
		secret_set_len(s, (size_t)len);
	Tcl_SetObjResult(interp,
	    Tcl_ObjPrintf("%s %s %d {%s}", rc_name(made), rc_name(appended),
	        (int)secret_len(s), (const char *)secret_view(s)));
	secret_free(s);
	return TCL_OK;
}

static int
same_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct secret *a = NULL, *b = NULL;
	const uint8_t *bytes;
	size_t n;
	int code = TCL_ERROR;

	(void)cd;
	if (argc != 3)
		return TCL_ERROR;
	bytes = fixture_bytes(argv[1], &n);
	if (secret_from(bytes, n, &a) != RC_OK)
		return TCL_ERROR;
	bytes = fixture_bytes(argv[2], &n);
	if (secret_from(bytes, n, &b) == RC_OK) {
		Tcl_SetObjResult(interp, Tcl_NewBooleanObj(secret_equal(a, b)));
		code = TCL_OK;
	}
	secret_free(a);
	secret_free(b);
	return code;
}

static int
line_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	struct secret *s = NULL;
	enum rc rc;
	int fd;

	(void)cd;
	if (argc != 3)
		return TCL_ERROR;
	fd = open(Tcl_GetString(argv[1]),
	    (*Tcl_GetString(argv[2]) == 'w' ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	rc = askpass_line(fd, &s, &err);
	if (fd >= 0)
		close(fd);
	return give(interp, rc, s, &err);
}

static int
run_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct err err = { "" };
	struct secret *s = NULL;
	enum rc rc;

	(void)cd;
	if (argc != 3)
		return TCL_ERROR;
	rc = askpass_run(Tcl_GetString(argv[1]), Tcl_GetString(argv[2]), &s, &err);
	return give(interp, rc, s, &err);
}

static int
fork_cmd(ClientData cd, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	uint8_t ours[AEAD_NONCE_LEN], theirs[AEAD_NONCE_LEN];
	int fds[2], status;
	pid_t pid;
	bool differ;

	(void)cd;
	(void)argc;
	(void)argv;
	if (random_nonce(ours) != RC_OK || pipe(fds) != 0)
		return TCL_ERROR;
	pid = fork();
	if (pid == 0) {
		differ = random_nonce(theirs) == RC_OK &&
		    write(fds[1], theirs, sizeof theirs) == (ssize_t)sizeof theirs;
		_exit(differ ? 0 : 1);
	}
	differ = random_nonce(ours) == RC_OK && pid > 0 &&
	    read(fds[0], theirs, sizeof theirs) == (ssize_t)sizeof theirs &&
	    memcmp(ours, theirs, sizeof ours) != 0;
	if (pid > 0)
		waitpid(pid, &status, 0);
	close(fds[0]);
	close(fds[1]);
	Tcl_SetObjResult(interp, Tcl_NewBooleanObj(differ));
	return TCL_OK;
}

int
secret_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "secret_sizes", sizes_cmd, NULL },
		{ "secret_same", same_cmd, NULL },
		{ "askpass_line", line_cmd, NULL },
		{ "askpass_run", run_cmd, NULL },
		{ "nonce_fork", fork_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return TCL_OK;
}
