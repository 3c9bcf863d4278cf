/*
 * What a row of the file says otherwise than the record that has its key. A cell that is
 * empty says nothing.
 */
#include "store/import_int.h"

#include <stdlib.h>
#include <string.h>

#include "keyring/secret.h"
#include "store/sealed.h"
#include "store/vault_int.h"

#define SQL_MAX (64 * 1024) /* FIELD_MAX columns fit */

struct import_compare {
	struct import *im;
	sqlite3_stmt *get;
};

enum rc
import_compare_new(struct import *im, struct import_compare **out)
{
	struct import_compare *c = calloc(1, sizeof *c);
	char *buf = malloc(SQL_MAX);
	struct sql_text t;
	enum rc rc = RC_NOMEM;
	size_t i;

	*out = NULL;
	if (!c || !buf)
		goto out;
	c->im = im;
	sql_text_init(&t, buf, SQL_MAX);
	sql_add(&t, "SELECT 0");
	for (i = 0; i < im->n; i++) {
		const struct column *col = &im->columns[i];

		/* A sealed field has no column. */
		if (col->ignored || col->field.cls == CLASS_SEALED)
			sql_add(&t, ", NULL");
		else
			sql_add(&t, ", f_%d", col->field.id);
	}
	sql_add(&t, " FROM record WHERE id = ?1");
	rc = sql_prepare(im->v, sql_end(&t), &c->get);
out:
	free(buf);
	if (rc == RC_OK)
		*out = c;
	else
		import_compare_free(c);
	return rc;
}

static enum rc
same_sealed(struct import *im, int64_t id, size_t i, bool *same)
{
	struct secret *value;
	enum rc rc = sealed_value(im->v, id, &im->columns[i].field, &value);

	*same = false;
	if (rc == RC_NOTFOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	*same = secret_len(value) == im->cells[i].len &&
		memcmp(secret_bytes(value), im->cells[i].text, im->cells[i].len) == 0;
	secret_free(value);
	return RC_OK;
}

static enum rc
same_cell(struct import_compare *c, int64_t id, size_t i, bool *same)
{
	const struct change *cell = &c->im->cells[i];
	const void *old;

	if (c->im->columns[i].field.cls == CLASS_SEALED)
		return same_sealed(c->im, id, i, same);
	old = sqlite3_column_text(c->get, (int)i + 1);
	*same = (size_t)sqlite3_column_bytes(c->get, (int)i + 1) == cell->len &&
		memcmp(old, cell->text, cell->len) == 0;
	return RC_OK;
}

enum rc
import_compare(struct import_compare *c, int64_t id)
{
	struct import *im = c->im;
	bool same = false;
	enum rc rc;
	size_t i;

	im->changed = 0;
	rc = sql_bind(im->v, c->get, "i", id);
	if (rc == RC_OK)
		rc = sql_step(im->v, c->get);
	for (i = 0; rc == RC_OK && i < im->n; i++) {
		if (im->columns[i].ignored || im->cells[i].len == 0)
			continue;
		rc = same_cell(c, id, i, &same);
		if (rc != RC_OK || same)
			continue;
		im->changes[im->changed] = im->cells[i];
		im->changes[im->changed++].index = im->columns[i].index;
	}
	sqlite3_reset(c->get);
	return rc;
}

void
import_compare_free(struct import_compare *c)
{
	if (!c)
		return;
	sqlite3_finalize(c->get);
	free(c);
}
