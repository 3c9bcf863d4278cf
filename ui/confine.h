#ifndef UI_CONFINE_H
#define UI_CONFINE_H

/*
 * Give up what the process will not need: files by Landlock, the network and other
 * programs by seccomp. What is given up does not come back, for threads made later
 * neither.
 */

#include <stdbool.h>

enum confine_right {
	CONFINE_READ,  /* a file, or all below a folder */
	CONFINE_WRITE, /* also to make, change, name and remove files */
	CONFINE_MAKE   /* a file that may not be there yet: writing in its folder */
};

#define CONFINE_PATHS_MAX 96

struct confine {
	bool reads;    /* reading is confined as well, not only writing */
	bool programs; /* other programs may still be run */
	struct {
		const char *path; /* must live until confine_enter */
		enum confine_right right;
	} paths[CONFINE_PATHS_MAX];
	int n;
};

/**
 * confine_allow(c, path, right): what is not there is left out; NULL, "" and "-" are harmless.
 */
void confine_allow(struct confine *c, const char *path, enum confine_right right);

/**
 * confine_enter(c): as far as the kernel can. While the process has one thread.
 */
void confine_enter(const struct confine *c);

struct confine_state { /* of this process */
	int landlock;  /* the version of it that is in force; 0: none; -1: the kernel has
			  none */
	bool seccomp;
};
struct confine_state confine_state(void);

#endif
