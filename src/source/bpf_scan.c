/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_scan.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "bpf/load.h"

enum {
	PART = 16, /* buckets that a thread takes at a time: a multiple of 8, so that none shares a byte, and
	       few, as neighbouring ports lie in neighbouring buckets */
	STEPS = 8192, /* sockets that one run passes: less than a millisecond */
};

/* What the threads share; beyond .next each writes its own parts of the set only. */
struct scan {
	int program;
	struct bpf_buckets *found;
	_Atomic uint32_t next; /* the first bucket that nobody has taken */
};

struct worker {
	struct scan *scan;
	struct tcp_scan *window;
	uint32_t i;
	int r;
	struct err err;
};

int bpf_buckets_make(struct bpf_buckets *b, uint32_t n)
{
	b->bits = calloc(n / 8 + 1, 1);
	b->n = n;
	return b->bits ? 0 : -ENOMEM;
}

void bpf_buckets_clear(struct bpf_buckets *b)
{
	if (b->bits)
		memset(b->bits, 0, b->n / 8 + 1);
}

void bpf_buckets_add(struct bpf_buckets *b, uint32_t bucket)
{
	if (bucket < b->n)
		b->bits[bucket / 8] |= (uint8_t)(1u << bucket % 8);
}

static int run(struct worker *w, uint32_t first, uint32_t end)
{
	uint32_t value;
	int r;

	w->window->first = first;
	w->window->end = end;
	w->window->max_steps = STEPS;
	r = bpf_load_run(w->scan->program, w->i, &value, &w->err);
	if (r < 0)
		return r;
	if (w->window->is_skipped)
		return err_say(&w->err, -E2BIG,
			       "a list of the kernel's sockets is too long, or changes all the time");
	if (w->window->n_found > WALK_BUCKETS || w->window->next < first || w->window->next > end ||
	    !w->window->buckets || w->window->buckets > BPF_BUCKETS_MAX)
		return err_say(&w->err, -EBADMSG, "the BPF walk makes no sense");
	return 0;
}

static int scan_part(struct worker *w, uint32_t first, uint32_t end)
{
	w->window->is_kept = 0;
	while (first < end) {
		int r = run(w, first, end);

		if (r < 0)
			return r;
		for (uint32_t i = 0; i < w->window->n_found; i++)
			if (w->window->found[i] >= first && w->window->found[i] < end)
				bpf_buckets_add(w->scan->found, w->window->found[i]);
		first = w->window->next;
	}
	return 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint32_t n = w->scan->found->n;

	while (w->r >= 0) {
		uint32_t first = atomic_fetch_add(&w->scan->next, PART);

		if (first >= n)
			break;
		w->r = scan_part(w, first, n - first < PART ? n : first + PART);
	}
	/* No need for the others to go on. */
	if (w->r < 0)
		atomic_store(&w->scan->next, n);
	return NULL;
}

int bpf_scan(int program, struct tcp_scan *scans, struct bpf_buckets *ret, struct err *e)
{
	struct scan scan = { .program = program, .found = ret };
	struct worker worker[TCP_SCANS] = {};
	pthread_t thread[TCP_SCANS];
	unsigned int n = 1;

	for (uint32_t i = 0; i < TCP_SCANS; i++) {
		worker[i] = (struct worker){ .scan = &scan, .window = &scans[i], .i = i };
		scans[i].is_kept = 0;
	}
	worker->r = run(worker, 0, 0); /* tells how many buckets there are */
	if (worker->r < 0)
		return err_say(e, worker->r, "%s", worker->err.text);
	if (!ret->bits && bpf_buckets_make(ret, scans->buckets) < 0)
		return err_sys(e, -ENOMEM, "BPF walk");
	/* When no thread can be had, one does it all. */
	while (n < TCP_SCANS && n < thread_cores() && !thread_start(&thread[n], work, &worker[n]))
		n++;
	(void)work(worker);
	for (unsigned int i = 1; i < n; i++)
		(void)pthread_join(thread[i], NULL);
	for (unsigned int i = 0; i < n; i++)
		if (worker[i].r < 0)
			return err_say(e, worker[i].r, "%s", worker[i].err.text);
	return 0;
}
