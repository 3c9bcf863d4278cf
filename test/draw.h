#ifndef TEST_DRAW_H
#define TEST_DRAW_H

/* Numbers that look random and are the same for the same seed. */

#include <stdint.h>

/**
 * draw(state): the next number; ${state} begins as the seed. SplitMix64: any seed will do.
 */
static inline uint64_t
draw(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

#endif
