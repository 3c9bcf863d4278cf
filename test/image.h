#ifndef TEST_IMAGE_H
#define TEST_IMAGE_H

/* A whole file in memory. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image { /* zero at the beginning */
	uint8_t *bytes;
	size_t size, room;
};

/**
 * image_resize(im, size), image_put(im, at, bytes, n): false without memory. What comes
 * between the old end and ${at} is zero. The caller frees ${bytes} of the image.
 */
bool image_resize(struct image *im, size_t size);
bool image_put(struct image *im, size_t at, const void *bytes, size_t n);

#endif
