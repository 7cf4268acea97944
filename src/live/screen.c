/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/environ.h"
#include "base/terminal.h"
#include "live/paint.h"
#include "live/palette.h"
#include "live/terminfo.h"

enum {
	SIZE_MAX_CELLS = 1000, /* in each direction: no screen has more */
	ANSWER_US = 100000,    /* what the terminal's background is may take so long */
	SHOWN_US = 2000000,    /* one that owes an answer for so long has lost it */
	READ_MAX = 1024,
	BLACK_MAX = 6, /* of the table's first 16 colours the dark ones, */
	GREY_DARK = 8, /* and this one */
};

/* Modes that xterm has and others took over: what is pasted is marked, the mouse tells presses as numbers,
 * what is between is shown at once. */
#define MODES_ON "\033[?2004h\033[?1000h\033[?1006h"
#define MODES_OFF "\033[?1006l\033[?1000l\033[?2004l"
#define FRAME_BEGIN "\033[?2026h"
#define FRAME_END "\033[?2026l"

struct live_screen {
	struct live_screen_opts o;
	struct terminfo info;
	struct live_input input;
	struct live_paint paint;
	struct text looks, enter, leave;
	struct text out; /* from .sent on it is still to be written */
	size_t sent;
	int fd;
	bool is_ours; /* .fd */
	bool has_braille, is_light;
	enum live_depth depth;
	unsigned int width, height;
	unsigned int n_asked; /* LIVE_ASK */
	int64_t asked_us;     /* the last time */
	bool has_answered;    /* it answers at all */
	bool is_awaited;      /* the first answer, before the first screen */
	bool is_waited_for;   /* somebody wants LIVE_READY */
};

