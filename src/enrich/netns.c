/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/num.h"
#include "nl/home.h"

enum { STAT_MAX = 4096, OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

DEFINE_CLEANUP(DIR, closedir)

/* Where a name is from; a later one is better. */
enum origin { FROM_NUMBER, FROM_PROCESS, FROM_MOUNT, FROM_RUN, FROM_HOST };

struct found {
	struct netns ns;
	enum origin origin;
	uint64_t start; /* when the process that it is named after started, in clock ticks since boot */
};

struct search {
	struct found *v;
	size_t n, cap;
	size_t n_hidden;
	bool has_some_only;
	uint32_t *unreached; /* mounted, but where no path leads to */
	size_t n_unreached;
	struct err no_processes, no_mounts, no_names;
	DIR *proc;
	char stat[STAT_MAX];
};

/* The entry of the namespace that @path (of the folder @dir) is, made when it is new; untouched when it
 * fails. */
static int note(struct search *s, int dir, const char *path, struct found **ret)
{
	struct found *f = NULL;
	struct stat st;
	int fd;

	if (fstatat(dir, path, &st, 0) < 0)
		return -errno;
	for (f = s->v; f < s->v + s->n; f++) {
		if (f->ns.ino != (uint32_t)st.st_ino)
			continue;
		*ret = f;
		return 0;
	}
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		struct found *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	fd = file_open_at(dir, path, OPEN_FLAGS);
	if (fd == -ENOENT || fd == -ESRCH) /* it has ended meanwhile; whoever else is there leads there */
		return fd;
	f = &s->v[s->n++];
	*f = (struct found){ .ns = { .ino = (uint32_t)st.st_ino, .fd = fd } };
	*ret = f;
	return 0;
}

/* Remembers why a namespace may not be called after a process; that one is no more is no reason. */
static void names_missing(struct search *s, int r, const char *what)
{
	if (r != -ENOENT && r != -ESRCH && !s->no_names.text[0])
		(void)err_sys(&s->no_names, r, "%s", what);
}

static int rename_to(struct found *f, enum origin origin, struct sv name)
{
	char *copy = strndup(name.p, name.len);

	if (!copy)
		return -ENOMEM;
	free(f->ns.name);
	f->ns.name = copy;
	f->origin = origin;
	return 0;
}

/* The command's name and the start of the process @pid, from its file stat. False when it does not tell. */
static bool read_stat(struct search *s, const char *pid, struct sv *ret_comm, uint64_t *ret_start)
{
	char path[64];
	struct sv all, rest;
	const char *open, *close;
	_cleanup_close_ int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%.32s/stat", pid);
	fd = file_open_at(dirfd(s->proc), path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? fd : file_read_some(fd, s->stat, sizeof(s->stat));
	if (n < 0)
		names_missing(s, (int)n, path);
	all = sv_n(s->stat, n > 0 ? (size_t)n : 0);
	open = all.len ? memchr(all.p, '(', all.len) : NULL;
	close = all.len ? memrchr(all.p, ')', all.len) : NULL;
	if (!open || !close || close < open)
		return false;
	*ret_comm = sv_n(open + 1, (size_t)(close - open - 1));
	rest = sv_from(all, (size_t)(close + 1 - all.p));
	for (int field = 3; field < 22; field++)
		(void)sv_word(&rest);
	return num_read(sv_word(&rest), 10, UINT64_MAX, ret_start);
}

static int name_after(struct search *s, struct found *f, const char *pid)
{
	struct text t = {};
	uint64_t start;
	struct sv comm;
	int r = 0;

	if (f->origin > FROM_PROCESS || !read_stat(s, pid, &comm, &start) ||
	    (f->origin == FROM_PROCESS && start >= f->start))
		return 0;
	text_sv(&t, comm);
	text_printf(&t, ":%s", pid);
	r = t.failed ? -ENOMEM : rename_to(f, FROM_PROCESS, sv_n(t.p, t.len));
	f->start = start;
	text_done(&t);
	return r;
}

/* They are to be seen only in the machine's own PID namespace, and by those who may know of all processes. */
static bool sees_kernel_threads(struct search *s)
{
	struct sv name;
	uint64_t start;

	return read_stat(s, "2", &name, &start) && sv_is(name, "kthreadd");
}

/* The initial namespace is that of kernel threads; and it alone has this file. */
static int name_host(struct search *s, struct found *own)
{
	struct found *f = NULL;
	int r;

	if (access("/proc/sys/net/ipv4/tcp_max_orphans", F_OK) == 0)
		return rename_to(own, FROM_HOST, sv("host"));
	if (errno != ENOENT)
		names_missing(s, -errno, "/proc/sys/net/ipv4/tcp_max_orphans");
	if (s->has_some_only)
		return 0;
	r = note(s, dirfd(s->proc), "2/ns/net", &f);
	if (!f && r != -EACCES && r != -EPERM)
		names_missing(s, r, "2/ns/net");
	return f ? rename_to(f, FROM_HOST, sv("host")) : r == -ENOMEM ? r : 0;
}

/* Remembers why not all processes were looked at; that one is no more is no reason. */
static void processes_missing(struct search *s, int r, const char *what)
{
	if (r < 0 && r != -ENOENT && r != -ESRCH && !s->no_processes.text[0])
		(void)err_sys(&s->no_processes, r, "%s", what);
}

/* The namespace of one process or thread. */
static int look_at(struct search *s, const char *path, const char *pid)
{
	struct found *f = NULL;
	int r = note(s, dirfd(s->proc), path, &f);

	if (r == -EACCES || r == -EPERM)
		s->n_hidden++;
	else if (!f)
		processes_missing(s, r, path);
	if (!f)
		return r == -ENOMEM ? r : 0;
	return name_after(s, f, pid);
}

/* The next entry of @dir; NULL at the end and after an error, which is remembered. */
static const struct dirent *next_entry(struct search *s, DIR *dir, const char *what)
{
	const struct dirent *d;

	errno = 0;
	d = readdir(dir);
	if (!d && errno)
		processes_missing(s, -errno, what);
	return d;
}

/* The threads of a process that has more than one may be elsewhere. */
static int look_at_threads(struct search *s, const char *pid)
{
	_cleanup_(closedirp) DIR *tasks = NULL;
	char path[64], of_thread[128];
	const struct dirent *d;
	struct stat st;
	int fd, r = 0;

	(void)snprintf(path, sizeof(path), "%.32s/task", pid);
	fd = fstatat(dirfd(s->proc), path, &st, 0) < 0 ? -errno : 0;
	if (fd == 0 && st.st_nlink <= 3)
		return 0;
	if (fd == 0)
		fd = file_open_at(dirfd(s->proc), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tasks = fd < 0 ? NULL : fdopendir(fd);
	if (fd < 0) {
		processes_missing(s, fd, path);
	} else if (!tasks) {
		processes_missing(s, -errno, path);
		(void)close(fd);
	}
	while (tasks && r == 0 && (d = next_entry(s, tasks, path))) {
		uint64_t tid;

		if (!num_read(sv(d->d_name), 10, INT32_MAX, &tid) || !strcmp(d->d_name, pid))
			continue;
		(void)snprintf(of_thread, sizeof(of_thread), "%.32s/task/%.32s/ns/net", pid, d->d_name);
		r = look_at(s, of_thread, pid);
	}
	return r;
}

static int search_processes(struct search *s)
{
	const struct dirent *d;
	int r = 0;

	while (r == 0 && (d = next_entry(s, s->proc, "listing the processes"))) {
		size_t hidden = s->n_hidden;
		char path[64];
		uint64_t pid;

		if (!num_read(sv(d->d_name), 10, INT32_MAX, &pid))
			continue;
		(void)snprintf(path, sizeof(path), "%.32s/ns/net", d->d_name);
		r = look_at(s, path, d->d_name);
		if (r == 0 && s->n_hidden == hidden)
			r = look_at_threads(s, d->d_name);
	}
	return r;
}

static bool is_found(const struct search *s, uint32_t ino)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].ns.ino == ino)
			return true;
	return false;
}

