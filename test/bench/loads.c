/*
 * The loads: what SQL does to a database file, from one transaction of many rows to many
 * transactions of one. The rows are the same at each run.
 */
#include <stdio.h>
#include <string.h>

#include "test/bench/bench.h"

#define LOOKUPS 20000
#define UPDATES 2000
#define OPENS   200

static unsigned
scatter(unsigned i)
{
	return (i * 2654435761u) >> 4;
}

static int
some_id(const struct bench *b, unsigned i)
{
	return (int)(scatter(i) % (unsigned)b->rows) + 1;
}

static void
bulk(struct bench *b)
{
	sqlite3_stmt *s;
	char name[32], mail[64], rest[160];
	unsigned i;

	bench_sql(b, "BEGIN; CREATE TABLE c(id INTEGER PRIMARY KEY, name TEXT, email TEXT,"
		     " city TEXT, notes TEXT, updated INT)");
	s = bench_prepare(b, "INSERT INTO c VALUES(?1, ?2, ?3, 'New Orleans', ?4, ?1)");
	memset(rest, 'n', sizeof rest);
	for (i = 1; i <= (unsigned)b->rows; i++) {
		snprintf(name, sizeof name, "Name %u", scatter(i));
		snprintf(mail, sizeof mail, "person%u@example.com", scatter(i));
		sqlite3_bind_int(s, 1, (int)i);
		sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, mail, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 4, rest, sizeof rest, SQLITE_STATIC);
		bench_drain(b, s);
	}
	sqlite3_finalize(s);
	bench_sql(b, "CREATE INDEX c_name ON c(name); CREATE INDEX c_email ON c(email);"
		     "COMMIT");
}

static void
scan(struct bench *b)
{
	bench_sql(b, "SELECT sum(length(notes)), max(name) FROM c NOT INDEXED");
}

static void
point_id(struct bench *b)
{
	sqlite3_stmt *s = bench_prepare(b, "SELECT name, notes FROM c WHERE id = ?1");
	unsigned i;

	for (i = 0; i < LOOKUPS; i++) {
		sqlite3_bind_int(s, 1, some_id(b, i));
		bench_drain(b, s);
	}
	sqlite3_finalize(s);
}

static void
point_email(struct bench *b)
{
	sqlite3_stmt *s = bench_prepare(b, "SELECT name, notes FROM c WHERE email = ?1");
	char mail[64];
	unsigned i;

	for (i = 0; i < LOOKUPS; i++) {
		snprintf(mail, sizeof mail, "person%u@example.com",
		    scatter((unsigned)some_id(b, i)));
		sqlite3_bind_text(s, 1, mail, -1, SQLITE_STATIC);
		bench_drain(b, s);
	}
	sqlite3_finalize(s);
}

static void
update(struct bench *b)
{
	sqlite3_stmt *s =
	    bench_prepare(b, "UPDATE c SET updated = updated + 1 WHERE id = ?1");
	unsigned i;

	for (i = 0; i < UPDATES; i++) {
		sqlite3_bind_int(s, 1, some_id(b, i));
		bench_drain(b, s);
	}
	sqlite3_finalize(s);
}

static void
open_rows(struct bench *b)
{
	int i;

	for (i = 0; i < OPENS; i++) {
		bench_open(b);
		bench_sql(b, "SELECT id, name, email FROM c ORDER BY name LIMIT 50");
		bench_close(b);
	}
}

/* Each statement of ${text} holds for the numbers 0 to ${n} - 1, bound to ?1. */
static void
repeat(struct bench *b, unsigned n, const char *text)
{
	sqlite3_stmt *s = bench_prepare(b, text);
	unsigned i;

	for (i = 0; i < n; i++) {
		sqlite3_bind_int(s, 1, (int)i);
		bench_drain(b, s);
	}
	sqlite3_finalize(s);
}

