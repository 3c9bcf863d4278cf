/*
 * What is said about an export beside its records.
 *
 * 1. A query may hold a value of a field that is masked or sealed. It is told without it, in
 *    the file, in the manifest and in the vault, where a browse slot could read it.
 */
#include "store/export_facts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/crypto.h"
#include "store/sql.h"
#include "store/unlocked.h"
#include "store/vault_open.h"

#define HIDDEN "***"

static bool
is_name(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_' || ch == '-' || ch == '.';
}

/* Bytes of a name at ${s} that a colon or a comparison follows; 0: none is there. */
static size_t
name_len(const char *s)
{
	size_t n = 0;

	while (is_name(s[n]))
		n++;
	return n && s[n] && strchr(":<>=", s[n]) ? n : 0;
}

/* Bytes of the value at ${s}: up to a blank outside of quotes and parentheses. */
static size_t
value_len(const char *s)
{
	bool quoted = false;
	int depth = 0;
	size_t i;

	for (i = 0; s[i]; i++) {
		if (quoted && s[i] == '\\' && s[i + 1])
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && s[i] == '(')
			depth++;
		else if (!quoted && s[i] == ')' && depth-- == 0)
			break;
		else if (!quoted && depth <= 0 && isspace((unsigned char)s[i]))
			break;
	}
	return i;
}

static bool
is_protected(struct vault *v, const char *name, size_t len)
{
	char copy[FIELD_LABEL_MAX + 1];
	const struct field *f;
	size_t n;
	int i;

	if (len >= sizeof copy)
		return false;
	memcpy(copy, name, len);
	copy[len] = '\0';
	f = field_list(v, &n);
	i = field_index(v, copy);
	return i >= 0 && f[i].cls != CLASS_OPEN;
}

enum rc
export_query_public(struct vault *v, const char *query, char **out)
{
	const char *s = query ? query : "";
	size_t n, name, value;
	char *to = *out = malloc(strlen(s) * 2 + sizeof HIDDEN);

	if (!to)
		return RC_NOMEM;
	while (*s) {
		name = isspace((unsigned char)*s) ? 0 : name_len(s + (*s == '-'));
		if (name) {
			name += *s == '-';
			n = name + strspn(s + name, ":<>=");
			value = value_len(s + n);
			if (value && is_protected(v, s + (*s == '-'), name - (*s == '-'))) {
				to += sprintf(to, "%.*s" HIDDEN, (int)n, s);
				s += n + value;
				continue;
			}
		}
		n = *s == '(' || isspace((unsigned char)*s) ? 1 : value_len(s);
		n = n ? n : 1;
		memcpy(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
	return RC_OK;
}

static void
write_time(int64_t at, char out[FACT_TIME_LEN])
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
	slash = strrchr(v->path, '/');
	f->vault = slash ? slash + 1 : v->path;
	keyring_vault_id(unlocked_keyring(v->unlocked), id);
	vault_id_text(id, f->id);
	f->at = vault_now();
	write_time(f->at, f->time);
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
	*id = sqlite3_last_insert_rowid(v->db);
	return vault_leave(v, own, rc);
}
