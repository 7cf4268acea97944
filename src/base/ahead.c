/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"

/* Who waits is woken when half of the ring is his, so that waking is rare. */
enum { RING = 8, HALF = RING / 2 };

struct ahead {
	ahead_fill *fill;
	void *ctx;
	size_t cap;
	char *buf; /* RING of .cap bytes; what is never filled takes no memory */
	pthread_t thread;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	size_t n_filled, n_done; /* buffers filled, and given back */
	bool has_ended, must_stop;
	bool is_waiting; /* one of the two; never both */
	ssize_t len[RING];

	bool is_out; /* the caller's: he has a buffer */
};

static void wait_change(struct ahead *a)
{
	a->is_waiting = true;
	(void)pthread_cond_wait(&a->changed, &a->lock);
}

static void wake(struct ahead *a)
{
	if (a->is_waiting)
		(void)pthread_cond_signal(&a->changed);
	a->is_waiting = false;
}

static void *work(void *arg)
{
	struct ahead *a = arg;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->has_ended && !a->must_stop) {
		size_t i = a->n_filled % RING;
		bool is_last = false;
		ssize_t n;

		if (a->n_filled - a->n_done == RING) {
			while (a->n_filled - a->n_done > HALF && !a->must_stop)
				wait_change(a);
			continue;
		}
		(void)pthread_mutex_unlock(&a->lock);
		n = a->fill(a->ctx, a->buf + i * a->cap, a->cap, &is_last);
		(void)pthread_mutex_lock(&a->lock);
		a->has_ended = n == -EAGAIN || is_last;
		a->len[i] = n;
		a->n_filled += n != -EAGAIN;
		if (a->has_ended || a->n_filled - a->n_done >= HALF)
			wake(a);
	}
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}

int ahead_next(struct ahead *a, const char **ret, ssize_t *ret_len)
{
	bool has_one;

	(void)pthread_mutex_lock(&a->lock);
	a->n_done += a->is_out;
	if (a->n_filled - a->n_done == HALF)
		wake(a);
	if (a->n_filled == a->n_done) {
		while (a->n_filled - a->n_done < HALF && !a->has_ended)
			wait_change(a);
	}
	has_one = a->n_filled > a->n_done;
	if (has_one) {
		size_t i = a->n_done % RING;

		*ret = a->buf + i * a->cap;
		*ret_len = a->len[i];
	}
	(void)pthread_mutex_unlock(&a->lock);
	a->is_out = has_one;
	return has_one;
}

static void free_all(struct ahead *a)
{
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->lock);
	free(a->buf);
	free(a);
}

struct ahead *ahead_stop(struct ahead *a)
{
	if (!a)
		return NULL;
	(void)pthread_mutex_lock(&a->lock);
	a->must_stop = true;
	wake(a);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	free_all(a);
	return NULL;
}

struct ahead *ahead_start(ahead_fill *fill, void *ctx, size_t cap)
{
	struct ahead *a = thread_cores() > 1 ? calloc(1, sizeof(*a)) : NULL;

	if (!a)
		return NULL;
	a->fill = fill;
	a->ctx = ctx;
	a->cap = cap;
	a->buf = malloc(RING * cap);
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->changed, NULL);
	if (!a->buf) {
		free_all(a);
		return NULL;
	}
	if (thread_start(&a->thread, work, a) < 0) {
		free_all(a);
		return NULL;
	}
	return a;
}
