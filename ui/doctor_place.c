/*
 * Where this session works: its terminal, the libraries, the folders and files it writes
 * to, and who else may reach them.
 */

#include <errno.h>
#include <langinfo.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state.h"
#include "store/text.h"
#include "store/versions.h"
#include "ui/doctor.h"
#include "ui/tui/term.h"

#define OTHERS_MODE 077u
#define WRITE_MODE  022u

static void
look_at_type(struct findings *all)
{
	struct finding *f = finding_add(all, "terminal", "Terminal");
	const char *type = getenv("TERM");
	char shown[256];
	int colours;

	if (type == NULL || type[0] == '\0' || strcmp(type, "dumb") == 0) {
		finding_seen(f, STANDING_TOLD,
		    "TERM names none: the command line works, the terminal interface "
		    "not");
		return;
	}
	text_visible(type, strnlen(type, 40), shown, sizeof(shown));
	colours = term_colours(type);
	if (colours < 0) {
		finding_seen(
		    f, STANDING_TOLD, "\"%s\" is not known on this machine", shown);
		finding_mend(f,
		    "Install ncurses-term, or set TERM to what is known here: "
		    "xterm-256color, linux, vt100.");
	} else if (colours == 0) {
		finding_seen(f, STANDING_TOLD, "%s, without colours", shown);
	} else {
		finding_seen(f, STANDING_TOLD, "%s, %d colours", shown, colours);
	}
}

static void
look_at_size(struct findings *all)
{
	struct finding *f = finding_add(all, "screen", "Screen");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 &&
	    ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) {
		finding_seen(f, STANDING_TOLD, "no terminal");
		return;
	}
	finding_seen(f, STANDING_TOLD, "%d columns, %d rows", size.ws_col, size.ws_row);
	if (size.ws_col < TERM_COLS_MIN || size.ws_row < TERM_ROWS_MIN)
		finding_mend(f, "The terminal interface wants %d columns and %d rows.",
		    TERM_COLS_MIN, TERM_ROWS_MIN);
}

static void
look_at_letters(struct findings *all)
{
	struct finding *f = finding_add(all, "locale", "Characters");
	const char *codeset = nl_langinfo(CODESET);

	finding_seen(f, STANDING_TOLD, "%s", codeset);
	if (strcmp(codeset, "UTF-8") != 0)
		finding_mend(f, "A passphrase with other letters than ASCII is taken as "
				"UTF-8: set LANG to a UTF-8 locale, C.UTF-8 for one.");
}

static void
look_at_versions(struct findings *all)
{
	struct finding *f = finding_add(all, "versions", "Versions");
	struct versions v;

	versions_of(&v);
	finding_seen(f, STANDING_TOLD,
	    "strongroom %s, SQLite %s, OpenSSL %s, Argon2 %s, %s", STRONGROOM_VERSION,
	    v.sqlite, v.openssl, v.argon2, term_version());
}

/* The nearest folder of ${path} that is there already: what is made below it is ours. */
static bool
nearest(char *path, struct stat *st)
{
	char *slash;

	while (stat(path, st) != 0) {
		slash = strrchr(path, '/');
		if (slash == NULL || slash == path)
			return false;
		*slash = '\0';
	}
	return true;
}

static void
look_at_state(struct findings *all)
{
	struct finding *f = finding_add(all, "state", "Folder of state");
	char path[PATH_MAX], there[PATH_MAX], shown[400];
	struct stat st;

	if (!state_folder(path, sizeof(path))) {
		finding_seen(
		    f, STANDING_WEAK, "none: neither HOME nor XDG_STATE_HOME is set");
		finding_mend(
		    f, "Failed attempts to unlock are not remembered: set HOME.");
		return;
	}
	memcpy(there, path, sizeof(there));
	text_visible(path, strlen(path), shown, sizeof(shown));
	if (!nearest(there, &st) || access(there, W_OK) != 0) {
		finding_seen(f, STANDING_WEAK, "%s can't be written", shown);
		finding_mend(
		    f, "Failed attempts to unlock are not remembered: make it yours.");
	} else if ((st.st_mode & WRITE_MODE) != 0 && (st.st_mode & S_ISVTX) == 0) {
		finding_seen(f, STANDING_WEAK, "%s can be written by others", shown);
		finding_mend(f, "They can hide failed attempts: chmod go-w.");
	} else {
		finding_seen(f, STANDING_OK, "%s", shown);
	}
}

