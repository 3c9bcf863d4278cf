#ifndef UI_CLI_SOURCE_H
#define UI_CLI_SOURCE_H

/* Where secrets come from: a key file, a descriptor, a program, the terminal. */

#include "ui/cli/cli.h"

/**
 * source_begin(cli): start the process that runs the program that is asked, if this command may
 * ask and there is one: to be called before the confinement, and before there is any secret.
 * RC_OK; the codes of askpass_far_begin. source_end(cli): end it.
 */
enum rc source_begin(struct cli *cli);
void source_end(struct cli *cli);

/**
 * source_given(cli):
 * Take the secret of --key-file or --passphrase-fd into cli->secret and call.secret, if
 * one of them is given. RC_OK (also without); RC_INPUT; RC_DENIED (a key file that others
 * can read); RC_NOTFOUND; RC_IO. source_unlock(cli, peek): the same, or ask for the
 * passphrase. source_ask(cli, what, prompt, out): face_ops.ask_secret.
 */
enum rc source_given(struct cli *cli);
enum rc source_unlock(struct cli *cli, const struct vault_peek *peek);
enum rc source_ask(
    struct cli *cli, enum face_ask what, const char *prompt, struct secret **out);

#endif
