/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Sockets that a process holds by threads that do not use its table: they unshared theirs, or the main thread
 * has ended and left its own.
 *
 * Looking for such costs a system call for each process, and some for each thread of those that have several.
 * Nearly always there is nothing to be found, so it is done when a socket was asked for that no process's own
 * table has.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "enrich/procs_impl.h"

enum { TABLES = 16 }; /* of one process to tell apart; more are read once for each thread */

/* Both tables have as many descriptors; false when that is not told. */
static bool has_as_many(const struct procs *p, const struct task *a, const struct task *b)
{
	char path[2][PROCS_PATH];
	struct stat st[2];

	procs_path(a, "fd", path[0]);
	procs_path(b, "fd", path[1]);
	return p->has_fd_count && !fstatat(p->root, path[0], &st[0], 0) &&
	       !fstatat(p->root, path[1], &st[1], 0) && st[0].st_size > 0 && st[0].st_size == st[1].st_size;
}

/* One of a process's tables at hand. */
struct tables {
	uint32_t main;
	uint32_t of[TABLES]; /* indexes of tasks, each with another table; the main one is not among them */
	size_t n;
};

/*
 * Whether the table of thread @t is one that is read already, the process's or another thread's. Where the
 * kernel does not compare them for us, one with as many descriptors is taken for the same. Returns 1, 0 or a
 * negative errno.
 */
static int is_known(const struct procs *p, const struct tables *known, const struct task *t)
{
	const struct task *main = &p->task[known->main];
	int r = procs_shares_table(p, t, main->tid);

	if (r == 1 || r == -ESRCH)
		return 1;
	if (r < 0)
		return has_as_many(p, main, t);
	for (size_t i = 0; i < known->n; i++) {
		r = procs_shares_table(p, t, p->task[known->of[i]].tid);
		if (r == 1)
			return 1;
	}
	return 0;
}

/* Whether the task is one that its parent, or its other threads, wait to be done with. */
static bool has_ended(const struct procs *p, const struct task *t)
{
	char path[PROCS_PATH], buf[512];
	_cleanup_close_ int fd = -1;
	ptrdiff_t end;
	struct sv s;
	ssize_t n;

	procs_path(t, "stat", path);
	fd = file_open_at(p->root, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? fd : file_read_some(fd, buf, sizeof(buf));
	s = sv_n(buf, n > 0 ? (size_t)n : 0);
	end = sv_rfind(s, ')');
	s = end < 0 ? (struct sv){} : sv_from(s, (size_t)end + 1);
	return sv_is(sv_first(s, 2), " Z") || sv_is(sv_first(s, 2), " X");
}

/*
 * Whether the process is somebody else's. One whose table is hidden and may be compared all the same is of
 * the caller: its main thread has ended, and what is told of it is root's then. Its threads tell whether
 * something is hidden.
 */
static bool is_barred(struct procs *p, uint32_t main)
{
	struct task *t = &p->task[main];

	if (!(atomic_load_explicit(&t->flags, memory_order_relaxed) & TASK_HIDDEN))
		return false;
	if (procs_shares_table(p, t, t->tid) < 0 || !has_ended(p, t))
		return true;
	(void)atomic_fetch_and_explicit(&t->flags, (unsigned char)~TASK_HIDDEN, memory_order_relaxed);
	(void)atomic_fetch_sub_explicit(&p->n_hidden, 1, memory_order_relaxed);
	return false;
}

/* Adds those threads of the process @main as tasks whose tables are to be read. */
static int add_threads(struct worker *w, uint32_t main)
{
	struct procs *p = w->p;
	struct tables known = { .main = main };
	size_t from = p->n_task, n = from;
	int r;

	if (is_barred(p, main))
		return 0;
	r = procs_list_threads(w, main);
	if (r < 0)
		return r;
	for (size_t i = from; i < p->n_task; i++) {
		struct task t = p->task[i];

		if (is_known(p, &known, &t))
			continue;
		t.main = main;
		p->task[n] = t;
		if (known.n < TABLES)
			known.of[known.n++] = (uint32_t)n;
		n++;
	}
	p->n_task = n;
	return 0;
}

static int look_apart(struct procs *p, struct err *e)
{
	struct worker *w = &p->worker[p->n_worker];
	size_t n = p->n_task;
	int r = procs_begin(p, p->n_worker);

	for (size_t i = 0; i < n && r >= 0; i++)
		r = add_threads(w, (uint32_t)i);
	if (r < 0)
		return w->err.text[0] ? err_say(e, r, "%s", w->err.text) : err_sys(e, r, "listing threads");
	r = procs_run(p, procs_scan, n, e);
	if (r >= 0)
		r = procs_names(p, n, e);
	if (r < 0)
		return r;
	procs_index_done(&p->apart);
	r = procs_index(p);
	return r < 0 ? err_sys(e, r, "listing threads") : 0;
}

void procs_look_apart(struct procs *p)
{
	p->has_looked_apart = true;
	p->apart_result = look_apart(p, &p->apart_why);
	procs_end(p);
	closep(&p->root);
	p->root = -1;
}
