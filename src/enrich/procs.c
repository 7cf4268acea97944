/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The life of a procs: read everything, build the index, keep the texts. */

#include "enrich/procs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "enrich/procs_impl.h"

struct procs *procs_free(struct procs *p)
{
	if (!p)
		return NULL;
	if (p->worker)
		procs_end(p);
	closep(&p->root);
	for (unsigned int i = 0; i < 2 * p->n_worker; i++)
		text_done(&p->worker[i].text);
	(void)pthread_cond_destroy(&p->queue.changed);
	(void)pthread_mutex_destroy(&p->queue.lock);
	free(p->worker);
	free(p->task);
	procs_index_done(&p->index);
	procs_index_done(&p->apart);
	free(p->found);
	free(p->root_path);
	free(p);
	return NULL;
}

static int make_workers(struct procs *p)
{
	unsigned int n = p->o.jobs ? p->o.jobs : thread_cores();

	n = n < 1 ? 1 : n > PROCS_JOBS_MAX ? PROCS_JOBS_MAX : n;
	p->worker = calloc(2 * (size_t)n, sizeof(*p->worker));
	if (!p->worker)
		return -ENOMEM;
	p->n_worker = n;
	return procs_begin(p, 0);
}

static int read_proc(struct procs *p, struct err *e)
{
	struct worker *w = &p->worker[0];
	int r = procs_list(w);

	p->way = PROCS_PROC;
	if (r < 0)
		return err_say(e, r, "%s", w->err.text);
	r = procs_run(p, procs_scan, 0, e);
	return r < 0 ? r : procs_names(p, 0, e);
}

/* Tries the ways by BPF; @e is why the last one failed. */
static int read_bpf(struct procs *p, struct err *e)
{
	static const enum procs_way ways[] = { PROCS_FD_TABLE, PROCS_TASK_FILE };
	int r = -EOPNOTSUPP;

	for (size_t i = 0; i < ARRAY_SIZE(ways) && r < 0; i++) {
		p->way = ways[i];
		r = procs_bpf(p, p->way, e);
	}
	return r;
}

static int read_all(struct procs *p, struct err *e)
{
	struct worker *w = &p->worker[0];
	int r = procs_probe(w);

	if (r < 0)
		return err_say(e, r, "%s", w->err.text);
	p->way = p->o.way;
	switch (p->way) {
	case PROCS_FD_TABLE:
	case PROCS_TASK_FILE: return procs_bpf(p, p->way, e);
	case PROCS_BPF: return read_bpf(p, e);
	case PROCS_AUTO:
		if (p->has_same_pids && procs_way_likely() != PROCS_PROC && !read_bpf(p, NULL))
			return 0;
		break;
	case PROCS_PROC: break;
	}
	return read_proc(p, e);
}

int procs_new(const struct procs_opts *o, struct procs **ret, struct err *e)
{
	_cleanup_(procs_freep) struct procs *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_sys(e, -ENOMEM, "reading the processes");
	p->o = *o;
	p->root = -1;
	if (p->o.proc_root)
		p->o.way = PROCS_PROC;
	p->o.proc_root = p->root_path = strdup(o->proc_root ? o->proc_root : "/proc");
	(void)pthread_mutex_init(&p->queue.lock, NULL);
	(void)pthread_cond_init(&p->queue.changed, NULL);
	r = p->root_path ? make_workers(p) : -ENOMEM;
	if (r < 0)
		return err_sys(e, r, "reading the processes");
	p->root = open(p->o.proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->root < 0)
		return err_sys(e, -errno, "opening %s", p->o.proc_root);
	r = read_all(p, e);
	if (r < 0)
		return err_context(e, r, "reading the processes");
	r = procs_look(p, &p->sight);
	if (r < 0)
		return err_sys(e, r, "reading the processes: whether all are to be seen");
	r = procs_index(p);
	if (r < 0)
		return err_sys(e, r, "reading the processes");
	procs_end(p);
	p->has_looked_apart = p->way != PROCS_PROC || p->o.want_threads; /* the programs did at once */
	if (p->has_looked_apart) {
		closep(&p->root);
		p->root = -1;
	}
	*ret = take_ptr(p);
	return 0;
}

enum procs_way procs_way(const struct procs *p)
{
	return p->way;
}

size_t procs_sockets(const struct procs *p)
{
	return p->index.n + p->apart.n;
}

uint32_t procs_inode_at(const struct procs *p, size_t i)
{
	return i < p->index.n ? p->index.entry[i].inode : p->apart.entry[i - p->index.n].inode;
}

int procs_nameless(const struct procs *p, struct err *e)
{
	return p->name_result < 0 ? err_say(e, p->name_result, "%s", p->name_why.text) : 0;
}

int procs_trouble(const struct procs *p, struct err *e)
{
	return p->apart_result < 0 ? err_say(e, p->apart_result, "%s", p->apart_why.text) : 0;
}

struct owners procs_find(struct procs *p, uint32_t inode)
{
	size_t n = inode ? procs_index_find(p, inode) : 0;

	if (!n && inode && !p->o.want_threads) {
		if (!p->has_looked_apart)
			procs_look_apart(p);
		n = p->apart.start ? procs_index_find_apart(p, inode) : 0;
	}
	return (struct owners){ .v = p->found, .n = n };
}
