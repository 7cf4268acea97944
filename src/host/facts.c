/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/facts.h"

#include <errno.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/num.h"

static bool is_unread(int error)
{
	return error && error != -ENODATA;
}

/* The sum of those of @n counters that are known, -1 when none is, or a file of them could not be read; a
 * kernel without IPv6 has none for it. */
static int64_t sum(const struct proc_counters *c, const struct proc_counter_errors *errors,
		   const enum proc_counter *counters, size_t n)
{
	int64_t sum = -1;

	if (is_unread(errors->sockstat) || (is_unread(errors->sockstat6) && errors->sockstat6 != -ENOENT))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (c->v[counters[i]] >= 0)
			sum = (sum < 0 ? 0 : sum) + c->v[counters[i]];
	return sum;
}

void facts_count(const struct proc_counter_paths *paths, struct facts *ret)
{
	static const enum proc_counter tcp[] = { COUNTER_TCP_INUSE, COUNTER_TCP6_INUSE, COUNTER_TCP_TW };
	static const enum proc_counter udp[] = { COUNTER_UDP_INUSE, COUNTER_UDP6_INUSE };
	struct proc_counter_errors errors;
	struct proc_counters c;

	proc_counters_read(paths, &c, &errors);
	ret->n_tcp = sum(&c, &errors, tcp, ARRAY_SIZE(tcp));
	ret->n_inuse = sum(&c, &errors, tcp, 2);
	ret->n_host = c.v[COUNTER_TCP_ALLOC];
	ret->n_udp = sum(&c, &errors, udp, ARRAY_SIZE(udp));
}

int64_t facts_limit(struct sv text)
{
	uint64_t v = 0;
	bool has = false;

	for (struct sv word = sv_word(&text); word.len; word = sv_word(&text)) {
		if (word.p[word.len - 1] == '\n')
			word.len--;
		has = num_read(word, 10, INT64_MAX >> 20, &v);
	}
	return has ? (int64_t)v : -1;
}