static int add_unreached(struct search *s, uint32_t ino)
{
	uint32_t *v = s->unreached;

	for (size_t i = 0; i < s->n_unreached; i++)
		if (v[i] == ino)
			return 0;
	v = reallocarray(v, s->n_unreached + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v[s->n_unreached++] = ino;
	s->unreached = v;
	return 0;
}

static void mounts_missing(struct search *s, int r, const char *what)
{
	if (!s->no_mounts.text[0])
		(void)err_sys(&s->no_mounts, r, "%s", what);
}

/* The namespace @ino, that is mounted at @where, unless something else lies over it. */
static int look_at_mount(struct search *s, const char *where, uint32_t ino)
{
	static const char *const run[] = { "/run/netns/", "/var/run/netns/" };
	const char *name = strrchr(where, '/');
	enum origin origin = FROM_MOUNT;
	struct found *f = NULL;
	struct stat st;
	int r;

	r = fstatat(AT_FDCWD, where, &st, 0) < 0 ? -errno : 0;
	if (r == -EACCES || r == -EPERM || r == -ENOENT || (r == 0 && (uint32_t)st.st_ino != ino))
		return add_unreached(s, ino);
	if (r < 0) {
		mounts_missing(s, r, where);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(run); i++)
		if (sv_is(sv_first(sv(where), strlen(run[i])), run[i]))
			origin = FROM_RUN;
	r = note(s, AT_FDCWD, where, &f);
	if (!f)
		return r == -ENOMEM ? r : add_unreached(s, ino);
	return origin > f->origin && name && name[1] ? rename_to(f, origin, sv(name + 1)) : 0;
}

/*
 * Such a mount has the root "net:[N]", the fourth field of its line; the fifth is where it is. Only a blank
 * ends a field: of other bytes that are no letters, a path here has all but tab, line feed and backslash as
 * they are.
 */
static int look_at_line(struct search *s, struct sv line)
{
	struct sv root = {}, where;
	struct text path = {};
	uint64_t ino;
	int r;

	for (int i = 0; i < 4; i++)
		root = sv_take(&line, ' ');
	where = sv_take(&line, ' ');
	if (!sv_is(sv_first(root, 5), "net:[") || root.p[root.len - 1] != ']' ||
	    !num_read(sv_n(root.p + 5, root.len - 6), 10, UINT32_MAX, &ino))
		return 0;
	file_put_mount_path(&path, where);
	text_char(&path, '\0');
	r = path.failed ? -ENOMEM : look_at_mount(s, path.p, (uint32_t)ino);
	text_done(&path);
	return r;
}

static int search_mounts(struct search *s, const char *proc_root)
{
	struct text t = {};
	int r = file_read_proc(proc_root, "self/mountinfo", NULL, &t);
	struct sv rest = sv_n(t.p, t.len);

	if (r < 0 && r != -ENOMEM)
		(void)err_sys(&s->no_mounts, r, "%s/self/mountinfo", proc_root ? proc_root : "/proc");
	r = r == -ENOMEM ? r : 0;
	while (rest.len && r == 0)
		r = look_at_line(s, sv_take(&rest, '\n'));
	text_done(&t);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct netns *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->ino > y->ino) - (x->ino < y->ino);
}

