/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/terminal.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

volatile sig_atomic_t interrupt_came, interrupt_asked;
void (*volatile interrupt_last)(void);

static void note(int sig)
{
	if (!interrupt_came) {
		interrupt_came = 1;
		return;
	}
	if (interrupt_last)
		interrupt_last();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig); /* when this returns */
}

void interrupt_catch(void)
{
	const struct sigaction sa = { .sa_handler = note, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &sa, NULL);
	}
}

static void note_asking(int)
{
	interrupt_asked = 1;
}

void interrupt_catch_asking(void)
{
	const struct sigaction sa = { .sa_handler = note_asking, .sa_flags = SA_RESTART };

	(void)sigaction(SIGUSR1, &sa, NULL);
}

void interrupt_hold(sigset_t *ret)
{
	sigset_t ends;

	(void)sigemptyset(&ends);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaddset(&ends, signals[i]);
	(void)sigaddset(&ends, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &ends, ret);
}

/* With the signals held back but for the wait itself. */
static int wait_held(int64_t at_us, int fd, int wake, const sigset_t *mask)
{
	/* No event is asked for: what is told without being asked is that the other end is gone. */
	struct pollfd p[] = { { .fd = fd, .events = 0 }, { .fd = wake, .events = POLLIN } };

	while (!interrupt_came) {
		int64_t left = at_us - clock_monotonic_us();
		struct timespec ts = { .tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000 };

		if (interrupt_asked)
			return -EAGAIN;
		if (terminal_changed) {
			terminal_changed = 0;
			return -EAGAIN;
		}
		if (left <= 0)
			return 0;
		if (ppoll(p, ARRAY_SIZE(p), &ts, mask) > 0)
			return p[0].revents ? -EPIPE : 1;
	}
	return -EINTR;
}

int interrupt_wait(int64_t at_us, int fd, int wake)
{
	sigset_t mask;
	int r;

	interrupt_hold(&mask);
	r = wait_held(at_us, fd, wake, &mask);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return r;
}
