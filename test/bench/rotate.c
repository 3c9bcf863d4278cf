/* New keys for a whole file, and what another process at work in it meets meanwhile. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "test/bench/bench.h"
#include "vfs/rotate.h"

#define STOP_FILE  "stop"
#define OTHER_KEY  "ffeeddccbbaa99887766554433221100"

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void
rotate_vault(struct bench *b)
{
	struct vfs_rotation at = { .gap_ms = 1 };
	struct timespec pause = {0, 0};
	struct err err = {""};
	enum rc rc = vfs_rotate_begin(b->db, NULL, &err);

	while (rc == RC_OK || rc == RC_BUSY) {
		pause.tv_nsec = (long)at.gap_ms * 1000000;
		nanosleep(&pause, NULL);
		if (!at.done)
			rc = vfs_rotate_step(b->db, NULL, &at, &err);
		else if ((rc = vfs_rotate_finish(b->db, NULL, true, &at, &err)) == RC_OK)
			return;
	}
	bench_die("rotate", err.text);
}

void
bench_rotate(struct bench *b)
{
	if (strcmp(b->vfs, "sqlcipher") == 0)
		bench_sql(b, "PRAGMA rekey=\"x'" OTHER_KEY OTHER_KEY OTHER_KEY "'\"");
	else
		rotate_vault(b);
}

/* How long ${s} took with ?1 set, if that is longer; false when it fails. */
static bool
longest(sqlite3_stmt *s, int id, double *most)
{
	const double from = now_ms();
	int code;

	sqlite3_bind_int(s, 1, id);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		continue;
	sqlite3_reset(s);
	if (now_ms() - from > *most)
		*most = now_ms() - from;
	return code == SQLITE_DONE;
}

/*
 * Read and write a row in turn until a file says stop, or until the key is another: prints
 * the longest time, in milliseconds, that a read took, and a write.
 */
void
bench_beside(struct bench *b)
{
	const struct timespec pause = {0, 5000000}; /* as one who types fast */
	double read = 0, write = 0;
	sqlite3_stmt *reads, *writes;
	unsigned id = 1;

	reads = bench_prepare(b, "SELECT * FROM c WHERE id = ?1");
	writes = bench_prepare(b, "UPDATE c SET updated = updated + 1 WHERE id = ?1");
	while (access(STOP_FILE, F_OK) != 0) {
		if (!longest(reads, (int)id, &read) || !longest(writes, (int)id, &write))
			break;
		id = id * 7919 % (unsigned)b->rows + 1;
		nanosleep(&pause, NULL);
	}
	sqlite3_finalize(reads);
	sqlite3_finalize(writes);
	printf("%.1f %.1f ", read, write);
}
