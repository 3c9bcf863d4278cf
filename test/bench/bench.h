#ifndef BENCH_H
#define BENCH_H

/* What the loads and the program that runs one of them share. Every failure ends it. */

#include <sqlite3.h>

struct bench {
	sqlite3 *db;
	const char *vfs;  /* "strongroom"; "unix": plain; "sqlcipher": with a raw key */
	const char *mode; /* journal mode */
	const char *sync;
	const char *path;
	int cache_kib;
	int rows;
};

void bench_die(const char *what, const char *why);
void bench_open(struct bench *b);
void bench_close(struct bench *b);
void bench_sql(struct bench *b, const char *text);
sqlite3_stmt *bench_prepare(struct bench *b, const char *text);

/**
 * bench_drain(b, s): step a statement to its end, then make it ready for the next values.
 */
void bench_drain(struct bench *b, sqlite3_stmt *s);

/* A load works on the connection that is open, but for open_rows, which opens its own. */
struct load {
	const char *name;
	void (*run)(struct bench *b);
	int opens; /* its own connections */
};
extern const struct load loads[]; /* up to one without a name */

void bench_rotate(struct bench *b); /* rotate.c */
void bench_beside(struct bench *b);

#endif