static int by_number(const void *a, const void *b, void *ctx)
{
	const struct netns *v = ctx;
	uint32_t x = v[*(const size_t *)a].ino, y = v[*(const size_t *)b].ino;

	return (x > y) - (x < y);
}

/* Makes what was found the list, which takes it over. */
static int make_list(struct search *s, struct netns_list *l)
{
	l->v = calloc(s->n + 1, sizeof(*l->v));
	l->by_ino = calloc(s->n + 1, sizeof(*l->by_ino));
	if (!l->v || !l->by_ino)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_unreached; i++)
		if (!is_found(s, s->unreached[i]))
			s->unreached[l->n_unreached++] = s->unreached[i];
	l->unreached = take_ptr(s->unreached);
	for (size_t i = 0; i < s->n; i++) {
		struct netns *ns = &l->v[l->n++];

		*ns = s->v[i].ns;
		s->v[i].ns = (struct netns){ .fd = -1 };
		if (!ns->name && asprintf(&ns->name, "net:[%u]", ns->ino) < 0) {
			ns->name = NULL;
			return -ENOMEM;
		}
	}
	l->n_hidden = s->n_hidden;
	l->has_some_only = s->has_some_only;
	l->no_processes = s->no_processes;
	l->no_mounts = s->no_mounts;
	l->no_names = s->no_names;
	/* Ours was found first. */
	if (l->n > 2)
		qsort(l->v + 1, l->n - 1, sizeof(*l->v), by_name);
	for (size_t i = 0; i < l->n; i++)
		l->by_ino[i] = i;
	qsort_r(l->by_ino, l->n, sizeof(*l->by_ino), by_number, l->v);
	return 0;
}

