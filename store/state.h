#ifndef STORE_STATE_H
#define STORE_STATE_H

/*
 * What is kept of a vault beside it, for one user of one machine:
 * $XDG_STATE_HOME/strongroom/<vault id>/, by default under ~/.local/state.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * state_open(id, name, flags, wait):
 * Open the file ${name} of the vault with these 16 bytes of id, locked against other
 * processes (${wait}: wait for one that has it). With O_CREAT the folders are made, mode
 * 0700, and the file, 0600; a link, a pipe or an empty folder in its place is taken away. No
 * symbolic link is followed to it. A descriptor; -1: there is none to be had, for whatever
 * reason.
 */
int state_open(const uint8_t id[16], const char *name, int flags, int wait);

/**
 * state_empty(id, name):
 * The file ${name} of the vault holds nothing, or is not there; false: it can't be written.
 */
bool state_empty(const uint8_t id[16], const char *name);

/**
 * state_folder(path, len):
 * The folder of all vaults, for who shows it. False: neither XDG_STATE_HOME nor HOME says one.
 */
bool state_folder(char *path, size_t len);

#endif
