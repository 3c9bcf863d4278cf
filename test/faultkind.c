/* Which kind of file a call of the fault VFS is for, by its path and its place. */
#include <string.h>

#include "keyring/header.h"
#include "test/faultvfs.h"

const char *const fault_file_name[FAULT_FILE_COUNT] = {
#define X(name, text) text,
    FAULT_FILES(X)
#undef X
};

static bool
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

enum fault_file
fault_kind(enum fault_op op, const char *path, sqlite3_int64 offset)
{
	bool in_header = offset < HEADER_AREA_LEN;

	if (!path)
		return FAULT_IN_TEMPORARY;
	if (ends_with(path, "-journal"))
		return FAULT_IN_JOURNAL;
	if (ends_with(path, "-wal"))
		return FAULT_IN_WAL;
	if (strstr(path, "-mj"))
		return FAULT_IN_SUPER;
	return in_header && (op == FAULT_READ || op == FAULT_WRITE) ? FAULT_IN_HEADER
								     : FAULT_IN_DATABASE;
}
