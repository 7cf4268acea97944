/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Threads that only compute: the signals of the process are not for them.
 */

#include <pthread.h>

/* How many cores this process may use, at least 1. */
unsigned int thread_cores(void);

/* Starts @work(@arg) with all signals blocked but those of its own faults. Returns 0 or a negative errno;
 * then there is no *@ret. */
int thread_start(pthread_t *ret, void *(*work)(void *arg), void *arg);
