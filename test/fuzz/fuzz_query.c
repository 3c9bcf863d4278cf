/*
 * The query language on hostile text, in a small vault. Checked: a fault and each part stay
 * inside the query; what is understood runs; a page has as many records as are counted, in
 * any order; a query and its opposite have all records between them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/query.h"
#include "store/record.h"
#include "store/tag.h"
#include "test/fuzz/fuzz_vault.h"

#define RECORDS	  12
#define TRASHED	  2
#define WRAP	  4 /* bytes that the opposite of a query has more */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema[] = "name name open search \"Name\"\n"
			     "city text open search \"City\"\n"
			     "memo note open \"Memo\"\n"
			     "visits number open \"Visits\"\n"
			     "joined date open \"Joined\"\n"
			     "born date masked \"Born\"\n"
			     "ssn ssn sealed \"SSN\"\n";

static const char *const rows[RECORDS][5] = {
	{ "Ada Lovelace", "London", "first \"of\" all", "3", "2026-01-31" },
	{ "Zoe O'Hara", "New Orleans", "a%b_c\\d", "-5", "2025-12-31" },
	{ "Jean-Luc", "", "", "", "" }, { "smith", "smith", "smith", "0", "soon" },
	{ "van dyke", "Lima", "(x)", "1.50", "2024-02-29" }, { "a b c", "b", "c", "x", "1" },
	{ "OR", "AND", "NOT", "1e9", "2026" }, { "m\xc3\xbcller", "K\xc3\xb6ln", "", "7", "" },
	{ "\xe6\xbc\xa2\xe5\xad\x97", "*", "..", "99999999999999999999", "" },
	{ "smi", "lon", "a", "10", "2026-01-01" }, { "x", "y", "z", "2", "1999-09-09" },
	{ "trash", "is", "trash", "1", "2000-01-01" }
};

static void
add_records(void)
{
	struct tag_edit tag = { "vip", false };
	struct change ch[6];
	int64_t id;
	int i, k;

	for (i = 0; i < RECORDS; i++) {
		for (k = 0; k < 5; k++)
			ch[k] = (struct change){ k, rows[i][k], strlen(rows[i][k]) };
		ch[5] = (struct change){ 6, i % 2 ? "900-12-3456" : "", i % 2 ? 11 : 0 };
		/* What is no number is refused by hand; an import would keep it. */
		if (record_add(vault, ch, 6, &id) != RC_OK)
			must(record_add(vault, ch, 3, &id));
		if (i % 3 == 0)
			must(tag_edit(vault, id, &tag, 1));
		if (i < TRASHED)
			must(record_trash(vault, id));
	}
}

static void
check_nodes(const struct query *q, size_t len)
{
	size_t i;

	for (i = 0; i < q->n; i++) {
		const struct query_node *t = &q->nodes[i];

		if (t->at > len || t->len > len - t->at)
			abort();
		if (t->kind == QUERY_TERM &&
		    (!t->value || strlen(t->value) > len || t->value_at < t->at ||
			t->value_len > len - t->value_at))
			abort();
	}
}

/* Whether two trees say the same. */
static bool
same(const struct query_node *a, const struct query_node *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind || !same(a->first, b->first) || !same(a->next, b->next))
		return false;
	if (a->kind != QUERY_TERM)
		return true;
	return a->op == b->op && a->prefix == b->prefix && a->quoted == b->quoted &&
	    strcmp(a->name ? a->name : "", b->name ? b->name : "") == 0 &&
	    strcmp(a->value, b->value) == 0 &&
	    strcmp(a->upto ? a->upto : "", b->upto ? b->upto : "") == 0;
}

/* Run what is understood; how many records it has, -1 when it is not understood. */
static int64_t
run(const char *text, int sort)
{
	struct search s = { .query = text, .sort = sort, .descending = text[0] & 1 };
	struct search_error err = { 0, 0, "" };
	struct rows *page;
	int64_t n;
	enum rc rc = search_count(vault, &s, 0, &n, &err);

	if (rc == RC_INPUT && *err.text && err.at <= strlen(text))
		return -1;
	must(rc);
	must(search_page(vault, &s, FROM_FIRST, 0, 2 * RECORDS, &page, NULL));
	if ((int64_t)rows_count(page) != n)
		abort();
	rows_free(page);
	return n;
}

/* What a query does not find its opposite does: in and outside the trash, or outside. */
static void
check_opposite(const char *text, const struct query *q, int64_t n)
{
	char *opposite = malloc(strlen(text) + WRAP);
	struct query *parsed = NULL;
	int64_t others;

	if (!opposite)
		return;
	snprintf(opposite, strlen(text) + WRAP, "-(%s)", text);
	if (query_parse(opposite, &parsed, NULL) == RC_OK && parsed->root->kind == QUERY_NOT &&
	    same(parsed->root->first, q->root)) {
		others = run(opposite, SORT_ID);
		if (others >= 0 && n + others != RECORDS && n + others != RECORDS - TRASHED)
			abort();
	}
	query_free(parsed);
	free(opposite);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int sorts[] = { SORT_ID, SORT_RANK, 0, 3, 4, SORT_KEEP, SORT_UPDATED };
	struct search_error err = { 0, 0, "" };
	char *text = malloc(size + 1);
	struct query *q;
	size_t len;
	int64_t n;
	enum rc rc;

	if (!text)
		return 0;
	if (!vault) {
		fuzz_vault(schema);
		add_records();
	}
	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	rc = query_parse(text, &q, &err);
	if (rc == RC_INPUT && (!*err.text || err.at > len || err.len > len - err.at))
		abort();
	if (q) {
		check_nodes(q, len);
		n = run(text, sorts[len % (sizeof sorts / sizeof *sorts)]);
		if (n >= 0 && q->root)
			check_opposite(text, q, n);
	}
	query_free(q);
	free(text);
	return 0;
}
