/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/wake.h"

#include <errno.h>

#include "nl/nl.h"
#include "run/follow.h"

struct wake {
	struct nl *nl;
};

struct wake *wake_free(struct wake *w)
{
	if (w)
		(void)nl_close(w->nl);
	free(w);
	return NULL;
}

int wake_new(const struct selection *sel, struct wake **ret)
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

int wake_fd(const struct wake *w)
{
	return w ? nl_fd(w->nl) : -1;
}

void wake_clear(struct wake *w)
{
	const struct nlmsghdr *nlh;
	struct err unused;
	int r;

	do
		r = nl_next_event(w->nl, &nlh, &unused);
	while (r > 0 || r == -ENOBUFS);
}
