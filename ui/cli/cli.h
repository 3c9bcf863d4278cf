#ifndef UI_CLI_CLI_H
#define UI_CLI_CLI_H

/* The command line: argv into a call, the face that prints and prompts. */

#include "store/sink.h"
#include "ui/cli/progress.h"
#include "ui/op.h"

struct cli {
	struct face face; /* first, so that a face is a cli */
	struct op_call call;
	enum sink_format format; /* of rows: SINK_TABLE, SINK_CSV or SINK_JSON */
	bool quiet;
	bool utf8, out_terminal, colour;
	struct sink *sink; /* while rows are printed */
	struct progress_bar bar;
	struct vault_secret secret; /* what opened the vault; call.secret points here */
	struct secret *bytes;
	struct askpass_far *askpass; /* NULL: nobody, or a terminal is asked */
};

/* The options that every command takes beside its own; ends with a NULL name. */
extern const struct op_opt cli_options[];

/**
 * cli_option_fits(opt, op): whether ${op} takes the common option ${opt}.
 */
bool cli_option_fits(const struct op_opt *opt, const struct op *op);

/**
 * cli_main(argc, argv): run the program; the exit status.
 */
int cli_main(int argc, char **argv);

/**
 * cli_face_setup(cli): the face's functions; what the terminal can do.
 * cli_print_error(text): "strongroom: text" on the standard error, harmless for a
 * terminal.
 */
void cli_face_setup(struct cli *cli);
void cli_print_error(const char *text);

#endif
