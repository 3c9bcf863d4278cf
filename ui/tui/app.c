/*
 * The event loop of the terminal UI.
 *
 *   start -> unlock view --(app_opened)--> list view and what is opened from it
 *                ^------------(app_lock)-----------'
 *
 * 1. This thread alone talks to the terminal and never waits for a vault: it sleeps in
 *    one poll() on keys, signals, the timer and the workers' eventfd.
 * 2. Each batch of events is followed by one drawing.
 * 3. Locking always wins: it needs nobody's consent. It overwrites the screen first, then
 *    closes views (which wipe what they hold), then the vault.
 * 4. However it ends, the terminal is given back as it was, with every cell overwritten.
 */
#include "ui/tui/app_int.h"
#include "ui/tui/draft.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define IDLE_DEFAULT 300 /* s */
#define TICK_MS	     1000
#define KEYS_WAIT_MS 300

/* As a shell expects it; where nobody could wake us up again (no job control), the kernel
 * drops the signal, and we are back at once, locked. */
static void
suspend(struct app *a)
{
	struct sigaction was, standard = {.sa_handler = SIG_DFL};
	sigset_t tstp;

	app_lock(a, "locked while suspended");
	worker_wait_locked(a->front);
	worker_wait_locked(a->back);
	term_suspend();
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	sigaction(SIGTSTP, &standard, &was);
	pthread_sigmask(SIG_UNBLOCK, &tstp, NULL);
	kill(0, SIGTSTP);
	pthread_sigmask(SIG_BLOCK, &tstp, NULL);
	sigaction(SIGTSTP, &was, NULL);
	term_resume();
	app_layout(a);
}

static void
cancel(struct app *a)
{
	bool busy = a->work.label[0] || worker_busy(a->front);

	worker_stop(a->back, NULL); /* told, since it ends the long work, or somebody waits */
	worker_stop(a->front, NULL);
	app_say(
	    a, STYLE_WARN, busy ? "cancelling" : "nothing is running; q or F10 quits");
}

static bool
global_act(struct app *a, enum act act)
{
	switch (act) {
	case ACT_HELP:
		if (a->top && strcmp(a->top->ops->title, "Help") != 0)
			view_help_open(a, a->top);
		return true;
	case ACT_CANCEL:
		cancel(a);
		return true;
	case ACT_REDRAW:
		term_redraw();
		return true;
	case ACT_LOCK:
		app_lock(a, "locked");
		return true;
	case ACT_SUSPEND:
		suspend(a);
		return true;
	case ACT_QUIT:
		app_quit(a);
		return true;
	default:
		return false;
	}
}

static bool
is_text(int key)
{
	return key >= 32 && key != 127 && key < 0x110000;
}

/* g twice is one key; Esc and then a digit is a function key. */
static bool
compose(struct app *a, struct term_event *e, bool typing)
{
	if (a->escaped && e->key >= '0' && e->key <= '9' && !typing)
		e->key = K_F0 + (e->key == '0' ? 10 : e->key - '0');
	a->escaped = e->key == K_ESC;
	if (e->key == 'g' && !typing) {
		a->g_pending = !a->g_pending;
		if (a->g_pending)
			return false;
		e->key = K_GG;
	}
	a->g_pending = false;
	return true;
}

static void
on_key(struct app *a, struct term_event *e)
{
	struct view *v = a->top;
	bool typing = v && v->ops->typing && v->ops->typing(v);
	enum act act = ACT_NONE;
	int rows, cols;

	if (!compose(a, e, typing))
		return;
	term_size(&rows, &cols);
	if (e->key == K_CLICK && e->row == rows - 1)
		e->key = app_bar_key(a, e->col);
	if (!typing || !is_text(e->key)) {
		if (v)
			act = keymap_find(v->ops->keys, e->key);
		if (act == ACT_NONE)
			act = keymap_find(keymap_global, e->key);
	}
	if (app_too_small() && act < ACT_HELP)
		return;
	if (global_act(a, act) || !v)
		return;
	v->ops->key(v, act, e);
}

static void
hide_all(struct app *a)
{
	struct view *v;

	for (v = a->top; v; v = v->under)
		if (v->ops->hide)
			v->ops->hide(v);
}

static void
on_event(struct app *a, struct term_event *e)
{
	switch (e->key) {
	case K_FOCUS_OUT:
		hide_all(a);
		return;
	case K_FOCUS_IN:
		return;
	case K_PASTE_BEGIN:
	case K_PASTE_END:
		a->pasting = e->key == K_PASTE_BEGIN;
		return;
	default:
		break;
	}
	a->last_input = app_now(a);
	a->said[0] = '\0';
	if (e->key == K_FOREIGN)
		app_say(a, STYLE_BAD,
		    "not taken: this locale has no such character; start with LC_ALL=C.UTF-8");
	else if (!a->pasting)
		on_key(a, e);
	else if (a->top && a->top->ops->paste && !app_too_small())
		a->top->ops->paste(a->top, e->key);
}

static void
on_signal(struct app *a)
{
	struct signalfd_siginfo si;

	while (read(a->signal_fd, &si, sizeof si) == (ssize_t)sizeof si) {
		switch (si.ssi_signo) {
		case SIGWINCH:
			term_resize();
			app_layout(a);
			break;
		case SIGCONT:
			term_redraw();
			break;
		case SIGTSTP:
			suspend(a);
			break;
		default:
			a->end_signal = (int)si.ssi_signo;
			a->ending = true;
		}
	}
}

static void
tick_views(struct app *a)
{
	struct view *v, *under;

	a->ticked = a->generation;
	for (v = a->top; v; v = under) {
		under = v->under;
		if (v->ops->tick)
			v->ops->tick(v);
	}
}

