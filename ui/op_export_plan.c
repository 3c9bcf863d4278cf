/* What an export would write, told before it is asked for. */

#include "ui/op_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/text.h"

#define FIRST_WIDTH 40 /* columns of the first record's values */

static void
put_column(FILE *f, const struct export_plan_column *p)
{
	char first[FIRST_WIDTH * 8], name[FIELD_NAME_MAX * 2];
	const char *text = p->first != NULL ? p->first : "";

	text_clip(p->name, strlen(p->name), 20, true, true, name, sizeof(name));
	text_clip(text, strlen(text), FIRST_WIDTH, false, true, first, sizeof(first));
	fprintf(f, "  %s  %-7s  %-6s  %s\n", name, export_treatment_name(p->treat),
	    class_name(p->cls), first);
	secret_wipe(first, sizeof(first));
}

static void
put_plan(FILE *f, const struct export_opts *opts, const struct export_plan *p)
{
	bool stream = strcmp(opts->path, "-") == 0;
	size_t i;

	fprintf(f, "%" PRIu64 " record%s would be written as %s to %s, not encrypted%s:\n",
	    p->count, p->count == 1 ? "" : "s", sink_format_name(opts->sink.format),
	    stream ? "the standard output" : opts->path,
	    stream ? "" : ", mode 0600");
	for (i = 0; i < p->n; i++)
		put_column(f, &p->columns[i]);
	fprintf(f, "The audit would keep: exported, %" PRIu64 ", the reason", p->count);
	for (i = 0; i < p->n; i++)
		if (p->columns[i].treat == TREAT_REVEAL)
			fprintf(f, "; revealed %s, %" PRIu64, p->columns[i].name, p->count);
	fprintf(f, ".\nTo write it: --plaintext --reason TEXT");
}

enum rc
op_export_plan(struct op_call *c, const struct export_opts *opts)
{
	struct search_error serr = {0, 0, ""};
	struct export_plan *p;
	char *text = NULL;
	size_t len;
	enum rc rc = export_plan(c->v, opts, &p, &serr);
	FILE *f;

	if (rc != RC_OK)
		return op_search_failed(c, rc, opts->search.query, &serr);
	f = open_memstream(&text, &len);
	if (f != NULL) {
		put_plan(f, opts, p);
		if (fclose(f) == 0)
			face_say(c->face, "%s", text);
	}
	if (text != NULL)
		secret_wipe(text, len);
	free(text);
	export_plan_free(p);
	return f != NULL ? RC_OK : RC_NOMEM;
}
