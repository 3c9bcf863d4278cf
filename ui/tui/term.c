/*
 * The terminal, by ncursesw and its panels.
 *
 * 1. No byte reaches the terminal but through pane_putn, which shows control characters,
 *    bidi overrides and the like as visible escapes (store/text.h).
 * 2. Nothing here waits: keys are read from a pad (a window would be refreshed by
 *    reading) that never blocks, and output goes out in term_flush alone.
 * 3. Whatever was on the screen is overwritten cell by cell before it is given back:
 *    erasing lets some terminals save the picture in their scrollback.
 * 4. Windows are erased before they are freed, and buffers of text are wiped: they may
 *    hold a revealed value.
 */
#include "ui/tui/term.h"

#include <curses.h>
#include <langinfo.h>
#include <panel.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "keyring/secret.h"
#include "store/text.h"
#include "ui/tui/rescue.h"

#define PUT_MAX	  4096 /* bytes of one put: more than any line holds */
#define ESC_DELAY 25   /* ms */
#define KEYS_KEPT 130  /* just fits the ring in which curses keeps typed keys */
#define KEY_EXTRA 0x1000
#define MODES_ON  "\033[?2004h\033[?1004h"
#define MODES_OFF "\033[?2004l\033[?1004l"

struct pane {
	WINDOW *win;
	PANEL *panel;
	int rows, cols, y, x;
};

static struct {
	SCREEN *screen;
	WINDOW *keys; /* a pad that keys are read from */
	bool plain, utf8, modes;
	attr_t attrs[STYLE_COUNT];
	short pairs[STYLE_COUNT];
	int cursor_row, cursor_col; /* -1: hidden */
	struct termios saved;
} term;

static void
rescue_with(const char *capability)
{
	const char *s = tigetstr(capability);

	if (s && s != (const char *)-1)
		rescue_add(s);
}

/* What gives the terminal back when the program crashes. */
static void
rescue_setup(void)
{
	rescue_begin(&term.saved);
	rescue_with("clear");
	rescue_with("rmcup");
	rescue_with("cnorm");
	rescue_with("sgr0");
	rescue_with("rmkx");
	if (term.modes)
		rescue_add(MODES_OFF);
}

static void
style_set(enum style s, attr_t attrs, short pair, short fg, short bg)
{
	term.attrs[s] = attrs;
	term.pairs[s] = pair;
	if (pair)
		init_pair(pair, fg, bg);
}

static void
styles_mono(void)
{
	static const attr_t attrs[STYLE_COUNT] = {[STYLE_DIM] = A_DIM,
	    [STYLE_STRONG] = A_BOLD,
	    [STYLE_SELECTED] = A_REVERSE,
	    [STYLE_BAR] = A_REVERSE,
	    [STYLE_KEY] = A_BOLD,
	    [STYLE_LABEL] = A_REVERSE,
	    [STYLE_WARN] = A_BOLD,
	    [STYLE_BAD] = A_BOLD,
	    [STYLE_REVEALED] = A_BOLD,
	    [STYLE_INPUT] = A_UNDERLINE};

	memcpy(term.attrs, attrs, sizeof attrs);
	memset(term.pairs, 0, sizeof term.pairs);
}

static void
styles_setup(bool mono)
{
	short bg;

	styles_mono();
	if (mono || !has_colors() || start_color() != OK)
		return;
	bg = use_default_colors() == OK ? -1 : COLOR_BLACK;
	style_set(STYLE_BAR, A_NORMAL, 1, COLOR_WHITE, COLOR_BLUE);
	style_set(STYLE_KEY, A_BOLD, 2, COLOR_CYAN, bg);
	style_set(STYLE_LABEL, A_NORMAL, 3, COLOR_BLACK, COLOR_CYAN);
	style_set(STYLE_GOOD, A_NORMAL, 4, COLOR_GREEN, bg);
	style_set(STYLE_WARN, A_BOLD, 5, COLOR_YELLOW, bg);
	style_set(STYLE_BAD, A_BOLD, 6, COLOR_RED, bg);
	style_set(STYLE_MASKED, A_NORMAL, 7, COLOR_CYAN, bg);
	style_set(STYLE_REVEALED, A_BOLD, 8, COLOR_MAGENTA, bg);
	style_set(STYLE_SELECTED, A_REVERSE, 0, 0, 0);
}

