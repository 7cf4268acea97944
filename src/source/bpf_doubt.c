/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_doubt.h"

#include <errno.h>
#include <sys/socket.h>

/* So many sockets may come or go meanwhile, beyond what the counters say, and a quarter of all. */
enum { SLACK = 4096 };

struct range {
	int64_t least, most;
};

/* Between what the counter said before and after; false when it is not known. */
static bool range_of(const struct bpf_doubt *d, enum proc_counter counter, struct range *ret)
{
	int64_t x = d->before.v[counter], y = d->after.v[counter];

	*ret = (struct range){ x < y ? x : y, x < y ? y : x };
	return ret->least >= 0;
}

/* What changed by as much while it was looked at may have been beyond that in between. */
static int64_t slack(const struct range *r)
{
	return SLACK + r->most / 4 + (r->most - r->least);
}

bool bpf_doubt_is_due(const struct bpf_doubt *d, struct err *ret)
{
	bool is_v6 = d->af == AF_INET6;
	int64_t n = (int64_t)d->n_full, n_tw = (int64_t)d->n_tw;
	struct range own, other, estab, tw;

	if (range_of(d, is_v6 ? COUNTER_TCP6_INUSE : COUNTER_TCP_INUSE, &own)) {
		if (n > own.most + slack(&own)) {
			(void)err_say(
				ret, -EBADMSG,
				"%lld connections were found, and the kernel counts %lld to %lld sockets",
				(long long)n, (long long)own.least, (long long)own.most);
			return true;
		}
	}
	if (range_of(d, COUNTER_TCP_TW, &tw) && n_tw > tw.most + slack(&tw)) {
		(void)err_say(ret, -EBADMSG,
			      "%lld connections in TIME-WAIT were found, and the kernel counts %lld to %lld",
			      (long long)n_tw, (long long)tw.least, (long long)tw.most);
		return true;
	}
	/* Those of the other address family are among them. */
	if (!range_of(d, COUNTER_TCP_ESTAB, &estab) ||
	    !range_of(d, is_v6 ? COUNTER_TCP_INUSE : COUNTER_TCP6_INUSE, &other) ||
	    n >= estab.least - other.most - slack(&estab) - (other.most - other.least))
		return false;
	(void)err_say(
		ret, -EBADMSG,
		"%lld connections were found, and the kernel counts %lld to %lld that are established, at "
		"most %lld of them of the other address family",
		(long long)n, (long long)estab.least, (long long)estab.most, (long long)other.most);
	return true;
}
