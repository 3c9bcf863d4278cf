/*
 * Tcl commands over the fault VFS and the failing allocators.
 *
 *   fault_register ?NAME? ?BASE? ?-default?   the VFS `fault` over `unix`
 *   fault_arm OPS N ?-persistent? ?-short? ?-lost? ?-code N? ?-file GLOB?
 *   fault_disarm                          {fired N calls N}
 *   fault_places                          where it fired: list of OPERATION:FILE
 *   fault_track BOOL                      keep what a power cut may undo
 *   fault_cut_at N SEED ?-garbage?        cut in the Nth change
 *   fault_cut SEED ?-garbage?             cut now
 *   fault_power                           on or off; fault_power on: switch on again
 *   fault_canary ?BYTES ...?              look for these in all writes from now; none: end
 *   fault_canary_hits                     list of {path offset bytes}
 *   fault_trace BOOL                      write down each operation
 *   fault_trace_get                       list of {op path offset length}, and begin anew
 *   fault_mem KINDS N ?-persistent?       KINDS: list of sqlite, openssl, own
 *   fault_mem_disarm                      {fired N calls N benign BOOL source FILE}
 */
#include <stdlib.h>
#include <string.h>

#include "test/faultmem.h"
#include "test/faultvfs.h"
#include "test/testfixture.h"

#define CANARY_MAX 8
#define CANARY_LEN 256

struct tail { /* the end of the last write to a file: a canary may span two writes */
	struct tail *next;
	char *path;
	sqlite3_int64 end;
	size_t len;
	unsigned char bytes[CANARY_LEN];
};

static struct {
	size_t count, longest;
	size_t len[CANARY_MAX];
	unsigned char bytes[CANARY_MAX][CANARY_LEN];
	struct tail *tails;
	Tcl_Obj *hits;
} canary;

static Tcl_Obj *traced;

static int
complain(Tcl_Interp *interp, const char *what)
{
	Tcl_SetObjResult(interp, Tcl_NewStringObj(what, -1));
	return TCL_ERROR;
}

static int
answer(Tcl_Interp *interp, int rc, const char *what)
{
	if (rc == SQLITE_OK)
		return TCL_OK;
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s: %s", what, sqlite3_errstr(rc)));
	return TCL_ERROR;
}

static int
give_counts(Tcl_Interp *interp, uint64_t fired, uint64_t calls)
{
	Tcl_SetObjResult(
	    interp, Tcl_ObjPrintf("fired %ld calls %ld", (long)fired, (long)calls));
	return TCL_OK;
}

static int
get_number(Tcl_Interp *interp, Tcl_Obj *from, uint64_t *to)
{
	Tcl_WideInt n;

	if (Tcl_GetWideIntFromObj(interp, from, &n) != TCL_OK)
		return TCL_ERROR;
	*to = (uint64_t)n;
	return TCL_OK;
}

static int
register_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)d;
	return answer(interp,
	    fault_register(argc > 1 ? Tcl_GetString(argv[1]) : "fault",
		argc > 2 ? Tcl_GetString(argv[2]) : NULL, argc > 3),
	    "fault_register");
}

static int
get_ops(Tcl_Interp *interp, Tcl_Obj *list, unsigned *ops)
{
	Tcl_Obj **words;
	int count, i, op;

	if (Tcl_ListObjGetElements(interp, list, &count, &words) != TCL_OK)
		return TCL_ERROR;
	for (*ops = 0, i = 0; i < count; i++) {
		if (strcmp(Tcl_GetString(words[i]), "all") == 0) {
			*ops = (1u << FAULT_OP_COUNT) - 1;
			continue;
		}
		for (op = 0; op < FAULT_OP_COUNT; op++)
			if (strcmp(fault_op_name[op], Tcl_GetString(words[i])) == 0)
				break;
		if (op == FAULT_OP_COUNT)
			return complain(interp, "no such operation");
		*ops |= 1u << op;
	}
	return TCL_OK;
}

static int
arm_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct fault_plan plan = {0};
	const char *word;
	int i;

	(void)d;
	if (argc < 3)
		return complain(interp, "fault_arm OPS N ?options?");
	if (get_ops(interp, argv[1], &plan.ops) != TCL_OK ||
	    get_number(interp, argv[2], &plan.nth) != TCL_OK)
		return TCL_ERROR;
	for (i = 3; i < argc; i++) {
		word = Tcl_GetString(argv[i]);
		if (strcmp(word, "-persistent") == 0)
			plan.persistent = true;
		else if (strcmp(word, "-short") == 0)
			plan.short_write = true;
		else if (strcmp(word, "-lost") == 0)
			plan.lost = true;
		else if (strcmp(word, "-file") == 0 && i + 1 < argc)
			plan.glob = Tcl_GetString(argv[++i]);
		else if (strcmp(word, "-code") != 0 || i + 1 >= argc ||
			 Tcl_GetIntFromObj(interp, argv[++i], &plan.code) != TCL_OK)
			return complain(interp, "fault_arm: unknown option");
	}
	fault_arm(&plan);
	return TCL_OK;
}