/* What a terminal that reports a mouse knows as well: pasting and focus. */
static void
modes_setup(void)
{
	const char *mouse = tigetstr("kmous");

	term.modes = mouse && mouse != (const char *)-1;
	if (!term.modes)
		return;
	define_key("\033[200~", KEY_MAX + KEY_EXTRA);
	define_key("\033[201~", KEY_MAX + KEY_EXTRA + 1);
	define_key("\033[O", KEY_MAX + KEY_EXTRA + 2);
	define_key("\033[I", KEY_MAX + KEY_EXTRA + 3);
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
}

static enum rc
refuse(struct err *err, const char *what)
{
	return err_set(err, RC_INPUT,
	    "the terminal UI can't run: %s. Use the command line (strongroom help), for "
	    "example: strongroom list VAULT",
	    what);
}

static enum rc
check_terminal(struct err *err)
{
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(err, "standard input or output is not a terminal");
	if (!name || !*name)
		return refuse(err, "TERM is not set");
	if (strcmp(name, "dumb") == 0)
		return refuse(err, "TERM says that this terminal is dumb");
	return RC_OK;
}

static void
modes_take(void)
{
	raw();
	noecho();
	nonl();
	curs_set(0);
	if (term.modes)
		rescue_write(MODES_ON, sizeof MODES_ON - 1);
}

enum rc
term_open(bool plain, bool mono, struct err *err)
{
	const char *no_color = getenv("NO_COLOR");
	enum rc rc = check_terminal(err);

	if (rc != RC_OK)
		return rc;
	memset(&term, 0, sizeof term);
	tcgetattr(STDIN_FILENO, &term.saved);
	term.screen = newterm(NULL, stdout, stdin);
	if (!term.screen)
		return refuse(err, "TERM names no terminal that is known here");
	if (!cursor_address) {
		endwin();
		delscreen(term.screen);
		term.screen = NULL;
		return refuse(err, "this kind of terminal can't move its cursor");
	}
	set_escdelay(ESC_DELAY);
	term.plain = plain;
	term.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	styles_setup(mono || (no_color && *no_color));
	modes_setup();
	modes_take();
	term.keys = newpad(1, 1);
	if (!term.keys) {
		term_close();
		return err_set(err, RC_NOMEM, "out of memory");
	}
	keypad(term.keys, TRUE);
	nodelay(term.keys, TRUE);
	rescue_setup();
	term.cursor_row = -1;
	return RC_OK;
}

void
term_close(void)
{
	if (!term.screen)
		return;
	term_forget_keys();
	term_suspend();
	if (term.keys)
		delwin(term.keys);
	delscreen(term.screen);
	memset(&term, 0, sizeof term);
}

static void
cover(chtype with)
{
	int row, col;

	for (row = 0; row < LINES; row++)
		for (col = 0; col < COLS; col++)
			mvwaddch(newscr, row, col, with);
	touchwin(newscr);
	doupdate();
}

void
term_wipe(void)
{
	PANEL *p;

	for (p = panel_above(NULL); p; p = panel_above(p)) {
		werase(panel_window(p));
		touchwin(panel_window(p));
	}
	werase(stdscr);
	redrawwin(curscr);
	cover('.');
	cover(' ');
	touchwin(stdscr);
}

void
term_suspend(void)
{
	term_wipe();
	curs_set(1);
	if (term.modes)
		rescue_write(MODES_OFF, sizeof MODES_OFF - 1);
	endwin();
}

void
term_resume(void)
{
	doupdate();
	modes_take();
	term_resize();
}

void
term_size(int *rows, int *cols)
{
	*rows = LINES;
	*cols = COLS;
}

void
term_resize(void)
{
	struct winsize ws;

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0)
		resize_term(ws.ws_row, ws.ws_col);
	term_redraw();
}

void
term_redraw(void)
{
	redrawwin(curscr);
}

