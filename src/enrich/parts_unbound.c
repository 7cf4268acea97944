/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* How many sockets of a process are in no table of the kernel: each is asked itself. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/num.h"
#include "enrich/loose.h"
#include "enrich/parts.h"

/* The inode of the socket that the descriptor @fd is of; 0: it is of something else. */
static uint32_t inode_of(int folder, const char *fd)
{
	static const struct sv begin = { .p = "socket:[", .len = sizeof("socket:[") - 1 };
	char link[sizeof("socket:[4294967295]")];
	ssize_t n = readlinkat(folder, fd, link, sizeof(link));
	struct sv rest = sv_n(link, n > 0 ? (size_t)n : 0), number;
	uint64_t inode = 0;

	if (!sv_eq(sv_first(rest, begin.len), begin))
		return 0;
	rest = sv_from(rest, begin.len);
	number = sv_take(&rest, ']');
	return rest.p && num_read(number, 10, UINT32_MAX, &inode) ? (uint32_t)inode : 0;
}

/* Whether the socket @inode is in no table, or a negative errno. */
static int look_at(const struct part_of *of, const char *fd, uint32_t inode)
{
	struct owner owner = { .pid = of->pid };
	const struct owners owners = { .v = &owner, .n = 1 };
	struct seg_unbound its;
	uint64_t number = 0;
	int r;

	if (!num_read(sv(fd), 10, INT32_MAX, &number))
		return 0;
	owner.fd = (uint32_t)number;
	r = loose_look(of->loose, &owners, inode, &its);
	return r > 0 && !its.why.len ? -EPERM : r; /* of which only the protocol is known may be in one */
}

static int count(const struct part_of *of, DIR *dir, struct hash *seen, uint64_t *ret)
{
	const struct dirent *d;
	int r = 0;

	while (r >= 0 && (d = readdir(dir))) {
		uint32_t inode = inode_of(dirfd(dir), d->d_name);

		if (!inode || hash_find(seen, hash_u64(inode), NULL, NULL))
			continue;
		r = hash_put(seen, hash_u64(inode), seen);
		if (r >= 0)
			r = look_at(of, d->d_name, inode);
		*ret += r > 0;
	}
	return r < 0 ? r : 0;
}

int part_unbound(const struct part_of *of, struct text *ret)
{
	struct hash seen = {};
	char path[32];
	uint64_t n = 0;
	DIR *dir;
	int fd, r;

	if (!of->loose) /* of another machine */
		return -EPERM;
	(void)snprintf(path, sizeof(path), "%u/fd", of->pid);
	fd = file_open_at(of->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return -ENOMEM;
	}
	r = count(of, dir, &seen, &n);
	if (r >= 0)
		text_u64(ret, n);
	(void)closedir(dir);
	hash_done(&seen);
	return r;
}
