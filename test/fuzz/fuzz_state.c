/*
 * What lies in the state folder, where anybody who is this user can write: the last seen
 * state, the failed attempts, the marks of the audit. The low two bits of the first byte say
 * which file. Bit 2: the rest are changes (offset 2, value 1) to a good one; else the rest is
 * the file. Checked: nothing is believed that the vault's keys have not signed, nothing keeps
 * the vault from being used, and the next thing noted is there afterwards.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/attempts.h"
#include "store/audit_mark.h"
#include "store/seen.h"
#include "store/state.h"
#include "store/unlocked.h"
#include "test/fuzz/fuzz_vault.h"

#define CHANGE_LEN 3
#define AHEAD      5 /* a header that the vault has not come to */
#define GOOD_MAX   4096
#define TIMES_MAX  80000 /* bytes of times; where all are wrong nothing is added */

enum { SEEN, ATTEMPTS, ACCEPTED, MARKS, FILES };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[FILES] = { "seen", "attempts", "accepted", "audit" };
static struct {
	uint8_t bytes[GOOD_MAX];
	size_t len;
} good[FILES];
static struct keyring *kr;
static uint8_t id[VAULT_ID_LEN];
static struct audit_chain end;

static void
file_put(int which, const uint8_t *bytes, size_t len)
{
	int fd = state_open(id, names[which], O_WRONLY | O_CREAT | O_TRUNC, true);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void
keep_good(int which)
{
	int fd = state_open(id, names[which], O_RDONLY, true);
	ssize_t n = fd < 0 ? -1 : read(fd, good[which].bytes, GOOD_MAX);

	if (n <= 0)
		abort();
	good[which].len = (size_t)n;
	close(fd);
}

static void
set_up(void)
{
	int i;

	fuzz_vault(NULL);
	kr = unlocked_keyring(vault->unlocked);
	keyring_vault_id(kr, id);
	seen_note(kr);
	seen_retire(kr, keyring_sequence(kr) + AHEAD);
	attempts_note(id);
	attempts_note_older(id);
	must(audit_mark_set(vault, &end));
	audit_mark_keep(kr, &end);
	for (i = 0; i < FILES; i++)
		keep_good(i);
}

/* A number that is too high makes the vault an older one: who has no key can't write it. */
static void
check_seen(bool forged)
{
	struct err err = { "" };
	bool older;
	enum rc rc = seen_check(kr, vault->db, "v", &older, &err);

	if (older != (rc == RC_TAMPER) || (rc != RC_OK && rc != RC_TAMPER))
		abort();
	if (older && forged)
		abort();
	seen_note(kr);
	seen_retire(kr, keyring_sequence(kr) + AHEAD);
	if (seen_check(kr, vault->db, "v", &older, &err) != RC_TAMPER || !older || !*err.text)
		abort();
}

static void
take(int which, struct attempts *out)
{
	if (which == ATTEMPTS)
		attempts_begin(id, 0, out);
	else
		attempts_older_begin(id, 0, out);
}

static void
check_times(int which, size_t len)
{
	struct attempts a;
	size_t i;

	if (which == ATTEMPTS)
		attempts_note(id);
	else
		attempts_note_older(id);
	take(which, &a);
	if (a.n > ATTEMPTS_MAX || (a.more > 0 && a.n != ATTEMPTS_MAX))
		abort();
	for (i = 0; i < a.n; i++)
		if (a.at[i] < 0 || a.at[i] > vault_now())
			abort();
	if (a.n == 0 && len != TIMES_MAX)
		abort();
	attempts_end(&a, true);
	take(which, &a);
	if (a.n != 0 || a.more != 0)
		abort();
	attempts_end(&a, false);
}

static void
check_marks(bool forged)
{
	struct audit_mark marks[AUDIT_MARKS];
	char what[160];

	audit_marks(vault, marks);
	if (marks[1].entries != 0 && (forged || marks[1].entries != end.count))
		abort();
	must(audit_mark_check(vault, what, sizeof what));
	audit_mark_keep(kr, &end);
	audit_marks(vault, marks);
	if (marks[1].entries != end.count || memcmp(marks[1].mac, end.mac, SHA256_LEN) != 0)
		abort();
}

static void
check(int which, size_t len, bool forged)
{
	if (which == SEEN)
		check_seen(forged);
	else if (which == MARKS)
		check_marks(forged);
	else
		check_times(which, len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t changed[GOOD_MAX];
	int which;
	size_t at;

	if (!vault)
		set_up();
	if (size == 0)
		return 0;
	which = data[0] & 3;
	if (!(data[0] & 4)) {
		file_put(which, data + 1, size - 1);
		check(which, size - 1, true);
		return 0;
	}
	memcpy(changed, good[which].bytes, good[which].len);
	for (data++, size--; size >= CHANGE_LEN; data += CHANGE_LEN, size -= CHANGE_LEN) {
		at = (size_t)data[0] << 8 | data[1];
		if (at < good[which].len)
			changed[at] = data[2];
	}
	file_put(which, changed, good[which].len);
	check(which, good[which].len, false);
	return 0;
}
