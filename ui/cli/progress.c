/* Progress with rate and time left; redrawn in place, at most ten times a second. */

#include "ui/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/progress.h"

#define BAR_WIDTH 24
#define BAR_EVERY 100 /* ms */

/* "1.2M": three digits are enough for a rate. */
static void
short_number(uint64_t n, char out[16])
{
	if (n >= 10000000)
		snprintf(out, 16, "%" PRIu64 "M", n / 1000000);
	else if (n >= 10000)
		snprintf(out, 16, "%" PRIu64 "k", n / 1000);
	else
		snprintf(out, 16, "%" PRIu64, n);
}

static void
draw_known(const char *what, uint64_t done, uint64_t all, uint64_t rate)
{
	char bar[BAR_WIDTH + 1], text[16];
	unsigned filled = (unsigned)((double)done / (double)all * BAR_WIDTH);
	uint64_t left = rate > 0 ? (all - done) / rate : 0;

	if (filled > BAR_WIDTH)
		filled = BAR_WIDTH;
	memset(bar, '-', BAR_WIDTH);
	memset(bar, '#', filled);
	bar[BAR_WIDTH] = '\0';
	short_number(rate, text);
	fprintf(stderr, "\r\033[K%s [%s] %3d %%  %s/s  %02" PRIu64 ":%02" PRIu64 " left",
	    what, bar, (int)((double)done * 100 / (double)all), text, left / 60,
	    left % 60);
}

void
progress_draw(struct progress_bar *b, const char *what, uint64_t done, uint64_t all)
{
	int64_t now = progress_now();
	uint64_t rate;
	char text[16];

	if (!b->on)
		return;
	if (b->began == 0)
		b->began = now;
	else if (now - b->last < BAR_EVERY)
		return;
	b->last = now;
	b->drawn = true;
	rate = now > b->began ? done * 1000 / (uint64_t)(now - b->began) : 0;
	if (all > 0 && done <= all) {
		draw_known(what, done, all, rate);
	} else {
		short_number(rate, text);
		fprintf(stderr, "\r\033[K%s %" PRIu64 "  %s/s", what, done, text);
	}
	fflush(stderr);
}

void
progress_clear(struct progress_bar *b)
{
	if (b->drawn) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	b->drawn = false;
}
