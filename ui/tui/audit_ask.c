/*
 * The filter of the audit's screen: a choice of its parts, then a line of text for the one that
 * was chosen.
 *
 * 1. What can't be read changes nothing.
 */
#include "ui/tui/audit_ask.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/moment.h"
#include "ui/tui/view.h"

enum part { EVENT, ACTOR, RECORD, FIELD, SINCE, UNTIL, SLOT, ALL, PARTS };

static const struct {
	const char *item, *prompt;
} parts[PARTS] = {
    [EVENT] = {"event", "Event (revealed, exported, unlock failed, ...); empty: any"},
    [ACTOR] = {"user", "User; empty: any"},
    [RECORD] = {"record", "Number of the record; empty: any"},
    [FIELD] = {"field", "Name of the field; empty: any"},
    [SINCE] = {"since", "From this day or moment on, 2026-01-31 or 2026-01-31 12:00"},
    [UNTIL] = {"until", "Up to this day (whole) or moment"},
    [SLOT] = {"slot", "Number of the slot that opened the session; empty: any"},
    [ALL] = {"show all", NULL},
};

static void
bind(struct audit_ask *ask)
{
	ask->filter.actor = ask->actor[0] ? ask->actor : NULL;
	ask->filter.field = ask->field[0] ? ask->field : NULL;
}

void
audit_ask_copy(struct audit_ask *to, const struct audit_ask *from)
{
	*to = *from;
	bind(to);
}

static size_t
add(char *out, size_t cap, size_t used, const char *what, const char *value)
{
	int n = snprintf(out + used, cap - used, "%s%s%s", used ? ", " : "", what, value);

	return n < 0 || used + (size_t)n >= cap ? cap - 1 : used + (size_t)n;
}

void
audit_ask_words(const struct audit_ask *ask, char *out, size_t cap)
{
	const struct audit_filter *f = &ask->filter;
	char text[32];
	size_t used = 0;

	out[0] = '\0';
	if (f->event)
		used = add(out, cap, used, "", audit_event_name(f->event));
	if (f->actor)
		used = add(out, cap, used, "by ", f->actor);
	if (f->field)
		used = add(out, cap, used, "field ", f->field);
	if (f->record_id) {
		snprintf(text, sizeof text, "%lld", (long long)f->record_id);
		used = add(out, cap, used, "record ", text);
	}
	if (f->has_slot) {
		snprintf(text, sizeof text, "%d", f->slot);
		used = add(out, cap, used, "slot ", text);
	}
	if (f->since) {
		app_time((uint64_t)f->since, text, sizeof text);
		used = add(out, cap, used, "since ", text);
	}
	if (f->until) {
		app_time((uint64_t)f->until, text, sizeof text);
		add(out, cap, used, "until ", text);
	}
}

/* False: it is no number. Empty is 0. */
static bool
number(const char *text, int64_t most, int64_t *out)
{
	char *end;

	*out = 0;
	if (!*text)
		return true;
	*out = strtoll(text, &end, 10);
	return *end == '\0' && text[0] >= '0' && text[0] <= '9' && *out <= most;
}

static bool
set(struct audit_ask *ask, enum part part, const char *text)
{
	struct audit_filter *f = &ask->filter;
	int64_t n;

	switch (part) {
	case EVENT:
		f->event = 0;
		return !*text || audit_event_parse(text, &f->event);
	case ACTOR:
		snprintf(ask->actor, sizeof ask->actor, "%s", text);
		return true;
	case FIELD:
		snprintf(ask->field, sizeof ask->field, "%s", text);
		return true;
	case RECORD:
		return number(text, INT64_MAX, &f->record_id);
	case SLOT:
		f->has_slot = *text != '\0';
		if (!number(text, INT_MAX, &n))
			return false;
		f->slot = (int)n;
		return true;
	case SINCE:
		f->since = 0;
		return !*text || moment_parse(text, false, &f->since);
	default:
		f->until = 0;
		return !*text || moment_parse(text, true, &f->until);
	}
}

static void
answered(void *arg, const char *text)
{
	struct audit_ask *ask = arg, fresh;

	audit_ask_copy(&fresh, ask);
	if (!set(&fresh, (enum part)ask->part, text)) {
		app_say(
		    ask->app, STYLE_BAD, "\"%s\" is no %s", text, parts[ask->part].item);
		return;
	}
	bind(&fresh);
	audit_ask_copy(ask, &fresh);
	ask->changed(ask->arg);
}

static void
chosen(void *arg, size_t index)
{
	struct audit_ask *ask = arg;

	ask->part = index;
	if (index != ALL) {
		view_ask_open(ask->app, "Filter", parts[index].prompt, answered, ask);
		return;
	}
	memset(&ask->filter, 0, sizeof ask->filter);
	ask->actor[0] = ask->field[0] = '\0';
	ask->changed(ask->arg);
}

void
audit_ask_open(struct app *a, struct audit_ask *ask, audit_ask_fn *changed, void *arg)
{
	const char *items[PARTS];
	size_t i;

	for (i = 0; i < PARTS; i++)
		items[i] = parts[i].item;
	ask->app = a;
	ask->changed = changed;
	ask->arg = arg;
	view_choose_open(a, "Filter by", items, PARTS, 0, chosen, ask);
}