static int search(struct search *s, const char *proc_root, struct err *e)
{
	struct found *own = NULL;
	int r;

	s->proc = opendir(proc_root ? proc_root : "/proc");
	if (!s->proc)
		return err_sys(e, -errno, "network namespaces: %s", proc_root ? proc_root : "/proc");
	r = note(s, AT_FDCWD, "/proc/thread-self/ns/net", &own);
	if (!own)
		return err_sys(e, r, "network namespaces: /proc/thread-self/ns/net");
	s->has_some_only = !sees_kernel_threads(s);
	r = name_host(s, own);
	if (r == 0)
		r = search_processes(s);
	if (r == 0)
		r = search_mounts(s, proc_root);
	return r < 0 ? err_sys(e, r, "network namespaces") : 0;
}

int netns_list_new(const char *proc_root, struct netns_list **ret, struct err *e)
{
	_cleanup_(netns_list_freep) struct netns_list *l = calloc(1, sizeof(*l));
	struct search s = {};
	int r;

	if (!l)
		return err_sys(e, -ENOMEM, "network namespaces");
	r = search(&s, proc_root, e);
	if (r == 0) {
		r = make_list(&s, l);
		if (r < 0)
			(void)err_sys(e, r, "network namespaces");
	}
	for (size_t i = 0; i < s.n; i++) {
		if (s.v[i].ns.fd >= 0)
			(void)close(s.v[i].ns.fd);
		free(s.v[i].ns.name);
	}
	free(s.v);
	free(s.unreached);
	if (s.proc)
		(void)closedir(s.proc);
	if (r < 0)
		return r;
	*ret = take_ptr(l);
	return 0;
}

struct netns_list *netns_list_free(struct netns_list *l)
{
	if (!l)
		return NULL;
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].fd >= 0)
			(void)close(l->v[i].fd);
		free(l->v[i].name);
	}
	free(l->v);
	free(l->by_ino);
	free(l->unreached);
	free(l);
	return NULL;
}

int netns_list_add(struct netns_list *l, uint32_t ino, int fd)
{
	_cleanup_close_ int own = fd;
	struct netns *v = reallocarray(l->v, l->n + 1, sizeof(*v));
	size_t *by_ino;

	if (!v)
		return -ENOMEM;
	l->v = v;
	by_ino = reallocarray(l->by_ino, l->n + 1, sizeof(*by_ino));
	if (!by_ino)
		return -ENOMEM;
	l->by_ino = by_ino;
	v = &l->v[l->n];
	*v = (struct netns){ .ino = ino };
	if (asprintf(&v->name, "net:[%u]", ino) < 0)
		return -ENOMEM;
	v->fd = take_fd(&own);
	l->by_ino[l->n] = l->n;
	l->n++;
	for (size_t i = 0; i < l->n_unreached; i++)
		if (l->unreached[i] == ino)
			l->unreached[i--] = l->unreached[--l->n_unreached];
	qsort_r(l->by_ino, l->n, sizeof(*l->by_ino), by_number, l->v);
	return 0;
}

size_t netns_find(const struct netns_list *l, uint32_t ino)
{
	size_t first = 0, end = l->n;

	while (first < end) {
		size_t middle = first + (end - first) / 2, i = l->by_ino[middle];

		if (l->v[i].ino == ino)
			return i;
		if (l->v[i].ino < ino)
			first = middle + 1;
		else
			end = middle;
	}
	return l->n;
}

int netns_visit(const struct netns_list *l, size_t i, struct err *e)
{
	const struct netns *ns = &l->v[i];
	int r;

	if (i == 0)
		return home_return(ns->fd, e);
	r = l->v[0].fd < 0 ? l->v[0].fd : ns->fd < 0 ? ns->fd : home_leave(ns->fd);
	if (r == -EPERM || r == -EACCES)
		return err_say(e, r, "network namespace %s: going there needs CAP_SYS_ADMIN (run as root)",
			       ns->name);
	return r < 0 ? err_sys(e, r, "network namespace %s", ns->name) : 0;
}

uint32_t netns_own(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) < 0 ? 0 : (uint32_t)st.st_ino;
}
