/*
 * What weakens protection here: the findings of "doctor", the weak ones first to be seen by
 * their mark; Enter tells all of one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ui/doctor.h"
#include "ui/tui/lines.h"
#include "ui/tui/view.h"

#define LABEL_WIDTH 18

struct view_doctor {
	struct view view;
	struct findings found;
	struct lines lines;
};

static enum style
style_of(enum standing s)
{
	return s == STANDING_WEAK ? STYLE_WARN : s == STANDING_OK ? STYLE_GOOD : STYLE_TEXT;
}

static void
add_finding(struct lines *l, const struct finding *f, int at)
{
	static const char *const marks[] = {"ok", "WEAK", ""};

	lines_add(l, style_of(f->standing), at, "%-5s %-*s %s", marks[f->standing],
	    LABEL_WIDTH, f->label, f->seen);
	if (f->mend[0])
		lines_add(l, STYLE_DIM, at, "%-5s %-*s %s", "", LABEL_WIDTH, "", f->mend);
}

static void
look(struct view_doctor *w)
{
	size_t i;

	w->found.n = 0;
	doctor_look(&w->found, app_opts(w->view.app)->path);
	lines_clear(&w->lines);
	for (i = 0; i < w->found.n; i++)
		add_finding(&w->lines, &w->found.all[i], (int)i);
}

static void
doctor_draw(struct view *v)
{
	struct view_doctor *w = (struct view_doctor *)v;

	pane_put(v->pane, 0, 1, 0, STYLE_STRONG, "Protection here");
	lines_draw(&w->lines, v->pane, 1);
}

static void
tell(struct app *a, const struct finding *f)
{
	char words[sizeof f->seen + sizeof f->mend + 8];

	snprintf(words, sizeof words, "%s%s%s", f->seen, f->mend[0] ? ". " : "", f->mend);
	view_tell_open(a, f->label, words);
}

static bool
doctor_key(struct view *v, enum act act, const struct term_event *e)
{
	struct view_doctor *w = (struct view_doctor *)v;

	if (act == ACT_BACK)
		app_pop(v->app, v);
	else if (act == ACT_DOCTOR)
		look(w);
	else if (act == ACT_OPEN && lines_tag(&w->lines) != LINE_NONE)
		tell(v->app, &w->found.all[lines_tag(&w->lines)]);
	else
		return lines_key(&w->lines, act, e, (size_t)pane_rows(v->pane));
	return true;
}

static void
doctor_status(struct view *v, char *out, size_t cap)
{
	const size_t weak = doctor_weak(&((struct view_doctor *)v)->found);

	if (weak == 0)
		snprintf(out, cap, "nothing is weaker here than it could be");
	else
		snprintf(out, cap, "%zu weak: Enter tells how to mend it", weak);
}

static void
doctor_close(struct view *v)
{
	lines_clear(&((struct view_doctor *)v)->lines);
	free(v);
}

static const struct binding doctor_keys[] = {
    MOVE_KEYS("line after", "line before", "first line", "last line"),
    {K_ENTER, ACT_OPEN, NULL, "all of a finding"},
    {'!', ACT_DOCTOR, NULL, "look again"}, {'q', ACT_BACK, NULL, "back"},
    {K_ESC, ACT_BACK, NULL, NULL}, {0, ACT_NONE, NULL, NULL}};

static const struct view_ops doctor_view_ops = {.title = "Doctor",
    .keys = doctor_keys,
    .draw = doctor_draw,
    .key = doctor_key,
    .status = doctor_status,
    .close = doctor_close};

void
view_doctor_open(struct app *a)
{
	struct view_doctor *w = calloc(1, sizeof *w);

	if (!w)
		return;
	w->view.ops = &doctor_view_ops;
	if (app_push(a, &w->view))
		look(w);
}
