/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/wake.h"

#include <errno.h>

#include "host/host.h"
#include "nl/nl.h"
#include "run/follow.h"
#include "source/bpf_wake.h"

struct wake { /* one of these */
	struct nl *nl;
	struct bpf_wake *bpf;
};

struct wake *wake_free(struct wake *w)
{
	if (!w)
		return NULL;
	(void)nl_close(w->nl);
	(void)bpf_wake_close(w->bpf);
	free(w);
	return NULL;
}

int wake_at_end(const struct selection *sel, struct wake **ret)
{
	_cleanup_(wake_freep) struct wake *w = calloc(1, sizeof(*w));
	struct err unused; /* whoever waits is not refused by it */
	int r;

	if (!w)
		return -ENOMEM;
	if (!follow_has(sel))
		return -EOPNOTSUPP;
	r = follow_subscribe(sel, &w->nl, &unused);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return 0;
}

int wake_at_change(const struct selection *sel, struct host *h, struct wake **ret)
{
	_cleanup_(wake_freep) struct wake *w = calloc(1, sizeof(*w));
	uint32_t netns = host_here(h);
	struct err unused;
	int r;

	if (!w)
		return -ENOMEM;
	if (!(sel->tables >> TABLE_TCP & 1) || !netns)
		return -EOPNOTSUPP;
	r = bpf_wake_open(netns, &w->bpf, &unused);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return 0;
}

int wake_fd(const struct wake *w)
{
	if (!w)
		return -1;
	return w->bpf ? bpf_wake_fd(w->bpf) : nl_fd(w->nl);
}

void wake_clear(struct wake *w)
{
	const struct nlmsghdr *nlh;
	struct err unused;
	int r;

	if (w->bpf) {
		bpf_wake_calm(w->bpf);
		return;
	}
	do
		r = nl_next_event(w->nl, &nlh, &unused);
	while (r > 0 || r == -ENOBUFS);
}
