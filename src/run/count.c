/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/count.h"

#include <errno.h>
#include <sys/socket.h>

/* Memory is taken for twice as many, 48 bytes each. */
enum { GROUPS_MIN = 1 << 12, GROUPS_MAX = 1 << 17, STATES_MAX = 32 };

/* As the plan has it: no connection is in one of these. */
static const uint32_t NOT_CONNECTED =
	STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE) | STATE(0) | STATE(K_TCP_BOUND_INACTIVE);

static bool is_countable(enum field_id f)
{
	return f == F_SRC || f == F_DST || f == F_SPORT || f == F_DPORT || f == F_STATE || f == F_FAMILY ||
	       f == F_NETNS || f == F_NETNS_ID;
}

bool count_is_possible(const struct plan *p, const struct sink *sink)
{
	struct sink_bits bits;

	for (enum field_id f = 0; f < F_MAX; f++)
		if (fieldset_has(&p->fields, f) && !is_countable(f))
			return false;
	return !p->o->filter && !(p->o->select.tables >> TABLE_UNBOUND & 1) && sink && sink->ops->can_count &&
	       sink->ops->can_count(sink, &bits);
}

/* AF_* when connections of one address family only are asked for, 0 for both. */
static uint8_t one_family(const struct plan *p)
{
	const uint64_t both = UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6;
	uint64_t families = p->o->select.families & both;

	return families == both ? 0 : families == UINT64_C(1) << AF_INET6 ? AF_INET6 : AF_INET;
}

static uint32_t expected(const struct count_opts *o, const struct bpf_count_opts *by)
{
	uint64_t n = o->n_tcp > 0 ? (uint64_t)o->n_tcp + (uint64_t)o->n_tcp / 4 : 0;

	if (!by->want_local && !by->want_peer && !by->want_local_port && !by->want_peer_port &&
	    !by->want_netns)
		return 2 * STATES_MAX;
	return n < GROUPS_MIN ? GROUPS_MIN : n < GROUPS_MAX ? (uint32_t)n : GROUPS_MAX;
}

static int hand_on(const struct count_opts *o, struct bpf_count *c, struct sink *sink)
{
	const struct step *s = o->step;
	struct additions what = {};
	struct seg_dump origin = s->dump.origin;
	union bpf_count_message message;
	struct row row;
	uint32_t in;
	uint64_t n;

	origin.is_masked = true;
	if (o->context)
		what = context_additions(o->context, &o->plan->fields);
	while (bpf_count_next(c, &message, &n)) {
		(void)row_open(&row, s->dump.family, &origin, &message.header);
		in = (uint32_t)field_u64(&row, F_NETNS_ID, 0);
		if (o->unlisted && unlisted_take(o->unlisted, in, n))
			continue;
		if (o->context)
			context_add(o->context, &what, &row);
		if (sink->ops->count(sink, &row, n) < 0)
			return 1; /* its end() tells why */
	}
	return 0;
}

int count_sockets(const struct count_opts *o, struct sink *sink, struct err *e)
{
	const struct fieldset *by = &o->plan->fields;
	struct bpf_count_opts bo = {
		.want_local = fieldset_has(by, F_SRC),
		.want_peer = fieldset_has(by, F_DST),
		.want_local_port = fieldset_has(by, F_SPORT),
		.want_peer_port = fieldset_has(by, F_DPORT),
		.want_state = fieldset_has(by, F_STATE),
		.want_netns = o->unlisted, /* for those that are not listed, too */
		.is_everywhere = o->unlisted,
		.af = one_family(o->plan),
		.n_expected = o->n_tcp,
		.states = o->plan->o->select.states & ~NOT_CONNECTED,
		.want_bound = o->plan->o->select.states & STATE(K_TCP_BOUND_INACTIVE),
	};
	struct sink_bits bits;
	uint32_t most;
	int r;

	if (!sink->ops->can_count(sink, &bits))
		return err_say(e, -EOPNOTSUPP, "the output needs each row");
	memcpy(bo.local_bits, bits.local, sizeof(bits.local));
	memcpy(bo.peer_bits, bits.peer, sizeof(bits.peer));
	/* Mostly there are few groups; that there are many turns out soon. */
	most = o->max_groups ? o->max_groups : expected(o, &bo);
	bo.max_groups = !o->max_groups && most > GROUPS_MIN ? GROUPS_MIN : most;
	r = bpf_count_run(&bo, o->kept, e);
	if (r == -E2BIG && bo.max_groups < most) {
		bo.max_groups = most;
		r = bpf_count_run(&bo, o->kept, e);
	}
	return r < 0 ? r : hand_on(o, *o->kept, sink);
}
