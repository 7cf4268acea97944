/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/thread.h"

#include <sched.h>
#include <signal.h>

unsigned int thread_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1; /* more cores than the set can hold, or none told */
	return (unsigned int)CPU_COUNT(&set);
}

int thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg)
{
	sigset_t all, old;
	int k;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	k = pthread_create(ret, NULL, work, arg);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -k;
}
