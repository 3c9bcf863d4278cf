#ifndef TEST_FAULTMEM_H
#define TEST_FAULTMEM_H

/*
 * Allocations that fail on demand, whoever asks: SQLite, OpenSSL, or the project's own
 * code (the fixture is linked with --wrap for malloc and its kin).
 */

#include <stdbool.h>
#include <stdint.h>

enum fault_mem { FAULT_MEM_SQLITE = 1, FAULT_MEM_OPENSSL = 2, FAULT_MEM_OWN = 4 };

/**
 * fault_mem_install():
 * Put the layer under SQLite; before its first use. Returns an SQLite code. (OpenSSL's is
 * put in before main, since it must precede the first allocation.)
 */
int fault_mem_install(void);

/**
 * fault_mem_arm(kinds, nth, persistent): the ${nth} allocation of the kinds from now
 * fails, with ${persistent} also all after it. fault_mem_disarm(calls): end it; returns
 * how often it fired, ${calls} how many allocations were counted.
 */
void fault_mem_arm(unsigned kinds, uint64_t nth, bool persistent);
uint64_t fault_mem_disarm(uint64_t *calls);

/**
 * fault_mem_benign():
 * Whether all that fired since fault_mem_arm were allocations that SQLite itself declares
 * harmless (sqlite3BeginBenignMalloc): it does without them.
 */
bool fault_mem_benign(void);

/**
 * fault_mem_source():
 * The source file of OpenSSL whose allocation fired first since fault_mem_arm, or "".
 */
const char *fault_mem_source(void);

#endif
