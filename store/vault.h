#ifndef STORE_VAULT_H
#define STORE_VAULT_H

/*
 * A vault: create, open, lock, transactions. A struct vault is one SQLite connection with
 * its field catalogue; it belongs to one thread at a time. A worker thread takes its own by
 * vault_clone, which shares the keyring; who opens it by another slot has his own. All SQL
 * of the project lives in store/.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/rc.h"
#include "keyring/secret.h"

struct vault;

enum vault_secret_kind { VAULT_PASSPHRASE, VAULT_KEYFILE, VAULT_BOTH, VAULT_RECOVERY };

struct vault_secret { /* what a user presents */
	enum vault_secret_kind kind;
	/* A passphrase as typed (normalised here), a key file's content, both as keys_combine
	 * (store/keys.h) puts them together, or a recovery code as typed. */
	const struct secret *bytes;
};

struct vault_strength { /* of a passphrase, to be shown while it is chosen */
	int score;           /* 0 very weak .. 4 strong */
	double log2_guesses; /* estimated */
	const char *words;   /* "weak: guessed in hours by one who holds the file" */
	bool changed;        /* its normal form (NFC) differs from what was typed */
};

/**
 * vault_strength(typed, out, err):
 * Check ${typed} as a passphrase and estimate its strength. Needs no vault. RC_OK; RC_INPUT
 * (empty, too long, not UTF-8, a control character); RC_NOMEM.
 */
enum rc vault_strength(
    const struct secret *typed, struct vault_strength *out, struct err *err);

/* A long call says how far it is, at most each 100 ms; true asks it to stop. */
struct progress {
	bool (*step)(void *arg, uint64_t done, uint64_t all); /* all = 0: not known */
	void *arg;
};

/**
 * vault_setup(err):
 * Once per process, first thing in main: secret memory and hardening, SQLite's allocator
 * (zeroes what it frees), the VFS with the store's key provider. RC_OK; RC_NOMEM.
 */
enum rc vault_setup(struct err *err);

struct vault_kdf { /* what unlocking costs, to be shown */
	uint32_t memory_kib, passes, lanes;
	uint32_t ms; /* measured at calibration; 0 when not calibrated now */
};

struct vault_create_opts {
	const char *path;
	struct vault_secret secret;
	const char *schema;   /* text as `schema show` prints it; NULL: the default customers */
	const char *label;    /* of slot 0; NULL: "first" */
	uint32_t page_size;   /* 0: 4096 */
};

/**
 * vault_create(opts, kdf, out, err):
 * Make a vault: built whole under a temporary name in the same folder (mode 0600), then
 * linked to its name; never over an existing file. ${kdf} (may be NULL): what was chosen.
 * RC_OK; RC_EXISTS; RC_INPUT (secret or schema); RC_NOTFOUND (no such folder); RC_READONLY;
 * RC_FULL; RC_IO. On failure no file is left behind.
 */
enum rc vault_create(const struct vault_create_opts *opts, struct vault_kdf *kdf,
    struct vault **out, struct err *err);

struct vault_peek { /* what is known without a secret */
	uint64_t size;      /* bytes */
	uint64_t created;   /* UTC microseconds */
	int format_major, format_minor;
	uint32_t page_size;
	bool copy_damaged;  /* one header copy is damaged; it is repaired at the next open */
	char id[37];        /* vault id as UUID text */
	uint64_t changed;   /* the header was written last; by leases, changes and clean closes */
	uint64_t failed;    /* attempts to unlock since the last unlock, as this user's state */
	uint64_t failed_at; /* folder has them: not authenticated; the last one's time */
	struct vault_slot {
		int number;
		bool takes_passphrase, takes_keyfile; /* both: only together */
		bool takes_recovery, browse;
		char label[65];
		struct vault_kdf kdf;
		uint64_t created;
	} slots[16];
	size_t slot_count;
};

/**
 * vault_peek(path, out, err):
 * RC_OK; RC_NOTFOUND; RC_INPUT (a directory or not a regular file); RC_IO; RC_FORMAT (also
 * an empty file); RC_DAMAGED; RC_VERSION; RC_LIMIT.
 */
enum rc vault_peek(const char *path, struct vault_peek *out, struct err *err);

/**
 * vault_open(path, secret, out, err):
 * Unlock (slow: the KDF runs here, callable on any thread) and open for reading and writing;
 * a file that may not be written is opened for reading only. Repairs a damaged header copy.
 * Records "unlocked" in the audit. RC_OK; the codes of vault_peek; RC_PASS; RC_TAMPER;
 * RC_NOMEM; RC_BUSY. Failed attempts are kept beside (state folder) for the next unlock.
 */
enum rc vault_open(const char *path, const struct vault_secret *secret,
    struct vault **out, struct err *err);

/**
 * vault_accept_older(path, err):
 * Forget what was seen last of the vault at ${path} on this machine: vault_open answers
 * RC_TAMPER for one that is older than it was here, and it is the user who put it back. The
 * codes of vault_peek.
 * vault_open_older(path, secret, older, out, err):
 * vault_open, but for one question: *${older} true says yes before it is asked, and what was
 * seen last is forgotten once ${secret} has opened the vault; false: true after RC_TAMPER
 * if that is the answer because the vault is older.
 */
enum rc vault_accept_older(const char *path, struct err *err);
enum rc vault_open_older(const char *path, const struct vault_secret *secret, bool *older,
    struct vault **out, struct err *err);

/**
 * vault_clone(v, out, err):
 * One more connection on the unlocked vault, for another thread.
 * vault_close(v): close; the last one of its slot in the process writes "locked" to the
 * audit, wipes the keyring and leaves no WAL where it can. NULL is harmless.
 */
