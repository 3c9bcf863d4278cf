/*
 * A recovery sheet with names that anybody may have chosen: up to the first NUL byte the
 * vault's, then the slot's. Checked: it is UTF-8 without a control character, and its code is
 * read back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/recovery.h"
#include "store/text.h"
#include "ui/recovery_sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct secret *code;

static void
must(enum rc rc)
{
	if (rc != RC_OK)
		abort();
}

/* The sheet's two lines of the code, as a person would type them. */
static void
read_back(const char *sheet)
{
	struct secret *typed, *bits, *want;
	const char *first = strstr(sheet, "of four:\n\n      ") + 16;
	const char *second = strstr(first, "\n      ") + 7;

	must(secret_new(RECOVERY_TEXT, &typed));
	must(secret_append(typed, first, RECOVERY_HALF));
	must(secret_append(typed, second, secret_len(code) - RECOVERY_HALF));
	must(recovery_read(typed, &bits, NULL));
	must(recovery_read(code, &want, NULL));
	if (!secret_equal(bits, want))
		abort();
	secret_free(typed);
	secret_free(bits);
	secret_free(want);
}

static void
check_sheet(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	char *name = strndup((const char *)data, size);
	char *label = nul ? strndup((const char *)nul + 1, size - (size_t)(nul - data) - 1) : NULL;
	const struct recovery_sheet facts = { name, "id", label ? label : "", size & 1 };
	struct secret *sheet;
	const char *text;
	size_t i;

	if (!name)
		abort();
	must(recovery_sheet_make(&facts, code, &sheet));
	text = (const char *)secret_view(sheet);
	for (i = 0; i < secret_len(sheet); i++)
		if ((uint8_t)text[i] < ' ' && text[i] != '\n')
			abort();
	if (!text_is_utf8(text, secret_len(sheet)))
		abort();
	read_back(text);
	secret_free(sheet);
	free(name);
	free(label);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!code) {
		if (secret_setup(NULL) != RC_OK)
			abort();
		must(recovery_make(&code));
	}
	if (size > 0)
		check_sheet(data, size);
	return 0;
}
