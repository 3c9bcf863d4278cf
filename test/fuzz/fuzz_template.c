/*
 * The body of an export's template. Checked: what is loaded names fields that there are and
 * ways to treat them, and saved again it loads to the same; what is not has a sentence.
 */
#include <stdint.h>
#include <string.h>

#include "store/export_template.h"
#include "store/template.h"
#include "test/fuzz/fuzz_vault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct export_template *t)
{
	size_t n, i;

	field_list(vault, &n);
	for (i = 0; i < t->column_n; i++)
		if (t->columns[i].index >= (int)n || !export_treatment_name(t->columns[i].treat))
			abort();
	if (!t->query || t->search.query != t->query || !sink_format_name(t->format))
		abort();
}

/* What was loaded, saved under another name and loaded from there. */
static void
check_again(const struct export_template *t)
{
	struct export_opts opts = { .sink = { .format = t->format, .raw = t->raw },
		.search = t->search, .columns = t->columns, .column_n = t->column_n };
	struct export_template *again;
	enum rc rc;

	template_drop(vault, TEMPLATE_EXPORT, "again");
	rc = export_template_save(vault, "again", &opts);
	if (rc == RC_INPUT || rc == RC_LIMIT) /* a query that is not to be kept */
		return;
	must(rc);
	must(export_template_load(vault, "again", &again));
	if (again->format != t->format || again->raw != t->raw ||
	    again->column_n != t->column_n || strcmp(again->query, t->query) != 0 ||
	    again->search.sort != t->search.sort)
		abort();
	export_template_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_template *t;
	char *text;
	enum rc rc;

	if (!vault)
		fuzz_vault(NULL);
	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	rc = template_save(vault, TEMPLATE_EXPORT, "it", text, true);
	free(text);
	if (rc != RC_OK)
		return 0;
	rc = export_template_load(vault, "it", &t);
	if (rc == RC_OK) {
		check(t);
		check_again(t);
	} else if (rc != RC_INPUT || !*vault_err(vault)) {
		abort();
	}
	export_template_free(t);
	return 0;
}
