#ifndef STORE_JSON_WRITE_H
#define STORE_JSON_WRITE_H

/* JSON of any shape, written piece by piece through the buffer of a sink, indented. */

#include <stdint.h>

#include "store/sink.h"

#define JSON_WRITE_DEPTH 16

struct json_write { /* begin with { .sink = s } */
	struct sink *sink;
	enum rc rc; /* the first failure; after it nothing is written */
	int depth;
	bool some[JSON_WRITE_DEPTH + 1]; /* that level has a member already */
};

/**
 * json_open(w, name, bracket): begin an object '{' or a list '['; ${name} is NULL in a list
 * and at the top. json_close(w, bracket): '}' or ']'; at the top a line end follows.
 * json_put(w, name, text, len): a string. json_put_text(w, name, text): NULL is null.
 * json_put_int(w, name, n). json_put_time(w, name, at): UTC microseconds; 0 is null.
 */
void json_open(struct json_write *w, const char *name, char bracket);
void json_close(struct json_write *w, char bracket);
void json_put(struct json_write *w, const char *name, const char *text, size_t len);
void json_put_text(struct json_write *w, const char *name, const char *text);
void json_put_int(struct json_write *w, const char *name, int64_t n);
void json_put_bool(struct json_write *w, const char *name, bool yes);
void json_put_time(struct json_write *w, const char *name, int64_t at);

#endif
