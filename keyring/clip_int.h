#ifndef KEYRING_CLIP_INT_H
#define KEYRING_CLIP_INT_H

/* What the two ends of the clipboard share, and its tools. */

#include <limits.h>
#include <sys/types.h>

#include "keyring/clip.h"
#include "keyring/crypto.h"

enum clip_kind { CLIP_WAYLAND, CLIP_XCLIP, CLIP_XSEL };
enum clip_step { CLIP_COPY, CLIP_PASTE, CLIP_CLEAR };

#define CLIP_NO_EXEC 127  /* exit status */
#define CLIP_TOOL_MS 5000 /* one run of a tool */

struct clip_tool {
	enum clip_kind kind;
	char copy[PATH_MAX], paste[PATH_MAX]; /* the same but for wl-copy and wl-paste */
};

/**
 * clip_tool_find(name, out, err): as clip_opts has it. RC_OK; RC_INPUT.
 * clip_tool_exec(t, step, in, out): in a child: become the tool, which reads ${in} and writes
 * to ${out}; -1: /dev/null.
 */
enum rc clip_tool_find(const char *name, struct clip_tool *out, struct err *err);
_Noreturn void clip_tool_exec(
    const struct clip_tool *t, enum clip_step step, int in, int out);

struct clip_mark { /* by which a value is known again */
	uint64_t len;
	uint8_t salt[SHA256_LEN], sum[SHA256_LEN]; /* SHA-256 of salt and value */
};

struct clip_order {
	enum clip_step step; /* CLIP_COPY, with the value's descriptor; CLIP_CLEAR: no answer */
	bool blind;	     /* CLIP_CLEAR: whatever is there */
	uint64_t number;     /* the answer has it too */
	struct clip_mark mark;
};

enum clip_result { CLIP_DONE, CLIP_NOT_RUN, CLIP_FAILED };

struct clip_answer {
	uint64_t number;
	enum clip_result result;
};

/**
 * clip_serve(t, seconds, stays, fd): orders from ${fd}, until there are none any more.
 */
_Noreturn void clip_serve(
    const struct clip_tool *t, unsigned seconds, bool stays, int fd);

#endif