static void
mix_fill(struct bench *b, unsigned n)
{
	bench_sql(b, "CREATE TABLE a(x INTEGER, y INTEGER, t TEXT);"
		     "CREATE TABLE k(id INTEGER PRIMARY KEY, y INTEGER, t TEXT);"
		     "CREATE TABLE w(x INTEGER, t TEXT, PRIMARY KEY(t, x)) WITHOUT ROWID;"
		     "BEGIN");
	repeat(b, n, "INSERT INTO a VALUES(?1 * 7919 % 100003, ?1, printf('%d of many, "
		     "and some words to fill the row up: %d', ?1, ?1 * 31 % 1009))");
	repeat(b, n, "INSERT INTO k VALUES(?1, ?1 * 7919 % 100003, hex(zeroblob(30)) || ?1)");
	repeat(b, n, "INSERT INTO w VALUES(?1, printf('%x', ?1 * 2654435761 % 4294967296))");
	bench_sql(b, "COMMIT; CREATE INDEX a_x ON a(x); CREATE INDEX a_t ON a(t, x);"
		     "CREATE INDEX k_y ON k(y)");
}

static void
mix_read(struct bench *b, unsigned n)
{
	repeat(b, n / 4, "SELECT count(*), avg(y) FROM a WHERE x BETWEEN ?1 * 10 AND "
			 "?1 * 10 + 50");
	repeat(b, n / 2, "SELECT t FROM k WHERE id = ?1 * 7919 % 100003");
	repeat(b, 5, "SELECT count(*) FROM a NOT INDEXED WHERE t LIKE '%' || ?1 || '1%'");
	repeat(b, n / 8, "SELECT k.t, a.t FROM k JOIN a ON a.x = k.y JOIN w ON w.x = a.y AND "
			 "w.t = printf('%x', a.y * 2654435761 % 4294967296) WHERE k.id = ?1");
	bench_sql(b, "SELECT t, x FROM a ORDER BY t DESC LIMIT 10, 1000;"
		     "SELECT x % 100, count(DISTINCT y), max(t) FROM a GROUP BY 1");
}

static void
mix_change(struct bench *b, unsigned n)
{
	bench_sql(b, "BEGIN");
	repeat(b, n / 20, "UPDATE k SET y = y + 1 WHERE id BETWEEN ?1 * 20 AND ?1 * 20 + 9");
	repeat(b, n / 4, "UPDATE a SET t = t || ' changed' WHERE x = ?1 * 7919 % 100003");
	repeat(b, n / 4, "REPLACE INTO k VALUES(?1 * 3, ?1, 'replaced ' || ?1)");
	repeat(b, n / 4, "DELETE FROM w WHERE t = printf('%x', ?1 * 2654435761 % 4294967296)");
	bench_sql(b, "COMMIT");
	repeat(b, n / 100, "UPDATE k SET t = 'alone ' || ?1 WHERE id = ?1 * 37 % 10007");
	bench_sql(b, "CREATE TABLE copy AS SELECT * FROM a ORDER BY x;"
		     "BEGIN; DELETE FROM copy WHERE y % 3 = 0; INSERT INTO copy SELECT * FROM a"
		     " WHERE y % 3 = 0; ROLLBACK; DELETE FROM a WHERE y % 5 = 1; ANALYZE;"
		     "PRAGMA integrity_check; DROP TABLE copy");
}

/* The classic mix. It grows with half of the rows of the other loads. */
static void
speedtest(struct bench *b)
{
	const unsigned n = (unsigned)b->rows / 2;

	mix_fill(b, n);
	mix_read(b, n);
	mix_change(b, n);
}

const struct load loads[] = {
	{"speedtest", speedtest, 0},
	{"bulk", bulk, 0},
	{"scan", scan, 0},
	{"point-id", point_id, 0},
	{"point-email", point_email, 0},
	{"update", update, 0},
	{"open", open_rows, 1},
	{"rotate", bench_rotate, 0},
	{"beside", bench_beside, 0},
	{NULL, NULL, 0},
};
