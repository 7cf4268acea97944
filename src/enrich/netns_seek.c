/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/netns_seek.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/hash.h"
#include "bpf/load.h"
#include "bpf/nets.h"
#include "enrich/getfd.h"
#include "kernel/abi.h"

enum { IDS = 256 }; /* asked for at once */

static long list_live(uint64_t after, uint64_t *ret, size_t n)
{
	const struct k_ns_id_req req = { .size = sizeof(req), .ns_id = after, .ns_type = CLONE_NEWNET };
	long r = syscall(K_SYS_LISTNS, &req, ret, n, 0);

	return r < 0 ? -errno : r;
}

static int open_live(uint64_t id, uint32_t ino)
{
	struct k_nsfs_handle h = { .handle_bytes = sizeof(h) - offsetof(struct k_nsfs_handle, ns_id),
				   .handle_type = K_FILEID_NSFS,
				   .ns_id = id,
				   .ns_type = ino ? CLONE_NEWNET : 0,
				   .ns_inum = ino };
	int fd = (int)syscall(SYS_open_by_handle_at, K_FD_NSFS_ROOT, &h, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

const struct netns_calls netns_calls_live = { .list = list_live, .open = open_live };

/* Adds the namespace that @fd leads to, taken over, if it is new. Returns whether it was, or -ENOMEM. */
static int take(struct netns_list *l, int fd)
{
	_cleanup_close_ int own = fd;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0 || netns_find(l, (uint32_t)st.st_ino) < l->n)
		return 0;
	r = netns_list_add(l, (uint32_t)st.st_ino, take_fd(&own));
	return r < 0 ? r : 1;
}

/* Those that the kernel lists. Before Linux 6.19, and for who may not see all, there is nothing to be had. */
static int seek_listed(struct netns_list *l, const struct netns_calls *calls)
{
	uint64_t ids[IDS], after = 0;
	long n;

	do {
		n = calls->list(after, ids, IDS);
		for (long i = 0; i < n && i < IDS; i++) {
			int fd = calls->open(ids[i], 0);
			int r = fd < 0 ? 0 : take(l, fd);

			if (r < 0)
				return r;
		}
		if (n > 0 && ids[n - 1] <= after)
			break;
		after = n > 0 ? ids[n - 1] : after;
	} while (n == IDS);
	return 0;
}

/* Runs the program, which fills *@ret as long as *@load is there. Returns 0 or a negative errno. */
static int list_by_bpf(struct bpf_load **load, const struct nets_list **ret)
{
	struct err e;
	size_t len = 0;
	void *nets = NULL;
	uint32_t value;
	int r = bpf_load_open(&bpf_image_nets, load, &e);

	if (r >= 0)
		r = bpf_load_finish(*load, &e);
	if (r >= 0)
		r = bpf_load_mmap(*load, ".bss", &nets, &len, &e);
	if (r >= 0 && len != sizeof(struct nets_list))
		r = -EINVAL;
	if (r >= 0)
		r = bpf_load_program(*load, "list", &e);
	if (r >= 0)
		r = bpf_load_run(r, 0, &value, &e);
	*ret = nets;
	if (r >= 0 && (!(*ret)->is_whole || (*ret)->n > NETS_MAX))
		r = -EBADMSG;
	return r;
}

static bool is_unreached(const struct netns_list *l, uint32_t ino)
{
	for (size_t i = 0; i < l->n_unreached; i++)
		if (l->unreached[i] == ino)
			return true;
	return false;
}

/*
 * Adds those that the kernel has in memory. Returns how many could not be opened and are not told of yet, or
 * a negative errno: -ENOMEM, others when the list cannot be had.
 */
static int seek_in_memory(struct netns_list *l, const struct netns_calls *calls)
{
	_cleanup_(bpf_load_closep) struct bpf_load *load = NULL;
	const struct nets_list *nets;
	int r = list_by_bpf(&load, &nets), n_left = 0;

	for (uint32_t i = 0; r >= 0 && i < nets->n; i++) {
		const struct nets_one *one = &nets->v[i];
		int fd;

		if (netns_find(l, one->inum) < l->n)
			continue;
		fd = one->id ? calls->open(one->id, one->inum) : -EOPNOTSUPP;
		r = fd < 0 ? 0 : take(l, fd);
		n_left += !r && !is_unreached(l, one->inum);
	}
	return r < 0 ? r : n_left;
}

/* The sockets that are looked at. */
struct look {
	struct netns_list *l;
	struct getfd *getfd;
	struct hash inodes;  /* looked at; the items mean nothing, here and below */
	struct hash cookies; /* of namespaces that are known */
	int n_left;          /* namespaces that there are, -1: not known */
};

static bool get_cookie(int fd, uint64_t *ret)
{
	socklen_t len = sizeof(*ret);

	return getsockopt(fd, SOL_SOCKET, K_SO_NETNS_COOKIE, ret, &len) == 0 && len == sizeof(*ret);
}

static int remember(struct hash *h, uint64_t number)
{
	return hash_put(h, hash_u64(number), h);
}

static bool is_remembered(const struct hash *h, uint64_t number)
{
	return hash_find(h, hash_u64(number), NULL, NULL);
}

/* That of this thread is known, also to those who may not ask a socket for its namespace. */
static int remember_own(struct look *k)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie;

	return fd >= 0 && get_cookie(fd, &cookie) ? remember(&k->cookies, cookie) : 0;
}

