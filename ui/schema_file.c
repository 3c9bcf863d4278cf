/* Schema files: text, not too long. */
#include "ui/schema_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/infile.h"

#define SCHEMA_MAX (1024 * 1024) /* bytes of a schema file */

bool
schema_file_is_built_in(const char *name)
{
	return strcmp(name, "customers") == 0;
}

enum rc
schema_file_read(
    const char *name, const atomic_bool *cancel, char **out, struct err *err)
{
	size_t len = 0;
	int fd = -1;
	enum rc rc;

	*out = NULL;
	if (name == NULL || schema_file_is_built_in(name))
		return RC_OK;
	rc = infile_open(name, cancel, &fd, err);
	if (rc != RC_OK)
		return rc;
	*out = calloc(1, SCHEMA_MAX + 1);
	rc = *out == NULL ? RC_NOMEM
			  : infile_read(fd, name, cancel, *out, SCHEMA_MAX + 1, &len, err);
	if (rc == RC_OK && (len > SCHEMA_MAX || memchr(*out, 0, len) != NULL))
		rc = err_set(err, RC_INPUT,
		    "%s is not a schema: strongroom schema show prints one", name);
	close(fd);
	if (rc == RC_OK)
		return RC_OK;
	free(*out);
	*out = NULL;
	return err_default(err, rc);
}
