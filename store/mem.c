/*
 * SQLite's memory: page cache, statements, values, sorters. All of it may hold what the
 * vault keeps secret, so that none of it is given back to the heap as it is.
 *
 * 1. Every block is overwritten with zeros, in its whole usable length, before it is freed.
 * 2. A block that grows is moved by us: the C library's realloc would leave the old copy.
 */
#include "store/mem.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "keyring/secret.h"

/*
 * Bytes of a statement's undo that stay in memory. Each row of an import has its own, which
 * at SQLite's 64 KiB goes to a file whenever the full text index merges (an import then takes
 * 1.7 times as long). SQLite allocates the whole of it at once: not more than is needed.
 */
#define STATEMENT_JOURNAL (128 * 1024)

static sqlite3_mem_methods below;

static void *
mem_malloc(int n)
{
	return below.xMalloc(n);
}

static void
mem_free(void *p)
{
	secret_wipe(p, (size_t)below.xSize(p));
	below.xFree(p);
}

static void *
mem_realloc(void *p, int n)
{
	int old = below.xSize(p);
	void *fresh;

	if (n <= old)
		return p;
	fresh = below.xMalloc(n);
	if (!fresh)
		return NULL;
	memcpy(fresh, p, (size_t)old);
	mem_free(p);
	return fresh;
}

static int
mem_size(void *p)
{
	return below.xSize(p);
}

static int
mem_roundup(int n)
{
	return below.xRoundup(n);
}

static int
mem_init(void *arg)
{
	(void)arg;
	return below.xInit(below.pAppData);
}

static void
mem_shutdown(void *arg)
{
	(void)arg;
	below.xShutdown(below.pAppData);
}

enum rc
mem_setup(struct err *err)
{
	static const sqlite3_mem_methods ours = { mem_malloc, mem_free, mem_realloc, mem_size,
		mem_roundup, mem_init, mem_shutdown, NULL };
	static bool done;

	if (done)
		return RC_OK;
	/* Without a first call SQLite has no methods to be asked for: it sets them to its own. */
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &below) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, STATEMENT_JOURNAL) != SQLITE_OK)
		return err_set(err, RC_INTERNAL,
		    "SQLite was used before its memory could be protected; please report it");
	done = true;
	return RC_OK;
}
