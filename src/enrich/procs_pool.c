/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A queue of work, and the workers that empty it. The calling thread is one of them. */

#include <errno.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/thread.h"
#include "enrich/procs_impl.h"

int procs_fail(struct worker *w, int r, const char *what, const char *path)
{
	return err_sys(&w->err, r, "%s %s/%s", what, w->p->o.proc_root, path);
}

void procs_end(struct procs *p)
{
	for (unsigned int i = 0; i < p->n_worker; i++) {
		struct worker *w = &p->worker[p->first + i];

		free(w->v);
		free(w->run);
		free(w->buf);
		w->v = NULL;
		w->run = NULL;
		w->buf = NULL;
		w->n = w->cap = w->n_run = w->cap_run = 0;
	}
	free(p->queue.v);
	p->queue.v = NULL;
	p->queue.n = p->queue.cap = 0;
}

int procs_begin(struct procs *p, unsigned int first)
{
	p->first = first;
	for (unsigned int i = 0; i < p->n_worker; i++) {
		struct worker *w = &p->worker[first + i];

		w->p = p;
		w->buf = malloc(PROCS_BUF);
		if (!w->buf)
			return -ENOMEM;
	}
	return 0;
}

int procs_grow(void *v, size_t n, size_t *cap, size_t size)
{
	void *old, *new;
	size_t len;

	if (n < *cap)
		return 0;
	n = *cap ? *cap : 64;
	if (__builtin_mul_overflow(n, (size_t)2, &n) || __builtin_mul_overflow(n, size, &len))
		return -ENOMEM;
	memcpy(&old, v, sizeof(old));
	new = realloc(old, len);
	if (!new)
		return -ENOMEM;
	memcpy(v, &new, sizeof(new));
	*cap = n;
	return 0;
}

int procs_push(struct procs *p, const struct unit *u)
{
	struct queue *q = &p->queue;
	int r;

	(void)pthread_mutex_lock(&q->lock);
	r = procs_grow(&q->v, q->n, &q->cap, sizeof(*q->v));
	if (!r)
		q->v[q->n++] = *u;
	(void)pthread_cond_signal(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
	return r;
}

/* Parts go last: threads reading the same table get into each other's way. False when all is done. */
static bool take_unit(struct queue *q, struct unit *ret)
{
	bool is_found = false;

	(void)pthread_mutex_lock(&q->lock);
	while (!q->has_failed && !q->n && q->next == q->end && q->active)
		(void)pthread_cond_wait(&q->changed, &q->lock);
	if (!q->has_failed && q->next < q->end) {
		progress_set(q->progress, q->next - q->first);
		*ret = (struct unit){ .task = q->next++, .to = UINT32_MAX };
		is_found = true;
	} else if (!q->has_failed && q->n) {
		*ret = q->v[--q->n];
		is_found = true;
	}
	q->active += is_found;
	(void)pthread_mutex_unlock(&q->lock);
	return is_found;
}

static void finish_unit(struct queue *q, bool has_failed)
{
	(void)pthread_mutex_lock(&q->lock);
	q->active--;
	q->has_failed |= has_failed;
	if (!q->active || q->has_failed)
		(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct queue *q = &w->p->queue;
	struct unit u;

	while (take_unit(q, &u)) {
		w->r = q->work(w, &u);
		finish_unit(q, w->r < 0);
		if (w->r < 0)
			break;
	}
	return NULL;
}

int procs_run(struct procs *p, procs_work *fn, size_t from, struct err *e)
{
	struct worker *workers = &p->worker[p->first];
	pthread_t thread[PROCS_JOBS_MAX];
	unsigned int n_thread = 0;

	p->queue.work = fn;
	p->queue.next = p->queue.first = (uint32_t)from;
	p->queue.end = (uint32_t)p->n_task;
	p->queue.progress = progress_enter("reading processes", p->n_task - from);
	/* When a thread cannot be had, those there are do its work. */
	while (n_thread + 1 < p->n_worker && !thread_start(&thread[n_thread], work, &workers[n_thread + 1]))
		n_thread++;
	(void)work(&workers[0]);
	for (unsigned int i = 0; i < n_thread; i++)
		(void)pthread_join(thread[i], NULL);
	progress_leave(p->queue.progress);
	for (unsigned int i = 0; i < p->n_worker; i++) {
		if (workers[i].r < 0)
			return err_say(e, workers[i].r, "%s", workers[i].err.text);
	}
	return 0;
}
