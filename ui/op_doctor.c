/*
 * Say what weakens protection here. For people one pair after the other, the remedy below
 * what was seen; for programs rows.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/doctor.h"
#include "ui/op_util.h"

static const char *
standing_name(enum standing s)
{
	static const char *const names[] = {"ok", "weak", "told"};

	return names[s];
}

struct finding *
finding_add(struct findings *all, const char *name, const char *label)
{
	struct finding *f = &all->all[all->n < FINDINGS_MAX - 1 ? all->n++ : all->n];

	memset(f, 0, sizeof(*f));
	f->name = name;
	f->label = label;
	return f;
}

void
finding_seen(struct finding *f, enum standing s, const char *fmt, ...)
{
	va_list ap;

	f->standing = s;
	va_start(ap, fmt);
	vsnprintf(f->seen, sizeof(f->seen), fmt, ap);
	va_end(ap);
}

void
finding_mend(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->mend, sizeof(f->mend), fmt, ap);
	va_end(ap);
}

void
doctor_look(struct findings *all, const char *path)
{
	doctor_machine(all);
	doctor_place(all);
	if (path != NULL)
		doctor_vault(all, path);
}

size_t
doctor_weak(const struct findings *all)
{
	size_t weak = 0, i;

	for (i = 0; i < all->n; i++)
		weak += all->all[i].standing == STANDING_WEAK;
	return weak;
}

static enum rc
show_rows(struct op_call *c, const struct findings *all)
{
	static const char *const names[] = {"check", "state", "seen", "mend"};
	const struct face_ops *ops = c->face->ops;
	struct sink_value row[4];
	enum rc rc = ops->rows_begin(c->face, NULL, names, names, 4);
	size_t i;

	for (i = 0; i < all->n && rc == RC_OK; i++) {
		row[0] = op_value_text(all->all[i].name);
		row[1] = op_value_text(standing_name(all->all[i].standing));
		row[2] = op_value_text(all->all[i].seen);
		row[3] =
		    op_value_text(all->all[i].mend[0] != '\0' ? all->all[i].mend : NULL);
		rc = ops->rows_row(c->face, row);
	}
	return rc == RC_OK ? ops->rows_end(c->face) : rc;
}

/* What is only told needs no word before it. */
static enum rc
show_pairs(struct op_call *c, const struct findings *all)
{
	static const char *const marks[] = {"ok    ", "WEAK  ", "      "};
	struct op_object o = {0};
	const struct finding *f;
	size_t i;

	for (i = 0; i < all->n; i++) {
		f = &all->all[i];
		op_object_fmt(&o, f->name, f->label, false, "%s%s%s%s",
		    marks[f->standing], f->seen, f->mend[0] != '\0' ? "\n      " : "",
		    f->mend);
	}
	return op_object_emit(&o, c, "Protection here");
}

static enum rc
verdict(struct op_call *c, const struct findings *all)
{
	const size_t weak = doctor_weak(all);

	if (weak == 0)
		return RC_OK;
	return err_set(&c->err, RC_WEAK,
	    weak == 1 ? "one protection is weaker here than it could be; its line says "
			"how to mend it"
		      : "%zu protections are weaker here than they could be; their lines "
			"say how to "
			"mend them",
	    weak);
}

static enum rc
run_doctor(struct op_call *c)
{
	struct findings *all = calloc(1, sizeof(*all));
	enum rc rc;

	if (all == NULL)
		return RC_NOMEM;
	doctor_look(all, c->arg_n > 0 ? c->args[0] : NULL);
	rc = c->face->json ? show_rows(c, all) : show_pairs(c, all);
	if (rc == RC_OK)
		rc = verdict(c, all);
	free(all);
	return rc;
}

const struct op op_doctor = {
    .name = "doctor",
    .args = "[VAULT]",
    .args_max = 1,
    .summary = "say what weakens protection on this machine and how to mend it",
    .details = "Looks at swap, core files, locked memory, tracing, the sandbox, the "
	       "processor, the "
	       "terminal and the folders that strongroom writes to; with VAULT also at "
	       "who else can "
	       "reach the file. No secret is asked for, nothing is unlocked and nothing "
	       "is changed. "
	       "The exit status is 0 when every line is ok, and 14 when one is weak.",
    .examples = "strongroom doctor\n"
		"strongroom doctor customers.vault --json\n",
    .flags = OP_ROWS | OP_CLI | OP_READS,
    .run = run_doctor,
};