static int
disarm_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	uint64_t calls, fired = fault_disarm(&calls);

	(void)d;
	(void)argc;
	(void)argv;
	return give_counts(interp, fired, calls);
}

static int
places_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj *places = Tcl_NewListObj(0, NULL);
	int op, file;

	(void)d;
	(void)argc;
	(void)argv;
	for (op = 0; op < FAULT_OP_COUNT; op++)
		for (file = 0; file < FAULT_FILE_COUNT; file++)
			if (fault_fired_at((enum fault_op)op, (enum fault_file)file))
				Tcl_ListObjAppendElement(interp, places,
				    Tcl_ObjPrintf("%s:%s", fault_op_name[op],
					fault_file_name[file]));
	Tcl_SetObjResult(interp, places);
	return TCL_OK;
}

static int
track_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int on;

	(void)d;
	if (argc != 2 || Tcl_GetBooleanFromObj(interp, argv[1], &on) != TCL_OK)
		return complain(interp, "fault_track BOOL");
	fault_track(on);
	return TCL_OK;
}

static int
cut_at_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	uint64_t nth, seed;

	(void)d;
	if (argc < 3)
		return complain(interp, "fault_cut_at N SEED ?-garbage?");
	if (get_number(interp, argv[1], &nth) != TCL_OK ||
	    get_number(interp, argv[2], &seed) != TCL_OK)
		return TCL_ERROR;
	fault_cut_at(nth, seed, argc > 3);
	return TCL_OK;
}

static int
cut_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	uint64_t seed;

	(void)d;
	if (argc < 2)
		return complain(interp, "fault_cut SEED ?-garbage?");
	if (get_number(interp, argv[1], &seed) != TCL_OK)
		return TCL_ERROR;
	return answer(interp, fault_cut(seed, argc > 2), "fault_cut");
}

static int
power_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)d;
	(void)argv;
	if (argc > 1)
		fault_power_on();
	Tcl_SetObjResult(
	    interp, Tcl_NewStringObj(fault_power_is_off() ? "off" : "on", -1));
	return TCL_OK;
}

static struct tail *
tail_find(const char *path)
{
	struct tail *t;

	for (t = canary.tails; t; t = t->next)
		if (strcmp(t->path, path) == 0)
			return t;
	t = (struct tail *)Tcl_Alloc(sizeof *t);
	memset(t, 0, sizeof *t);
	t->path = Tcl_Alloc((unsigned)strlen(path) + 1);
	memcpy(t->path, path, strlen(path) + 1);
	t->next = canary.tails;
	canary.tails = t;
	return t;
}

static void
canary_search(const char *path, const unsigned char *bytes, size_t n,
    sqlite3_int64 offset, size_t old)
{
	const unsigned char *at;
	Tcl_Obj *hit[3];
	size_t i;

	for (i = 0; i < canary.count; i++) {
		/* What lies within the old tail has been found before. */
		at = memmem(bytes, n, canary.bytes[i], canary.len[i]);
		if (!at || (size_t)(at - bytes) + canary.len[i] <= old)
			continue;
		hit[0] = Tcl_NewStringObj(path, -1);
		hit[1] = Tcl_NewWideIntObj(offset + (at - bytes));
		hit[2] = Tcl_NewByteArrayObj(canary.bytes[i], (int)canary.len[i]);
		Tcl_ListObjAppendElement(NULL, canary.hits, Tcl_NewListObj(3, hit));
	}
}

static void
canary_watch(void *arg, const char *path, const void *bytes, int n, sqlite3_int64 offset)
{
	struct tail *t = tail_find(path);
	size_t old = t->end == offset ? t->len : 0, all = old + (size_t)n, keep;
	unsigned char *joined = (unsigned char *)Tcl_Alloc((unsigned)all + 1);

	(void)arg;
	memcpy(joined, t->bytes, old);
	memcpy(joined + old, bytes, (size_t)n);
	canary_search(path, joined, all, offset - (sqlite3_int64)old, old);
	keep = all < canary.longest - 1 ? all : canary.longest - 1;
	memcpy(t->bytes, joined + all - keep, keep);
	t->len = keep;
	t->end = offset + n;
	Tcl_Free((char *)joined);
}

static void
canary_reset(void)
{
	struct tail *t;

	fault_watch(NULL, NULL);
	while ((t = canary.tails)) {
		canary.tails = t->next;
		Tcl_Free(t->path);
		Tcl_Free((char *)t);
	}
	if (canary.hits)
		Tcl_DecrRefCount(canary.hits);
	canary.hits = Tcl_NewListObj(0, NULL);
	Tcl_IncrRefCount(canary.hits);
	canary.count = canary.longest = 0;
}