enum rc vault_clone(struct vault *v, struct vault **out, struct err *err);
void vault_close(struct vault *v);

/**
 * vault_err(v): the sentence of the last failure on ${v}; "" after success.
 * vault_interrupt(v): make the running call on ${v} end with RC_CANCELLED. Thread-safe.
 * vault_stop_by(flag): the same for what has no vault yet, or waits for a key derivation: on
 * this thread that ends with RC_CANCELLED soon after ${flag} is true; NULL: it does not.
 */
const char *vault_err(const struct vault *v);
void vault_interrupt(struct vault *v);
void vault_stop_by(const atomic_bool *flag);

/**
 * vault_begin(v), vault_commit(v), vault_rollback(v):
 * A write transaction (BEGIN IMMEDIATE). record_*, audit_* and import join one that is open.
 * RC_OK; RC_BUSY; RC_READONLY; RC_INTERNAL (none is open, or one is open already). After a
 * failure inside (SQLite rolled back) commit answers the code of that failure.
 */
enum rc vault_begin(struct vault *v);
enum rc vault_commit(struct vault *v);
void vault_rollback(struct vault *v);

#define VAULT_FAILED_TIMES 10

struct vault_info {
	const char *path;
	bool readonly, browse;
	int slot; /* that opened it */
	char slot_label[65];
	int64_t records, trashed;
	int schema_version;
	uint64_t created, last_unlock; /* the unlock before this one; 0: none */
	int failed_since;              /* failed attempts since then */
	int failed_n;                  /* the first of them, with their times */
	int64_t failed_at[VAULT_FAILED_TIMES]; /* UTC microseconds */
	uint64_t clock_behind;         /* seconds that the clock stood before the latest time in
	                                * the audit at the unlock: it was set back; 0: it did not */
	bool repaired;                 /* a header copy was damaged and has been written again */
	char id[37];
};

/**
 * vault_info(v, out), vault_about(v, out):
 * What is known of an open vault. vault_about reads nothing: it leaves the records uncounted
 * (-1) and the schema's version 0; to count 5,000,000 takes 0.4 s of CPU.
 */
enum rc vault_info(struct vault *v, struct vault_info *out);
void vault_about(struct vault *v, struct vault_info *out);

/**
 * vault_changed(v):
 * Whether another connection or process has committed since the last call (data_version).
 */
bool vault_changed(struct vault *v);

/**
 * vault_change_secret(v, old, fresh, kdf, err):
 * Rewrap the slot that ${old} opens under ${fresh} (same kind), new salt, calibrated again.
 * Audited. RC_OK; RC_PASS; RC_INPUT (same as the old one, empty...); RC_BUSY; RC_READONLY.
 * On failure the old secret still opens the vault.
 */
enum rc vault_change_secret(struct vault *v, const struct vault_secret *old,
    const struct vault_secret *fresh, struct vault_kdf *kdf, struct err *err);

struct vault_verdict {
	uint64_t pages, bad_pages;
	uint32_t first_bad[16];
	bool bad_log;          /* what was committed to the log does not verify */
	bool header_copy_damaged, structure_ok, fts_ok, audit_ok;
	bool structure_checked; /* false: a quick look; both it and the index count as sound */
	bool fts_checked;       /* false: a quick look too, or the vault is read-only */
	char structure[200];   /* first line of integrity_check when not ok */
	uint64_t audit_entries;
	char audit[200];       /* what is wrong with the chain, "" when ok */
	bool tables_ok;        /* they are those that strongroom makes; */
	char tables[200];      /* the first thing about them that is not, "" when ok */
	uint64_t bad_cells;    /* values that their column is not for */
	char cells[200];       /* the first: table, row, column and what is wrong */
	uint64_t sealed_values, bad_sealed; /* those in history too */
	char sealed[160];      /* the first bad one: record, field and what is wrong */
	bool sealed_checked;   /* false: a browse slot opens none; */
	bool sealed_ended;     /* or harm has ended the look at them early */
	bool audit_checked;    /* false: a browse slot can't check the chain's keys */
	enum vault_freshness {
		VAULT_FRESH,     /* the pages are those of the last clean close, and after */
		VAULT_FRESH_NOT_KNOWN, /* it was not closed cleanly before this session */
		VAULT_STALE      /* older pages were put back */
	} fresh;
};

/**
 * vault_current(v, progress, out):
 * Of vault_verify the part that finds older pages: reads all of the file, writes nothing
 * unless it finds some. RC_OK: ${out} is VAULT_FRESH or VAULT_FRESH_NOT_KNOWN; RC_TAMPER
 * (VAULT_STALE; audited); RC_CANCELLED; RC_BUSY; RC_IO.
 */
enum rc vault_current(struct vault *v, const struct progress *progress,
    enum vault_freshness *out);

/**
 * vault_verify(v, progress, out):
 * Every page's tag, both header copies, whether the pages are current, SQLite's structure, FTS,
 * the tables and whether each cell is what its column is for, every sealed value with its hint
 * and blind index, audit chain. RC_OK (all is well); RC_TAMPER (a tag, a table, a cell, a
 * sealed value or the chain is not as strongroom writes it); RC_DAMAGED (structure, or a header
 * copy); RC_CANCELLED. ${out} is filled as far as it went. Audited.
 * vault_verify_quick: all that finds what others have altered, but neither SQLite's structure
 * nor FTS, which take most of the time and find faults of programs and machines.
 */
enum rc vault_verify(struct vault *v, const struct progress *progress,
    struct vault_verdict *out);
enum rc vault_verify_quick(
    struct vault *v, const struct progress *progress, struct vault_verdict *out);

#endif
