/* The lines for the system's log. No value, no name of a record: ids, counts and codes. */
#include "store/notice.h"

#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_LEN 256

static void
hex_of(const uint8_t *bytes, size_t n, char *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void
tell(const char *what, const uint8_t id[VAULT_ID_LEN])
{
	char hex[2 * VAULT_ID_LEN + 1], line[LINE_MAX_LEN];

	hex_of(id, VAULT_ID_LEN, hex);
	snprintf(
	    line, sizeof line, "%s vault %s by user %u", what, hex, (unsigned)getuid());
	notice_send(true, line);
}

void
notice_attempt(const uint8_t id[VAULT_ID_LEN])
{
	tell("failed attempt to unlock", id);
}

void
notice_older(const uint8_t id[VAULT_ID_LEN])
{
	tell("attempt to open an older state of", id);
}

void
notice_audit(
    const uint8_t id[VAULT_ID_LEN], uint64_t entries, const uint8_t mac[SHA256_LEN])
{
	char hex[2 * VAULT_ID_LEN + 1], code[2 * SHA256_LEN + 1], line[LINE_MAX_LEN];

	hex_of(id, VAULT_ID_LEN, hex);
	hex_of(mac, SHA256_LEN, code);
	snprintf(line, sizeof line, "audit of vault %s: entry %llu has code %s", hex,
	    (unsigned long long)entries, code);
	notice_send(false, line);
}
