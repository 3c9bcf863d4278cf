#ifndef STORE_MEM_H
#define STORE_MEM_H

#include "keyring/rc.h"

/**
 * mem_setup(err):
 * Put a layer under SQLite's allocator that overwrites what it frees. Before SQLite's first
 * use in the process; once. RC_OK; RC_INTERNAL (SQLite has been used already).
 */
enum rc mem_setup(struct err *err);

#endif
