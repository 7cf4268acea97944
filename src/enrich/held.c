/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/held.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "enrich/getfd.h"
#include "enrich/held_impl.h"

struct held {
	struct held_table *table; /* NULL: one after the other */
	struct getfd *getfd;
	char name[16];
};

struct held *held_free(struct held *h)
{
	if (!h)
		return NULL;
	(void)held_table_free(h->table);
	(void)getfd_free(h->getfd);
	free(h);
	return NULL;
}

int held_new(const struct held_opts *o, struct held **ret)
{
	_cleanup_(held_freep) struct held *h = calloc(1, sizeof(*h));
	bool by_bpf = o->way != PROCS_PROC && (o->way != PROCS_AUTO || procs_way_likely() != PROCS_PROC);
	struct err e;

	if (!h || !(h->getfd = getfd_new()))
		return -ENOMEM;
	if (by_bpf && held_table_new(o->kept, &h->table, &e) == -ENOMEM)
		return -ENOMEM;
	*ret = take_ptr(h);
	return 0;
}

int held_find(struct held *h, const struct held_ask *ask, struct seg_held *ret)
{
	int r = h->table ? held_table_find(h->table, ask->inode, ret) : -EAGAIN, fd;

	if (r >= 0)
		return r ? 0 : -ENOENT;
	if (!ask->owners)
		return r;
	fd = getfd_of(h->getfd, ask->owners, ask->inode);
	if (fd < 0)
		return fd;
	held_ask_socket(fd, ask, ret, h->name);
	(void)close(fd);
	return 0;
}
