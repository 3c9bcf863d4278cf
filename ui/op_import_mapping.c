/* Mappings of an import: read from a file or the vault, and kept there. */

#include "ui/op_import_mapping.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/file.h"
#include "store/template.h"
#include "ui/infile.h"

static enum rc
read_all(struct op_call *c, const char *path, char *buf, size_t cap, size_t *len)
{
	int fd;
	enum rc rc = infile_open(path, &c->cancel, &fd, &c->err);

	if (rc != RC_OK)
		return rc;
	rc = infile_read(fd, path, &c->cancel, buf, cap, len, &c->err);
	if (rc == RC_OK && *len == cap)
		rc = err_set(&c->err, RC_INPUT, "%s is too long for a mapping", path);
	close(fd);
	return rc;
}

static enum rc
load_file(struct op_call *c, const char *path, struct import_mapping **out)
{
	char *buf = malloc(IMPORT_MAPPING_MAX);
	size_t len;
	enum rc rc;

	if (buf == NULL)
		return err_default(&c->err, RC_NOMEM);
	rc = read_all(c, path, buf, IMPORT_MAPPING_MAX, &len);
	if (rc == RC_OK)
		rc = import_mapping_read(buf, len, path, out, &c->err);
	free(buf);
	return rc;
}

enum rc
op_mapping_load(struct op_call *c, struct import_mapping **out)
{
	const char *path = op_text(c, "mapping"), *name = op_text(c, "mapping-as");
	char *body;
	enum rc rc;

	*out = NULL;
	if (path != NULL && name != NULL)
		return err_set(
		    &c->err, RC_INPUT, "--mapping and --mapping-as exclude each other");
	if (path != NULL)
		return load_file(c, path, out);
	if (name == NULL)
		return RC_OK;
	rc = template_get(c->v, TEMPLATE_IMPORT, name, &body);
	if (rc != RC_OK)
		return rc;
	rc = import_mapping_read(body, strlen(body), name, out, &c->err);
	free(body);
	return rc;
}

enum rc
op_mapping_check(struct op_call *c)
{
	const char *path = op_text(c, "save-mapping"), *name = op_text(c, "save-mapping-as");
	bool force = op_flag(c, "force");
	struct vault_info info;
	struct file *f = NULL;
	enum rc rc = RC_OK;

	if (path != NULL)
		rc = vault_info(c->v, &info);
	if (path != NULL && rc == RC_OK && file_is_part_of(path, info.path))
		rc = err_set(&c->err, RC_INPUT,
		    "%s belongs to the vault itself: write the mapping elsewhere", path);
	if (path != NULL && rc == RC_OK)
		rc = file_new(path, force, &f, &c->err);
	file_free(f);
	if (name != NULL && rc == RC_OK)
		rc = template_check(c->v, TEMPLATE_IMPORT, name, force);
	return rc;
}

static enum rc
save_file(struct op_call *c, const char *path, const char *text)
{
	struct file *f = NULL;
	enum rc rc = file_new(path, op_flag(c, "force"), &f, &c->err);

	if (rc == RC_OK)
		rc = file_write(f, text, strlen(text), &c->err);
	if (rc == RC_OK)
		rc = file_write(f, "\n", 1, &c->err);
	if (rc == RC_OK)
		rc = file_commit(f, &c->err);
	file_free(f);
	return rc;
}

enum rc
op_mapping_save(struct op_call *c, const struct import_opts *opts,
    const struct import_report *report)
{
	const char *path = op_text(c, "save-mapping"), *name = op_text(c, "save-mapping-as");
	char *text;
	enum rc rc;

	if (path == NULL && name == NULL)
		return RC_OK;
	rc = import_mapping_write(opts, report, &text);
	if (rc == RC_OK && path != NULL)
		rc = save_file(c, path, text);
	if (rc == RC_OK && name != NULL)
		rc = template_save(c->v, TEMPLATE_IMPORT, name, text, op_flag(c, "force"));
	free(text);
	return rc;
}