/* One's own way to the terminal: that nothing waits for it must not be so for who else has it. */
static int open_own(void)
{
	char name[TTY_NAME_MAX];

	return ttyname_r(STDOUT_FILENO, name, sizeof(name))
		       ? -1
		       : open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void measure(struct live_screen *s)
{
	struct winsize size = {};

	(void)ioctl(s->fd, TIOCGWINSZ, &size);
	s->width = size.ws_col ? size.ws_col : 80;
	s->height = size.ws_row ? size.ws_row : 24;
	s->width = s->width < SIZE_MAX_CELLS ? s->width : SIZE_MAX_CELLS;
	s->height = s->height < SIZE_MAX_CELLS ? s->height : SIZE_MAX_CELLS;
}

static void put_colour(const struct live_screen *s, struct text *t, int n, bool is_behind)
{
	if (n < 0)
		return;
	if (s->depth == LIVE_TRUE)
		text_printf(t, "\033[%d;2;%d;%d;%dm", is_behind ? 48 : 38, n >> 16, n >> 8 & 0xff, n & 0xff);
	else if (s->info.colours < 16 && n >= 8 && is_behind)
		terminfo_background(t, (unsigned int)n - 8);
	else if (s->info.colours < 16 && n >= 8) /* where there are only eight, bold ones are bright */
		text_sv(t, s->info.bold), terminfo_colour(t, (unsigned int)n - 8);
	else if (is_behind)
		terminfo_background(t, (unsigned int)n);
	else
		terminfo_colour(t, (unsigned int)n);
}

static void put_look(const struct live_screen *s, struct text *t, struct live_look l)
{
	text_sv(t, s->info.plain);
	text_sv(t, l.attributes & LIVE_BOLD ? s->info.bold : (struct sv){});
	text_sv(t, l.attributes & LIVE_UNDERLINE ? s->info.underline : (struct sv){});
	text_sv(t, l.attributes & LIVE_REVERSE ? s->info.reverse : (struct sv){});
	put_colour(s, t, l.text, false);
	put_colour(s, t, l.behind, true);
}

/* What each role is set by. Nothing that is shown is as it should be then. */
static int make_looks(struct live_screen *s)
{
	struct sv *look = s->paint.look[0];
	const char *p;

	s->looks.len = 0;
	for (unsigned int i = 0; i < 2 * ROLE_MAX; i++) {
		size_t start = s->looks.len;

		put_look(s, &s->looks, live_palette_look(s->depth, s->is_light, i / 2, i % 2));
		look[i].len = s->looks.len - start;
	}
	if (s->looks.failed)
		return -ENOMEM;
	p = s->looks.p;
	for (unsigned int i = 0; i < 2 * ROLE_MAX; i++) {
		look[i].p = p;
		p += look[i].len;
	}
	s->paint.is_known = false;
	return 0;
}

static void choose_colours(struct live_screen *s)
{
	int background = environ_background(), n = s->info.colours;
	bool is_wanted = s->o.colour == LIVE_COLOUR_ALWAYS ||
			 (s->o.colour == LIVE_COLOUR_AUTO && environ_wants_color());

	s->depth = LIVE_MONO;
	if (is_wanted && (s->info.has_true_colour || (n >= 256 && environ_has_true_color())))
		s->depth = LIVE_TRUE;
	else if (is_wanted && n >= 8)
		s->depth = n >= 256 ? LIVE_256 : LIVE_16;
	s->is_light = background > BLACK_MAX && background != GREY_DARK;
	if (background >= 16) {
		uint16_t rgb[3];

		live_palette_fixed((unsigned int)background, rgb);
		s->is_light = live_palette_is_light(rgb);
	}
}

static void make_ends(struct live_screen *s)
{
	const struct terminfo *i = &s->info;

	text_sv(&s->enter, i->enter);
	text_sv(&s->enter, i->keypad_on);
	text_sv(&s->enter, i->hide);
	text_str(&s->enter, i->is_like_xterm ? MODES_ON : "");
	text_str(&s->leave, i->is_like_xterm ? FRAME_END MODES_OFF : "");
	text_sv(&s->leave, i->plain);
	text_sv(&s->leave, i->enter.len ? (struct sv){} : i->clear);
	text_sv(&s->leave, i->keypad_off);
	text_sv(&s->leave, i->show);
	text_sv(&s->leave, i->leave);
}

/* What there is to be written, as far as it is taken now. */
static int write_some(struct live_screen *s)
{
	while (s->sent < s->out.len) {
		ssize_t n = write(s->fd, s->out.p + s->sent, s->out.len - s->sent);

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		s->sent += n > 0 ? (size_t)n : 0;
	}
	s->out.len = s->sent = 0;
	return 0;
}

static void ask(struct live_screen *s, const char *what)
{
	text_str(&s->out, what);
	s->n_asked++;
	s->asked_us = clock_monotonic_us();
	terminal_owes = 1;
}

static bool is_owed(const struct live_screen *s, int64_t now_us)
{
	return s->input.n_answers < s->n_asked && now_us - s->asked_us < SHOWN_US;
}

/* Whether the terminal has shown what it was given, as far as can be told. */
static bool is_busy(const struct live_screen *s, int64_t now_us)
{
	return s->out.len || (s->has_answered && is_owed(s, now_us));
}

/* What came from the terminal itself. True: all is to be drawn anew. */
static bool take_answer(struct live_screen *s)
{
	bool was = s->is_light;

	if (s->input.n_answers) {
		s->has_answered = true;
		if (s->input.n_answers >= s->n_asked) {
			s->input.n_answers = s->n_asked = 0;
			terminal_owes = 0;
		}
	}
	if (!s->input.has_background)
		return false;
	s->input.has_background = false;
	s->is_light = live_palette_is_light(s->input.background);
	return was != s->is_light && s->depth != LIVE_MONO && make_looks(s) >= 0;
}

static int read_some(struct live_screen *s, int64_t now_us)
{
	char buf[READ_MAX];
	size_t room = LIVE_INPUT_MAX - s->input.len;
	ssize_t n = room ? read(s->fd, buf, room < sizeof(buf) ? room : sizeof(buf)) : 0;

	if (n > 0)
		(void)live_input_add(&s->input, sv_n(buf, (size_t)n), now_us);
	if (n == 0 && room)
		return -EIO;
	return n < 0 && errno != EAGAIN && errno != EINTR ? -errno : 0;
}

/* Waits for the answer to what was asked first, so that the first screen has the right colours; what is typed
 * meanwhile is kept. Not when it is opened: others have begun to work by now. */
static void await_answer(struct live_screen *s)
{
	int64_t until = s->asked_us + ANSWER_US;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	s->is_awaited = false;
	for (int64_t now = clock_monotonic_us(); now < until && write_some(s) >= 0;
	     now = clock_monotonic_us()) {
		if (poll(&p, 1, (int)((until - now) / 1000) + 1) <= 0 || read_some(s, now) < 0)
			return;
		/* The status is reported last. */
		if (live_input_take_answers(&s->input) && s->input.n_answers)
			break;
	}
	(void)take_answer(s);
}

static int start(struct live_screen *s, struct err *e)
{
	int r;

	choose_colours(s);
	make_ends(s);
	s->paint.is_utf8 = environ_is_utf8();
	s->has_braille = environ_has_braille();
	s->paint.move = terminfo_move;
	s->paint.has_last_cell = s->info.has_last_cell;
	s->paint.clear = s->info.clear;
	s->paint.clear_line = s->info.clear_line;
	s->paint.hide = s->info.hide;
	s->paint.show = s->info.show;
	s->input.keys = s->info.key;
	s->input.n_keys = s->info.n_keys;
	r = s->enter.failed || s->leave.failed ? -ENOMEM : make_looks(s);
	return r < 0 ? err_sys(e, r, "the screen") : 0;
}

int live_screen_open(const struct live_screen_opts *o, struct live_screen **ret, struct err *e)
{
	const char *name = environ_terminal();
	struct live_screen *s;
	int r;

	if (!isatty(STDOUT_FILENO))
		return err_say(e, -ENOTTY,
			       "standard output is no terminal: --live=plain writes lines anywhere");
	if (!name)
		return err_say(e, -ENOTTY,
			       "TERM names no terminal with a screen: --live=plain writes lines on any");
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_sys(e, -ENOMEM, "the screen");
	r = terminfo_open(&s->info, name, e);
	if (r < 0) {
		free(s);
		return r;
	}
	s->o = *o;
	s->fd = open_own();
	s->is_ours = s->fd >= 0;
	if (!s->is_ours)
		s->fd = STDOUT_FILENO;
	measure(s);
	r = start(s, e);
	if (r < 0) {
		(void)live_screen_free(s);
		return r;
	}
	terminal_take(&(struct terminal_opts){ .in = s->fd,
					       .out = s->fd,
					       .enter = sv_n(s->enter.p, s->enter.len),
					       .leave = sv_n(s->leave.p, s->leave.len),
					       .is_raw = true });
	terminal_changed = 0;
	if (s->info.is_like_xterm) {
		ask(s, LIVE_ASK_BACKGROUND LIVE_ASK);
		s->is_awaited = true;
		(void)write_some(s); /* what fails here fails again */
	}
	*ret = s;
	return 0;
}

struct live_screen *live_screen_free(struct live_screen *s)
{
	terminal_give_back();
	if (s->is_ours)
		(void)close(s->fd);
	terminfo_done(&s->info);
	live_input_done(&s->input);
	live_paint_done(&s->paint);
	text_done(&s->looks);
	text_done(&s->enter);
	text_done(&s->leave);
	text_done(&s->out);
	free(s);
	return NULL;
}

void live_screen_size(const struct live_screen *s, unsigned int *ret_width, unsigned int *ret_height)
{
	*ret_width = s->width;
	*ret_height = s->height;
}

bool live_screen_is_utf8(const struct live_screen *s)
{
	return s->paint.is_utf8;
}

bool live_screen_has_braille(const struct live_screen *s)
{
	return s->has_braille;
}

int live_screen_draw(struct live_screen *s, const struct live_grid *g)
{
	size_t start;
	int r;

	if (s->is_awaited)
		await_answer(s);
	if (is_busy(s, clock_monotonic_us())) {
		s->is_waited_for = true;
		return 1;
	}
	text_str(&s->out, s->info.is_like_xterm ? FRAME_BEGIN : "");
	start = s->out.len;
	r = live_paint(&s->paint, g, &s->out);
	if (r < 0 || s->out.len == start) {
		if (s->out.failed)
			text_done(&s->out);
		s->out.len = 0;
		return r;
	}
	text_str(&s->out, s->info.is_like_xterm ? FRAME_END : "");
	if (s->has_answered)
		ask(s, LIVE_ASK);
	if (s->out.failed) {
		text_done(&s->out);
		s->paint.is_known = false;
		return -ENOMEM;
	}
	return write_some(s);
}

int live_screen_copy(struct live_screen *s, struct sv text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (!s->info.is_like_xterm)
		return -ENOTSUP;
	if (text.len > LIVE_COPY_MAX)
		return -E2BIG;
	if (s->out.len)
		return -EAGAIN;
	text_str(&s->out, "\033]52;c;");
	for (; text.len; text = sv_from(text, 3)) {
		uint32_t v = 0;

		for (size_t i = 0; i < 3; i++)
			v = v << 8 | (i < text.len ? (uint8_t)text.p[i] : 0);
		for (size_t i = 0; i < 4; i++)
			text_char(&s->out, i <= text.len ? digits[v >> (18 - 6 * i) & 63] : '=');
	}
	text_str(&s->out, "\033\\");
	if (s->out.failed) {
		text_done(&s->out);
		return -ENOMEM;
	}
	return write_some(s);
}

/* What need not be waited for. False: nothing of that kind. */
static bool take_now(struct live_screen *s, int64_t now_us, struct live_event *ret)
{
	if (terminal_changed) {
		terminal_changed = 0;
		measure(s);
		s->out.len = s->sent = 0; /* half of it may be shown, of a screen that is no more */
		s->input.n_answers = s->n_asked = 0;
		s->paint.is_known = false;
		ret->kind = LIVE_RESIZE;
		return true;
	}
	if (terminal_owes && !is_owed(s, now_us))
		terminal_owes = 0;
	while (live_input_next(&s->input, now_us, ret)) {
		if (ret->kind != LIVE_ANSWER)
			return true;
		if (take_answer(s)) {
			ret->kind = LIVE_RESIZE;
			return true;
		}
	}
	*ret = (struct live_event){ .kind = LIVE_READY };
	if (!s->is_waited_for || is_busy(s, now_us))
		return false;
	s->is_waited_for = false;
	return true;
}

/* Until when nothing but a descriptor or a signal can be the next. */
static int64_t next_moment(const struct live_screen *s, int64_t at_us)
{
	int64_t due = live_input_due(&s->input), shown = s->asked_us + SHOWN_US;

	if (s->is_waited_for && s->has_answered && s->input.n_answers < s->n_asked && shown < due)
		due = shown;
	return due < at_us ? due : at_us;
}

/* Takes what the terminal has, or can take. Returns 1 when there was something, 0, or a negative errno: it is
 * gone. */
static int attend(struct live_screen *s, short what)
{
	if (what & POLLIN)
		return read_some(s, clock_monotonic_us()) < 0 ? -EIO : 1;
	if (what & (POLLERR | POLLHUP | POLLNVAL))
		return -EIO;
	return what & POLLOUT ? write_some(s) : 0;
}

/* Waits once. Returns 1 when @ret is to be told, 0 when there is more to look at, or a negative errno. */
static int wait_once(struct live_screen *s, int64_t at_us, struct live_event *ret)
{
	struct pollfd p[] = { { .fd = s->fd, .events = POLLIN | (s->out.len ? POLLOUT : 0) },
			      { .fd = s->o.wake, .events = POLLIN } };
	int64_t left = next_moment(s, at_us) - clock_monotonic_us();
	struct timespec ts = { .tv_sec = left > 0 ? left / 1000000 : 0,
			       .tv_nsec = left > 0 ? left % 1000000 * 1000 : 0 };
	int n = ppoll(p, ARRAY_SIZE(p), &ts, s->o.mask), r;

	if (n < 0 && errno != EINTR)
		return -errno;
	if (n < 0) {
		ret->kind = LIVE_SIGNAL;
		return !terminal_changed;
	}
	r = attend(s, p[0].revents);
	if (r < 0)
		ret->kind = LIVE_GONE;
	else if (r == 0 && p[1].revents) /* keys first: what woke us stays until it is read */
		ret->kind = LIVE_WOKEN;
	else
		return r == 0 && clock_monotonic_us() >= at_us;
	return 1;
}

int live_screen_wait(struct live_screen *s, int64_t at_us, struct live_event *ret)
{
	int r = 0;

	while (!r) {
		*ret = (struct live_event){};
		if (take_now(s, clock_monotonic_us(), ret))
			return 0;
		*ret = (struct live_event){};
		r = wait_once(s, at_us, ret);
	}
	return r < 0 ? r : 0;
}
