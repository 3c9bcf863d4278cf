#ifndef UI_DOCTOR_H
#define UI_DOCTOR_H

/*
 * What weakens the protection of vaults on this machine, in this session. Each look gives
 * one finding: how it stands, what was seen, and for a weakness how to mend it. Nothing
 * is opened with a secret and nothing is changed.
 */

#include <stdbool.h>
#include <stddef.h>

enum standing {
	STANDING_OK,
	STANDING_WEAK,
	STANDING_TOLD /* good or bad by itself it is not: a version, a size */
};

struct finding {
	const char *name, *label; /* "swap", "Swap" */
	enum standing standing;
	char seen[512];
	char mend[512]; /* "" when there is nothing to mend */
};

#define FINDINGS_MAX 24

struct findings {
	size_t n;
	struct finding all[FINDINGS_MAX];
};

/**
 * finding_add(all, name, label): the next one, ok and without words so far.
 * finding_seen(f, standing, fmt, ...): what was seen; finding_mend(f, fmt, ...): the
 * remedy.
 */
struct finding *finding_add(struct findings *all, const char *name, const char *label);
void finding_seen(struct finding *f, enum standing s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void finding_mend(struct finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * doctor_machine(all): swap, core files, locked memory, tracing, processor, kernel.
 * doctor_place(all): terminal, libraries, folder of state, umask.
 * doctor_vault(all, path): who else can reach the file and its folder.
 * doctor_look(all, path): all of it; ${path} NULL: without a vault.
 * doctor_weak(all): how many are weak.
 */
void doctor_machine(struct findings *all);
void doctor_place(struct findings *all);
void doctor_vault(struct findings *all, const char *path);
void doctor_look(struct findings *all, const char *path);
size_t doctor_weak(const struct findings *all);

#endif
