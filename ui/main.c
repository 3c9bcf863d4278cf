/*
 * strongroom: hardening first, then the command line, which opens the terminal interface
 * when a vault is named alone.
 */

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "store/vault.h"
#include "ui/cli/cli.h"

/*
 * A closed standard stream must not become the descriptor of a vault. What holds its place
 * fails when it is used, so that nothing counts as read or written that was not.
 */
static int
hold_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0 || fd > STDERR_FILENO)
			break;
		close(fd);
		fd = open("/dev/null",
		    (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	} while (fd >= 0);
	return fd < 0 ? -1 : close(fd);
}

int
main(int argc, char **argv)
{
	struct err err = {""};
	enum rc rc;

	if (hold_standard_streams() != 0)
		return rc_exit(RC_IO);
	/* A file that may not grow (ulimit -f) is a failed write, and told as one. */
	signal(SIGXFSZ, SIG_IGN);
	setlocale(LC_ALL, "");
	rc = vault_setup(&err);
	if (rc != RC_OK) {
		err_default(&err, rc);
		cli_print_error(err.text);
		return rc_exit(rc);
	}
	return cli_main(argc, argv);
}
