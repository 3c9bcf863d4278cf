#ifndef UI_CLI_HELP_H
#define UI_CLI_HELP_H

/* Help and the man page, printed from the table of operations. */

#include "ui/op.h"

/**
 * help_program(), help_command(op): on the standard output.
 * man_page(): the whole manual in roff (man(7)), for strongroom.1.
 * complete_shell(shell): completion for bash, zsh or fish. RC_INPUT: for no other.
 * help_synopsis(op, out, cap): "strongroom show VAULT ID [OPTION]...".
 */
enum rc help_program(void);
enum rc help_command(const struct op *op);
enum rc man_page(void);
enum rc complete_shell(const char *shell);
void help_synopsis(const struct op *op, char *out, size_t cap);

/* The exit statuses in words; ends with a NULL text. */
struct help_status {
	int status;
	const char *text;
};
extern const struct help_status help_statuses[];

#endif
