/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Reading directories, numbers and tasks under the root. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "enrich/procs_impl.h"

int dir_fill(struct dir *d)
{
	long n = syscall(SYS_getdents64, d->fd, d->buf, (size_t)PROCS_BUF);

	d->at = d->len = 0;
	if (n < 0)
		return -errno;
	d->len = (size_t)n;
	return n > 0;
}

const char *dir_next(struct dir *d)
{
	const size_t name_at = offsetof(struct dirent64, d_name);
	const char *rec = d->buf + d->at;
	uint16_t len;

	if (d->len - d->at <= name_at)
		return NULL;
	memcpy(&len, rec + offsetof(struct dirent64, d_reclen), sizeof(len));
	if (len <= name_at || len > d->len - d->at)
		return NULL;
	d->at += len;
	return rec + name_at;
}

bool procs_number(const char *s, size_t len, uint32_t max, uint32_t *ret)
{
	uint64_t v = 0;

	if (!len || len > 10 || (s[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	if (v > max)
		return false;
	*ret = (uint32_t)v;
	return true;
}

void procs_path(const struct task *t, const char *leaf, char *ret)
{
	if (t->tid != t->pid)
		(void)snprintf(ret, PROCS_PATH, "%" PRIu32 "/task/%" PRIu32 "/%s", t->pid, t->tid, leaf);
	else
		(void)snprintf(ret, PROCS_PATH, "%" PRIu32 "/%s", t->pid, leaf);
}

bool procs_is_gone(const struct procs *p, int r)
{
	/* In a directory that is only built alike anything may have a number for its name. */
	return r == -ENOENT || r == -ESRCH || (!p->is_procfs && (r == -ENOTDIR || r == -ELOOP));
}

void procs_hide(struct procs *p, const struct task *t)
{
	unsigned char was =
		atomic_fetch_or_explicit(&p->task[t->main].flags, TASK_HIDDEN, memory_order_relaxed);

	if (!(was & TASK_HIDDEN))
		(void)atomic_fetch_add_explicit(&p->n_hidden, 1, memory_order_relaxed);
}

/* True when the directory of our own descriptors can be entered at a descriptor, and sets .has_fd_count. */
static bool probe_fds(struct worker *w)
{
	struct procs *p = w->p;
	_cleanup_close_ int fd = openat(p->root, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dir d = { .fd = fd, .buf = w->buf };
	const char *name;
	struct stat st;
	uint32_t first;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	p->has_fd_count = st.st_size > 0;
	if (lseek(fd, (off_t)fd + 2, SEEK_SET) < 0 || dir_fill(&d) <= 0)
		return false;
	name = dir_next(&d);
	return name && procs_number(name, strlen(name), INT32_MAX, &first) && first == (uint32_t)fd;
}

int procs_probe(struct worker *w)
{
	struct procs *p = w->p;
	struct statfs fs;
	char self[16];
	ssize_t n;
	uint32_t pid;

	if (fstatfs(p->root, &fs) < 0)
		return procs_fail(w, -errno, "examining", "");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return 0;
	n = readlinkat(p->root, "self", self, sizeof(self));
	if (n < 0 && errno != ENOENT)
		return procs_fail(w, -errno, "reading", "self");
	p->has_same_pids =
		n > 0 && procs_number(self, (size_t)n, INT32_MAX, &pid) && pid == (uint32_t)getpid();
	p->is_procfs = probe_fds(w);
	p->has_fd_count = p->has_fd_count && p->is_procfs;
	return 0;
}

int procs_add_task(struct procs *p, uint32_t pid, uint32_t tid)
{
	int r = procs_grow(&p->task, p->n_task, &p->cap_task, sizeof(*p->task));

	if (r < 0)
		return r;
	p->task[p->n_task] = (struct task){ .pid = pid, .tid = tid, .main = (uint32_t)p->n_task };
	p->n_task++;
	return 0;
}

static int compare_tasks(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* Appends a task for each number in the directory @path other than @except, ascending. */
static int list_numbers(struct worker *w, const char *path, uint32_t pid)
{
	_cleanup_close_ int fd = file_open_at(w->p->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dir d = { .fd = fd, .buf = w->buf };
	struct procs *p = w->p;
	size_t from = p->n_task;
	const char *name;
	int r;

	if (fd < 0)
		return procs_fail(w, fd, "opening", path);
	while ((r = dir_fill(&d)) > 0) {
		while ((name = dir_next(&d))) {
			uint32_t n;

			if (!procs_number(name, strlen(name), INT32_MAX, &n) || !n || n == pid)
				continue;
			r = procs_add_task(p, pid ? pid : n, n);
			if (r < 0)
				return procs_fail(w, r, "listing", path);
		}
	}
	if (r < 0)
		return procs_fail(w, r, "listing", path);
	if (p->n_task > from)
		qsort(p->task + from, p->n_task - from, sizeof(*p->task), compare_tasks);
	for (size_t i = from; i < p->n_task; i++)
		p->task[i].main = (uint32_t)i;
	return 0;
}

int procs_shares_table(const struct procs *p, const struct task *t, uint32_t other)
{
	long r;

	if (!p->has_same_pids)
		return -EOPNOTSUPP;
	r = syscall(SYS_kcmp, (pid_t)other, (pid_t)t->tid, KCMP_FILES, 0UL, 0UL);
	return r < 0 ? -errno : r == 0;
}

int procs_list_threads(struct worker *w, uint32_t main)
{
	struct procs *p = w->p;
	uint32_t pid = p->task[main].pid;
	char path[PROCS_PATH];
	struct stat st;
	int r;

	procs_path(&p->task[main], "task", path);
	/* A procfs counts the threads among the links. */
	r = p->is_procfs && fstatat(p->root, path, &st, 0) < 0 ? procs_fail(w, -errno, "examining", path) : 0;
	if (r == 0 && p->is_procfs && st.st_nlink == 3)
		return 0;
	if (r == 0)
		r = list_numbers(w, path, pid);
	if (procs_is_barred(r))
		procs_hide(p, &p->task[main]);
	return r < 0 && !procs_is_gone(p, r) && !procs_is_barred(r) ? r : 0;
}

/* A thread nearly always uses its process's table; then that is read once, however many threads there are. */
static int list_process(struct worker *w, uint32_t pid)
{
	struct procs *p = w->p;
	size_t main = p->n_task;
	int r = procs_add_task(p, pid, pid);

	if (r < 0)
		return procs_fail(w, r, "listing", "threads");
	r = procs_list_threads(w, (uint32_t)main);
	if (r < 0)
		return r;
	p->task[main].n_thread = (uint32_t)(p->n_task - main - 1);
	for (size_t i = main + 1; i < p->n_task; i++) {
		p->task[i].main = (uint32_t)main;
		p->task[i].is_sharing = procs_shares_table(p, &p->task[i], pid) == 1;
		p->task[main].n_sharing += p->task[i].is_sharing;
	}
	return 0;
}

int procs_list(struct worker *w)
{
	struct procs *p = w->p;
	_cleanup_free_ struct task *process = NULL;
	size_t n;
	int r = list_numbers(w, ".", 0);

	if (r < 0 || !p->o.want_threads)
		return r;
	process = take_ptr(p->task);
	n = p->n_task;
	p->n_task = p->cap_task = 0;
	for (size_t i = 0; i < n; i++) {
		r = list_process(w, process[i].pid);
		if (r < 0)
			return r;
	}
	return 0;
}
