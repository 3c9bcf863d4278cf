#ifndef KEYRING_BYTES_H
#define KEYRING_BYTES_H

/*
 * Big-endian integers in byte arrays (every integer of the vault format is big-endian), and
 * whether bytes are all zero.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void
be16_put(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
be32_put(uint8_t *p, uint32_t v)
{
	be16_put(p, (uint16_t)(v >> 16));
	be16_put(p + 2, (uint16_t)v);
}

static inline void
be64_put(uint8_t *p, uint64_t v)
{
	be32_put(p, (uint32_t)(v >> 32));
	be32_put(p + 4, (uint32_t)v);
}

static inline uint16_t
be16_get(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
be32_get(const uint8_t *p)
{
	return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

static inline uint64_t
be64_get(const uint8_t *p)
{
	return (uint64_t)be32_get(p) << 32 | be32_get(p + 4);
}

/* Reads all of them whatever they are. */
static inline bool
all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;

	while (len--)
		any |= *p++;
	return any == 0;
}

#endif
