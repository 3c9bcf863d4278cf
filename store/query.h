#ifndef STORE_QUERY_H
#define STORE_QUERY_H

/*
 * The query language, parsed to a list of terms that must all hold. Pure; the input is
 * hostile. The grammar:
 *
 *     query = { term }                          separated by blanks
 *     term  = [ "-" ] ( "is:trash" | name ":" value | value )
 *     value = word [ "*" ] | phrase [ "*" ] | "*"       the last after name: only
 *     phrase = '"' { character | '\"' | '\\' } '"'
 *     name  = ( letter | "_" ) { letter | digit | "_" | "-" | "." }     ASCII
 *
 * A word runs up to the next blank; a quote inside it is a fault, and so is a name before
 * a colon in a word that is not meant as one ("http://x"): such words go in quotes.
 */

#include "store/search.h"

#define QUERY_LEN_MAX   4096 /* bytes */
#define QUERY_TERMS_MAX 64

enum query_kind {
	QUERY_ANYWHERE, /* value, in any searchable field */
	QUERY_FIELD,    /* name:value */
	QUERY_TRASH     /* is:trash */
};

struct query_term {
	enum query_kind kind;
	bool negated;
	bool prefix; /* the value ends with *; alone ("name:*"): any value at all */
	bool quoted;
	const char *name;  /* NUL-terminated; NULL without one */
	const char *value; /* NUL-terminated, unescaped; "" for name:"" (is empty) */
	size_t at, len;                 /* the term's place in the query, in bytes */
	size_t name_at, value_at, value_len; /* places for the caret */
};

struct query {
	size_t n;
	struct query_term terms[QUERY_TERMS_MAX];
	char *text; /* what name and value point into */
	size_t text_cap;
};

/**
 * query_parse(text, out, err):
 * RC_OK; RC_INPUT with ${err} filled in; RC_NOMEM. query_free wipes; NULL is harmless.
 */
enum rc query_parse(const char *text, struct query **out, struct search_error *err);
void query_free(struct query *q);

/**
 * query_fault(err, at, len, fmt, ...): fill ${err} (may be NULL) in; returns RC_INPUT.
 */
enum rc query_fault(struct search_error *err, size_t at, size_t len, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
