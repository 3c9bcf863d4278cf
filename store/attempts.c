/*
 * Failed attempts to unlock, and older copies that were accepted: kept while there is no key to
 * write them into the audit with.
 *
 * A file holds a time of 8 bytes per attempt, big-endian; each is appended by one write.
 *
 * 1. The file grows to FILE_MAX bytes and no more.
 * 2. What is read is not believed: a time out of range is left out.
 */
#include "store/attempts.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/bytes.h"
#include "store/notice.h"
#include "store/state.h"
#include "store/vault_int.h"

#define FILE_NAME  "attempts"
#define OLDER_NAME "accepted"
#define TIME_LEN   8
#define FILE_MAX   (10000 * TIME_LEN)

/* Where that fails attempts are told once more, or a time is out of range. */
static void
cut(int fd, off_t size)
{
	if (ftruncate(fd, size) != 0)
		return;
}

/* A size that we never made is made one: what follows would be shifted, or never written. */
static off_t
mend_size(int fd, off_t size)
{
	const off_t to = size > FILE_MAX ? 0 : size - size % TIME_LEN;

	if (to != size)
		cut(fd, to);
	return to;
}

static void
note(const uint8_t id[16], const char *name)
{
	int fd = state_open(id, name, O_WRONLY | O_APPEND | O_CREAT, true);
	uint8_t raw[TIME_LEN];
	struct stat st;

	if (fd < 0)
		return;
	be64_put(raw, (uint64_t)vault_now());
	if (fstat(fd, &st) == 0) {
		st.st_size = mend_size(fd, st.st_size);
		/* A time cut short would shift all that follow: it is taken away again. */
		if (st.st_size < FILE_MAX && write(fd, raw, sizeof raw) != sizeof raw)
			cut(fd, st.st_size);
	}
	close(fd);
}

void
attempts_note(const uint8_t id[16])
{
	notice_attempt(id);
	note(id, FILE_NAME);
}

void
attempts_note_older(const uint8_t id[16])
{
	note(id, OLDER_NAME);
}

static void
take(struct attempts *a, int64_t at)
{
	if (a->n < ATTEMPTS_MAX)
		a->at[a->n++] = at;
	else
		a->more++;
}

static void
read_all(const uint8_t id[16], const char *name, int64_t since, struct attempts *out)
{
	int64_t now = vault_now(), at;
	uint8_t raw[TIME_LEN];
	off_t off;

	memset(out, 0, sizeof *out);
	out->fd = state_open(id, name, O_RDWR, false);
	if (out->fd < 0)
		return;
	for (off = 0; off < FILE_MAX; off += TIME_LEN) {
		if (pread(out->fd, raw, sizeof raw, off) != sizeof raw)
			return;
		at = (int64_t)be64_get(raw);
		if (at >= since && at <= now)
			take(out, at);
	}
}

void
attempts_begin(const uint8_t id[16], int64_t since, struct attempts *out)
{
	read_all(id, FILE_NAME, since, out);
}

void
attempts_older_begin(const uint8_t id[16], int64_t since, struct attempts *out)
{
	read_all(id, OLDER_NAME, since, out);
}

void
attempts_end(struct attempts *a, bool done)
{
	if (a->fd < 0)
		return;
	if (done)
		cut(a->fd, 0);
	close(a->fd);
	a->fd = -1;
}
