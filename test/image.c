/* A whole file in memory. */
#include "test/image.h"

#include <stdlib.h>
#include <string.h>

bool
image_resize(struct image *im, size_t size)
{
	uint8_t *grown;

	if (size > im->room) {
		grown = realloc(im->bytes, 2 * size);
		if (!grown)
			return false;
		im->bytes = grown;
		im->room = 2 * size;
	}
	if (size > im->size)
		memset(im->bytes + im->size, 0, size - im->size);
	im->size = size;
	return true;
}

bool
image_put(struct image *im, size_t at, const void *bytes, size_t n)
{
	if (at + n > im->size && !image_resize(im, at + n))
		return false;
	if (n && im->bytes)
		memcpy(im->bytes + at, bytes, n);
	return true;
}
