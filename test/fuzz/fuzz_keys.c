/*
 * The line editor and the key table, on any sequence of keys. Each byte is a key: below 32 a
 * control character, to 126 itself; above, one of the editing keys, a character of up to
 * four bytes, an accent that joins the one before, one half of a surrogate, or text put in.
 * Checked: the text stays whole UTF-8, ends with NUL, has the length that it says and does
 * not outgrow its limit; each key that does something has a name.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "ui/tui/keymap.h"
#include "ui/tui/lineedit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
key_of(uint8_t byte)
{
	static const int others[] = { K_LEFT, K_RIGHT, K_HOME, K_END, K_DELETE, K_BACKSPACE,
		K_UP, K_ENTER, K_ESC, K_PASTE_BEGIN, K_OTHER, K_GG, K_F0 + 10, 0xe4, 0x4e2d,
		0x1f600, 0x301, 0x200d, 0x1f1e9, 0xd800, 0x10ffff, 0x110000 - 1, 0xfeff, 0x202e };

	return byte < 127 ? byte : others[byte % (sizeof others / sizeof *others)];
}

static void
check_text(const struct lineedit *e)
{
	const char *text = lineedit_text(e);
	size_t len = lineedit_len(e), at;
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	if (len > LINEEDIT_MAX || strlen(text) != len ||
	    secret_len(lineedit_secret(e)) != len)
		abort();
	for (at = 0; at < len; at += (size_t)n) {
		n = utf8proc_iterate(
		    (const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &c);
		if (n <= 0)
			abort();
	}
}

static void
check_key(int key)
{
	char name[16];

	if (keymap_find(keymap_global, key) == ACT_NONE)
		return;
	keymap_key_name(key, name, sizeof name);
	if (!memchr(name, '\0', sizeof name) || name[0] == '\0')
		abort();
}

/* Text as a record gives it: whatever its bytes, the editor's text is what was set. */
static void
set_text(struct lineedit *e, const uint8_t *data, size_t size)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;
	size_t at = 0;

	for (; at < size && data[at]; at += (size_t)n) {
		n = utf8proc_iterate(data + at, (utf8proc_ssize_t)(size - at), &c);
		if (n <= 0)
			break;
	}
	if (lineedit_set(e, (const char *)data, at) == RC_OK &&
	    (lineedit_len(e) != at || memcmp(lineedit_text(e), data, at) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lineedit *e;
	size_t i;

	if (secret_setup(NULL) != RC_OK)
		abort();
	if (lineedit_new(&e) != RC_OK)
		return 0;
	for (i = 0; i < size; i++) {
		int key = key_of(data[i]);

		check_key(key);
		if (data[i] == 255)
			set_text(e, data + i + 1, size - i - 1);
		else if (data[i] == 254)
			lineedit_put(e, '\n');
		else
			lineedit_key(e, key);
		lineedit_changed(e);
		if (i % 8 == 0 || i == size - 1)
			check_text(e);
	}
	lineedit_free(e);
	return 0;
}
