/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * From inode to owners: all entries in one array, sorted by the hash of the
 * inode, and for each hash where its entries begin. 16 bytes a socket.
 */

#include <errno.h>
#include <stdlib.h>

#include "enrich/procs_impl.h"

static size_t hash(const struct procs *p, uint32_t inode)
{
	return (uint32_t)(inode * UINT32_C(0x9e3779b1)) >> (32 - p->hash_bits);
}

static int compare_runs(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->task != y->task)
		return (x->task < y->task) - (x->task > y->task);
	return (x->fd < y->fd) - (x->fd > y->fd);
}

/* All runs, the last task first, within it the highest descriptors first. */
static struct run *sorted_runs(const struct procs *p, size_t *ret_n)
{
	struct run *v;
	size_t n = 0;

	for (unsigned int i = 0; i < p->n_worker; i++)
		n += p->worker[i].n_run;
	v = malloc((n ? n : 1) * sizeof(*v));
	if (!v)
		return NULL;
	*ret_n = n;
	n = 0;
	for (unsigned int i = 0; i < p->n_worker; i++) {
		const struct worker *w = &p->worker[i];

		if (w->n_run)
			memcpy(v + n, w->run, w->n_run * sizeof(*v));
		n += w->n_run;
	}
	qsort(v, n, sizeof(*v), compare_runs);
	return v;
}

/* Leaves .start[h + 1] where the entries of hash h begin; placing them moves it to where they end. */
static void count_hashes(struct procs *p)
{
	size_t n_hash = (size_t)1 << p->hash_bits;
	uint32_t sum = 0;

	for (unsigned int i = 0; i < p->n_worker; i++) {
		const struct worker *w = &p->worker[i];

		for (size_t j = 0; j < w->n; j++)
			p->start[hash(p, w->v[j].inode) + 1]++;
	}
	for (size_t h = 1; h <= n_hash; h++) {
		uint32_t n = p->start[h];

		p->start[h] = sum;
		sum += n;
	}
}

static void place_runs(struct procs *p, const struct run *run, size_t n_run)
{
	for (size_t i = 0; i < n_run; i++) {
		const struct find *v = p->worker[run[i].worker].v + run[i].at;

		for (size_t j = run[i].n; j-- > 0;) {
			uint32_t at = p->start[hash(p, v[j].inode) + 1]++;

			p->entry[at] =
				(struct entry){ .inode = v[j].inode, .task = run[i].task, .fd = v[j].fd };
		}
	}
}

/* As many owners as the entries of one hash can stand for. */
static size_t longest_answer(const struct procs *p)
{
	size_t n_hash = (size_t)1 << p->hash_bits, max = 0;

	for (size_t h = 0; h < n_hash; h++) {
		size_t n = 0;

		for (uint32_t i = p->start[h]; i < p->start[h + 1]; i++)
			n += 1 + (size_t)p->task[p->entry[i].task].n_sharing;
		max = n > max ? n : max;
	}
	return max;
}

int procs_index(struct procs *p)
{
	_cleanup_free_ struct run *run = NULL;
	size_t n_run = 0, n = 0, n_hash;

	for (unsigned int i = 0; i < p->n_worker; i++)
		n += p->worker[i].n;
	if (n >= UINT32_MAX)
		return -ENOMEM;
	p->n_entry = n;
	p->hash_bits = 4;
	while (p->hash_bits < 31 && ((size_t)3 << p->hash_bits) / 2 < n)
		p->hash_bits++;
	n_hash = (size_t)1 << p->hash_bits;
	run = sorted_runs(p, &n_run);
	p->start = calloc(n_hash + 1, sizeof(*p->start));
	p->entry = malloc((n ? n : 1) * sizeof(*p->entry));
	if (!run || !p->start || !p->entry)
		return -ENOMEM;
	count_hashes(p);
	place_runs(p, run, n_run);
	n = longest_answer(p);
	p->found = calloc(n ? n : 1, sizeof(*p->found));
	return p->found ? 0 : -ENOMEM;
}

static struct owner owner_of(const struct procs *p, const struct task *t, uint32_t fd)
{
	const char *text = p->worker[t->name.worker].text.p;
	struct owner o = { .pid = t->pid, .tid = p->o.want_threads ? t->tid : 0, .fd = fd };

	if (t->name.comm_len)
		o.comm = sv_n(text + t->name.comm, t->name.comm_len);
	return o;
}

/* The entries @at <= i < @end of one process. Threads that share the main one's table are told apart only
 * here. */
static size_t find_process(struct procs *p, uint32_t inode, uint32_t at, uint32_t end, size_t n)
{
	uint32_t main = p->task[p->entry[at].task].main, of_main = end;

	while (of_main > at && p->entry[of_main - 1].task == main)
		of_main--;
	for (size_t k = (size_t)p->task[main].n_thread + 1; k-- > 0;) {
		size_t t = main + k;
		uint32_t i = p->task[t].is_sharing ? of_main : at;
		uint32_t task = p->task[t].is_sharing ? main : (uint32_t)t;

		for (; i < end && p->entry[i].task == task; i++) {
			if (p->entry[i].inode == inode)
				p->found[n++] = owner_of(p, &p->task[t], p->entry[i].fd);
		}
		if (!p->task[t].is_sharing)
			at = i;
	}
	return n;
}

struct owners procs_find(struct procs *p, uint32_t inode)
{
	size_t h = hash(p, inode), n = 0;
	uint32_t i = p->start[h], end = p->start[h + 1];

	while (i < end) {
		uint32_t main = p->task[p->entry[i].task].main, next = i;
		bool is_any = false;

		for (; next < end && p->task[p->entry[next].task].main == main; next++)
			is_any |= p->entry[next].inode == inode;
		if (is_any)
			n = find_process(p, inode, i, next, n);
		i = next;
	}
	return (struct owners){ p->found, n };
}

void procs_foresee(const struct procs *p, uint32_t soon, uint32_t later)
{
	__builtin_prefetch(&p->entry[p->start[hash(p, soon)]]);
	__builtin_prefetch(&p->start[hash(p, later)]);
}
