#ifndef TEST_FAULTDISK_H
#define TEST_FAULTDISK_H

/*
 * What a disk may forget: the changes of each file, by path, since its last sync. Not
 * thread-safe: faultvfs.c calls it with its lock held.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * disk_note_write(path, file, bytes, n, offset), disk_note_truncate(path, file, size):
 * Keep what is about to change, read from ${file}. Returns an SQLite code.
 * disk_note_sync(path): all changes of ${path} are durable. disk_note_delete(path): the
 * file is gone for good. disk_forget(): nothing is left to undo.
 */
int disk_note_write(
    const char *path, sqlite3_file *file, const void *bytes, int n, sqlite3_int64 offset);
int disk_note_truncate(const char *path, sqlite3_file *file, sqlite3_int64 size);
void disk_note_sync(const char *path);
void disk_note_delete(const char *path);
void disk_forget(void);

/**
 * disk_cut(seed, garbage):
 * Rewrite each file to one of the states in which a power cut may leave it. Returns an
 * SQLite code. One seed in eight drops every change, one applies every change.
 */
int disk_cut(uint64_t seed, bool garbage);

/**
 * disk_cuts(): how many this process has made.
 */
uint64_t disk_cuts(void);

#endif
