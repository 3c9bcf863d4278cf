/*
 * Three layers over three allocators, one counter.
 *
 * 1. Unarmed, each layer passes on and changes nothing.
 * 2. The test's own allocations are not counted: `own` counts what the linker wraps,
 * which are the project's objects, and the files test/testfixture*.c and Tcl's library
 * allocate by Tcl.
 */
#include "test/faultmem.h"

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint armed_kinds;
static atomic_ullong counted, fired, harmless, target;
static _Atomic(const char *) source;
static _Thread_local unsigned benign_depth;
static atomic_bool for_good;
static sqlite3_mem_methods base;

void
fault_mem_arm(unsigned kinds, uint64_t nth, bool persistent)
{
	atomic_store(&counted, 0);
	atomic_store(&fired, 0);
	atomic_store(&harmless, 0);
	atomic_store(&source, NULL);
	atomic_store(&target, nth);
	atomic_store(&for_good, persistent);
	atomic_store(&armed_kinds, kinds);
}

uint64_t
fault_mem_disarm(uint64_t *calls)
{
	atomic_store(&armed_kinds, 0);
	*calls = atomic_load(&counted);
	return atomic_load(&fired);
}

bool
fault_mem_benign(void)
{
	return atomic_load(&fired) == atomic_load(&harmless);
}

const char *
fault_mem_source(void)
{
	const char *path = atomic_load(&source), *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

static void
benign_begin(void)
{
	benign_depth++;
}

static void
benign_end(void)
{
	benign_depth--;
}

static bool
fails(enum fault_mem kind)
{
	uint64_t call, nth;

	if (!(atomic_load(&armed_kinds) & kind))
		return false;
	call = atomic_fetch_add(&counted, 1) + 1;
	nth = atomic_load(&target);
	if (call != nth && !(atomic_load(&for_good) && call > nth))
		return false;
	atomic_fetch_add(&fired, 1);
	if (kind == FAULT_MEM_SQLITE && benign_depth > 0)
		atomic_fetch_add(&harmless, 1);
	return true;
}

static void *
sqlite_malloc(int n)
{
	return fails(FAULT_MEM_SQLITE) ? NULL : base.xMalloc(n);
}

static void *
sqlite_realloc(void *p, int n)
{
	return fails(FAULT_MEM_SQLITE) ? NULL : base.xRealloc(p, n);
}

int
fault_mem_install(void)
{
	sqlite3_mem_methods layer;
	int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &base);

	if (rc != SQLITE_OK)
		return rc;
	layer = base;
	layer.xMalloc = sqlite_malloc;
	layer.xRealloc = sqlite_realloc;
	sqlite3_test_control(
	    SQLITE_TESTCTRL_BENIGN_MALLOC_HOOKS, benign_begin, benign_end);
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &layer);
}

/* What the linker's --wrap calls in place of the C library, and how to reach that one. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

void *
__wrap_malloc(size_t n)
{
	return fails(FAULT_MEM_OWN) ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(FAULT_MEM_OWN) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails(FAULT_MEM_OWN) ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	return fails(FAULT_MEM_OWN) ? NULL : __real_strdup(s);
}

static bool
openssl_fails(const char *file)
{
	const char *none = NULL;

	if (!fails(FAULT_MEM_OPENSSL))
		return false;
	atomic_compare_exchange_strong(&source, &none, file);
	return true;
}

static void *
openssl_malloc(size_t n, const char *file, int line)
{
	(void)line;
	return n == 0 || openssl_fails(file) ? NULL : __real_malloc(n);
}

static void *
openssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)line;
	if (n == 0) {
		free(p);
		return NULL;
	}
	return openssl_fails(file) ? NULL : __real_realloc(p, n);
}

static void
openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

__attribute__((constructor)) static void
install_openssl(void)
{
	CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}
