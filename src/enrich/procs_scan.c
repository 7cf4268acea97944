/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Reading descriptor tables, and the names of who has them.
 *
 * A link costs about 1.5 us to read, listing the directory about 0.4 us more
 * for each. Where the kernel tells how many descriptors there are, they are
 * tried by number instead, as nearly all processes use the lowest ones; what
 * lies beyond, and all of a sparse table, is listed. A listing from the last
 * number on proves that none was missed.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "enrich/procs_impl.h"

enum {
	PART = 2048, /* descriptors worth being work of their own */
};

/* The answers of read_link() besides a negative errno. */
enum {
	LINK_GONE,
	LINK_READ,
	LINK_HIDDEN,
};

/* One unit of work under way. */
struct scan {
	struct worker *w;
	const struct unit *u;
	const char *path; /* of the directory */
	int fd;
	size_t from; /* index of its first find */
	bool is_hidden;
};

static bool parse_socket(const char *s, size_t len, uint32_t *ret)
{
	static const char prefix[] = "socket:[";
	const size_t n = sizeof(prefix) - 1;

	return len > n + 1 && !memcmp(s, prefix, n) && s[len - 1] == ']' &&
	       procs_number(s + n, len - n - 1, UINT32_MAX, ret) && *ret;
}

static int read_link(struct scan *s, const char *name, uint32_t fd)
{
	struct worker *w = s->w;
	char link[32]; /* more than a socket's link has */
	ssize_t len = readlinkat(s->fd, name, link, sizeof(link));
	struct find find = { .fd = fd };
	int r;

	if (len < 0) {
		if (procs_is_barred(-errno))
			return LINK_HIDDEN;
		if (procs_is_gone(w->p, -errno) || errno == EINVAL)
			return LINK_GONE;
		return procs_fail(w, -errno, "reading", s->path);
	}
	if (!parse_socket(link, (size_t)len, &find.inode))
		return LINK_READ;
	r = procs_grow(&w->v, w->n, &w->cap, sizeof(*w->v));
	if (r < 0)
		return procs_fail(w, r, "reading", s->path);
	w->v[w->n++] = find;
	return LINK_READ;
}

/* Writes @v with a NUL so that it ends at @end; returns where it begins. */
static const char *decimal_before(char *end, uint32_t v)
{
	*--end = '\0';
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return end;
}

/* Tries numbers while most of them exist. Returns 1 with the number not tried yet, 0 when hidden. */
static int scan_numbers(struct scan *s, uint32_t *ret_next)
{
	uint32_t fd = s->u->from, n_read = 0, n_missing = 0;
	char name[16];

	while (n_read < s->u->count && fd < s->u->to && n_missing <= 16 + n_read / 4) {
		int r = read_link(s, decimal_before(name + sizeof(name), fd), fd);

		if (r < 0 || r == LINK_HIDDEN)
			return r < 0 ? r : 0;
		n_read += r == LINK_READ;
		n_missing += r == LINK_GONE;
		fd++;
	}
	*ret_next = fd;
	return 1;
}

/* Reads the links of the names in the buffer that lie between @from and the unit's end. */
static int scan_names(struct scan *s, struct dir *d, uint32_t from)
{
	const char *name;
	uint32_t fd;

	while ((name = dir_next(d))) {
		int r;

		if (!procs_number(name, strlen(name), INT32_MAX, &fd) || fd < from)
			continue;
		if (fd >= s->u->to) {
			if (s->w->p->is_procfs)
				return 0;
			continue;
		}
		r = read_link(s, name, fd);
		if (r < 0 || r == LINK_HIDDEN) {
			s->is_hidden = r == LINK_HIDDEN;
			return r < 0 ? r : 0;
		}
	}
	return 1;
}

/* Leaves what follows the names in the buffer to whichever thread is free. Returns 1 when it did. */
static int leave_rest(struct scan *s, const struct dir *d)
{
	struct unit rest = { .task = s->u->task, .to = s->u->to };
	struct dir look = *d;
	const char *name;
	uint32_t last = 0;
	bool is_any = false;
	int r;

	if (!s->w->p->is_procfs || s->w->p->n_worker == 1 || !dir_is_full(d))
		return 0;
	while ((name = dir_next(&look)))
		is_any = procs_number(name, strlen(name), INT32_MAX, &last) || is_any;
	rest.from = last + 1;
	if (!is_any || rest.from >= rest.to)
		return 0;
	r = procs_push(s->w->p, &rest);
	return r < 0 ? procs_fail(s->w, r, "sharing the work of", s->path) : 1;
}

