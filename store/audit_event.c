/* The names of the audit's events, and the hand-written forms of them that are understood. */
#include "store/audit.h"

#include <ctype.h>

static const char *const names[] = {
	[AUDIT_CREATED] = "created",
	[AUDIT_UNLOCKED] = "unlocked",
	[AUDIT_UNLOCK_FAILED] = "unlock failed",
	[AUDIT_LOCKED] = "locked",
	[AUDIT_ADDED] = "added",
	[AUDIT_CHANGED] = "changed",
	[AUDIT_TRASHED] = "trashed",
	[AUDIT_RESTORED] = "restored",
	[AUDIT_ERASED] = "erased",
	[AUDIT_REVEALED] = "revealed",
	[AUDIT_COPIED] = "copied",
	[AUDIT_SEARCHED_SEALED] = "searched sealed",
	[AUDIT_IMPORTED] = "imported",
	[AUDIT_EXPORTED] = "exported",
	[AUDIT_SLOT_ADDED] = "slot added",
	[AUDIT_SLOT_CHANGED] = "slot changed",
	[AUDIT_SLOT_REMOVED] = "slot removed",
	[AUDIT_SLOT_TESTED] = "slot tested",
	[AUDIT_ROTATED] = "rotated",
	[AUDIT_EPOCH_DESTROYED] = "epoch destroyed",
	[AUDIT_BACKED_UP] = "backed up",
	[AUDIT_RESTORED_BACKUP] = "backup restored",
	[AUDIT_VERIFIED] = "verified",
	[AUDIT_TAMPER] = "tamper found",
	[AUDIT_FIELD_ADDED] = "field added",
	[AUDIT_PURGED] = "purged",
	[AUDIT_UNDONE] = "undone",
	[AUDIT_REDONE] = "redone",
	[AUDIT_TAGGED] = "tagged",
	[AUDIT_UNTAGGED] = "untagged",
	[AUDIT_FIELD_DROPPED] = "field dropped",
	[AUDIT_FIELD_CHANGED] = "field changed",
	[AUDIT_OLDER_ACCEPTED] = "older copy accepted",
	[AUDIT_IMPORT_UNDONE] = "import undone",
	[AUDIT_MIGRATED] = "migrated",
	[AUDIT_SUBJECT_EXPORTED] = "subject exported",
	[AUDIT_KEEP_SET] = "retention set",
};

#define NAMES_END (sizeof names / sizeof *names)

const char *
audit_event_name(enum audit_event e)
{
	return e >= AUDIT_CREATED && e < NAMES_END ? names[e] : "unknown";
}

/* In any case, and a blank may be written as a hyphen or an underscore. */
static bool
same_name(const char *typed, const char *name)
{
	for (; *typed && *name; typed++, name++)
		if (tolower((unsigned char)*typed) != *name &&
		    !(*name == ' ' && (*typed == '-' || *typed == '_')))
			return false;
	return *typed == *name;
}

bool
audit_event_parse(const char *name, enum audit_event *out)
{
	size_t i;

	for (i = AUDIT_CREATED; i < NAMES_END; i++) {
		if (same_name(name, names[i])) {
			*out = (enum audit_event)i;
			return true;
		}
	}
	return false;
}
