/* Functions of SQL over the types of fields. They are pure, and no value leaves them. */
#include "store/func.h"

#include "store/record_int.h"

static void
is_invalid(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const enum field_type type = (enum field_type)sqlite3_value_int(argv[0]);
	const char *text = (const char *)sqlite3_value_text(argv[1]);
	bool invalid = false;

	(void)argc;
	if (text &&
	    record_check_value(type, text, (size_t)sqlite3_value_bytes(argv[1]), &invalid) !=
	        RC_OK)
		sqlite3_result_error_nomem(ctx);
	else
		sqlite3_result_int(ctx, invalid);
}

int
func_register(sqlite3 *db)
{
	return sqlite3_create_function_v2(db, "is_invalid", 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, is_invalid, NULL,
	    NULL, NULL);
}
