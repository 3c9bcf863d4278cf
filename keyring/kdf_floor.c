/*
 * The floor of the shipped program (RFC 9106, section 4, second recommended option: 64 MiB,
 * 3 passes; OWASP for PBKDF2-HMAC-SHA-512). The test builds link another object in this
 * one's place; nothing that a user can set does.
 */

#include "keyring/kdf.h"

const struct kdf_floor kdf_floor = {
	.memory_kib = 64 * 1024,
	.passes = 3,
	.iterations = 600000,
	.top_memory_kib = 1024 * 1024,
	.target_ms = 1000,
};
