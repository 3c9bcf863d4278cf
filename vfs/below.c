/*
 * Writes to the file below.
 *
 * 1. What fails for want of room is told as such: to free some is all that helps, and a check
 *    of the vault, which any other error asks for, would find nothing.
 */
#include "vfs/below.h"

#include <errno.h>

int
below_write(sqlite3_file *under, const void *buf, int len, sqlite3_int64 at)
{
	int code;

	errno = 0;
	code = under->pMethods->xWrite(under, buf, len, at);
	return code == SQLITE_IOERR_WRITE && (errno == EFBIG || errno == EDQUOT) ? SQLITE_FULL
									       : code;
}
