#ifndef STORE_NOTICE_H
#define STORE_NOTICE_H

/*
 * What is told to the system's log: what a user who can change the vault and the state folder
 * can't take back there. The log is opened by vault_setup, before anything is confined.
 */

#include <stdbool.h>
#include <stdint.h>

#include "keyring/crypto.h"
#include "keyring/header.h"

/**
 * notice_attempt(id): a failed attempt to unlock the vault with these 16 bytes of id.
 * notice_older(id): that vault is older than it was here, and was not opened.
 * notice_audit(id, entries, mac): its audit has come to ${entries} entries, ${mac} is the code of
 * the last one.
 */
void notice_attempt(const uint8_t id[VAULT_ID_LEN]);
void notice_older(const uint8_t id[VAULT_ID_LEN]);
void notice_audit(const uint8_t id[VAULT_ID_LEN], uint64_t entries,
    const uint8_t mac[SHA256_LEN]);

/**
 * notice_send(warn, text): one line, a warning or for the record. The tests put their own
 * in its place when they link.
 */
void notice_send(bool warn, const char *text);

#endif
