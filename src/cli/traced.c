/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/traced.h"

#include <errno.h>

#include "cli/features.h"
#include "cli/interrupt.h"

int trace_words_check(const struct cli *c, const struct chosen *x, struct err *e)
{
	const uint64_t inet = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6;

	if (!(x->sel.tables >> TABLE_TCP & 1) || !(x->sel.families & inet))
		return err_say(e, -EINVAL,
			       "--events=%s is of TCP connections, and these are not selected: say -t",
			       c->q.said[FEATURE_TRACE].arg);
	if (c->q.show & (SHOW_PEER | SHOW_SET_OPTIONS))
		return err_say(
			e, -EINVAL,
			"--%s and --events=%s do not go together: a list of sockets tells it, and no event",
			c->q.show & SHOW_PEER ? "peer" : "sockopts", c->q.said[FEATURE_TRACE].arg);
	return 0;
}

struct trace_opts trace_asked(const struct cli *c, const struct selection *sel, const struct filter *filter)
{
	return (struct trace_opts){ .select = *sel,
				    .kinds = c->q.events,
				    .filter = filter,
				    .host = c->host,
				    .is_everywhere = c->q.want_all_netns,
				    .has_no_bpf = c->q.source == SOURCE_NETLINK,
				    .needs_bpf = c->q.source == SOURCE_BPF,
				    .every_us = c->q.every_us,
				    .count = c->q.count,
				    .fd = -1,
				    .is_over = &interrupt_came };
}
