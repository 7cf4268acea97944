/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/ticker.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/environ.h"
#include "base/progress.h"
#include "base/thread.h"

#define ERASE "\r\033[K"

enum { FIRST_NS = 500000000, AGAIN_NS = 100000000, LINE_MAX_LEN = 128 };

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool is_on, is_over;
	volatile sig_atomic_t is_shown;
	volatile sig_atomic_t is_ending;
	bool has_handlers;
} ticker = { .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };

/* In handlers too: nothing else may be called there. */
static void erase(void)
{
	if (ticker.is_shown)
		(void)!write(STDERR_FILENO, ERASE, sizeof(ERASE) - 1);
	ticker.is_shown = 0;
}

static void end_by(int sig)
{
	int error = errno;

	ticker.is_ending = 1;
	erase();
	ticker.is_ending = sig != SIGTSTP;
	(void)raise(sig); /* its own handler is the default again, and it comes when this returns */
	errno = error;
}

/* Where a signal would be the end, or stop us, no line is left. */
static void take_signals(void)
{
	const struct sigaction sa = { .sa_handler = end_by, .sa_flags = (int)SA_RESETHAND };

	if (ticker.has_handlers)
		return;
	ticker.has_handlers = true;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			(void)sigaction(signals[i], &sa, NULL);
	}
}

static void give_signals_back(void)
{
	for (size_t i = 0; ticker.has_handlers && i < ARRAY_SIZE(signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == end_by)
			(void)signal(signals[i], SIG_DFL);
	}
	ticker.has_handlers = false;
}

static void show(const char *what, uint64_t done, uint64_t all)
{
	char line[LINE_MAX_LEN];
	struct winsize size = {};
	int n;

	if (ticker.is_ending)
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		size.ws_col = 80;
	if (all)
		n = snprintf(line, sizeof(line), "%s: %" PRIu64 " of %" PRIu64, what, done, all);
	else if (done)
		n = snprintf(line, sizeof(line), "%s: %" PRIu64, what, done);
	else
		n = snprintf(line, sizeof(line), "%s", what);
	if (n >= size.ws_col) /* the last column would begin another line */
		n = size.ws_col - 1;
	take_signals();
	ticker.is_shown = 1;
	(void)dprintf(STDERR_FILENO, "\r%.*s\033[K", n, line);
}

static void *tick(void *)
{
	int64_t now = clock_monotonic_us();
	struct timespec at;
	long step = FIRST_NS;

	at = (struct timespec){ .tv_sec = now / 1000000, .tv_nsec = now % 1000000 * 1000 };
	(void)pthread_mutex_lock(&ticker.lock);
	while (!ticker.is_over) {
		at.tv_nsec += step;
		at.tv_sec += at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		if (pthread_cond_clockwait(&ticker.ended, &ticker.lock, CLOCK_MONOTONIC, &at) != ETIMEDOUT)
			continue;
		progress_look();
		step = AGAIN_NS;
	}
	(void)pthread_mutex_unlock(&ticker.lock);
	return NULL;
}

void ticker_begin(void)
{
	if (!isatty(STDERR_FILENO) || !environ_has_screen())
		return;
	progress_watch(show, erase);
	ticker.is_over = false;
	ticker.is_on = thread_start(&ticker.thread, tick, NULL) == 0;
}

void ticker_end(void)
{
	if (!ticker.is_on)
		return;
	(void)pthread_mutex_lock(&ticker.lock);
	ticker.is_over = true;
	(void)pthread_cond_signal(&ticker.ended);
	(void)pthread_mutex_unlock(&ticker.lock);
	(void)pthread_join(ticker.thread, NULL);
	progress_watch(NULL, NULL);
	erase();
	give_signals_back();
	ticker.is_on = false;
}
