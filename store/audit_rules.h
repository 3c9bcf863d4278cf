#ifndef STORE_AUDIT_RULES_H
#define STORE_AUDIT_RULES_H

/*
 * What stands out in an audit. Pure: entries in, findings and days out; the clock is that
 * of the entries.
 */

#include "store/audit.h"

enum audit_rule {
	RULE_FAILURES,  /* 5 failed unlocks within 10 minutes */
	RULE_REVEALS,   /* more than 20 values revealed or copied within 5 minutes */
	RULE_DAY,       /* a day's reveals and copies over mean + 3 sigma of the 30 days before */
	RULE_EXPORT,    /* 100 records or more exported at once */
	RULE_SLOT,      /* a slot opened the vault for the first time */
	RULE_RECOVERY,  /* a recovery code opened it */
	RULE_CLOCK,     /* the clock moved back */
	RULE_OLDER,     /* a copy older than the last one seen was accepted */
	RULE_GAP,       /* entries are missing, or the marks do not fit */
	RULE_TAMPER,    /* a verification found tampering */
	RULE_CLASS      /* a field's values are less protected than they were */
};

#define AUDIT_NAME_LEN 65 /* of a user, as it is told: cut, and always UTF-8 */

struct audit_finding {
	enum audit_rule rule;
	int64_t seq;       /* of the entry that set it off */
	int64_t at, until; /* UTC microseconds: from its first entry to its last */
	int64_t count;     /* failures, values, records, entries; of the clock seconds */
	double mean;       /* RULE_DAY: a day, before */
	int slot;
	char actor[AUDIT_NAME_LEN];
	char what[160]; /* RULE_GAP of a mark: its sentence; RULE_CLASS: the field and its classes */
};

struct audit_day {
	int64_t at; /* its midnight, local time, UTC microseconds */
	int64_t reveals, exports; /* values revealed or copied one by one; records exported */
	bool reveals_high, exports_high; /* over mean + 3 sigma of the 30 days before */
};

struct audit_rules;

/**
 * audit_rules_new(): NULL: no memory. audit_rules_free(r): NULL is harmless.
 * audit_rules_feed(r, e): the next entry, oldest first. RC_OK; RC_NOMEM.
 * audit_rules_end(r): no more come: what is still open is judged. RC_OK; RC_NOMEM.
 */
struct audit_rules *audit_rules_new(void);
void audit_rules_free(struct audit_rules *r);
enum rc audit_rules_feed(struct audit_rules *r, const struct audit_entry *e);
enum rc audit_rules_end(struct audit_rules *r);

/**
 * audit_rules_findings(r, n): in the order of their time. audit_rules_days(r, n): from the first
 * entry's day to the last one's, without a gap. ${r}'s.
 */
const struct audit_finding *audit_rules_findings(const struct audit_rules *r, size_t *n);
const struct audit_day *audit_rules_days(const struct audit_rules *r, size_t *n);

/**
 * audit_rule_name(rule): "reveals": for data. audit_finding_words(f, out, cap): a sentence
 * without its time.
 */
const char *audit_rule_name(enum audit_rule rule);
void audit_finding_words(const struct audit_finding *f, char *out, size_t cap);

#endif
