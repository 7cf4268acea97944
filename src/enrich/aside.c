/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "base/text.h"

enum { INFO_MAX = 4 << 20 };

struct aside {
	uint32_t *ring; /* inodes */
	size_t n_ring, cap_ring;
	size_t n_flight;
	struct text info;
	bool failed; /* no memory */
};

struct aside *aside_free(struct aside *a)
{
	if (!a)
		return NULL;
	free(a->ring);
	text_done(&a->info);
	free(a);
	return NULL;
}

static void add_ring(struct aside *a, uint32_t inode)
{
	if (a->n_ring == a->cap_ring) {
		size_t cap = a->cap_ring ? 2 * a->cap_ring : 16;
		uint32_t *v = reallocarray(a->ring, cap, sizeof(*v));

		a->failed |= !v;
		if (!v)
			return;
		a->ring = v;
		a->cap_ring = cap;
	}
	a->ring[a->n_ring++] = inode;
}

/* The socket in a line "  INDEX: socket:[INODE]"; 0: it is no such line. */
static uint32_t socket_of(struct sv line)
{
	static const char before[] = "socket:[";
	struct sv index = sv_word(&line), what = sv_word(&line);
	uint64_t n;

	if (!index.len || index.p[index.len - 1] != ':' || !sv_is(sv_first(what, sizeof(before) - 1), before))
		return 0;
	what = sv_from(what, sizeof(before) - 1);
	if (!what.len || what.p[what.len - 1] != ']')
		return 0;
	what.len--;
	return num_read(what, 10, UINT32_MAX, &n) ? (uint32_t)n : 0;
}

static void read_info(struct aside *a, bool is_ring)
{
	struct sv rest = sv_n(a->info.p, a->info.len);

	while (rest.len) {
		struct sv line = sv_take(&rest, '\n'), value = line;
		uint32_t inode = is_ring ? socket_of(line) : 0;
		uint64_t n;

		if (inode)
			add_ring(a, inode);
		if (!is_ring && sv_is(sv_word(&value), "scm_fds:") &&
		    num_read(sv_word(&value), 10, UINT32_MAX, &n))
			a->n_flight += (size_t)n;
	}
}

static void look_at(struct aside *a, int process, const char *fd)
{
	static const char ring[] = "anon_inode:[io_uring]", socket[] = "socket:[";
	char link[64], path[32];
	_cleanup_close_ int info = -1;
	struct sv to;
	ssize_t n;
	bool is_ring;

	(void)snprintf(path, sizeof(path), "fd/%.10s", fd);
	n = readlinkat(process, path, link, sizeof(link));
	to = sv_n(link, n > 0 ? (size_t)n : 0);
	is_ring = sv_is(to, ring);
	if (!is_ring && !sv_is(sv_first(to, sizeof(socket) - 1), socket))
		return;
	(void)snprintf(path, sizeof(path), "fdinfo/%.10s", fd);
	info = file_open_at(process, path, O_RDONLY | O_CLOEXEC);
	a->info.len = 0;
	while (info >= 0 && a->info.len < INFO_MAX) {
		char *d = text_room(&a->info, 4096);

		n = d ? file_read_some(info, d, 4096) : 0;
		if (n <= 0)
			break;
		a->info.len += (size_t)n;
	}
	read_info(a, is_ring);
}

static void look_through(struct aside *a, int root, const char *pid)
{
	_cleanup_close_ int process = file_open_at(root, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = process < 0 ? -1 : file_open_at(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!dir) {
		closep(&fd);
		return;
	}
	while ((d = readdir(dir)))
		if (d->d_name[0] >= '0' && d->d_name[0] <= '9')
			look_at(a, process, d->d_name);
	(void)closedir(dir);
}

int aside_new(const char *proc_root, struct aside **ret)
{
	_cleanup_(aside_freep) struct aside *a = calloc(1, sizeof(*a));
	DIR *dir = a ? opendir(proc_root ? proc_root : "/proc") : NULL;
	const struct dirent *d;

	if (!a || !dir)
		return a ? -errno : -ENOMEM;
	while ((d = readdir(dir)))
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9')
			look_through(a, dirfd(dir), d->d_name);
	(void)closedir(dir);
	if (a->failed || a->info.failed)
		return -ENOMEM;
	*ret = take_ptr(a);
	return 0;
}

bool aside_is_in_ring(const struct aside *a, uint32_t inode)
{
	for (size_t i = 0; i < a->n_ring; i++)
		if (a->ring[i] == inode)
			return true;
	return false;
}

size_t aside_in_flight(const struct aside *a)
{
	return a->n_flight;
}
