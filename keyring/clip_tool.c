/*
 * The programs that a clipboard belongs to.
 *
 * 1. A tool is named by its whole path, or looked for in three folders of the system: PATH says
 *    nothing, neither here nor to the tool.
 * 2. Of the environment the tool gets what it needs to reach the clipboard.
 * 3. wl-copy keeps what it serves in a file: below TMPDIR, which is the user's folder for the
 *    session then, or, up to version 2.2.1, below /tmp whatever it is told. It is run only
 *    where both are in memory: no value reaches a disk by it.
 * 4. No value is ever among its words.
 * 5. A clipboard is cleared by nothing being copied: some compositors, Weston for one, do not
 *    hear wl-copy's --clear, which says that it did.
 */

#include "keyring/clip_int.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *const names[] = {
    [CLIP_WAYLAND] = "wl-copy", [CLIP_XCLIP] = "xclip", [CLIP_XSEL] = "xsel"};

#define KINDS (sizeof names / sizeof *names)

static bool
is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0];
}

static bool
look_for(enum clip_kind kind, struct clip_tool *out)
{
	static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"};
	size_t i;

	for (i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(out->copy, sizeof out->copy, "%s/%s", folders[i], names[kind]);
		out->kind = kind;
		if (access(out->copy, X_OK) == 0)
			return true;
	}
	return false;
}

static bool
is_in_memory(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 &&
	       ((uint32_t)fs.f_type == TMPFS_MAGIC || (uint32_t)fs.f_type == RAMFS_MAGIC);
}

static enum rc
check_folders(struct err *err)
{
	const char *session = getenv("XDG_RUNTIME_DIR");

	if (!session || !session[0])
		return err_set(err, RC_INPUT,
		    "wl-copy keeps a copy in a file in the session's folder, and "
		    "XDG_RUNTIME_DIR does not say where that is");
	if (is_in_memory(session) && is_in_memory("/tmp"))
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "wl-copy keeps a copy in a file in %s, which is not in memory: it would reach the "
	    "disk. Mount a tmpfs there, or, with an X11 server, use --clipboard /usr/bin/xclip",
	    is_in_memory(session) ? "/tmp" : session);
}

static enum rc
look_everywhere(struct clip_tool *out, struct err *err)
{
	bool wayland = is_set("WAYLAND_DISPLAY"), x11 = is_set("DISPLAY");
	bool found = wayland && look_for(CLIP_WAYLAND, out);

	if (found && check_folders(NULL) == RC_OK)
		return RC_OK;
	if (x11 && (look_for(CLIP_XCLIP, out) || look_for(CLIP_XSEL, out)))
		return RC_OK;
	if (found)
		return check_folders(err);
	if (!wayland && !x11)
		return err_set(err, RC_INPUT,
		    "there is no clipboard here: neither WAYLAND_DISPLAY nor DISPLAY is set");
	return err_set(err, RC_INPUT,
	    "the clipboard needs %s in /usr/local/bin, /usr/bin or /bin, or the path of one: "
	    "--clipboard PATH",
	    wayland && x11 ? "wl-copy (package wl-clipboard), xclip or xsel"
	    : wayland	   ? "wl-copy (package wl-clipboard)"
			   : "xclip or xsel");
}

static enum rc
take_named(const char *path, struct clip_tool *out, struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t kind;

	for (kind = 0; kind < KINDS; kind++)
		if (strcmp(name, names[kind]) == 0)
			break;
	if (kind == KINDS || path[0] != '/' || strlen(path) >= sizeof out->copy)
		return err_set(err, RC_INPUT,
		    "--clipboard is auto, or the whole path of wl-copy, xclip or xsel "
		    "(/usr/bin/xclip), not \"%s\"",
		    path);
	out->kind = (enum clip_kind)kind;
	snprintf(out->copy, sizeof out->copy, "%s", path);
	if (access(path, X_OK) != 0)
		return err_set(err, RC_INPUT, "%s can't be run", path);
	return out->kind == CLIP_WAYLAND ? check_folders(err) : RC_OK;
}

/* wl-paste lies beside wl-copy. */
static enum rc
find_paste(struct clip_tool *t, struct err *err)
{
	size_t folder = strlen(t->copy) - strlen(names[t->kind]);

	memcpy(t->paste, t->copy, sizeof t->paste);
	if (t->kind == CLIP_WAYLAND)
		snprintf(t->paste + folder, sizeof t->paste - folder, "wl-paste");
	if (access(t->paste, X_OK) == 0)
		return RC_OK;
	return err_set(err, RC_INPUT,
	    "%s can't be run: without it nothing is known again to be taken off", t->paste);
}

enum rc
clip_tool_find(const char *name, struct clip_tool *out, struct err *err)
{
	enum rc rc = strcmp(name, "auto") == 0 ? look_everywhere(out, err)
					       : take_named(name, out, err);

	return rc == RC_OK ? find_paste(out, err) : rc;
}

struct words {
	const char *at[6];
};

static struct words
words_for(enum clip_kind kind, enum clip_step step)
{
	static const struct words all[KINDS][3] = {
	    [CLIP_WAYLAND] = {[CLIP_COPY] = {{"wl-copy", "--type", "text/plain"}},
		[CLIP_PASTE] = {{"wl-paste", "--no-newline"}},
		[CLIP_CLEAR] = {{"wl-copy", "--type", "text/plain"}}},
	    [CLIP_XCLIP] = {[CLIP_COPY] = {{"xclip", "-selection", "clipboard", "-in"}},
		[CLIP_PASTE] = {{"xclip", "-selection", "clipboard", "-out"}},
		[CLIP_CLEAR] = {{"xclip", "-selection", "clipboard", "-in"}}},
	    [CLIP_XSEL] = {[CLIP_COPY] = {{"xsel", "--clipboard", "--input"}},
		[CLIP_PASTE] = {{"xsel", "--clipboard", "--output"}},
		[CLIP_CLEAR] = {{"xsel", "--clipboard", "--clear"}}},
	};

	return all[kind][step];
}

/* What of the environment goes on, and two of our own. */
static void
trim_environment(void)
{
	static const char *const kept[] = {"HOME", "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY",
	    "XDG_RUNTIME_DIR", "LANG", "LC_ALL", "LC_CTYPE"};
	char *values[sizeof kept / sizeof *kept];
	size_t i, n = sizeof kept / sizeof *kept;

	for (i = 0; i < n; i++)
		values[i] = getenv(kept[i]);
	clearenv();
	for (i = 0; i < n; i++)
		if (values[i])
			setenv(kept[i], values[i], 1);
	if (is_set("XDG_RUNTIME_DIR"))
		setenv("TMPDIR", getenv("XDG_RUNTIME_DIR"), 1);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
}

void
clip_tool_exec(const struct clip_tool *t, enum clip_step step, int in, int out)
{
	struct words w = words_for(t->kind, step);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	trim_environment();
	if (null >= 0 && dup2(in >= 0 ? in : null, STDIN_FILENO) >= 0 &&
	    dup2(out >= 0 ? out : null, STDOUT_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0)
		execv(step == CLIP_PASTE ? t->paste : t->copy,
		    (char *const *)(uintptr_t)w.at);
	_exit(CLIP_NO_EXEC);
}
