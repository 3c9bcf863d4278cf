/*
 * The tables of a vault, and the text form of its field catalogue.
 *
 * 1. Every open or masked field is a real column f_<id> of record; an id is never given
 *    again. An empty value is NULL. Numbers are text in the order of collate_number, all
 *    else is text in the order of NOCASE.
 * 2. Full text holds the open searchable fields and nothing else. Triggers keep it in step,
 *    so that no writer can forget it.
 * 3. Indexes, and what for: uuid (restoring a backup); each open e-mail field (duplicates of
 *    an import, the address that a caller gives) and each open name field (the order that a
 *    list of people is read in); updated_at of what is not in the trash (the list of the
 *    latest; counting without reading the rows) and deleted_at of what is; audit entries of
 *    one record. More would be paid for by every import.
 * 4. The default schema leaves out ssn, card and notes: their class is sealed, which this
 *    version refuses rather than weakens.
 */
#include "store/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/collate.h"
#include "store/sql.h"

#define SQL_MAX  (64 * 1024) /* FIELD_MAX columns fit */
#define LINE_MAX 512

static const char default_text[] =
    "# The fields of a customer: name type class [required] [search] \"Label\"\n"
    "first_name name open search \"First name\"\n"
    "last_name name open required search \"Last name\"\n"
    "company text open search \"Company\"\n"
    "email email open search \"E-mail\"\n"
    "phone phone open search \"Phone\"\n"
    "phone_alt phone open search \"Phone 2\"\n"
    "address text open search \"Address\"\n"
    "city text open search \"City\"\n"
    "region text open search \"Region\"\n"
    "postcode postcode open search \"Postcode\"\n"
    "country country open search \"Country\"\n"
    "url url open search \"URL\"\n"
    "birth_date date masked \"Birth date\"\n";

static const char tables[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE field(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " label TEXT NOT NULL, type TEXT NOT NULL, class TEXT NOT NULL,"
    " position INTEGER NOT NULL, required INTEGER NOT NULL, searchable INTEGER NOT NULL);"
    "CREATE TABLE record(id INTEGER PRIMARY KEY AUTOINCREMENT, uuid BLOB NOT NULL UNIQUE,"
    " version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, deleted_at INTEGER, keep_until INTEGER);"
    "CREATE INDEX record_updated ON record(updated_at) WHERE deleted_at IS NULL;"
    "CREATE INDEX record_trash ON record(deleted_at) WHERE deleted_at IS NOT NULL;"
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " event INTEGER NOT NULL, actor TEXT NOT NULL, slot INTEGER NOT NULL,"
    " record_uuid BLOB, field TEXT, count INTEGER, reason TEXT, mac BLOB NOT NULL);"
    "CREATE INDEX audit_record ON audit(record_uuid) WHERE record_uuid IS NOT NULL;";

/* Words that mean something else in a query, as a column or as a JSON key. */
static const char *const reserved[] = { "id", "is", "uuid", "version", "created", "updated",
	"deleted", "created_at", "updated_at", "deleted_at", "actor", "keep_until" };

const char *
schema_default(void)
{
	return default_text;
}

bool
schema_name_reserved(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof reserved / sizeof *reserved; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

bool
schema_name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= FIELD_NAME_MAX && name[n] == '\0' && name[0] >= 'a' &&
	    name[0] <= 'z' && !schema_name_reserved(name);
}

struct parser {
	struct field *fields;
	size_t n, cap;
	int line;
	struct err *err;
};

/* The label at the end of a line: "..." with \" and \\; ${at} is left behind it. */
static bool
parse_label(char **at, char label[FIELD_LABEL_MAX + 1])
{
	size_t n = 0;
	char *s = *at + 1;

	for (; *s && *s != '"'; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		if (n == FIELD_LABEL_MAX)
			return false;
		label[n++] = *s;
	}
	label[n] = '\0';
	*at = s + 1;
	return *s == '"' && n > 0;
}

static char *
next_word(char **at)
{
	char *word;

	*at += strspn(*at, " \t");
	word = *at;
	*at += strcspn(*at, " \t");
	if (**at)
		*(*at)++ = '\0';
	*at += strspn(*at, " \t");
	return word;
}

static enum rc
parse_flags(struct parser *p, char *at, struct field *f)
{
	char *word;

	while (*at && *at != '"') {
		word = next_word(&at);
		if (strcmp(word, "required") == 0)
			f->required = true;
		else if (strcmp(word, "search") == 0)
			f->searchable = true;
		else
			return err_set(p->err, RC_INPUT,
			    "line %d of the schema: \"%s\" is neither required nor search nor a "
			    "label in quotes", p->line, word);
	}
	if (*at == '"' && (!parse_label(&at, f->label) || at[strspn(at, " \t\r")]))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: the label is not one text in quotes of at most %d "
		    "bytes", p->line, FIELD_LABEL_MAX);
	if (!*f->label)
		snprintf(f->label, sizeof f->label, "%s", f->name);
	return RC_OK;
}

static enum rc
parse_words(struct parser *p, char *at, struct field *f)
{
	char *name = next_word(&at), *type = next_word(&at), *cls = next_word(&at);
	size_t i;

	if (!schema_name_ok(name))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" can't be a field's name: use a-z, 0-9 and _",
		    p->line, name);
	for (i = 0; i < p->n; i++)
		if (strcmp(p->fields[i].name, name) == 0)
			return err_set(p->err, RC_INPUT,
			    "line %d of the schema: there is a field %s already", p->line, name);
	if (!type_parse(type, &f->type))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" is not a type: use text, name, email, phone, "
		    "date, number, money, country, postcode, url, ssn, card, iban or note",
		    p->line, type);
	if (!class_parse(cls, &f->cls))
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: \"%s\" is not a class: use open or masked", p->line,
		    cls);
	if (f->cls == CLASS_SEALED)
		return err_set(p->err, RC_DENIED,
		    "line %d of the schema: %s is sealed, which this version can't do yet: make "
		    "it masked, or leave it out", p->line, name);
	snprintf(f->name, sizeof f->name, "%s", name);
	return parse_flags(p, at, f);
}

