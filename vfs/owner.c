/*
 * Which open database a log or a journal belongs to, and which one a connection means.
 *
 * SQLite can be asked for neither where another VFS lies above this one: its handles are
 * then that VFS's. But the names pass through such layers as they are, so that the address
 * of a name tells: a pager keeps its database's name and those of its log and its journal in
 * one place. Where a layer makes names of its own, the text of the name must do, and be one
 * database's alone.
 */

#include <pthread.h>
#include <string.h>

#include "vfs/vfs_int.h"

static struct dbfile *files;
static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;

void
owner_add(struct dbfile *d)
{
	pthread_mutex_lock(&files_lock);
	d->next = files;
	files = d;
	pthread_mutex_unlock(&files_lock);
}

void
owner_remove(struct dbfile *d)
{
	struct dbfile **at;

	pthread_mutex_lock(&files_lock);
	for (at = &files; *at; at = &(*at)->next)
		if (*at == d) {
			*at = d->next;
			break;
		}
	pthread_mutex_unlock(&files_lock);
}

static bool
is_beside(const char *path, const char *db, const char *suffix)
{
	size_t n = strlen(db);

	return strncmp(path, db, n) == 0 && strcmp(path + n, suffix) == 0;
}

struct dbfile *
owner_of_log(const char *path, bool wal)
{
	const char *suffix = wal ? "-wal" : "-journal";
	struct dbfile *d, *found = NULL;
	int same_text = 0;

	pthread_mutex_lock(&files_lock);
	for (d = files; d; d = d->next) {
		if (!is_beside(path, d->path, suffix))
			continue;
		if (path == (wal ? sqlite3_filename_wal(d->path)
				 : sqlite3_filename_journal(d->path))) {
			found = d;
			same_text = 1;
			break;
		}
		found = d;
		same_text++;
	}
	pthread_mutex_unlock(&files_lock);
	return same_text == 1 ? found : NULL;
}

struct dbfile *
owner_of_schema(sqlite3 *db, const char *schema)
{
	const char *name = sqlite3_db_filename(db, schema ? schema : "main");
	struct dbfile *d;

	pthread_mutex_lock(&files_lock);
	for (d = files; d && d->path != name; d = d->next)
		;
	pthread_mutex_unlock(&files_lock);
	return name ? d : NULL;
}
