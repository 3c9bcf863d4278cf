/*
 * The manifest: what a file that lies beside it holds, where it is from, and its digest. It may
 * be printed on a terminal, and is safe for one as the sinks' JSON is.
 */
#include "store/export_facts.h"

#include <limits.h>
#include <string.h>

#include "store/json_write.h"
#include "store/sink_int.h"
#include "store/text.h"

static void
put_columns(struct json_write *w, const struct treated *columns)
{
	size_t i;

	json_open(w, "columns", '[');
	for (i = 0; i < treated_count(columns); i++) {
		const struct field *f = treated_field(columns, i);

		json_open(w, NULL, '{');
		json_put_text(w, "name", treated_name(columns, i));
		json_put_text(w, "class", class_name(f ? f->cls : CLASS_OPEN));
		json_put_text(
		    w, "treatment", export_treatment_name(treated_how(columns, i)));
		json_close(w, '}');
	}
	json_close(w, ']');
}

/* A file's name is bytes: what is not UTF-8 is told in visible escapes. */
static void
put_file_name(struct json_write *w, const char *key, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char shown[PATH_MAX];

	if (!text_is_utf8(name, strlen(name))) {
		text_visible(name, strlen(name), shown, sizeof shown);
		name = shown;
	}
	json_put_text(w, key, name);
}

static void
put_all(struct json_write *w, const struct export_facts *f, const struct treated *columns,
    const struct export_report *report, const char *path)
{
	json_open(w, NULL, '{');
	json_put_int(w, "manifest", EXPORT_MANIFEST_VERSION);
	json_put_text(w, "program", "strongroom " STRONGROOM_VERSION);
	put_file_name(w, "file", path);
	json_put_text(w, "format", f->format);
	json_put_int(w, "bytes", (int64_t)report->bytes);
	json_put_text(w, "sha256", report->sha256);
	json_put_int(w, "count", (int64_t)report->rows);
	put_file_name(w, "vault", f->vault);
	json_put_text(w, "vault_id", f->id);
	json_put_int(w, "run", report->run);
	json_put_text(w, "source", f->source);
	json_put_text(w, "query", f->query);
	put_columns(w, columns);
	json_put_text(w, "reason", f->reason);
	json_put_text(w, "at", f->time);
	json_put_text(w, "actor", f->actor);
	json_close(w, '}');
}

enum rc
export_manifest(const struct export_facts *f, const struct treated *columns,
    const struct export_report *report, const char *path, sink_write_fn *write, void *arg)
{
	const struct sink_opts opts = { .format = SINK_JSON };
	struct json_write w = { 0 };
	enum rc rc = sink_new(&opts, write, arg, &w.sink);

	if (rc == RC_OK) {
		put_all(&w, f, columns, report, path);
		rc = w.rc;
	}
	if (rc == RC_OK)
		rc = sink_flush(w.sink);
	sink_free(w.sink);
	return rc;
}