/* Lists the directory from descriptor @from on. */
static int scan_dir(struct scan *s, uint32_t from)
{
	struct dir d = { .fd = s->fd, .buf = s->w->buf };
	int r, left = 0;

	/* Descriptor N is at position N + 2, after "." and ".."; procs_probe() made sure. */
	if (s->w->p->is_procfs && from && lseek(s->fd, (off_t)from + 2, SEEK_SET) < 0)
		return procs_fail(s->w, -errno, "listing", s->path);
	while (!left && (r = dir_fill(&d))) {
		if (r < 0)
			return procs_is_gone(s->w->p, r) ? 0 : procs_fail(s->w, r, "listing", s->path);
		left = leave_rest(s, &d);
		if (left < 0)
			return left;
		r = scan_names(s, &d, from);
		if (r <= 0)
			return r;
	}
	return 0;
}

static int compare_finds(const void *a, const void *b)
{
	const struct find *x = a, *y = b;

	return (x->fd > y->fd) - (x->fd < y->fd);
}

static int finish_scan(struct scan *s)
{
	struct worker *w = s->w;
	struct procs *p = w->p;
	struct task *t = &p->task[s->u->task];
	size_t n = w->n - s->from;
	int r;

	if (s->is_hidden)
		procs_hide(p, t);
	if (!n)
		return 0;
	(void)atomic_fetch_or_explicit(&t->flags, TASK_HAS_SOCKET, memory_order_relaxed);
	if (!p->is_procfs)
		qsort(w->v + s->from, n, sizeof(*w->v), compare_finds);
	r = procs_grow(&w->run, w->n_run, &w->cap_run, sizeof(*w->run));
	if (r < 0)
		return procs_fail(w, r, "reading", s->path);
	w->run[w->n_run++] = (struct run){
		.task = s->u->task,
		.fd = w->v[s->from].fd,
		.worker = (uint32_t)(w - p->worker),
		.at = s->from,
		.n = n,
	};
	return 0;
}

/*
 * Sets how many descriptors the table has, and shares out a big one, keeping
 * its beginning in @u. Returns 1, or 0 when there is nothing to read.
 */
static int plan_table(struct worker *w, const char *path, struct unit *u)
{
	struct procs *p = w->p;
	struct stat st;
	uint32_t n;

	if (fstatat(p->root, path, &st, 0) < 0)
		return procs_is_gone(p, -errno) || procs_is_barred(-errno)
			       ? 1
			       : procs_fail(w, -errno, "examining", path);
	if (st.st_size <= 0)
		return 0;
	u->count = n = st.st_size < INT32_MAX ? (uint32_t)st.st_size : INT32_MAX;
	if (p->n_worker == 1 || n <= 2 * PART)
		return 1;
	u->count = u->to = PART;
	for (uint32_t from = PART; from < n; from += PART) {
		bool is_last = n - from <= PART;
		int r = procs_push(p, &(struct unit){
					      .task = u->task,
					      .from = from,
					      .to = is_last ? UINT32_MAX : from + PART,
					      .count = is_last ? n - from : PART,
				      });

		if (r < 0)
			return procs_fail(w, r, "sharing the work of", path);
	}
	return 1;
}

int procs_scan(struct worker *w, const struct unit *given)
{
	struct procs *p = w->p;
	struct task *t = &p->task[given->task];
	struct unit u = *given;
	struct scan s = { .w = w, .u = &u, .from = w->n };
	_cleanup_close_ int fd = -1;
	char path[PROCS_PATH];
	uint32_t from = u.from;
	int r;

	if (t->is_sharing)
		return 0;
	procs_path(t, "fd", path);
	s.path = path;
	if (p->has_fd_count && !u.from && u.to == UINT32_MAX && !u.count) {
		r = plan_table(w, path, &u);
		if (r <= 0)
			return r;
	}
	s.fd = fd = file_open_at(p->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		s.is_hidden = procs_is_barred(fd);
		if (s.is_hidden)
			return finish_scan(&s);
		return procs_is_gone(p, fd) ? 0 : procs_fail(w, fd, "opening", path);
	}
	if (u.count) {
		r = scan_numbers(&s, &from);
		if (r < 0)
			return r;
		s.is_hidden = !r;
	}
	if (!s.is_hidden && from < u.to) {
		r = scan_dir(&s, from);
		if (r < 0)
			return r;
	}
	return finish_scan(&s);
}
