/* The floor of the test builds: nearly free, so that a suite can unlock a thousand times. */

#include "keyring/kdf.h"

const struct kdf_floor kdf_floor = {
	.memory_kib = 64,
	.passes = 1,
	.iterations = 1000,
	.top_memory_kib = 256,
	.target_ms = 1,
};
