#ifndef STORE_CONVERT_H
#define STORE_CONVERT_H

/*
 * Changes of the catalogue that change values: another class or type for a field, and no
 * field any more. All take a full slot, and are audited.
 */

#include "store/field.h"

struct convert_wish {
	enum field_type type;
	enum field_class cls;
	bool searchable; /* of an open field: words of it are found by a search */
	const char *reason; /* for the audit; NULL: none */
};

struct convert_report {
	bool resumed;   /* it had begun before this call */
	uint64_t values;  /* converted by this call */
	uint64_t invalid; /* of these kept as they stood: they do not parse as the new type */
};

/**
 * field_convert(v, index, wish, progress, out):
 * Give field ${index} another type, class or both. Values are converted in steps while others
 * read and write; until the last one the field is what it was. Stopped by ${progress}, a kill
 * or a power cut, the same call goes on. A value that does not parse as the new type is kept
 * and marked. The history follows; of a field that becomes sealed nothing in the clear is left
 * in the vault. The wish that the field stay as it is takes back a change that was begun (it is
 * resumed, no values). RC_OK; RC_CANCELLED (the sentence says where it stands); RC_DENIED; RC_INPUT
 * (it is so already; the last field that is searched; a saved view or template would keep
 * a value of it; the reason is too long); RC_TAMPER (a sealed value does not
 * verify); RC_READONLY; RC_BUSY; RC_FULL; RC_LIMIT.
 */
enum rc field_convert(struct vault *v, int index, const struct convert_wish *wish,
    const struct progress *progress, struct convert_report *out);

/**
 * field_pending(v, index, wish, done, all): what field ${index} is being converted to, and how
 * many of ${all} record numbers have been gone through. RC_OK; RC_NOTFOUND (it is not).
 */
enum rc field_pending(
    struct vault *v, int index, struct convert_wish *wish, uint64_t *done, uint64_t *all);

/**
 * field_drop(v, index): the field, its values and what history keeps of them are gone. RC_OK;
 * RC_DENIED; RC_INPUT (the last field that is searched; a saved view or template asks for its
 * values); RC_READONLY; RC_BUSY.
 */
enum rc field_drop(struct vault *v, int index);

#endif
