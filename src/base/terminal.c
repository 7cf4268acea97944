/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/terminal.h"

#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"

enum {
	WRITE_MS = 500,  /* a terminal that takes nothing for so long is left as it is */
	ANSWER_MS = 250, /* what it owes has come by then */
};

static struct {
	struct terminal_opts o;
	struct termios was;
	bool has_input; /* .was is what the terminal did with what is typed */
	volatile sig_atomic_t is_on;
} held;

volatile sig_atomic_t terminal_changed, terminal_owes;

/* In handlers too, as all down to terminal_give_back(): nothing else may be called there. */
static void put(struct sv s)
{
	struct pollfd p = { .fd = held.o.out, .events = POLLOUT };

	while (s.len) {
		ssize_t n = write(held.o.out, s.p, s.len);

		if (n > 0)
			s = sv_from(s, (size_t)n);
		else if (n < 0 && errno != EINTR && (errno != EAGAIN || poll(&p, 1, WRITE_MS) <= 0))
			return;
	}
}

void terminal_give_back(void)
{
	struct pollfd p = { .fd = held.o.in, .events = POLLIN };

	if (!held.is_on)
		return;
	held.is_on = 0;
	put(held.o.leave);
	if (!held.has_input)
		return;
	if (terminal_owes) {
		(void)poll(&p, 1, ANSWER_MS);
		(void)tcflush(held.o.in, TCIFLUSH); /* TCSAFLUSH would wait for what is not taken */
	}
	(void)tcsetattr(held.o.in, TCSANOW, &held.was);
	terminal_owes = 0;
}

static void enter(void)
{
	struct termios now = held.was;

	now.c_lflag &= ~(tcflag_t)ECHO;
	if (held.o.is_raw) {
		now.c_lflag &= ~(tcflag_t)(ICANON | IEXTEN);
		now.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR | ISTRIP);
		now.c_cc[VMIN] = 1;
		now.c_cc[VTIME] = 0;
	}
	if (held.has_input)
		(void)tcsetattr(held.o.in, TCSANOW, &now);
	put(held.o.enter);
	held.is_on = 1;
}

static void changed(int)
{
	terminal_changed = 1;
}

/* After SIGSTOP, which cannot be seen to come. */
static void resumed(int)
{
	int error = errno;

	if (held.is_on)
		enter();
	terminal_changed = 1;
	errno = error;
}

static void handle(int sig, void (*handler)(int), int flags)
{
	const struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	(void)sigaction(sig, &sa, NULL);
}

static void stop(int sig)
{
	int error = errno;
	sigset_t set, old;

	terminal_give_back();
	(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, &old); /* stops here */
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	handle(sig, stop, SA_RESTART);
	enter();
	terminal_changed = 1;
	errno = error;
}

static void crash(int sig)
{
	terminal_give_back();
	(void)raise(sig); /* its own handler is the default again */
}

void terminal_take(const struct terminal_opts *o)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT };

	held.o = *o;
	held.has_input = tcgetattr(o->in, &held.was) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		handle(crashes[i], crash, (int)SA_RESETHAND);
	handle(SIGWINCH, changed, 0);
	handle(SIGTSTP, stop, SA_RESTART);
	handle(SIGCONT, resumed, SA_RESTART);
	enter();
}
