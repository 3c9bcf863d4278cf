/*
 * What the machine does with the memory of a process: swap, core files, tracing, locking;
 * and what its kernel and its processor offer.
 *
 * 1. Only /proc, /sys and the process's own limits are read; what can't be read is told
 * as not known, never as good.
 */

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "keyring/secret.h"
#include "ui/confine.h"
#include "ui/doctor.h"

/* The first line of a file of the kernel's; false when there is none. */
static bool
first_line(const char *path, char *out, int len)
{
	FILE *f = fopen(path, "re");
	bool got = f != NULL && fgets(out, len, f) != NULL;

	if (f != NULL)
		fclose(f);
	if (got)
		out[strcspn(out, "\n")] = '\0';
	return got;
}

#define STACKED_MAX 4 /* of devices, one on the other */

/*
 * The folder of a block device in /sys: whether what is written to it is encrypted. The
 * device mapper says by its id what it is, CRYPT-LUKS2-..., and what it stands on.
 */
static bool
is_encrypted(const char *folder, int depth)
{
	char pattern[PATH_MAX], uuid[256];
	bool all;
	glob_t below;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/dm/uuid", folder);
	if (first_line(pattern, uuid, sizeof(uuid)) && strncmp(uuid, "CRYPT-", 6) == 0)
		return true;
	snprintf(pattern, sizeof(pattern), "%s/slaves/*", folder);
	if (depth == 0 || glob(pattern, 0, NULL, &below) != 0)
		return false;
	all = below.gl_pathc > 0;
	for (i = 0; i < below.gl_pathc; i++)
		all = all && is_encrypted(below.gl_pathv[i], depth - 1);
	globfree(&below);
	return all;
}

/* A partition, or a file on one. */
static bool
lies_encrypted(const char *swap)
{
	char folder[64];
	struct stat st;
	dev_t dev;

	if (stat(swap, &st) != 0)
		return false;
	dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	return is_encrypted(folder, STACKED_MAX);
}

/* zram is compressed memory: nothing of it reaches a disk unless it was given one. */
static bool
stays_in_memory(const char *device)
{
	char path[PATH_MAX], backing[256];
	const char *base = strrchr(device, '/');

	if (base == NULL || strncmp(base, "/zram", 5) != 0)
		return false;
	snprintf(path, sizeof(path), "/sys/class/block%s/backing_dev", base);
	return !first_line(path, backing, sizeof(backing)) ||
	       strcmp(backing, "none") == 0;
}

static void
look_at_swap(struct findings *all)
{
	struct finding *f = finding_add(all, "swap", "Swap");
	FILE *list = fopen("/proc/swaps", "re");
	char line[PATH_MAX], plain[PATH_MAX] = "";
	int n = 0;

	if (list == NULL) {
		finding_seen(f, STANDING_TOLD, "not known: /proc/swaps can't be read");
		return;
	}
	while (fgets(line, sizeof(line), list) != NULL) {
		line[strcspn(line, " \t\n")] = '\0';
		if (line[0] != '/')
			continue;
		n++;
		if (!lies_encrypted(line) && !stays_in_memory(line))
			memcpy(plain, line, sizeof(plain));
	}
	fclose(list);
	if (plain[0] != '\0') {
		finding_seen(
		    f, STANDING_WEAK, "%.200s is in use and not encrypted", plain);
		finding_mend(f, "Records on the screen may be written there: encrypt it "
				"(crypttab) or switch it off (swapoff).");
	} else {
		finding_seen(
		    f, STANDING_OK, n > 0 ? "in use, encrypted or in memory" : "none");
	}
}

static void
look_at_cores(struct findings *all)
{
	struct finding *f = finding_add(all, "core", "Core files");
	struct rlimit limit = {1, 1};
	char pattern[256] = "not known";

	first_line("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern));
	if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0) {
		finding_seen(
		    f, STANDING_OK, "off for this program (the machine's: %s)", pattern);
		return;
	}
	finding_seen(
	    f, STANDING_WEAK, "this program may leave one (the machine's: %s)", pattern);
	finding_mend(f, "Set the limit with \"ulimit -c 0\" before it is started.");
}

