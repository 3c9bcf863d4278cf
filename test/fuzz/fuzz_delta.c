/*
 * The bytes of a version in history. Checked: each item lies inside them, its parts inside it,
 * and there is an end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "store/delta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_inside(const uint8_t *at, size_t len, const uint8_t *data, size_t size)
{
	if (at && (at < data || len > size || at > data + (size - len)))
		abort();
}

static void
check_parts(const struct delta_item *item)
{
	const uint8_t *value;
	const char *hint;
	size_t n, m;

	if (item->kind == DELTA_TRASH || item->kind == DELTA_KEEP)
		delta_time(item);
	if (item->kind != DELTA_SEALED)
		return;
	hint = delta_hint(item, &n);
	value = delta_sealed(item, &m);
	check_inside((const uint8_t *)hint, n, item->at, item->len);
	check_inside(value, m, item->at, item->len);
	if (hint && n + m > item->len)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *at;
	struct delta_item item;
	size_t left, items = 0;
	enum rc rc = delta_begin(data, size, &at, &left);

	while (rc == RC_OK && (rc = delta_next(&at, &left, &item)) == RC_OK) {
		if (++items > size || item.kind < DELTA_TEXT || item.kind > DELTA_ADDED)
			abort();
		check_inside(item.at, item.len, data, size);
		check_parts(&item);
	}
	if (rc != RC_NOTFOUND && rc != RC_DAMAGED)
		abort();
	return 0;
}
