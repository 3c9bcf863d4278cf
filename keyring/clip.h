#ifndef KEYRING_CLIP_H
#define KEYRING_CLIP_H

/*
 * A value on the clipboard, for a time. The clipboard belongs to wl-copy, xclip or xsel, which
 * a process runs that is forked before this one gives up the right to run programs.
 */

#include "keyring/secret.h"

#define CLIP_SECONDS	 30
#define CLIP_SECONDS_MAX 3600

struct clip;

struct clip_opts {
	const char *tool; /* "auto", or the path of wl-copy, xclip or xsel */
	unsigned seconds; /* until a value is taken off again */
	bool stays;	  /* also after this process has ended, until its time */
};

/**
 * clip_begin(opts, out, err):
 * Find the tool, fork the process; before there is any secret, and any thread. RC_OK; RC_INPUT
 * (there is no such tool, or no clipboard); RC_IO; RC_NOMEM.
 * clip_copy(c, value, err): onto the clipboard; from any thread. Waits for the tool, which
 * has seconds only. RC_OK; RC_INPUT (it can't be run); RC_IO (it failed, took a part, or did
 * not answer in time: the clipboard is cleared); RC_CANCELLED (the process is gone).
 * clip_clear(c): take the last value off, if it is still there; does not wait. NULL is harmless.
 * clip_end(c): the process takes the value off, or does so when its time has come, and ends.
 * NULL is harmless.
 */
enum rc clip_begin(const struct clip_opts *opts, struct clip **out, struct err *err);
enum rc clip_copy(struct clip *c, const struct secret *value, struct err *err);
void clip_clear(struct clip *c);
void clip_end(struct clip *c);

#endif
