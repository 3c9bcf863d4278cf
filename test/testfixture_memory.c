/*
 * Look for secrets in the memory of another process, in each form that they may have
 * there: bytes, wide characters, and the cells of a screen. For root alone,
 * when the process is hardened.
 */
#include "test/testfixture.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDE	 sizeof(uint32_t)
#define CELL_MAX 64 /* bytes from one character of a screen to the next, whatever its library */

struct region {
	const uint8_t *bytes;
	size_t len;
};

static int
count_bytes(const struct region *r, const uint8_t *needle, size_t n)
{
	const uint8_t *at = r->bytes, *end = r->bytes + r->len;
	int found = 0;

	while ((at = memmem(at, (size_t)(end - at), needle, n))) {
		found++;
		at += n;
	}
	return found;
}

/* Whether ${needle} stands at ${at}, each character a wide one, ${stride} bytes from the last. */
static bool
is_wide(const struct region *r, size_t at, const uint8_t *needle, size_t n, size_t stride)
{
	uint32_t c;
	size_t i;

	if (at + (n - 1) * stride + sizeof(c) > r->len)
		return false;
	for (i = 0; i < n; i++) {
		memcpy(&c, r->bytes + at + i * stride, sizeof(c));
		if (c != needle[i])
			return false;
	}
	return true;
}

/* With each distance from ${least} to ${most} bytes. */
static int
count_wide(
    const struct region *r, const uint8_t *needle, size_t n, size_t least, size_t most)
{
	size_t at, stride;
	uint32_t c;
	int found = 0;

	for (at = 0; at + sizeof(c) <= r->len; at += sizeof(c)) {
		memcpy(&c, r->bytes + at, sizeof(c));
		for (stride = least; c == needle[0] && stride <= most; stride += sizeof(c))
			found += is_wide(r, at, needle, n, stride);
	}
	return found;
}

/* Whole, or nothing: what can't be read at all (a guard page) holds nothing. */
static bool
read_region(int fd, uint64_t from, size_t len, uint8_t *out)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, out + done, len - done, (off_t)(from + done));
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static void
add_hit(Tcl_Obj *found, const char *name, const char *form, int count, const char *where)
{
	if (count > 0)
		Tcl_ListObjAppendElement(
		    NULL, found, Tcl_ObjPrintf("%s %s %d %s", name, form, count, where));
}

static int
look(Tcl_Interp *interp, const struct region *r, const char *where, Tcl_Obj *needles,
    Tcl_Obj *found)
{
	Tcl_Obj **words;
	const uint8_t *needle;
	const char *name;
	int n, len, i;
	size_t all;

	if (Tcl_ListObjGetElements(interp, needles, &n, &words) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i + 1 < n; i += 2) {
		name = Tcl_GetString(words[i]);
		needle = Tcl_GetByteArrayFromObj(words[i + 1], &len);
		if (len < 4)
			return TCL_ERROR;
		all = (size_t)len;
		add_hit(found, name, "bytes", count_bytes(r, needle, all), where);
		add_hit(found, name, "wide", count_wide(r, needle, all, WIDE, WIDE), where);
		add_hit(found, name, "cells", count_wide(r, needle, all, 2 * WIDE, CELL_MAX),
		    where);
	}
	return TCL_OK;
}

static int
look_at_line(
    Tcl_Interp *interp, int mem, const char *line, Tcl_Obj *needles, Tcl_Obj *found)
{
	const char *where = strpbrk(line, "[/");
	char *rest;
	uint64_t from = strtoull(line, &rest, 16);
	uint8_t *bytes;
	struct region r;
	int code = TCL_OK;

	if (*rest != '-')
		return TCL_OK;
	r.len = (size_t)(strtoull(rest + 1, &rest, 16) - from);
	if (strncmp(rest, " rw", 3) != 0)
		return TCL_OK;
	r.bytes = bytes = malloc(r.len);
	if (bytes && read_region(mem, from, r.len, bytes))
		code = look(interp, &r, where ? where : "anonymous", needles, found);
	free(bytes);
	return code;
}

/* memory_find PID {NAME BYTES ...}: a list of "NAME FORM COUNT MAPPING" */
static int
find_cmd(ClientData cd, Tcl_Interp *interp, int objc, Tcl_Obj *const objv[])
{
	Tcl_Obj *found = Tcl_NewListObj(0, NULL);
	char path[64], line[1024];
	int pid, mem, code = TCL_OK;
	FILE *maps;

	(void)cd;
	if (objc != 3 || Tcl_GetIntFromObj(interp, objv[1], &pid) != TCL_OK)
		return TCL_ERROR;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (mem < 0 || !maps) {
		Tcl_SetResult(interp, "the memory can't be read", TCL_STATIC);
		code = TCL_ERROR;
	}
	while (code == TCL_OK && fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		code = look_at_line(interp, mem, line, objv[2], found);
	}
	if (maps)
		fclose(maps);
	if (mem >= 0)
		close(mem);
	if (code == TCL_OK)
		Tcl_SetObjResult(interp, found);
	return code;
}

int
memory_Init(Tcl_Interp *interp)
{
	Tcl_CreateObjCommand(interp, "memory_find", find_cmd, NULL, NULL);
	return TCL_OK;
}