/* Adds the namespace of the socket @fd, if it is new. Returns 0 or -ENOMEM. */
static int look_through(struct look *k, int fd)
{
	uint64_t cookie;
	bool has_cookie = get_cookie(fd, &cookie);
	int ns, r;

	if (has_cookie && is_remembered(&k->cookies, cookie))
		return 0;
	ns = ioctl(fd, K_SIOCGSKNS);
	k->l->n_unasked += ns < 0;
	if (ns < 0)
		return 0;
	r = take(k->l, ns);
	k->n_left -= r > 0 && k->n_left > 0;
	return r < 0 ? r : has_cookie ? remember(&k->cookies, cookie) : 0;
}

static int look_at(struct look *k, struct procs *p, uint32_t inode)
{
	struct owners owners;
	int fd, r;

	if (!inode || is_remembered(&k->inodes, inode))
		return 0;
	r = remember(&k->inodes, inode);
	if (r < 0)
		return r;
	if (k->inodes.n > NETNS_SOCKETS_MAX) {
		k->l->n_unasked++;
		return 0;
	}
	owners = procs_find(p, inode);
	fd = getfd_of(k->getfd, &owners, inode);
	k->l->n_unasked += fd < 0 && fd != -ENOENT;
	if (fd < 0)
		return 0;
	r = look_through(k, fd);
	(void)close(fd);
	return r;
}

static int seek_by_sockets(struct netns_list *l, enum procs_way way, int n_left)
{
	const struct procs_opts po = { .way = way };
	_cleanup_(procs_freep) struct procs *p = NULL;
	_cleanup_(getfd_freep) struct getfd *getfd = getfd_new();
	struct look k = { .l = l, .getfd = getfd, .n_left = n_left };
	int r = getfd ? procs_new(&po, &p, &l->no_sockets) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (procs_hidden(p) > l->n_hidden)
		l->n_hidden = procs_hidden(p);
	r = remember_own(&k);
	for (size_t i = 0; i < procs_sockets(p) && r >= 0 && k.n_left; i++)
		r = look_at(&k, p, procs_inode_at(p, i));
	if (k.n_left > 0)
		l->n_lost += (size_t)k.n_left;
	if (k.n_left >= 0) /* whatever could not be asked, it is known that there is nothing else */
		l->n_unasked = 0;
	hash_done(&k.inodes);
	hash_done(&k.cookies);
	return r;
}

int netns_seek(struct netns_list *l, const struct netns_seek *how, struct err *e)
{
	bool by_bpf = how->way != PROCS_PROC && (how->way != PROCS_AUTO || procs_way_likely() != PROCS_PROC);
	int r = l->has_some_only ? 0 : seek_listed(l, how->calls), n_left = -1;

	/* Inside a container its own are what is asked for, whatever the kernel would tell. */
	if (r >= 0 && by_bpf && !l->has_some_only) {
		n_left = seek_in_memory(l, how->calls);
		r = n_left == -ENOMEM ? n_left : 0;
		n_left = n_left < 0 ? -1 : n_left;
	}
	if (r >= 0 && n_left)
		r = seek_by_sockets(l, how->way, n_left);
	return r < 0 ? err_sys(e, r, "network namespaces that only sockets hold") : 0;
}
