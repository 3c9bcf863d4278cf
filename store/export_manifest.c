/* The manifest: what a file that lies beside it holds, where it is from, and its digest. */
#include "store/export_facts.h"

#include <limits.h>
#include <string.h>

#include <jansson.h>

#include "store/text.h"

static json_t *
list_columns(const struct treated *columns)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < treated_count(columns); i++) {
		const struct field *f = treated_field(columns, i);

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s}", "name", treated_name(columns, i), "class",
			f ? class_name(f->cls) : class_name(CLASS_OPEN), "treatment",
			export_treatment_name(treated_how(columns, i))));
	}
	return list;
}

/* A file's name is bytes: what is not UTF-8 is told in visible escapes. */
static json_t *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char shown[PATH_MAX];

	if (text_is_utf8(name, strlen(name)))
		return json_string(name);
	text_visible(name, strlen(name), shown, sizeof shown);
	return json_string(shown);
}

/* It may be printed on a terminal: what would harm that is written as the sinks' JSON has it. */
static size_t
form(const struct export_facts *f)
{
	bool harmless = text_is_harmless(f->reason, strlen(f->reason)) &&
	    text_is_harmless(f->query, strlen(f->query));

	return JSON_INDENT(2) | (harmless ? 0 : JSON_ENSURE_ASCII);
}

enum rc
export_manifest(const struct export_facts *f, const struct treated *columns,
    const struct export_report *report, const char *path, char **out)
{
	json_t *j = json_pack("{s:i, s:s, s:o, s:s, s:I, s:s, s:I, s:o, s:s, s:I, s:s, s:s, s:o, s:s,"
			      " s:s, s:s}",
	    "manifest", EXPORT_MANIFEST_VERSION, "program", "strongroom " STRONGROOM_VERSION,
	    "file", file_name(path), "format", f->format, "bytes",
	    (json_int_t)report->bytes, "sha256", report->sha256, "count",
	    (json_int_t)report->rows, "vault", file_name(f->vault), "vault_id", f->id, "run",
	    (json_int_t)report->run, "source", f->source, "query", f->query, "columns", list_columns(columns),
	    "reason", f->reason, "at", f->time, "actor", f->actor);

	*out = j ? json_dumps(j, form(f)) : NULL;
	json_decref(j);
	return *out ? RC_OK : RC_NOMEM;
}