static int
canary_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	unsigned char *bytes;
	int i, len;

	(void)d;
	canary_reset();
	if (argc - 1 > CANARY_MAX)
		return complain(interp, "too many canaries");
	for (i = 1; i < argc; i++) {
		bytes = Tcl_GetByteArrayFromObj(argv[i], &len);
		if (len < 4 || len > CANARY_LEN)
			return complain(interp, "a canary has 4 to 256 bytes");
		memcpy(canary.bytes[i - 1], bytes, (size_t)len);
		canary.len[i - 1] = (size_t)len;
		if ((size_t)len > canary.longest)
			canary.longest = (size_t)len;
		canary.count++;
	}
	if (canary.count)
		fault_watch(canary_watch, NULL);
	return TCL_OK;
}

static int
canary_hits_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)d;
	(void)argc;
	(void)argv;
	if (canary.hits)
		Tcl_SetObjResult(interp, Tcl_DuplicateObj(canary.hits));
	return TCL_OK;
}

static void
trace_note(void *arg, enum fault_op op, const char *path, sqlite3_int64 offset, int n)
{
	Tcl_Obj *entry[4];

	(void)arg;
	entry[0] = Tcl_NewStringObj(fault_op_name[op], -1);
	entry[1] = Tcl_NewStringObj(path, -1);
	entry[2] = Tcl_NewWideIntObj(offset);
	entry[3] = Tcl_NewIntObj(n);
	Tcl_ListObjAppendElement(NULL, traced, Tcl_NewListObj(4, entry));
}

static void
trace_reset(void)
{
	if (traced)
		Tcl_DecrRefCount(traced);
	traced = Tcl_NewListObj(0, NULL);
	Tcl_IncrRefCount(traced);
}

static int
trace_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	int on;

	(void)d;
	if (argc != 2 || Tcl_GetBooleanFromObj(interp, argv[1], &on) != TCL_OK)
		return complain(interp, "fault_trace BOOL");
	fault_trace(NULL, NULL);
	trace_reset();
	if (on)
		fault_trace(trace_note, NULL);
	return TCL_OK;
}

static int
trace_get_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	(void)d;
	(void)argc;
	(void)argv;
	if (traced)
		Tcl_SetObjResult(interp, Tcl_DuplicateObj(traced));
	trace_reset();
	return TCL_OK;
}

static int
mem_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	static const char *const names[] = {"sqlite", "openssl", "own", NULL};
	unsigned kinds = 0;
	Tcl_Obj **words;
	int count, i, kind;
	uint64_t nth;

	(void)d;
	if (argc < 3)
		return complain(interp, "fault_mem KINDS N ?-persistent?");
	if (Tcl_ListObjGetElements(interp, argv[1], &count, &words) != TCL_OK ||
	    get_number(interp, argv[2], &nth) != TCL_OK)
		return TCL_ERROR;
	for (i = 0; i < count; i++) {
		if (Tcl_GetIndexFromObj(interp, words[i], names, "allocator", 0, &kind))
			return TCL_ERROR;
		kinds |= 1u << kind;
	}
	fault_mem_arm(kinds, nth, argc > 3);
	return TCL_OK;
}

static int
mem_disarm_cmd(ClientData d, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	uint64_t calls, fired = fault_mem_disarm(&calls);

	(void)d;
	(void)argc;
	(void)argv;
	give_counts(interp, fired, calls);
	Tcl_AppendPrintfToObj(Tcl_GetObjResult(interp), " benign %d source {%s}",
	    fault_mem_benign(), fault_mem_source());
	return TCL_OK;
}

int
fault_Init(Tcl_Interp *interp)
{
	static const struct fixture_command commands[] = {
		{ "fault_register", register_cmd, NULL },
		{ "fault_arm", arm_cmd, NULL },
		{ "fault_disarm", disarm_cmd, NULL },
		{ "fault_places", places_cmd, NULL },
		{ "fault_track", track_cmd, NULL },
		{ "fault_cut_at", cut_at_cmd, NULL },
		{ "fault_cut", cut_cmd, NULL },
		{ "fault_power", power_cmd, NULL },
		{ "fault_canary", canary_cmd, NULL },
		{ "fault_canary_hits", canary_hits_cmd, NULL },
		{ "fault_trace", trace_cmd, NULL },
		{ "fault_trace_get", trace_get_cmd, NULL },
		{ "fault_mem", mem_cmd, NULL },
		{ "fault_mem_disarm", mem_disarm_cmd, NULL },
	};

	fixture_commands(interp, commands, sizeof commands / sizeof *commands);
	return answer(interp, fault_mem_install(), "fault_mem_install");
}
