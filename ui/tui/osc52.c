/*
 * OSC 52, with a base64 of its own over secret memory.
 *
 * 1. The sequence is made in secret memory and written between two paints of the screen.
 * 2. A terminal that does not know OSC would show the value: it is sent none.
 * 3. To clear, a blank goes there and then nothing: tmux does not take nothing.
 */
#include "ui/tui/osc52.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/tui/rescue.h"

#define BEGIN	  "\033]52;c;"
#define BEGIN_LEN (sizeof BEGIN - 1)
#define END	  '\a'
#define VALUE_MAX 72000 /* bytes: their base64 is what xterm takes */

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* base64 (RFC 4648) of ${len} bytes; returns its length. */
static size_t
encode(const uint8_t *in, size_t len, uint8_t *out)
{
	size_t i, n = 0;
	uint32_t three;

	for (i = 0; i < len; i += 3) {
		three = (uint32_t)in[i] << 16;
		three |= i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0;
		three |= i + 2 < len ? in[i + 2] : 0;
		out[n++] = (uint8_t)digits[three >> 18];
		out[n++] = (uint8_t)digits[three >> 12 & 63];
		out[n++] = i + 1 < len ? (uint8_t)digits[three >> 6 & 63] : '=';
		out[n++] = i + 2 < len ? (uint8_t)digits[three & 63] : '=';
	}
	return n;
}

enum rc
osc52_copy(const struct secret *value, struct err *err)
{
	const char *name = getenv("TERM");
	size_t len = secret_len(value), n;
	uint8_t *text;

	if (!name || strncmp(name, "linux", 5) == 0 || strncmp(name, "vt", 2) == 0)
		return err_set(err, RC_INPUT,
		    "this terminal (TERM=%s) has no clipboard: nothing was copied",
		    name ? name : "");
	if (len > VALUE_MAX)
		return err_set(err, RC_INPUT,
		    "the value has %zu bytes, and terminals take %d: nothing was copied", len,
		    VALUE_MAX);
	text = secret_alloc(BEGIN_LEN + (len + 2) / 3 * 4 + 1);
	if (!text)
		return RC_NOMEM;
	memcpy(text, BEGIN, BEGIN_LEN);
	n = BEGIN_LEN + encode(secret_view(value), len, text + BEGIN_LEN);
	text[n++] = END;
	rescue_write((const char *)text, n);
	secret_release(text);
	return RC_OK;
}

void
osc52_clear(void)
{
	static const char clear[] = BEGIN "IA==\a" BEGIN "\a";

	rescue_write(clear, sizeof clear - 1);
}
