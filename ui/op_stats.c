/*
 * Statistics: how many records, how they grew, which fields are filled, who came in by which
 * key; or the values of one field, counted.
 */
#include "ui/op_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "store/stats.h"
#include "store/text.h"
#include "ui/op_util.h"
#include "ui/spark.h"

#define BAR_WIDTH    30
#define BAR_BYTES    (BAR_WIDTH * SPARK_CELL + 1)
#define NAME_WIDTH   24
#define NAME_LEN     256
#define VALUES_SHOWN 20
#define MONTHS_SHOWN 24

static double
percent(int64_t part, int64_t all)
{
	return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

static void
write_bar(struct op_text *t, const char *name, int64_t n, int64_t most, int64_t all)
{
	char shown[NAME_LEN], bar[BAR_BYTES];

	text_clip(name, strlen(name), NAME_WIDTH, true, true, shown, sizeof shown);
	spark_bar(n, most, BAR_WIDTH, bar, sizeof bar);
	op_text_add(
	    t, "  %s %10" PRId64 " %5.1f %%  %s\n", shown, n, percent(n, all), bar);
}

static void
write_months(struct op_text *t, const struct stats *s)
{
	const size_t from = s->month_n > MONTHS_SHOWN ? s->month_n - MONTHS_SHOWN : 0;
	int64_t most = 0;
	char bar[BAR_BYTES];
	size_t i;

	for (i = from; i < s->month_n; i++)
		most = s->months[i].added > most ? s->months[i].added : most;
	if (s->month_n > 0)
		op_text_add(t, "\nAdded per month, and all up to then:\n");
	for (i = from; i < s->month_n; i++) {
		spark_bar(s->months[i].added, most, BAR_WIDTH, bar, sizeof bar);
		op_text_add(t, "  %04d-%02d %10" PRId64 " %10" PRId64 "  %s\n",
		    s->months[i].year, s->months[i].month, s->months[i].added,
		    s->months[i].all, bar);
	}
}

static void
write_keys(struct op_text *t, struct op_call *c, const struct stats *s)
{
	char at[OP_TIME_LEN], label[NAME_LEN], actor[NAME_LEN];
	size_t i;

	if (s->key_n > 0)
		op_text_add(t, "\nKeys used (slot, by whom, unlocks, the last one):\n");
	for (i = 0; i < s->key_n; i++) {
		const struct stats_key *k = &s->keys[i];

		op_time(c->face, k->last, at);
		text_clip(
		    k->label, strlen(k->label), 20, true, true, label, sizeof label);
		text_clip(
		    k->actor, strlen(k->actor), 16, true, true, actor, sizeof actor);
		op_text_add(t, "  %2d %s %s %8" PRId64 "  %s\n", k->slot, label, actor,
		    k->times, at);
	}
}

static void
write_stats(struct op_text *t, struct op_call *c, const struct stats *s)
{
	const struct field *fields;
	size_t n, i;

	fields = field_list(c->v, &n);
	op_text_add(t, "%" PRId64 " records, %" PRId64 " in the trash.\n\nFilled:\n",
	    s->records, s->trashed);
	for (i = 0; i < s->fill_n && i < n; i++)
		write_bar(t, fields[i].label, s->fills[i].filled, s->records, s->records);
	write_months(t, s);
	write_keys(t, c, s);
}

static void
write_field(struct op_text *t, const struct field *field, const struct stats_field *s)
{
	const int64_t all = s->filled + s->empty;
	char label[NAME_LEN];
	int64_t shown = 0;
	size_t i;

	text_visible(field->label, strlen(field->label), label, sizeof label);
	op_text_add(t, "%s: %" PRId64 " filled (%.1f %%), %" PRId64 " empty", label,
	    s->filled, percent(s->filled, all), s->empty);
	if (!s->counted) {
		op_text_add(t, ".\nIt is %s: its values are not counted.\n",
		    class_name(field->cls));
		return;
	}
	op_text_add(
	    t, ", %" PRId64 " different%s.\n", s->different, s->years ? " years" : "");
	for (i = 0; i < s->n; i++) {
		write_bar(t, s->values[i].text, s->values[i].n, s->values[0].n, all);
		shown += s->values[i].n;
	}
	if (shown < s->filled)
		op_text_add(
		    t, "  and %" PRId64 " with other values\n", s->filled - shown);
}

static json_t *
json_months(const struct stats *s)
{
	json_t *list = json_array();
	char month[16];
	size_t i;

	for (i = 0; list != NULL && i < s->month_n; i++) {
		snprintf(month, sizeof month, "%04u-%02u",
		    (unsigned)s->months[i].year % 10000,
		    (unsigned)s->months[i].month % 100);
		list = op_json_grown(list, json_pack("{s:s, s:I, s:I}", "month", month,
					       "added", (json_int_t)s->months[i].added,
					       "all", (json_int_t)s->months[i].all));
	}
	return list;
}

static json_t *
json_fields(struct op_call *c, const struct stats *s)
{
	json_t *list = json_array();
	const struct field *fields;
	size_t n, i;

	fields = field_list(c->v, &n);
	for (i = 0; list != NULL && i < s->fill_n && i < n; i++)
		list = op_json_grown(
		    list, json_pack("{s:s, s:s, s:I}", "field", fields[i].name, "class",
			      class_name(fields[i].cls), "filled",
			      (json_int_t)s->fills[i].filled));
	return list;
}

static json_t *
json_keys(struct op_call *c, const struct stats *s)
{
	json_t *list = json_array();
	char at[OP_TIME_LEN];
	size_t i;

	for (i = 0; list != NULL && i < s->key_n; i++) {
		op_time(c->face, s->keys[i].last, at);
		list = op_json_grown(
		    list, json_pack("{s:i, s:s, s:s, s:I, s:s}", "slot", s->keys[i].slot,
			      "label", s->keys[i].label, "actor", s->keys[i].actor,
			      "unlocks", (json_int_t)s->keys[i].times, "last", at));
	}
	return list;
}

static void
stats_json(struct op_text *t, struct op_call *c, const struct stats *s)
{
	op_text_json(
	    t, json_pack("{s:I, s:I, s:o, s:o, s:o}", "records", (json_int_t)s->records,
		   "trashed", (json_int_t)s->trashed, "fields", json_fields(c, s),
		   "months", json_months(s), "keys", json_keys(c, s)));
}

static json_t *
json_values(const struct stats_field *s)
{
	json_t *list = s->counted ? json_array() : json_null();
	size_t i;

	for (i = 0; list != NULL && i < s->n; i++)
		list = op_json_grown(
		    list, json_pack("{s:s, s:I}", "value", s->values[i].text, "count",
			      (json_int_t)s->values[i].n));
	return list;
}

static void
field_json(struct op_text *t, const struct field *field, const struct stats_field *s)
{
	op_text_json(
	    t, json_pack("{s:s, s:s, s:I, s:I, s:o, s:o}", "field", field->name, "class",
		   class_name(field->cls), "filled", (json_int_t)s->filled, "empty",
		   (json_int_t)s->empty, "different",
		   s->counted ? json_integer((json_int_t)s->different) : json_null(),
		   "values", json_values(s)));
}

static enum rc
run_overview(struct op_call *c, const struct progress *progress)
{
	struct stats s;
	struct op_text text = {0};
	enum rc rc = stats_read(c->v, progress, &s);

	if (rc != RC_OK)
		return rc;
	if (c->face->json)
		stats_json(&text, c, &s);
	else
		write_stats(&text, c, &s);
	stats_free(&s);
	return op_text_emit(&text, c);
}

static enum rc
run_field(struct op_call *c, const struct progress *progress)
{
	const struct field *fields;
	struct stats_field s;
	int64_t most;
	int index;
	size_t n;
	struct op_text text = {0};
	enum rc rc = op_field(c, c->args[0], strlen(c->args[0]), &index);

	if (rc == RC_OK && index < 0)
		rc = err_set(
		    &c->err, RC_INPUT, "%s is not a field of the records", c->args[0]);
	if (rc == RC_OK)
		rc = op_number(c, "limit", VALUES_SHOWN, &most);
	if (rc == RC_OK)
		rc = stats_of_field(c->v, index,
		    most == 0 || most > 1000000 ? 1000000 : (int)most, progress, &s);
	if (rc != RC_OK)
		return rc;
	fields = field_list(c->v, &n);
	if (c->face->json)
		field_json(&text, &fields[index], &s);
	else
		write_field(&text, &fields[index], &s);
	stats_field_free(&s);
	return op_text_emit(&text, c);
}

static enum rc
run_stats(struct op_call *c)
{
	struct op_step step;
	struct progress progress = op_progress(&step, c, "stats");

	return c->arg_n > 0 ? run_field(c, &progress) : run_overview(c, &progress);
}

const struct op op_stats = {
    .name = "stats",
    .args = "[FIELD]",
    .args_max = 1,
    .summary =
	"count the records, how they grew and what is filled, or one field's values",
    .details = "Without a field: records and trash, how many records have each field, "
	       "how many were "
	       "added per month, and which slot was used by whom. With a field that is "
	       "open, its most "
	       "frequent values, dates by their year; of a masked or sealed field only "
	       "how many records "
	       "have it.\n"
	       "With --json an object: records, trashed, fields (field, class, filled), "
	       "months (month, "
	       "added, all), keys (slot, label, actor, unlocks, last); of a field: "
	       "field, class, filled, "
	       "empty, different, values (value, count), the last two null where values "
	       "are not counted.",
    .examples = "strongroom stats customers.vault\n"
		"strongroom stats customers.vault city --limit 10\n"
		"strongroom stats customers.vault country --json\n",
    .flags = OP_VAULT | OP_RESULT | OP_SLOW,
    .opts = {{"limit", 'n', OPT_NUMBER, "N", "at most N values (default 20, 0: all)"}},
    .run = run_stats,
};
