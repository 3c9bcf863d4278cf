/*
 * One run of one load: bench_vfs VFS JOURNAL-MODE SYNC CACHE-KIB ROWS FILE LOAD
 *
 * Prints `cpu_ms wall_ms` of the load. bench.tcl runs it in turn on each VFS and takes the
 * ratios. No KDF is part of it: the vault opens with a key file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "test/bench/bench.h"
#include "vfs/vfs.h"

/* Without a KDF: the key and the salt as they are. */
#define RAW_KEY "x'" KEY_HALF KEY_HALF KEY_HALF "'"
#define KEY_HALF "00112233445566778899aabbccddeeff"

static struct keyring *keyring;

void
bench_die(const char *what, const char *why)
{
	fprintf(stderr, "bench_vfs: %s: %s\n", what, why);
	exit(1);
}

/* One keyring for all opens of the process: made with a new file, else unlocked once. */
static enum rc
make_keyring(const uint8_t *area, size_t len, struct err *err)
{
	static const uint8_t bytes[64] =
	    "the key file of a bench, which protects nothing";
	struct keyring_secret secret = {SLOT_KEYFILE, NULL};
	struct kdf_params none = {KDF_NONE, 0, 0, 0};
	struct secret *s = NULL;
	enum rc rc = secret_from(bytes, sizeof bytes, &s);

	secret.bytes = s;
	if (rc == RC_OK && len == 0)
		rc = keyring_create(&secret, &none, "bench", &keyring, err);
	else if (rc == RC_OK)
		rc = keyring_parse(area, len, &keyring, err);
	if (rc == RC_OK && len > 0)
		rc = keyring_unlock(keyring, KEYRING_ANY, &secret, err);
	secret_free(s);
	return rc;
}

static enum rc
provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	struct err err = {""};

	(void)arg;
	(void)path;
	if (!keyring && make_keyring(area, len, &err) != RC_OK)
		bench_die("the keyring", err.text);
	*out = keyring_ref(keyring);
	return RC_OK;
}

static double
cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return 1e3 * (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-3 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double
wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

void
bench_sql(struct bench *b, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(b->db, text, NULL, NULL, &why) != SQLITE_OK)
		bench_die(text, why ? why : "unknown");
}

sqlite3_stmt *
bench_prepare(struct bench *b, const char *text)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(b->db, text, -1, &s, NULL) != SQLITE_OK)
		bench_die(text, sqlite3_errmsg(b->db));
	return s;
}

void
bench_drain(struct bench *b, sqlite3_stmt *s)
{
	int rc;

	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		continue;
	if (rc != SQLITE_DONE)
		bench_die(sqlite3_sql(s), sqlite3_errmsg(b->db));
	sqlite3_reset(s);
}

static int
is_peer(const struct bench *b)
{
	return strcmp(b->vfs, "sqlcipher") == 0;
}

void
bench_open(struct bench *b)
{
	char pragmas[300];

	if (sqlite3_open_v2(b->path, &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		is_peer(b) ? NULL : b->vfs) != SQLITE_OK)
		bench_die(b->path, sqlite3_errmsg(b->db));
	sqlite3_busy_timeout(b->db, 600000); /* a load may run beside another */
	if (is_peer(b))
		bench_sql(b, "PRAGMA key=\"" RAW_KEY "\"; PRAGMA cipher_page_size=4096");
	snprintf(pragmas, sizeof pragmas,
	    "PRAGMA page_size=4096; PRAGMA journal_mode=%s; PRAGMA synchronous=%s;"
	    "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY",
	    b->mode, b->sync, b->cache_kib);
	bench_sql(b, pragmas);
}

void
bench_close(struct bench *b)
{
	if (sqlite3_close(b->db) != SQLITE_OK)
		bench_die(b->path, sqlite3_errmsg(b->db));
}

static const struct load *
load_named(const char *name)
{
	const struct load *l;

	for (l = loads; l->name; l++)
		if (strcmp(l->name, name) == 0)
			return l;
	bench_die(name, "no such load");
	return NULL;
}

static void
measure(struct bench *b, const struct load *l)
{
	double cpu, wall;

	if (!l->opens)
		bench_open(b);
	cpu = cpu_ms();
	wall = wall_ms();
	l->run(b);
	printf("%.2f %.2f\n", cpu_ms() - cpu, wall_ms() - wall);
	if (!l->opens)
		bench_close(b);
}

int
main(int argc, char **argv)
{
	struct bench b = {0};
	struct err err = {""};

	if (argc != 8) {
		fprintf(stderr, "usage: bench_vfs VFS JOURNAL-MODE SYNC CACHE-KIB ROWS FILE "
				"LOAD\n");
		return 2;
	}
	b.vfs = argv[1];
	b.mode = argv[2];
	b.sync = argv[3];
	b.cache_kib = (int)strtol(argv[4], NULL, 10);
	b.rows = (int)strtol(argv[5], NULL, 10);
	b.path = argv[6];
	if (b.rows <= 0 || b.cache_kib <= 0)
		bench_die("CACHE-KIB and ROWS", "not above zero");
	if (secret_setup(&err) != RC_OK)
		bench_die("secret_setup", err.text);
	if (!is_peer(&b) && vfs_register(VFS_NAME, provide, NULL, false) != RC_OK)
		bench_die("vfs_register", VFS_NAME);
	measure(&b, load_named(argv[7]));
	keyring_free(keyring);
	return 0;
}
