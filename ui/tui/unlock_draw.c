/* The vault that is to be unlocked, as the header says it. */
#include "ui/tui/unlock_draw.h"

#include <stdio.h>

#include "ui/tui/app.h"

static const char *
size_text(uint64_t bytes, char *out, size_t cap)
{
	if (bytes < 10 * 1024 * 1024)
		snprintf(out, cap, "%llu KiB", (unsigned long long)(bytes / 1024));
	else
		snprintf(out, cap, "%llu MiB", (unsigned long long)(bytes / 1024 / 1024));
	return out;
}

/* "passphrase", "key file", "recovery code", "passphrase and key file". */
static const char *
way_of(const struct vault_slot *s)
{
	return s->takes_recovery			 ? "recovery code"
	       : s->takes_passphrase && s->takes_keyfile ? "passphrase and key file"
	       : s->takes_passphrase			 ? "passphrase"
							 : "key file";
}

static int
draw_slots(const struct vault_peek *peek, struct pane *p, int row, int end)
{
	size_t i;

	for (i = 0; i < peek->slot_count && row < end; i++) {
		const struct vault_slot *s = &peek->slots[i];
		char cost[32] = "";

		if (s->kdf.memory_kib > 0)
			snprintf(cost, sizeof cost, "  Argon2id %u MiB",
			    s->kdf.memory_kib / 1024);
		pane_put(p, row, 1, 0, STYLE_DIM, i == 0 ? "slots" : "");
		pane_putf(p, row++, UNLOCK_COL, pane_cols(p) - UNLOCK_COL, STYLE_TEXT,
		    "%d %s  %s%s%s", s->number, s->label, way_of(s),
		    s->browse ? "  browse" : "", cost);
	}
	return row;
}

static int
draw_attempts(const struct vault_peek *peek, struct pane *p, int row)
{
	char when[32];

	app_time(peek->failed_at, when, sizeof when);
	pane_put(p, row, 1, 0, STYLE_DIM, "attempts");
	pane_putf(p, row++, UNLOCK_COL, pane_cols(p) - UNLOCK_COL, STYLE_WARN,
	    "%llu failed since the last unlock, the latest %s",
	    (unsigned long long)peek->failed, when);
	return row;
}

int
unlock_draw_facts(struct pane *p, const char *path, const struct vault_peek *peek, int row,
    int end)
{
	char size[32], made[32], changed[32];

	pane_put(p, row, 1, 0, STYLE_DIM, "vault");
	pane_put(p, row++, UNLOCK_COL, pane_cols(p) - UNLOCK_COL, STYLE_STRONG,
	    path);
	if (!peek || row >= end)
		return row;
	app_time(peek->created, made, sizeof made);
	app_time(peek->changed, changed, sizeof changed);
	pane_put(p, row, 1, 0, STYLE_DIM, "format");
	pane_putf(p, row++, UNLOCK_COL, pane_cols(p) - UNLOCK_COL, STYLE_TEXT,
	    "%d.%d, %s, made %s, last used %s", peek->format_major,
	    peek->format_minor, size_text(peek->size, size, sizeof size), made,
	    changed);
	if (peek->failed > 0 && row < end)
		row = draw_attempts(peek, p, row);
	return draw_slots(peek, p, row, end);
}