static enum rc
parse_line(struct parser *p, char *line)
{
	struct field f = { 0 }, *fresh;
	enum rc rc;

	line += strspn(line, " \t");
	line[strcspn(line, "\r")] = '\0';
	if (!*line || *line == '#')
		return RC_OK;
	if (p->n == FIELD_MAX)
		return err_set(p->err, RC_LIMIT, "the schema has more than %d fields", FIELD_MAX);
	rc = parse_words(p, line, &f);
	if (rc != RC_OK)
		return rc;
	if (f.searchable && f.cls != CLASS_OPEN)
		return err_set(p->err, RC_INPUT,
		    "line %d of the schema: %s is masked, so it can't be searched", p->line, f.name);
	if (p->n == p->cap) {
		fresh = realloc(p->fields, (p->cap * 2 + 16) * sizeof *fresh);
		if (!fresh)
			return err_default(p->err, RC_NOMEM);
		p->fields = fresh;
		p->cap = p->cap * 2 + 16;
	}
	f.id = (int)p->n + 1;
	p->fields[p->n++] = f;
	return RC_OK;
}

static enum rc
parse_all(struct parser *p, const char *text)
{
	char line[LINE_MAX];
	enum rc rc = RC_OK;
	size_t n, i;

	for (p->line = 1; rc == RC_OK && *text; p->line++) {
		n = strcspn(text, "\n");
		if (n >= sizeof line)
			return err_set(p->err, RC_INPUT, "line %d of the schema is too long", p->line);
		memcpy(line, text, n);
		line[n] = '\0';
		text += n + (text[n] == '\n');
		rc = parse_line(p, line);
	}
	for (i = 0; rc == RC_OK && i < p->n; i++)
		if (p->fields[i].searchable)
			return RC_OK;
	if (rc != RC_OK)
		return rc;
	return err_set(p->err, RC_INPUT,
	    "the schema needs at least one open field that is marked search");
}

enum rc
schema_parse(const char *text, struct field **out, size_t *n, struct err *err)
{
	struct parser p = { NULL, 0, 0, 0, err };
	enum rc rc = parse_all(&p, text);

	*out = NULL;
	*n = 0;
	if (rc != RC_OK) {
		free(p.fields);
		return rc;
	}
	*out = p.fields;
	*n = p.n;
	return RC_OK;
}

static const char *
order_of(const struct field *f)
{
	if (f->type == TYPE_NUMBER || f->type == TYPE_MONEY)
		return COLLATE_NUMBER;
	return "NOCASE";
}

static enum rc
add_field(struct vault *v, const struct field *f)
{
	char sql[128];
	enum rc rc;

	rc = sql_run(v,
	    "INSERT INTO field(id, name, label, type, class, position, required, searchable)"
	    " VALUES(?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7)",
	    "izzzzii", (int64_t)f->id, f->name, f->label, type_name(f->type),
	    class_name(f->cls), (int64_t)f->required, (int64_t)f->searchable);
	if (rc != RC_OK)
		return rc;
	snprintf(sql, sizeof sql, "ALTER TABLE record ADD COLUMN f_%d TEXT COLLATE %s", f->id,
	    order_of(f));
	rc = sql_exec(v, sql);
	if (rc != RC_OK || f->cls != CLASS_OPEN ||
	    (f->type != TYPE_EMAIL && f->type != TYPE_NAME))
		return rc;
	snprintf(sql, sizeof sql, "CREATE INDEX record_f_%d ON record(f_%d)", f->id, f->id);
	return sql_exec(v, sql);
}

