/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { WORKS = 8, NONE = -1 };

static struct work {
	const char *what; /* NULL: free */
	uint64_t all;
	_Atomic uint64_t done;
} works[WORKS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool is_watched;
static void (*show_now)(const char *what, uint64_t done, uint64_t all);
static void (*hide_now)(void);

void progress_watch(void (*show)(const char *what, uint64_t done, uint64_t all), void (*hide)(void))
{
	(void)pthread_mutex_lock(&lock);
	show_now = show;
	hide_now = hide;
	is_watched = show != NULL;
	(void)pthread_mutex_unlock(&lock);
}

void progress_look(void)
{
	(void)pthread_mutex_lock(&lock);
	for (size_t i = WORKS; show_now && i-- > 0;) {
		if (!works[i].what)
			continue;
		show_now(works[i].what, works[i].done, works[i].all);
		break;
	}
	(void)pthread_mutex_unlock(&lock);
}

int progress_enter(const char *what, uint64_t all)
{
	int work = WORKS;

	if (!is_watched)
		return NONE;
	(void)pthread_mutex_lock(&lock);
	while (work > 0 && !works[work - 1].what)
		work--;
	if (work < WORKS) {
		works[work].what = what;
		works[work].all = all;
		works[work].done = 0;
	} else {
		work = NONE;
	}
	(void)pthread_mutex_unlock(&lock);
	return work;
}

void progress_set(int work, uint64_t done)
{
	if (work >= 0)
		atomic_store_explicit(&works[work].done, done, memory_order_relaxed);
}

void progress_leave(int work)
{
	if (work < 0)
		return;
	(void)pthread_mutex_lock(&lock);
	if (hide_now)
		hide_now();
	works[work].what = NULL;
	(void)pthread_mutex_unlock(&lock);
}
