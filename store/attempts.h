#ifndef STORE_ATTEMPTS_H
#define STORE_ATTEMPTS_H

/*
 * Failed attempts to unlock. While no key is there they can't go into the audit: their
 * times are kept in the state folder, $XDG_STATE_HOME/strongroom/<vault id>/attempts (by
 * default under ~/.local/state), until the next unlock takes them over. Nothing else is
 * kept, least of all what was typed. Whatever goes wrong here keeps nobody from
 * unlocking.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTEMPTS_MAX 100 /* listed one by one */

/**
 * attempts_note(id): one failed attempt, now, on the vault whose 16 bytes of id these are;
 * told to the system's log as well.
 */
void attempts_note(const uint8_t id[16]);

/**
 * attempts_note_older(id): its user has accepted a copy older than the last one seen here, now.
 * Kept beside the attempts, file "accepted"; attempts_older_begin is to it what
 * attempts_begin is to them.
 */
void attempts_note_older(const uint8_t id[16]);

struct attempts {
	int fd; /* locked against other processes; -1: there is none */
	size_t n;
	int64_t at[ATTEMPTS_MAX]; /* UTC microseconds, oldest first */
	uint64_t more;		  /* that came after these */
};

/**
 * attempts_begin(id, since, out): the attempts since ${since} (of the vault's making;
 * what claims to be older or of the future is left out). attempts_end(a, done): with
 * ${done} they are in the audit, durably: forget them.
 */
void attempts_begin(const uint8_t id[16], int64_t since, struct attempts *out);
void attempts_older_begin(const uint8_t id[16], int64_t since, struct attempts *out);
void attempts_end(struct attempts *a, bool done);

#endif
