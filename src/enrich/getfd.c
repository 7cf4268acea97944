/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/getfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	KEPT = 256,       /* processes; a power of two */
	OWNERS_ASKED = 8, /* one that may be looked into is mostly among the first */
};

/* What a descriptor of a thread is asked for with: Linux 6.9. */
enum { THREAD = O_EXCL };

struct getfd {
	struct {
		uint32_t task; /* 0: nothing is kept here */
		int fd;        /* of the task; or a negative errno */
	} kept[KEPT];
};

struct getfd *getfd_new(void)
{
	return calloc(1, sizeof(struct getfd));
}

static void forget(struct getfd *g, size_t at)
{
	if (g->kept[at].task && g->kept[at].fd >= 0)
		(void)close(g->kept[at].fd);
	g->kept[at].task = 0;
}

struct getfd *getfd_free(struct getfd *g)
{
	for (size_t i = 0; g && i < KEPT; i++)
		forget(g, i);
	free(g);
	return NULL;
}

/* The task whose table the descriptor of @o is in, as a descriptor that is kept; or a negative errno. */
static int open_task(struct getfd *g, const struct owner *o)
{
	uint32_t task = o->holder ? o->holder : o->pid;
	size_t at = task & (KEPT - 1);

	if (g->kept[at].task == task)
		return g->kept[at].fd;
	forget(g, at);
	g->kept[at].task = task;
	g->kept[at].fd = (int)syscall(SYS_pidfd_open, task, task == o->pid ? 0 : THREAD);
	if (g->kept[at].fd < 0)
		g->kept[at].fd = -errno;
	return g->kept[at].fd;
}

/* The descriptor of @o, when it is that of the socket @inode still. */
static int copy_from(struct getfd *g, const struct owner *o, uint32_t inode)
{
	int task = open_task(g, o), fd;
	struct stat st;

	if (task < 0)
		return task;
	fd = (int)syscall(SYS_pidfd_getfd, task, o->fd, 0);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == inode)
		return fd;
	(void)close(fd);
	return -ENOENT;
}

int getfd_of(struct getfd *g, const struct owners *owners, uint32_t inode)
{
	int worst = -ENOENT;

	for (size_t i = 0; i < owners->n && i < OWNERS_ASKED; i++) {
		int r = copy_from(g, &owners->v[i], inode);

		if (r >= 0)
			return r;
		if (r == -EPERM || r == -EACCES)
			worst = -EPERM;
		else if (r == -ENOSYS && worst == -ENOENT)
			worst = -EOPNOTSUPP;
	}
	return worst;
}