static void
look_at_locked(struct findings *all)
{
	struct finding *f = finding_add(all, "memlock", "Locked memory");
	struct rlimit limit = {0, 0};
	char most[32] = "without limit";

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur != RLIM_INFINITY)
		snprintf(most, sizeof(most), "limit %llu KiB",
		    (unsigned long long)limit.rlim_cur / 1024);
	if (secret_locked()) {
		finding_seen(
		    f, STANDING_OK, "keys and passphrases are never swapped (%s)", most);
		return;
	}
	finding_seen(
	    f, STANDING_WEAK, "the memory for keys could not be locked (%s)", most);
	finding_mend(f,
	    "Raise memlock to %d KiB in /etc/security/limits.conf, or "
	    "\"ulimit -l\", and log in again.",
	    2 * SECRET_HEAP_LEN / 1024);
}

static void
look_at_tracing(struct findings *all)
{
	struct finding *f = finding_add(all, "ptrace", "Tracing");
	char scope[16];

	if (!first_line("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope))) {
		finding_seen(f, STANDING_TOLD,
		    "refused by this program; the kernel has no Yama to refuse it to "
		    "all");
		return;
	}
	if (strtol(scope, NULL, 10) > 0) {
		finding_seen(
		    f, STANDING_OK, "refused by this program and by Yama (%s)", scope);
		return;
	}
	finding_seen(f, STANDING_WEAK,
	    "refused by this program, but any other of yours may be traced");
	finding_mend(f, "Your shell and your terminal see what you type: "
			"\"sysctl kernel.yama.ptrace_scope=1\".");
}

static void
look_at_landlock(struct findings *all)
{
	struct finding *f = finding_add(all, "landlock", "Files, by Landlock");
	int version = confine_state().landlock;

	if (version > 0) {
		finding_seen(f, STANDING_OK,
		    "a command reaches the files that it names alone (version %d)",
		    version);
	} else if (version < 0) {
		finding_seen(f, STANDING_WEAK,
		    "the kernel has none: a fault in strongroom can reach all your "
		    "files");
		finding_mend(f,
		    "Use a kernel of 5.13 or later with \"landlock\" in its lsm= "
		    "list.");
	} else {
		finding_seen(f, STANDING_WEAK,
		    "not in force: a fault in strongroom can reach all your files");
		finding_mend(f, "The kernel refuses it: look at what the system's "
				"administrator has forbidden.");
	}
}

static void
look_at_seccomp(struct findings *all)
{
	struct finding *f = finding_add(all, "seccomp", "Network, by seccomp");

	if (!confine_state().seccomp) {
		finding_seen(f, STANDING_WEAK, "not refused by the kernel");
		finding_mend(f, "Use a kernel that is built with CONFIG_SECCOMP_FILTER.");
	} else {
		finding_seen(f, STANDING_OK, "refused, and so is to run other programs");
	}
}

static void
look_at_processor(struct findings *all)
{
	struct finding *f = finding_add(all, "aes", "Processor");
	bool aes = false, known = false;
#if defined(__x86_64__) || defined(__i386__)
	unsigned a, b, c = 0, d;

	known = __get_cpuid(1, &a, &b, &c, &d) != 0;
	aes = (c & bit_AES) != 0 && (c & bit_PCLMUL) != 0;
#endif
	if (!known) {
		finding_seen(f, STANDING_TOLD, "not known whether it has AES");
	} else if (aes) {
		finding_seen(f, STANDING_OK, "has AES and carry-less multiplication");
	} else {
		finding_seen(f, STANDING_WEAK, "has no AES instructions");
		finding_mend(f,
		    "Vaults are slow here, and AES in software may tell by its "
		    "time what it works on: use another machine, or let the guest see "
		    "its "
		    "host's processor.");
	}
}

static void
look_at_kernel(struct findings *all)
{
	struct finding *f = finding_add(all, "kernel", "Kernel");
	struct utsname name;

	if (uname(&name) == 0)
		finding_seen(
		    f, STANDING_TOLD, "%.64s %.128s", name.sysname, name.release);
	else
		finding_seen(f, STANDING_TOLD, "not known");
}

void
doctor_machine(struct findings *all)
{
	look_at_swap(all);
	look_at_cores(all);
	look_at_locked(all);
	look_at_tracing(all);
	look_at_landlock(all);
	look_at_seccomp(all);
	look_at_processor(all);
	look_at_kernel(all);
}