/* What a lock waits for. */
static void
press(struct app *a)
{
	bool front = worker_press(a->front), back = worker_press(a->back);

	if (front || back)
		app_fast(a, TICK_MS);
}

static void
on_timer(struct app *a)
{
	uint64_t ticks;
	int64_t now = app_now(a);

	if (read(a->timer_fd, &ticks, sizeof ticks) < 0)
		return;
	if (now > a->said_until)
		secret_wipe(a->said, sizeof a->said);
	if (a->open && now - a->last_input >= (int64_t)a->opts.idle_seconds * 1000) {
		app_lock(a, "locked: nobody pressed a key");
		return;
	}
	press(a);
	copy_tick(a);
	tick_views(a);
	if (a->work.label[0])
		app_fast(a, TICK_MS);
	if (a->fast && now > a->fast_until)
		app_timer(a, false);
}

static void
on_wake(struct app *a)
{
	uint64_t n;

	if (read(a->wake_fd, &n, sizeof n) < 0)
		return;
	worker_collect(a->front);
	worker_collect(a->back);
}

/* For how many ms keys wait: what takes longer than KEYS_WAIT_MS must be left and cancelled. */
static int
keys_wait(struct app *a)
{
	const int64_t now = app_now(a);

	if (!a->top || !a->top->ops->waits || !a->top->ops->waits(a->top))
		a->waits_from = 0;
	else if (!a->waits_from)
		a->waits_from = now;
	return a->waits_from && now - a->waits_from < KEYS_WAIT_MS
		   ? (int)(a->waits_from + KEYS_WAIT_MS - now)
		   : 0;
}

static void
on_tty(struct app *a, short revents)
{
	struct term_event e;

	while (!a->ending && !keys_wait(a) && term_read(&e)) {
		on_event(a, &e);
		secret_wipe(&e, sizeof e);
	}
	if (revents & (POLLHUP | POLLERR)) {
		a->end_signal = SIGHUP;
		a->ending = true;
	}
}

static void
loop(struct app *a)
{
	struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {a->signal_fd, POLLIN, 0},
	    {a->timer_fd, POLLIN, 0}, {a->wake_fd, POLLIN, 0}};
	int wait;

	app_draw(a);
	while (!a->ending) {
		wait = keys_wait(a);
		fds[0].fd = wait ? -1 : STDIN_FILENO;
		if (poll(fds, 4, wait ? wait : -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			on_signal(a);
		if (fds[3].revents)
			on_wake(a);
		if (fds[0].revents || wait)
			on_tty(a, fds[0].revents);
		if (fds[2].revents)
			on_timer(a);
		if (a->ticked != a->generation)
			tick_views(a);
		if (!a->ending)
			app_draw(a);
	}
}

static void
signals_of_ours(sigset_t *set)
{
	static const int ours[] = {
	    SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT};
	size_t i;

	sigemptyset(set);
	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		sigaddset(set, ours[i]);
}

static enum rc
start_panes(struct app *a)
{
	enum rc rc = pane_new(&a->header);

	if (rc == RC_OK)
		rc = pane_new(&a->status);
	if (rc == RC_OK)
		rc = pane_new(&a->bar);
	return rc;
}

/* Before the threads, so that they inherit the mask. */
static enum rc
start(struct app *a, const sigset_t *signals)
{
	enum rc rc;

	a->signal_fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
	a->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	a->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->signal_fd < 0 || a->timer_fd < 0 || a->wake_fd < 0)
		return RC_IO;
	rc = worker_new(a->wake_fd, &a->front);
	if (rc == RC_OK)
		rc = worker_new(a->wake_fd, &a->back);
	if (rc == RC_OK)
		rc = start_panes(a);
	app_timer(a, false);
	return rc;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
stop(struct app *a)
{
	term_wipe();
	a->open = false;
	copy_clear(a);
	app_close_views(a);
	draft_free(a->draft);
	free(a->key_file);
	worker_free(a->front);
	worker_free(a->back);
	app_free_catalogue(a);
	pane_free(a->header);
	pane_free(a->status);
	pane_free(a->bar);
	pane_free(a->small);
	close_fd(a->signal_fd);
	close_fd(a->timer_fd);
	close_fd(a->wake_fd);
	term_close();
}

#ifdef COVERAGE /* counts are written at an exit, and an end by a signal is none */
void __gcov_dump(void);
#else
#define __gcov_dump() ((void)0)
#endif

static void
end_by(int sig, const sigset_t *mask)
{
	__gcov_dump();
	signal(sig, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, mask, NULL);
	raise(sig);
}

enum rc
tui_run(const struct tui_opts *opts, struct err *err)
{
	struct app a = {.opts = *opts, .signal_fd = -1, .timer_fd = -1, .wake_fd = -1};
	sigset_t signals, mask;
	enum rc rc;

	if (a.opts.idle_seconds <= 0)
		a.opts.idle_seconds = IDLE_DEFAULT;
	rc = term_open(opts->plain, opts->mono, err);
	if (rc != RC_OK)
		return rc;
	signals_of_ours(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, &mask);
	rc = start(&a, &signals);
	if (rc == RC_OK) {
		a.last_input = app_now(&a);
		app_set_way(&a, opts->secret ? opts->secret->kind : VAULT_PASSPHRASE,
		    opts->key_file ? opts->key_file : "");
		view_unlock_open(&a, NULL);
		loop(&a);
		rc = a.rc;
	} else {
		err_set(&a.err, rc, "the terminal UI can't start: %s", rc_text(rc));
	}
	stop(&a);
	if (err)
		*err = a.err;
	secret_wipe(&a.err, sizeof a.err);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (a.end_signal)
		end_by(a.end_signal, &mask);
	return rc;
}
