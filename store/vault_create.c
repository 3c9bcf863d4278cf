/*
 * A new vault.
 *
 *     private temporary file -> tables, first entry of the audit -> closed -> given its name
 *     -> folder synced -> opened under its name
 *
 * 1. What stands under the name is whole: it was closed before it got the name, and the name
 *    was free (it is never replaced).
 * 2. On failure nothing is left in the folder.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/audit_int.h"
#include "store/schema.h"
#include "store/site.h"
#include "store/unlocked.h"
#include "store/vault_open.h"
#include "vfs/vfs.h"

static enum rc
fill(struct vault *v, const struct field *fields, size_t n)
{
	const struct audit_entry created = { .event = AUDIT_CREATED, .count = -1 };
	enum rc rc;

	rc = sql_exec(v, "BEGIN IMMEDIATE");
	if (rc != RC_OK)
		return rc;
	v->in_tx = true;
	rc = schema_create(v, fields, n);
	if (rc == RC_OK)
		rc = audit_start(v);
	if (rc == RC_OK)
		rc = audit_append_at(v, &created, vault_now());
	if (rc != RC_OK) {
		vault_rollback(v);
		return rc;
	}
	return vault_commit(v);
}

/* The vault under its temporary name, from nothing to closed. */
static enum rc
build(const struct site *s, const struct vault_create_opts *opts, struct keyring *kr,
    const struct field *fields, size_t n, struct err *err)
{
	struct vault *v;
	char pragma[64];
	enum rc rc;

	rc = vault_new(opts->path, &v);
	if (rc != RC_OK)
		return rc;
	rc = unlocked_add(s->temp, kr, &v->unlocked);
	if (rc == RC_OK)
		rc = vault_connect(v, s->temp, true);
	snprintf(pragma, sizeof pragma, "PRAGMA page_size = %u",
	    opts->page_size ? opts->page_size : PAGE_SIZE_DEFAULT);
	if (rc == RC_OK)
		rc = sql_exec(v, pragma);
	v->slot = keyring_slot_used(kr);
	if (rc == RC_OK)
		rc = fill(v, fields, n);
	if (rc == RC_OK) /* not before: the file alone must hold all of it when it is closed */
		rc = sql_exec(v, "PRAGMA journal_mode = WAL");
	if (rc != RC_OK)
		err_set(err, rc, "%s", v->err.text);
	vault_abandon(v);
	return rc;
}

static enum rc
make_keyring(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct keyring **out, struct err *err)
{
	struct keyring_secret ks;
	struct kdf_params params;
	struct secret *normal;
	uint32_t ms;
	enum rc rc;

	*out = NULL;
	rc = vault_present(&opts->secret, &ks, &normal, err);
	if (rc == RC_OK)
		rc = kdf_calibrate(&params, &ms);
	if (rc == RC_OK)
		rc = keyring_create(
		    &ks, &params, opts->label ? opts->label : "first", out, err);
	secret_free(normal);
	if (rc == RC_OK && kdf)
		*kdf = (struct vault_kdf){ params.memory_kib, params.passes, params.lanes, ms };
	return err_default(err, rc);
}

/* The page size and the fields, before a second is spent on the KDF. */
static enum rc
check_wishes(const struct vault_create_opts *opts, struct field **fields, size_t *n,
    struct err *err)
{
	uint32_t size = opts->page_size;

	*fields = NULL;
	if (vfs_name_check(opts->path, err) != RC_OK)
		return RC_INPUT;
	if (size && (size < PAGE_SIZE_MIN || size > PAGE_SIZE_MAX || (size & (size - 1))))
		return err_set(err, RC_INPUT,
		    "a page size is a power of two from %d to %d", PAGE_SIZE_MIN, PAGE_SIZE_MAX);
	return schema_parse(opts->schema ? opts->schema : schema_default(), fields, n, err);
}

static enum rc
open_new(const struct vault_create_opts *opts, struct keyring *kr, struct vault **out,
    struct err *err)
{
	struct vault *v;
	enum rc rc;

	rc = vault_new(opts->path, &v);
	if (rc != RC_OK)
		return rc;
	rc = vault_enter(v, kr);
	if (rc != RC_OK) {
		err_set(err, rc, "%s", v->err.text);
		vault_abandon(v);
		return rc;
	}
	*out = v;
	return RC_OK;
}

enum rc
vault_create(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct vault **out, struct err *err)
{
	struct site site;
	struct keyring *kr = NULL;
	struct field *fields;
	size_t n = 0;
	enum rc rc;

	*out = NULL;
	rc = check_wishes(opts, &fields, &n, err);
	if (rc != RC_OK)
		return rc;
	rc = site_begin(&site, opts->path, err);
	if (rc == RC_OK)
		rc = make_keyring(opts, kdf, &kr, err);
	if (rc == RC_OK)
		rc = build(&site, opts, kr, fields, n, err);
	if (rc == RC_OK)
		rc = site_publish(&site, err);
	if (rc == RC_OK)
		rc = open_new(opts, kr, out, err);
	site_end(&site, rc == RC_OK);
	keyring_free(kr);
	free(fields);
	return err_default(err, rc);
}
