/*
 * The types of fields on hostile values. The first byte chooses the type. Checked: what comes
 * out ends with NUL inside its buffer, a valid value is valid and the same once more, a fault
 * has its sentence, a mask keeps no value of some length whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/period.h"
#include "store/text.h"
#include "store/type.h"

#define NOW 1764000000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_normal(enum field_type t, const char *in, size_t len)
{
	const size_t cap = 2 * len + 32, again_cap = 2 * cap + 32;
	char *out = malloc(cap), *again = malloc(again_cap);
	const char *why = NULL;
	bool valid;

	if (!out || !again)
		abort();
	valid = type_normalise(t, in, len, out, cap, &why);
	if (!memchr(out, '\0', cap) || (!valid && (!why || !*why)))
		abort();
	if (valid && (!type_normalise(t, out, strlen(out), again, again_cap, NULL) ||
			 strcmp(out, again) != 0))
		abort();
	free(out);
	free(again);
}

static void
check_mask(enum field_type t, const char *in, size_t len)
{
	const size_t cap = 4 * len + 32;
	char *out = malloc(cap);

	if (!out)
		abort();
	type_mask(t, in, len, out, cap);
	if (!memchr(out, '\0', cap) || (len > 4 && strstr(out, in)))
		abort();
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct period p;
	enum field_type t;
	const char *sample;
	char *text;

	if (size == 0)
		return 0;
	t = (enum field_type)(TYPE_TEXT + data[0] % TYPE_NOTE);
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	sample = text;
	check_normal(t, text, size - 1);
	check_mask(t, text, strlen(text));
	type_guess(text, &sample, 1);
	if (period_parse(text, NOW, &p) && p.from_at >= p.upto_at)
		abort();
	free(text);
	return 0;
}
