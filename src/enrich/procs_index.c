/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * From inode to owners: all entries in one array, sorted by the hash of the
 * inode, and for each hash where its entries begin. 16 bytes a socket. Tables that threads have apart from
 * their process have an index of their own.
 */

#include <errno.h>
#include <stdlib.h>

#include "enrich/procs_impl.h"

static size_t hash(const struct index *x, uint32_t inode)
{
	return (uint32_t)(inode * UINT32_C(0x9e3779b1)) >> (32 - x->hash_bits);
}

static int compare_runs(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	if (x->task != y->task)
		return (x->task < y->task) - (x->task > y->task);
	return (x->fd < y->fd) - (x->fd > y->fd);
}

/* All runs of tables @is_apart or not, the last task first, within it the highest descriptors first. */
static struct run *sorted_runs(const struct procs *p, bool is_apart, size_t *ret_n)
{
	struct run *v;
	size_t n = 0;

	for (unsigned int i = 0; i < p->n_worker; i++)
		n += p->worker[p->first + i].n_run;
	v = malloc((n ? n : 1) * sizeof(*v));
	if (!v)
		return NULL;
	n = 0;
	for (unsigned int i = 0; i < p->n_worker; i++) {
		const struct worker *w = &p->worker[p->first + i];

		for (size_t j = 0; j < w->n_run; j++)
			if (procs_is_apart(p, &p->task[w->run[j].task]) == is_apart)
				v[n++] = w->run[j];
	}
	qsort(v, n, sizeof(*v), compare_runs);
	*ret_n = n;
	return v;
}

static const struct find *finds_of(const struct procs *p, const struct run *r)
{
	return p->worker[r->worker].v + r->at;
}

/* Leaves .start[h + 1] where the entries of hash h begin; placing them moves it to where they end. */
static void count_hashes(const struct procs *p, struct index *x, const struct run *run, size_t n_run)
{
	size_t n_hash = (size_t)1 << x->hash_bits;
	uint32_t sum = 0;

	for (size_t i = 0; i < n_run; i++) {
		const struct find *v = finds_of(p, &run[i]);

		for (size_t j = 0; j < run[i].n; j++)
			x->start[hash(x, v[j].inode) + 1]++;
	}
	for (size_t h = 1; h <= n_hash; h++) {
		uint32_t n = x->start[h];

		x->start[h] = sum;
		sum += n;
	}
}

static void place_runs(const struct procs *p, struct index *x, const struct run *run, size_t n_run)
{
	for (size_t i = 0; i < n_run; i++) {
		const struct find *v = finds_of(p, &run[i]);

		for (size_t j = run[i].n; j-- > 0;) {
			uint32_t at = x->start[hash(x, v[j].inode) + 1]++;

			x->entry[at] =
				(struct entry){ .inode = v[j].inode, .task = run[i].task, .fd = v[j].fd };
		}
	}
}

/* As many owners as the entries of one hash can stand for. */
static size_t longest_answer(const struct procs *p, const struct index *x)
{
	size_t n_hash = (size_t)1 << x->hash_bits, max = 0;

	for (size_t h = 0; h < n_hash; h++) {
		size_t n = 0;

		for (uint32_t i = x->start[h]; i < x->start[h + 1]; i++)
			n += 1 + (size_t)p->task[x->entry[i].task].n_sharing;
		max = n > max ? n : max;
	}
	return max;
}

void procs_index_done(struct index *x)
{
	free(x->entry);
	free(x->start);
	*x = (struct index){};
}

/* Makes @ret of the tables @is_apart or not. */
static int make_index(struct procs *p, bool is_apart, struct index *x)
{
	size_t n_run = 0, n = 0;
	_cleanup_free_ struct run *run = sorted_runs(p, is_apart, &n_run);

	if (!run)
		return -ENOMEM;
	for (size_t i = 0; i < n_run; i++)
		n += run[i].n;
	if (n >= UINT32_MAX)
		return -ENOMEM;
	x->n = n;
	x->hash_bits = 4;
	while (x->hash_bits < 31 && ((size_t)3 << x->hash_bits) / 2 < n)
		x->hash_bits++;
	x->start = calloc(((size_t)1 << x->hash_bits) + 1, sizeof(*x->start));
	x->entry = malloc((n ? n : 1) * sizeof(*x->entry));
	if (!x->start || !x->entry) {
		procs_index_done(x);
		return -ENOMEM;
	}
	count_hashes(p, x, run, n_run);
	place_runs(p, x, run, n_run);
	return 0;
}