/* "f_1, f_2" of the searchable fields, each with ${before}. */
static void
put_searchable(struct sql_text *t, const char *before, const struct field *f, size_t n)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (!f[i].searchable || f[i].cls != CLASS_OPEN)
			continue;
		sql_add(t, "%s%sf_%d", comma, before, f[i].id);
		comma = ", ";
	}
}

/* The statement of a trigger that adds a row to the index or takes it out. */
static void
put_step(struct sql_text *t, bool out, const struct field *f, size_t n)
{
	sql_add(t, " INSERT INTO record_fts(%srowid, ", out ? "record_fts, " : "");
	put_searchable(t, "", f, n);
	sql_add(t, ") VALUES(%s.id, ", out ? "'delete', old" : "new");
	put_searchable(t, out ? "old." : "new.", f, n);
	sql_add(t, ");");
}

static void
put_fts(struct sql_text *t, const struct field *f, size_t n)
{
	sql_add(t, "CREATE VIRTUAL TABLE record_fts USING fts5(");
	put_searchable(t, "", f, n);
	sql_add(t, ", content='record', content_rowid='id', prefix='2 3',"
		   " tokenize='unicode61 remove_diacritics 2');"
		   "CREATE TRIGGER record_fts_add AFTER INSERT ON record BEGIN");
	put_step(t, false, f, n);
	sql_add(t, " END; CREATE TRIGGER record_fts_remove AFTER DELETE ON record BEGIN");
	put_step(t, true, f, n);
	sql_add(t, " END; CREATE TRIGGER record_fts_change AFTER UPDATE OF ");
	put_searchable(t, "", f, n);
	sql_add(t, " ON record BEGIN");
	put_step(t, true, f, n);
	put_step(t, false, f, n);
	sql_add(t, " END;");
}

static enum rc
create_fts(struct vault *v, const struct field *f, size_t n)
{
	char *buf = malloc(SQL_MAX);
	struct sql_text t;
	enum rc rc;

	if (!buf)
		return err_default(&v->err, RC_NOMEM);
	sql_text_init(&t, buf, SQL_MAX);
	put_fts(&t, f, n);
	rc = sql_exec(v, sql_end(&t));
	free(buf);
	return rc;
}

enum rc
schema_create(struct vault *v, const struct field *fields, size_t n)
{
	char sql[64];
	enum rc rc;
	size_t i;

	rc = sql_exec(v, tables);
	for (i = 0; rc == RC_OK && i < n; i++)
		rc = add_field(v, &fields[i]);
	if (rc == RC_OK)
		rc = create_fts(v, fields, n);
	snprintf(sql, sizeof sql, "PRAGMA user_version = %d", SCHEMA_VERSION);
	return rc == RC_OK ? sql_exec(v, sql) : rc;
}

enum rc
schema_add_column(struct vault *v, const struct field *f)
{
	enum rc rc;

	rc = add_field(v, f);
	if (rc == RC_OK)
		rc = field_load(v);
	if (rc == RC_OK && f->searchable)
		v->fts_stale = true;
	return rc;
}

enum rc
schema_settle(struct vault *v)
{
	const struct field *fields;
	enum rc rc;
	size_t n;

	if (!v->fts_stale)
		return RC_OK;
	rc = sql_exec(v, "DROP TRIGGER record_fts_add; DROP TRIGGER record_fts_remove;"
			 "DROP TRIGGER record_fts_change; DROP TABLE record_fts");
	fields = field_list(v, &n);
	if (rc == RC_OK)
		rc = create_fts(v, fields, n);
	if (rc == RC_OK)
		rc = sql_exec(v, "INSERT INTO record_fts(record_fts) VALUES('rebuild')");
	if (rc == RC_OK)
		rc = field_load(v);
	v->fts_stale = rc != RC_OK;
	return rc;
}

enum rc
schema_check(struct vault *v)
{
	int64_t version;
	enum rc rc;

	rc = sql_int(v, "PRAGMA user_version", &version);
	if (rc != RC_OK)
		return rc;
	if (version > SCHEMA_VERSION)
		return err_set(&v->err, RC_VERSION,
		    "%s: its tables have version %lld, this program knows %d: use a newer "
		    "strongroom", v->path, (long long)version, SCHEMA_VERSION);
	if (version < 1)
		return err_set(&v->err, RC_FORMAT,
		    "%s: it is an encrypted database, but holds no customer records", v->path);
	return RC_OK;
}
