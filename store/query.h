#ifndef STORE_QUERY_H
#define STORE_QUERY_H

/*
 * The query language, parsed to a tree. Pure; the input is hostile. The grammar:
 *
 *     query  = [ any ]
 *     any    = all { "OR" all }
 *     all    = part { [ "AND" ] part }          separated by blanks: all must hold
 *     part   = [ "-" | "NOT" ] ( "(" any ")" | term )
 *     term   = name ":" ( compare | range | "*" | value ) | value
 *     compare = ( ">" | ">=" | "<" | "<=" ) ( word | phrase )
 *     range  = [ word ] ".." [ word ]           one of them at least
 *     value  = ( word | phrase ) [ "*" ]
 *     phrase = '"' { character | '\"' | '\\' } '"'
 *     name   = ( letter | "_" ) { letter | digit | "_" | "-" | "." }     ASCII
 *
 * OR, AND and NOT are written in capitals; in small letters they are words. A word runs up
 * to the next blank, or to the ")" of the group that it stands in; brackets inside it come in
 * pairs, so that a query in brackets is one part of another; a quote inside it is a fault, and
 * so is a name before a colon in a word that is not meant as one ("http://x"): such words go
 * in quotes. What names and values mean is the business of search_sql.h.
 */

#include "store/search.h"

#define QUERY_LEN_MAX   4096 /* bytes */
#define QUERY_TERMS_MAX 64
#define QUERY_DEPTH_MAX 16   /* groups inside groups */
#define QUERY_NODES_MAX 256

enum query_kind {
	QUERY_ALL, /* of its children */
	QUERY_ANY, /* one of its children at least */
	QUERY_NOT, /* its child does not hold */
	QUERY_TERM
};

enum query_op {
	QUERY_IS,    /* name:value, or a value alone */
	QUERY_ABOVE, /* name:>value */
	QUERY_FROM,  /* name:>=value */
	QUERY_BELOW, /* name:<value */
	QUERY_UPTO,  /* name:<=value */
	QUERY_RANGE  /* name:value..upto; "" for an open end */
};

struct query_node {
	enum query_kind kind;
	size_t at, len;                  /* its place in the query, in bytes */
	struct query_node *first, *next; /* its first child; its parent's next child */

	/* of a term */
	enum query_op op;
	bool prefix; /* the value ends with *; alone ("name:*"): any value at all */
	bool quoted;
	const char *name;        /* NUL-terminated; NULL without one */
	const char *value;       /* NUL-terminated, unescaped; "" for name:"" (is empty) */
	const char *upto;        /* of a range; else NULL */
	size_t name_at;          /* places for the caret */
	size_t value_at, value_len;
};

struct query {
	struct query_node *root; /* NULL: the query is empty */
	size_t n, term_n;
	struct query_node nodes[QUERY_NODES_MAX];
	char *text; /* what names and values point into */
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