void
term_flush(const struct pane *alone)
{
	if (!alone)
		update_panels();
	else if (touchwin(alone->win) == OK)
		wnoutrefresh(alone->win);
	if (term.cursor_row >= 0) {
		wmove(newscr, term.cursor_row, term.cursor_col);
		leaveok(newscr, FALSE);
		curs_set(1);
	} else {
		curs_set(term.plain);
	}
	doupdate();
	term.cursor_row = -1;
}

bool
term_plain(void)
{
	return term.plain;
}

static int
special_key(wint_t c)
{
	static const struct {
		wint_t curses;
		int ours;
	} keys[] = {{KEY_UP, K_UP}, {KEY_DOWN, K_DOWN}, {KEY_LEFT, K_LEFT},
	    {KEY_RIGHT, K_RIGHT}, {KEY_PPAGE, K_PAGE_UP}, {KEY_NPAGE, K_PAGE_DOWN},
	    {KEY_HOME, K_HOME}, {KEY_END, K_END}, {KEY_DC, K_DELETE},
	    {KEY_BACKSPACE, K_BACKSPACE}, {KEY_BTAB, K_BACKTAB}, {KEY_ENTER, K_ENTER},
	    {KEY_MAX + KEY_EXTRA, K_PASTE_BEGIN}, {KEY_MAX + KEY_EXTRA + 1, K_PASTE_END},
	    {KEY_MAX + KEY_EXTRA + 2, K_FOCUS_OUT},
	    {KEY_MAX + KEY_EXTRA + 3, K_FOCUS_IN}};
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].curses == c)
			return keys[i].ours;
	if (c >= KEY_F0 && c <= KEY_F(12))
		return K_F0 + (int)(c - KEY_F0);
	return K_OTHER;
}

static void
mouse_key(struct term_event *e)
{
	MEVENT m;

	e->key = K_OTHER;
	if (getmouse(&m) != OK)
		return;
	e->row = m.y;
	e->col = m.x;
	if (m.bstate & BUTTON1_PRESSED)
		e->key = K_CLICK;
	else if (m.bstate & BUTTON4_PRESSED)
		e->key = K_WHEEL_UP;
	else if (m.bstate & BUTTON5_PRESSED)
		e->key = K_WHEEL_DOWN;
}

/* As wget_wch, which drops the bytes that are no characters of the locale: here they are WEOF. */
static int
read_key(wint_t *c)
{
	int byte;

	if (MB_CUR_MAX > 1)
		return wget_wch(term.keys, c);
	byte = wgetch(term.keys);
	*c = byte > 255 ? (wint_t)byte : btowc(byte);
	return byte == ERR ? ERR : byte > 255 ? KEY_CODE_YES : OK;
}

/* Esc and a digit in one go, as Alt and a digit sends it, is a function key. */
static int
after_escape(void)
{
	wint_t c;
	int got = read_key(&c);

	if (got == OK && c >= '0' && c <= '9')
		return K_F0 + (c == '0' ? 10 : (int)(c - '0'));
	if (got == OK)
		unget_wch((wchar_t)c);
	else if (got == KEY_CODE_YES)
		ungetch((int)c);
	return K_ESC;
}

bool
term_read(struct term_event *e)
{
	wint_t c = 0;
	int got = read_key(&c);

	memset(e, 0, sizeof *e);
	if (got == ERR)
		return false;
	if (got == KEY_CODE_YES && c == KEY_MOUSE)
		mouse_key(e);
	else if (got == KEY_CODE_YES)
		e->key = special_key(c);
	else if (c == K_ESC)
		e->key = after_escape();
	else if (c == 127 || c == 8)
		e->key = K_BACKSPACE;
	else
		e->key = c == 10 ? K_ENTER : c == WEOF ? K_FOREIGN : (int)c;
	return true;
}

void
term_forget_keys(void)
{
	wint_t c;
	int n = 0;

	while (term.keys && n < KEYS_KEPT && ungetch('.') == OK)
		n++;
	while (n-- > 0)
		wget_wch(term.keys, &c);
}

enum rc
pane_new(struct pane **out)
{
	struct pane *p = calloc(1, sizeof *p);

	*out = NULL;
	if (!p)
		return RC_NOMEM;
	p->rows = p->cols = 1;
	p->win = newwin(1, 1, 0, 0);
	p->panel = p->win ? new_panel(p->win) : NULL;
	if (!p->panel) {
		if (p->win)
			delwin(p->win);
		free(p);
		return RC_NOMEM;
	}
	*out = p;
	return RC_OK;
}

