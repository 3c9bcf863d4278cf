/* Schema files: text, not too long. */
#include "ui/schema_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_MAX (1024 * 1024) /* bytes of a schema file */

bool
schema_file_is_built_in(const char *name)
{
	return strcmp(name, "customers") == 0;
}

enum rc
schema_file_read(const char *name, char **out, struct err *err)
{
	FILE *f;
	size_t len;

	*out = NULL;
	if (name == NULL || schema_file_is_built_in(name))
		return RC_OK;
	f = fopen(name, "re");
	if (f == NULL)
		return err_set(err, errno == ENOENT ? RC_NOTFOUND : RC_IO,
		    "the schema %s can't be read: %s", name, strerror(errno));
	*out = calloc(1, SCHEMA_MAX + 1);
	len = *out != NULL ? fread(*out, 1, SCHEMA_MAX + 1, f) : 0;
	if (*out == NULL || ferror(f) || len > SCHEMA_MAX ||
	    memchr(*out, 0, len) != NULL) {
		fclose(f);
		free(*out);
		*out = NULL;
		return err_set(err, RC_INPUT,
		    "%s is not a schema: strongroom schema show prints one", name);
	}
	fclose(f);
	return RC_OK;
}
