/*
 * The files that a command needs, told from the table of operations: its vault, the files
 * that its options and arguments name, and what libraries read for themselves.
 */

#include "ui/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state.h"
#include "ui/confine.h"

#ifndef SANDBOX_ALSO /* of a build that writes down what of it has run */
#define SANDBOX_ALSO ""
#endif

static bool screen; /* the terminal interface, confined */

struct folders { /* texts that the rules point to */
	char state[PATH_MAX], terminfo[PATH_MAX];
};

/* Libraries, users' names, times, terminals; the machine's memory, for calibration. */
static void
allow_system(struct confine *c)
{
	static const char *const read[] = {"/usr", "/lib", "/lib64", "/proc", "/sys",
	    "/etc/ld.so.cache", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
	    "/etc/localtime", "/etc/timezone", "/etc/ssl", "/etc/terminfo",
	    "/etc/locale.alias", "/dev/urandom", "/dev/random"};
	size_t i;

	for (i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		confine_allow(c, read[i], CONFINE_READ);
	confine_allow(c, getenv("OPENSSL_CONF"), CONFINE_READ);
	confine_allow(c, getenv("TERMINFO"), CONFINE_READ);
	confine_allow(c, "/dev/null", CONFINE_WRITE);
	confine_allow(c, "/dev/tty", CONFINE_WRITE);
	confine_allow(c, SANDBOX_ALSO, CONFINE_WRITE);
}

/* Where SQLite sorts what its cache does not hold: it takes the first that it can write.
 */
static void
allow_temporary(struct confine *c)
{
	const char *const at[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp",
	    "/usr/tmp", "/tmp", "."};
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i] != NULL && stat(at[i], &st) == 0 && S_ISDIR(st.st_mode) &&
		    access(at[i], W_OK | X_OK) == 0) {
			confine_allow(c, at[i], CONFINE_WRITE);
			return;
		}
}

/* It is made now: to make it later, more would have to stay open than itself. */
static void
allow_state(struct confine *c, struct folders *f)
{
	char *slash;

	if (!state_folder(f->state, sizeof(f->state)))
		return;
	for (slash = strchr(f->state + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(f->state, 0700);
		*slash = '/';
	}
	mkdir(f->state, 0700);
	confine_allow(c, f->state, CONFINE_WRITE);
}

static void
allow_named(struct confine *c, const struct op_call *call)
{
	bool makes = (call->op->flags & OP_MAKES) != 0;
	int i;

	confine_allow(c, call->vault_path, CONFINE_MAKE);
	if ((call->op->flags & (OP_MAKES | OP_READS)) != 0)
		for (i = 0; i < call->arg_n; i++)
			confine_allow(
			    c, call->args[i], makes ? CONFINE_MAKE : CONFINE_READ);
	for (i = 0; i < call->given_n; i++)
		if (call->given[i].opt->kind == OPT_FILE)
			confine_allow(c, call->given[i].text, CONFINE_READ);
		else if (call->given[i].opt->kind == OPT_OUT)
			confine_allow(c, call->given[i].text, CONFINE_MAKE);
}

void
sandbox_command(const struct op_call *call)
{
	struct confine c = {.reads = true};
	struct folders f;
	const char *home = getenv("HOME");

	allow_system(&c);
	allow_temporary(&c);
	if ((call->op->flags & (OP_VAULT | OP_CREATE | OP_SECRET | OP_MAKES)) != 0)
		allow_state(&c, &f);
	if (home != NULL &&
	    snprintf(f.terminfo, sizeof(f.terminfo), "%s/.terminfo", home) < PATH_MAX)
		confine_allow(&c, f.terminfo, CONFINE_READ);
	allow_named(&c, call);
	confine_enter(&c);
}

void
sandbox_screen(const struct op_call *call)
{
	struct confine c = {.reads = false};
	struct folders f;

	allow_state(&c, &f);
	confine_allow(&c, call->args[0], CONFINE_MAKE);
	confine_allow(&c, getenv("HOME"), CONFINE_WRITE);
	confine_allow(&c, ".", CONFINE_WRITE);
	confine_allow(&c, "/dev/null", CONFINE_WRITE);
	confine_allow(&c, "/dev/tty", CONFINE_WRITE);
	confine_allow(&c, SANDBOX_ALSO, CONFINE_WRITE);
	allow_temporary(&c);
	confine_enter(&c);
	screen = confine_state().landlock > 0;
}

const char *
sandbox_hint(const char *sentence)
{
	if (!screen || strstr(sentence, strerror(EACCES)) == NULL)
		return NULL;
	return "This interface may write below the folders of the vault, of your home "
	       "and "
	       "of its start only. To write elsewhere use the command line, "
	       "\"strongroom export\" for one.";
}
