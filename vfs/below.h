#ifndef VFS_BELOW_H
#define VFS_BELOW_H

/* What all kinds of file ask of the VFS below them. */

#include <sqlite3.h>

/**
 * below_write(under, buf, len, at): SQLITE_FULL also where the limit of a file's size or a quota
 * stands in the way, which the unix VFS tells as any other error. SQLite code.
 */
int below_write(sqlite3_file *under, const void *buf, int len, sqlite3_int64 at);

#endif
