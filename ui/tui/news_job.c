/*
 * The look at the audit after the unlock. It reads all entries, and so it runs behind; a lock
 * ends it, and what could not be looked at is left to the report.
 */
#include "ui/tui/news_job.h"

#include <stdlib.h>

#include "store/audit_report.h"
#include "ui/failed.h"
#include "ui/tui/worker.h"

#define TIMES_SHOWN 2

struct news_job {
	struct job job;
	size_t n;
};

static void
look(struct job *j, struct vault *v)
{
	struct news_job *news = (struct news_job *)j;

	j->rc = v ? audit_news(v, NULL, &news->n) : RC_LOCKED;
}

static void
told(struct job *j)
{
	const struct news_job *news = (const struct news_job *)j;
	struct app *a = j->owner;
	char times[FAILED_TIMES_LEN];

	if (j->rc != RC_OK || news->n == 0)
		return;
	failed_times(app_info(a), TIMES_SHOWN, times);
	app_say(a, STYLE_WARN, "%zu finding%s in the audit, A shows %s%s%s", news->n,
	    news->n == 1 ? "" : "s", news->n == 1 ? "it" : "them",
	    *times ? "; failed attempts: " : "", times);
}

static void
end(struct job *j)
{
	free(j);
}

static const struct job_ops news_ops = {look, told, end};

void
news_look(struct app *a)
{
	struct news_job *news = calloc(1, sizeof *news);

	if (!news)
		return;
	news->job.ops = &news_ops;
	news->job.owner = a;
	worker_post(app_back(a), &news->job);
}
