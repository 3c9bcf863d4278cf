#ifndef UI_CLI_PROGRESS_H
#define UI_CLI_PROGRESS_H

/* One line on the standard error that says how far a long call is. */

#include <stdbool.h>
#include <stdint.h>

struct progress_bar { /* zero it first */
	bool on;      /* standard error is a terminal and nobody asked for quiet */
	bool drawn;
	int64_t began, last; /* milliseconds */
};

/**
 * progress_draw(b, what, done, all): draw when 100 ms have passed; all = 0: not known.
 * progress_clear(b): take the line away, before anything else is printed.
 */
void progress_draw(struct progress_bar *b, const char *what, uint64_t done, uint64_t all);
void progress_clear(struct progress_bar *b);

#endif