static void
look_at_umask(struct findings *all)
{
	struct finding *f = finding_add(all, "umask", "umask");
	mode_t mask = umask(OTHERS_MODE);

	umask(mask);
	if ((mask & WRITE_MODE) == WRITE_MODE) {
		finding_seen(f, STANDING_OK,
		    "%03o (what strongroom makes is yours alone)", (unsigned)mask);
		return;
	}
	finding_seen(f, STANDING_WEAK, "%03o: what other programs make, others can write",
	    (unsigned)mask);
	finding_mend(f, "Files beside a vault are not safe from them: umask 077.");
}

void
doctor_place(struct findings *all)
{
	look_at_type(all);
	look_at_size(all);
	look_at_letters(all);
	look_at_versions(all);
	look_at_state(all);
	look_at_umask(all);
}

static void
look_at_file(struct findings *all, const char *path)
{
	struct finding *f = finding_add(all, "vault", "Vault");
	struct stat st;

	if (stat(path, &st) != 0) {
		finding_seen(
		    f, STANDING_WEAK, "it can't be looked at: %s", strerror(errno));
		finding_mend(f, "Look at its name, and at the rights of its folders.");
	} else if (!S_ISREG(st.st_mode)) {
		finding_seen(f, STANDING_WEAK, "it is no regular file");
		finding_mend(f, "Name the vault's file.");
	} else if (st.st_uid != geteuid()) {
		finding_seen(f, STANDING_WEAK, "it belongs to another user (%u)",
		    (unsigned)st.st_uid);
		finding_mend(f, "Its owner can put an older one in its place: chown it.");
	} else if ((st.st_mode & OTHERS_MODE) != 0) {
		finding_seen(f, STANDING_WEAK, "others may %s it (mode %03o)",
		    (st.st_mode & WRITE_MODE) != 0 ? "write" : "read",
		    (unsigned)st.st_mode & 0777u);
		finding_mend(
		    f, "A copy can be guessed at for as long as one likes: chmod 600.");
	} else {
		finding_seen(f, STANDING_OK, "yours alone (mode %03o)",
		    (unsigned)st.st_mode & 0777u);
	}
}

static void
look_at_folder(struct findings *all, const char *path)
{
	struct finding *f = finding_add(all, "folder", "Its folder");
	char copy[PATH_MAX];
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	if (stat(dirname(copy), &st) != 0) {
		finding_seen(
		    f, STANDING_WEAK, "it can't be looked at: %s", strerror(errno));
	} else if ((st.st_mode & WRITE_MODE) != 0) {
		finding_seen(f, STANDING_WEAK, "others may write to it (mode %04o)",
		    (unsigned)st.st_mode & 07777u);
		finding_mend(f,
		    (st.st_mode & S_ISVTX) != 0
			? "They can fill its disk and plant files beside the vault: use "
			  "a "
			  "folder of your own."
			: "They can put another file in the vault's place: chmod go-w.");
	} else if (st.st_uid != geteuid() && st.st_uid != 0) {
		finding_seen(f, STANDING_WEAK, "it belongs to another user (%u)",
		    (unsigned)st.st_uid);
		finding_mend(f,
		    "That user can put another file in the vault's place: use a "
		    "folder of your own.");
	} else {
		finding_seen(f, STANDING_OK, "nobody else may write to it");
	}
}

void
doctor_vault(struct findings *all, const char *path)
{
	look_at_file(all, path);
	look_at_folder(all, path);
}
