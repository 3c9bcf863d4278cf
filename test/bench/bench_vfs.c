/*
 * One run of the SQL loads on one VFS: bench_vfs strongroom|unix MODE ROWS FILE
 *
 * Prints a line `NAME cpu_ms wall_ms` for each load. bench.tcl runs it in turn on both
 * VFSs and takes the ratios. No KDF is part of it: the vault opens with a key file.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "vfs/vfs.h"

struct bench {
	sqlite3 *db;
	const char *vfs, *mode, *path;
	int rows;
	double cpu, wall; /* when the running load began */
};

static struct keyring *keyring;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "bench_vfs: %s: %s\n", what, why);
	exit(1);
}

static enum rc
provide(
    void *arg, const char *path, const uint8_t *area, size_t len, struct keyring **out)
{
	static const uint8_t bytes[64] =
	    "the key file of a bench, which protects nothing";
	struct keyring_secret secret = {SLOT_KEYFILE, NULL};
	struct kdf_params none = {KDF_NONE, 0, 0, 0};
	struct secret *s = NULL;
	struct err err = {""};
	enum rc rc = RC_OK;

	(void)arg;
	(void)path;
	(void)area;
	(void)len;
	*out = NULL;
	if (!keyring) {
		rc = secret_from(bytes, sizeof bytes, &s);
		secret.bytes = s;
		if (rc == RC_OK)
			rc = keyring_create(&secret, &none, "bench", &keyring, &err);
		secret_free(s);
	}
	if (rc != RC_OK)
		die("keyring_create", err.text);
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

static void
begin(struct bench *b)
{
	b->cpu = cpu_ms();
	b->wall = wall_ms();
}

static void
end(const struct bench *b, const char *load)
{
	printf("%s %.1f %.1f\n", load, cpu_ms() - b->cpu, wall_ms() - b->wall);
}

static void
sql(struct bench *b, const char *text)
{
	char *why = NULL;

	if (sqlite3_exec(b->db, text, NULL, NULL, &why) != SQLITE_OK)
		die(text, why ? why : "unknown");
}

static sqlite3_stmt *
prepare(struct bench *b, const char *text)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(b->db, text, -1, &s, NULL) != SQLITE_OK)
		die(text, sqlite3_errmsg(b->db));
	return s;
}

/* Step a statement to its end, then make it ready for the next values. */
static void
drain(struct bench *b, sqlite3_stmt *s)
{
	int rc;

	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		continue;
	if (rc != SQLITE_DONE)
		die(sqlite3_sql(s), sqlite3_errmsg(b->db));
	sqlite3_reset(s);
}

static void
open_db(struct bench *b, int cache_kib)
{
	char pragmas[200];

	if (sqlite3_open_v2(b->path, &b->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		b->vfs) != SQLITE_OK)
		die(b->path, sqlite3_errmsg(b->db));
	snprintf(pragmas, sizeof pragmas,
	    "PRAGMA page_size=4096; PRAGMA journal_mode=%s; PRAGMA synchronous=NORMAL;"
	    "PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY",
	    b->mode, cache_kib);
	sql(b, pragmas);
}

static void
close_db(struct bench *b)
{
	if (sqlite3_close(b->db) != SQLITE_OK)
		die(b->path, sqlite3_errmsg(b->db));
}

static unsigned
scatter(unsigned i)
{
	return (i * 2654435761u) >> 4;
}

static void
bulk(struct bench *b)
{
	sqlite3_stmt *s;
	char name[32], mail[64], rest[160];
	unsigned i;

	open_db(b, 65536);
	begin(b);
	sql(b, "BEGIN; CREATE TABLE c(id INTEGER PRIMARY KEY, name TEXT, email TEXT,"
	       " city TEXT, notes TEXT, updated INT)");
	s = prepare(b, "INSERT INTO c VALUES(?1, ?2, ?3, 'New Orleans', ?4, ?1)");
	memset(rest, 'n', sizeof rest);
	for (i = 1; i <= (unsigned)b->rows; i++) {
		snprintf(name, sizeof name, "Name %u", scatter(i));
		snprintf(mail, sizeof mail, "person%u@example.com", scatter(i));
		sqlite3_bind_int(s, 1, (int)i);
		sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, mail, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 4, rest, sizeof rest, SQLITE_STATIC);
		drain(b, s);
	}
	sqlite3_finalize(s);
	sql(b,
	    "CREATE INDEX c_name ON c(name); CREATE INDEX c_email ON c(email); COMMIT");
	end(b, "bulk");
	close_db(b);
}

static void
scan(struct bench *b)
{
	open_db(b, 2048);
	begin(b);
	sql(b, "SELECT sum(length(notes)), max(name) FROM c NOT INDEXED");
	end(b, "scan");
	close_db(b);
}

static void
point(struct bench *b)
{
	sqlite3_stmt *s;
	char mail[64];
	unsigned i;

	open_db(b, 2048);
	begin(b);
	s = prepare(b, "SELECT name, notes FROM c WHERE id = ?1");
	for (i = 0; i < 20000; i++) {
		sqlite3_bind_int(s, 1, (int)(scatter(i) % (unsigned)b->rows) + 1);
		drain(b, s);
	}
	sqlite3_finalize(s);
	end(b, "point-id");
	begin(b);
	s = prepare(b, "SELECT name, notes FROM c WHERE email = ?1");
	for (i = 0; i < 20000; i++) {
		snprintf(mail, sizeof mail, "person%u@example.com",
		    scatter(scatter(i) % (unsigned)b->rows + 1));
		sqlite3_bind_text(s, 1, mail, -1, SQLITE_STATIC);
		drain(b, s);
	}
	sqlite3_finalize(s);
	end(b, "point-email");
	close_db(b);
}

static void
update(struct bench *b)
{
	sqlite3_stmt *s;
	unsigned i;

	open_db(b, 65536);
	s = prepare(b, "UPDATE c SET updated = updated + 1 WHERE id = ?1");
	begin(b);
	for (i = 0; i < 2000; i++) {
		sqlite3_bind_int(s, 1, (int)(scatter(i) % (unsigned)b->rows) + 1);
		drain(b, s);
	}
	end(b, "update");
	sqlite3_finalize(s);
	close_db(b);
}

int
main(int argc, char **argv)
{
	struct bench b = {0};
	struct err err = {""};

	if (argc != 5 || (b.rows = (int)strtol(argv[3], NULL, 10)) <= 0) {
		fprintf(stderr, "usage: bench_vfs VFS JOURNAL-MODE ROWS FILE\n");
		return 2;
	}
	b.vfs = argv[1];
	b.mode = argv[2];
	b.path = argv[4];
	if (secret_setup(&err) != RC_OK)
		die("secret_setup", err.text);
	if (vfs_register(VFS_NAME, provide, NULL, false) != RC_OK)
		die("vfs_register", VFS_NAME);
	bulk(&b);
	scan(&b);
	point(&b);
	update(&b);
	keyring_free(keyring);
	return 0;
}
