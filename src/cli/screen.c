/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/screen.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/environ.h"
#include "base/utf8.h"
#include "cli/interrupt.h"
#include "cli/tell.h"

/* ECMA-48, and DEC's private modes as xterm has them: 1049 second screen, 25 cursor, 2026 drawn at once. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define DRAW "\033[?2026h\033[H"
#define DRAWN "\033[0m\033[J\033[?2026l"
#define END_LINE "\033[0m\033[K"

static struct {
	struct text frame;
	struct termios was;
	bool has_input; /* .was is what the terminal did with what is typed */
	volatile sig_atomic_t is_on;
} screen;

/* In handlers too: nothing else may be called there. */
static void leave(void)
{
	if (!screen.is_on)
		return;
	screen.is_on = 0;
	(void)!write(STDOUT_FILENO, LEAVE, sizeof(LEAVE) - 1);
	if (screen.has_input)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &screen.was);
}

static void enter(void)
{
	struct termios quiet = screen.was;

	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (screen.has_input)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
	(void)!write(STDOUT_FILENO, ENTER, sizeof(ENTER) - 1);
	screen.is_on = 1;
}

static void resized(int)
{
	interrupt_redraw = 1;
}

static void stop(int);

static void handle(int sig, void (*handler)(int), int flags)
{
	const struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	(void)sigaction(sig, &sa, NULL);
}

static void stop(int sig)
{
	int error = errno;
	sigset_t set, old;

	leave();
	(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, &old); /* stops here */
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	handle(sig, stop, SA_RESTART);
	enter();
	interrupt_redraw = 1;
	errno = error;
}

static void crash(int sig)
{
	leave();
	(void)raise(sig); /* its own handler is the default again */
}

void screen_begin(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT };

	screen.has_input = tcgetattr(STDIN_FILENO, &screen.was) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		handle(crashes[i], crash, (int)SA_RESETHAND);
	handle(SIGWINCH, resized, 0);
	handle(SIGTSTP, stop, SA_RESTART);
	interrupt_last = leave;
	enter();
}

/* The escape sequence that sets colours at the start of @s; 0: there is none. */
static size_t colour_len(struct sv s)
{
	size_t i = 2;

	if (s.len < 3 || s.p[0] != '\033' || s.p[1] != '[')
		return 0;
	while (i < s.len && ((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == ';'))
		i++;
	return i < s.len && s.p[i] == 'm' ? i + 1 : 0;
}

/* As much of @line as fits @width cells. */
static void put_clipped(struct text *t, struct sv line, size_t width)
{
	size_t used = 0;

	while (line.len) {
		size_t n = colour_len(line);
		size_t w = 0;
		uint32_t c;

		if (!n) {
			n = utf8_next(line, &c);
			w = c == '\t' ? 8 - used % 8 : utf8_width(sv_first(line, n));
		}
		if (used + w > width)
			return;
		used += w;
		text_sv(t, sv_first(line, n));
		line = sv_from(line, n);
	}
}

static struct sv take_line(struct sv *rest)
{
	ptrdiff_t end = sv_find(*rest, '\n');
	struct sv line = sv_first(*rest, end < 0 ? rest->len : (size_t)end);

	*rest = sv_from(*rest, line.len + (end >= 0));
	return line;
}

int screen_again(void)
{
	struct sv rest = sv_n(screen.frame.p, screen.frame.len);
	bool is_terminal;
	unsigned int width = environ_screen(&is_terminal), lines = environ_lines();
	struct text t = {};
	int r;

	text_str(&t, DRAW);
	for (unsigned int i = 0; rest.len && i < (lines ? lines : 24); i++) {
		text_str(&t, i ? "\r\n" : "");
		put_clipped(&t, take_line(&rest), width ? width : 80);
		text_str(&t, END_LINE);
	}
	text_str(&t, DRAWN);
	r = tell_answer(&t);
	text_done(&t);
	return r;
}

int screen_show(struct sv frame)
{
	screen.frame.len = 0;
	text_sv(&screen.frame, frame);
	return screen.frame.failed ? -ENOMEM : screen_again();
}

int screen_end(void)
{
	int r;

	interrupt_last = NULL;
	leave();
	r = tell_answer(&screen.frame);
	text_done(&screen.frame);
	return r;
}
