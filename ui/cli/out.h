#ifndef UI_CLI_OUT_H
#define UI_CLI_OUT_H

/* The standard output: buffered, wiped once written, its failures remembered. */

#include <stddef.h>

#include "keyring/rc.h"

/**
 * out_write(arg, bytes, len): a sink_write_fn; ${arg} is not used.
 * out_text(text), out_fmt(fmt, ...): the same for texts. out_flush(): write what waits.
 * RC_OK; RC_IO; RC_FULL. After a failure nothing more is written.
 */
enum rc out_write(void *arg, const void *bytes, size_t len);
enum rc out_text(const char *text);
enum rc out_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
enum rc out_flush(void);

/**
 * out_errno(): why the standard output failed, 0 when it did not. EPIPE: the reader has
 * enough, which is told by the exit status alone.
 */
int out_errno(void);

#endif
