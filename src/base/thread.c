/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/thread.h"

#include <sched.h>
#include <signal.h>

#include "base/cleanup.h"

unsigned int thread_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1; /* more cores than the set can hold, or none told */
	return (unsigned int)CPU_COUNT(&set);
}

int thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg)
{
	/* Held back, they would end the process without its handlers, which give the terminal back. */
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	sigset_t all, old;
	int k;

	(void)sigfillset(&all);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		(void)sigdelset(&all, faults[i]);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	k = pthread_create(ret, NULL, work, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -k;
}