int procs_index(struct procs *p)
{
	int r = p->index.start ? 0 : make_index(p, false, &p->index);
	size_t n, n_apart;
	struct owner *v;

	if (r == 0)
		r = make_index(p, true, &p->apart);
	if (r < 0)
		return r;
	n = longest_answer(p, &p->index);
	n_apart = longest_answer(p, &p->apart);
	n = n > n_apart ? n : n_apart;
	if (n < p->cap_found)
		return 0;
	v = reallocarray(p->found, n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->found = v;
	p->cap_found = n + 1;
	return 0;
}

static struct owner owner_of(const struct procs *p, const struct task *t, uint32_t fd)
{
	const char *text = p->worker[t->name.worker].text.p;
	struct owner o = { .pid = t->pid,
			   .tid = p->o.want_threads ? t->tid : 0,
			   .fd = fd,
			   .holder = t->is_sharing || t->tid == t->pid ? 0 : t->tid };

	if (t->name.comm_len)
		o.comm = sv_n(text + t->name.comm, t->name.comm_len);
	return o;
}

static bool is_nameless(const struct procs *p, size_t task)
{
	return atomic_load_explicit(&p->task[task].flags, memory_order_relaxed) & TASK_NAMELESS;
}

/* The entries @at <= i < @end of one process. Threads that share the main one's table are told apart only
 * here. */
static size_t find_process(struct procs *p, uint32_t inode, uint32_t at, uint32_t end, size_t n)
{
	const struct entry *entry = p->index.entry;
	uint32_t main = p->task[entry[at].task].main, of_main = end;

	while (of_main > at && entry[of_main - 1].task == main)
		of_main--;
	for (size_t k = (size_t)p->task[main].n_thread + 1; k-- > 0;) {
		size_t t = main + k;
		uint32_t i = p->task[t].is_sharing ? of_main : at;
		uint32_t task = p->task[t].is_sharing ? main : (uint32_t)t;

		for (; i < end && entry[i].task == task; i++) {
			if (entry[i].inode == inode && !is_nameless(p, t))
				p->found[n++] = owner_of(p, &p->task[t], entry[i].fd);
		}
		if (!p->task[t].is_sharing)
			at = i;
	}
	return n;
}

size_t procs_index_find(struct procs *p, uint32_t inode)
{
	const struct index *x = &p->index;
	size_t h = hash(x, inode), n = 0;
	uint32_t i = x->start[h], end = x->start[h + 1];

	while (i < end) {
		uint32_t main = p->task[x->entry[i].task].main, next = i;
		bool is_any = false;

		for (; next < end && p->task[x->entry[next].task].main == main; next++)
			is_any |= x->entry[next].inode == inode;
		if (is_any)
			n = find_process(p, inode, i, next, n);
		i = next;
	}
	return n;
}

static int compare_owners(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->pid != y->pid)
		return (x->pid < y->pid) - (x->pid > y->pid);
	if (x->fd != y->fd)
		return (x->fd < y->fd) - (x->fd > y->fd);
	return (x->holder > y->holder) - (x->holder < y->holder);
}

size_t procs_index_find_apart(struct procs *p, uint32_t inode)
{
	const struct index *x = &p->apart;
	size_t h = hash(x, inode), n = 0, n_kept = 0;

	for (uint32_t i = x->start[h]; i < x->start[h + 1]; i++)
		if (x->entry[i].inode == inode && !is_nameless(p, x->entry[i].task))
			p->found[n++] = owner_of(p, &p->task[x->entry[i].task], x->entry[i].fd);
	if (n > 1)
		qsort(p->found, n, sizeof(*p->found), compare_owners);
	for (size_t i = 0; i < n; i++) {
		const struct owner *o = &p->found[i], *last = n_kept ? &p->found[n_kept - 1] : NULL;

		if (!last || last->pid != o->pid || last->fd != o->fd)
			p->found[n_kept++] = *o;
	}
	return n_kept;
}

void procs_foresee(const struct procs *p, uint32_t soon, uint32_t later)
{
	const struct index *x = &p->index;

	__builtin_prefetch(&x->entry[x->start[hash(x, soon)]]);
	__builtin_prefetch(&x->start[hash(x, later)]);
}