void
pane_free(struct pane *p)
{
	if (!p)
		return;
	werase(p->win);
	del_panel(p->panel);
	delwin(p->win);
	free(p);
}

enum rc
pane_place(struct pane *p, int rows, int cols, int y, int x)
{
	WINDOW *win, *old = p->win;

	if (rows < 1 || cols < 1 || y < 0 || x < 0 || y + rows > LINES || x + cols > COLS)
		rows = cols = 1, y = x = 0;
	if (p->rows == rows && p->cols == cols && p->y == y && p->x == x &&
	    getmaxy(old) == rows && getmaxx(old) == cols && getbegy(old) == y &&
	    getbegx(old) == x)
		return RC_OK;
	win = newwin(rows, cols, y, x);
	if (!win)
		return RC_NOMEM;
	if (replace_panel(p->panel, win) == ERR) {
		delwin(win);
		return RC_NOMEM;
	}
	werase(old);
	delwin(old);
	*p = (struct pane){win, p->panel, rows, cols, y, x};
	return RC_OK;
}

int
pane_rows(const struct pane *p)
{
	return p->rows;
}

int
pane_cols(const struct pane *p)
{
	return p->cols;
}

int
pane_y(const struct pane *p)
{
	return p->y;
}

int
pane_x(const struct pane *p)
{
	return p->x;
}

void
pane_erase(struct pane *p)
{
	werase(p->win);
}

static void
edge(struct pane *p, int row, const char *left, const char *middle, const char *right)
{
	int col;

	mvwaddstr(p->win, row, 0, left);
	for (col = 1; col + 1 < p->cols; col++)
		waddstr(p->win, middle);
	waddstr(p->win, right);
}

/* Not curses' own box: its alternate character set is not every terminal's. */
void
pane_frame(struct pane *p, const char *title)
{
	const char *side = term.utf8 ? "\u2502" : "|";
	int row;

	if (!term.plain && term.utf8) {
		edge(p, 0, "\u250c", "\u2500", "\u2510");
		edge(p, p->rows - 1, "\u2514", "\u2500", "\u2518");
	} else if (!term.plain) {
		edge(p, 0, "+", "-", "+");
		edge(p, p->rows - 1, "+", "-", "+");
	}
	for (row = 1; !term.plain && row + 1 < p->rows; row++) {
		mvwaddstr(p->win, row, 0, side);
		mvwaddstr(p->win, row, p->cols - 1, side);
	}
	pane_putf(p, 0, 2, 0, STYLE_STRONG, " %s ", title);
}

int
pane_putn(struct pane *p, int row, int col, int width, enum style style, const char *text,
    size_t len)
{
	char buf[PUT_MAX];
	int room = p->cols - col;

	if (row < 0 || row >= p->rows || col < 0 || room <= 0)
		return 0;
	if (width == 0) {
		text_visible(text, len, buf, sizeof buf);
		width = text_width(text, len);
		if (width > room)
			width = room;
	}
	if (width > room)
		width = room;
	text_clip(text, len, width, true, term.utf8, buf, sizeof buf);
	if (!term.utf8)
		text_ascii(buf);
	wattr_set(p->win, term.attrs[style], term.pairs[style], NULL);
	mvwaddstr(p->win, row, col, buf);
	wattr_set(p->win, A_NORMAL, 0, NULL);
	secret_wipe(buf, sizeof buf);
	return width;
}

void
pane_cursor(struct pane *p, int row, int col)
{
	if (row < 0 || row >= p->rows)
		return;
	term.cursor_row = p->y + row;
	term.cursor_col = p->x + (col < p->cols ? col : p->cols - 1);
}

int
term_colours(const char *type)
{
	TERMINAL *shown = cur_term;
	int found, colours;

	if (setupterm(type, STDOUT_FILENO, &found) != OK)
		return -1;
	colours = tigetnum("colors");
	del_curterm(set_curterm(shown));
	return colours > 0 ? colours : 0;
}

const char *
term_version(void)
{
	return curses_version();
}
