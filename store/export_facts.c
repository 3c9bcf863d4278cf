/*
 * What is said about an export beside its records.
 *
 * 1. A query may hold a value of a field that is masked or sealed. It is told without it, in
 *    the file, in the manifest and in the vault, where a browse slot could read it. A word
 *    that no field is named for is told, unless it can be nothing but a protected number,
 *    or was meant for a protected field ("ssn=900-12-3456"): it finds nothing, and is no
 *    less secret for that.
 */
#include "store/export_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/crypto.h"
#include "keyring/secret.h"
#include "store/query_hide.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

#define NUMBER_MAX 64 /* bytes of a word that may be the number of a card, person or account */

static bool
is_protected(const struct vault *v, const char *name)
{
	const struct field *f;
	size_t n;
	int i;

	f = field_list(v, &n);
	i = field_index(v, name);
	return i >= 0 && f[i].cls != CLASS_OPEN;
}

/* Whether ${s} is a number of a type that a protected field has. */
static bool
is_protected_number(const struct vault *v, const char *s, size_t len)
{
	char normal[2 * NUMBER_MAX + 32];
	const struct field *f;
	bool is = false;
	size_t n, i;

	f = field_list(v, &n);
	for (i = 0; len > 0 && len <= NUMBER_MAX && i < n && !is; i++)
		is = f[i].cls != CLASS_OPEN &&
		    (f[i].type == TYPE_SSN || f[i].type == TYPE_CARD ||
			f[i].type == TYPE_IBAN) &&
		    type_normalise(f[i].type, s, len, normal, sizeof normal, NULL);
	secret_wipe(normal, sizeof normal);
	return is;
}

/* All of ${s}, or a word in a phrase. */
static bool
has_protected_number(const struct vault *v, const char *s)
{
	bool has = is_protected_number(v, s, strlen(s));
	size_t n;

	for (; *s && !has; s += n + (s[n] == ' ')) {
		n = strcspn(s, " ");
		has = is_protected_number(v, s, n);
	}
	return has;
}

static bool
is_hidden(const void *vault, const struct query_node *t)
{
	const struct vault *v = vault;
	char name[FIELD_NAME_MAX + 1];
	size_t n;

	if (t->name)
		return is_protected(v, t->name);
	if (query_slip(t, &n) && n < sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)n, t->value);
		if (is_protected(v, name))
			return true;
	}
	return has_protected_number(v, t->value);
}

enum rc
export_query_public(struct vault *v, const char *query, char **out)
{
	const char *s = query ? query : "";
	struct search_error fault = { 0, 0, "" };
	struct query *q;
	enum rc rc = query_parse(s, &q, &fault);

	*out = NULL;
	if (rc == RC_INPUT)
		err_set(&v->err, rc, "the query is not understood: %s", fault.text);
	if (rc != RC_OK)
		return rc;
	rc = query_hide(q, s, is_hidden, v, out);
	query_free(q);
	return rc;
}

void
export_fact_time(int64_t at, char out[FACT_TIME_LEN])
{
	time_t seconds = (time_t)(at / 1000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, FACT_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Names and treatments of the columns, each list in one text. */
static enum rc
write_columns(struct export_facts *f, const struct treated *columns)
{
	size_t n = treated_count(columns), cap = n * (FIELD_NAME_MAX + 16) + 1, i;
	char *name, *how, *told;

	name = f->columns = malloc(cap);
	how = f->treatments = malloc(cap);
	told = f->told = malloc(cap);
	if (!name || !how || !told)
		return RC_NOMEM;
	for (i = 0; i < n; i++) {
		const char *treat = export_treatment_name(treated_how(columns, i));
		const char *comma = i ? "," : "";

		name += sprintf(name, "%s%s", comma, treated_name(columns, i));
		how += sprintf(how, "%s%s", comma, treat);
		told += sprintf(told, "%s%s %s", i ? ", " : "", treated_name(columns, i),
		    treat);
	}
	return RC_OK;
}

/* How the file is to be handled, from what is in it. */
static void
write_notice(struct export_facts *f, const struct treated *columns)
{
	size_t i, revealed = 0, masked = 0;

	for (i = 0; i < treated_count(columns); i++) {
		revealed += treated_how(columns, i) == TREAT_REVEAL;
		masked += treated_how(columns, i) == TREAT_MASK;
	}
	snprintf(f->notice, sizeof f->notice,
	    "Confidential: records of persons, not encrypted.%s%s",
	    revealed ? " Protected values stand here in the clear." : "",
	    masked ? " Some values are masked." : "");
}

enum rc
export_facts_new(struct vault *v, const struct export_opts *opts,
    const struct treated *columns, uint64_t count, struct export_facts **out)
{
	struct export_facts *f = calloc(1, sizeof *f);
	uint8_t id[VAULT_ID_LEN];
	const char *slash;
	enum rc rc;

	*out = NULL;
	if (!f)
		return RC_NOMEM;
	rc = export_query_public(v, opts->search.query, &f->query);
	if (rc == RC_OK)
		rc = write_columns(f, columns);
	if (rc != RC_OK) {
		export_facts_free(f);
		return rc;
	}
	f->source = opts->search.ids ? "chosen records"
		    : *f->query	     ? "query"
				     : "all records";
	slash = strrchr(v->path, '/');
	f->vault = slash ? slash + 1 : v->path;
	keyring_vault_id(unlocked_keyring(v->unlocked), id);
	vault_id_text(id, f->id);
	f->at = vault_now();
	export_fact_time(f->at, f->time);
	f->actor = vault_actor();
	f->reason = opts->reason;
	f->format = sink_format_name(opts->sink.format);
	snprintf(f->count, sizeof f->count, "%" PRIu64, count);
	write_notice(f, columns);
	*out = f;
	return RC_OK;
}

void
export_facts_free(struct export_facts *f)
{
	if (!f)
		return;
	free(f->query);
	free(f->columns);
	free(f->treatments);
	free(f->told);
	free(f);
}

enum rc
export_record_run(struct vault *v, const struct export_facts *f, uint64_t rows,
    const uint8_t sum[SHA256_LEN], int64_t *id)
{
	enum rc rc;
	bool own;

	rc = vault_join(v, &own);
	if (rc != RC_OK)
		return rc;
	rc = sql_run(v,
	    "INSERT INTO export_run(at, actor, query, columns, treatments, format, count,"
	    " sha256, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    "izzzzzibz", f->at, f->actor, f->query, f->columns, f->treatments, f->format,
	    (int64_t)rows, sum, (size_t)SHA256_LEN, f->reason);
	if (rc == RC_OK)
		rc = sql_new_id(v, id);
	return vault_leave(v, own, rc);
}
