/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/intake.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

void intake_init(struct intake *in)
{
	const struct filter *filter = in->plan->o->filter;

	filter_fields(filter, &in->early);
	in->has_early = context_has(&in->early);
	in->has_late = in->everywhere || context_has(&in->plan->fields);
	in->must_have_mark = filter_uses_mark(filter);
}

void intake_done(struct intake *in)
{
	seen_done(&in->seen);
}

void intake_next_answer(struct intake *in)
{
	seen_done(&in->seen);
	in->endpoint = 0;
}

/* Bits 1 << SOCK_*: the types whose tables have a socket of @type. */
static uint32_t counts_as(uint8_t af, uint64_t type)
{
	if (type == SOCK_STREAM || type == SOCK_DGRAM || (af == AF_UNIX && type == SOCK_SEQPACKET) ||
	    (af == AF_PACKET && type == SOCK_RAW))
		return 1u << type;
	return af == K_AF_VSOCK ? UINT32_MAX : 1u << SOCK_DGRAM;
}

static bool is_shown(struct intake *in, const struct step *s, const struct row *row)
{
	uint64_t type = field_u64(row, F_TYPE, 0);

	if (s->types && !(s->types & counts_as(s->dump.af, type)))
		return false;
	if (s->row_states && (s->dump.origin.protocol == IPPROTO_RAW || s->dump.af == K_AF_SMC) &&
	    !(s->row_states >> (field_u64(row, F_STATE, 0) & 31) & 1))
		return false;
	if (in->must_have_mark && s->dump.family == &family_inet && !row_has(row, SEG_MARK)) {
		in->must_have_mark = false;
		notes_add(in->notes, NOTE_WARNING,
			  "the filter asks for marks: sockets whose mark is not known are left out (the "
			  "kernel tells "
			  "it to CAP_NET_ADMIN only, and /proc/net never)");
	}
	return filter_match(in->plan->o->filter, row);
}

/* The kernel lists netlink sockets by port id and then by group, protocol after protocol: some come twice. */
static bool is_repeated(struct intake *in, const struct step *s, const struct row *row)
{
	struct val cookie;

	return s->dump.af == AF_NETLINK && field_get(row, F_COOKIE, &cookie) &&
	       seen_before(&in->seen, (uint32_t)field_u64(row, F_NETLINK_PROTO, 0), cookie.u);
}

/*
 * The kernel sends an SCTP endpoint again when its associations need another
 * message. One that comes after others is kept: its associations follow.
 */
static bool is_endpoint_again(struct intake *in, const struct step *s, const struct row *row)
{
	uint64_t before = in->endpoint;

	if (s->kind != STEP_KERNEL || s->dump.origin.protocol != IPPROTO_SCTP || !row_has(row, SEG_LOCALS) ||
	    row_has(row, SEG_PEERS))
		return false;
	in->endpoint = field_u64(row, F_COOKIE, 0);
	return in->endpoint && in->endpoint == before;
}

/* Whether the row is of a network namespace that is not listed; only a walk tells. */
static bool is_left_out(struct intake *in, const struct row *row)
{
	uint32_t ino;

	if (!in->everywhere || !row_has(row, SEG_NETNS_ID))
		return false;
	ino = (uint32_t)field_u64(row, F_NETNS_ID, 0);
	if (everywhere_has(in->everywhere, ino))
		return false;
	everywhere_left_out(in->everywhere, ino, 1);
	return true;
}

void intake_take(struct intake *in, const struct step *s, const struct nlmsghdr *nlh)
{
	struct row *row = &in->row;
	int k;

	if (row_open(row, s->dump.family, &s->dump.origin, nlh) < 0)
		notes_add(in->notes, NOTE_ERROR,
			  "%s sockets: a malformed message was left out or shown in part", step_table(s));
	if (!row_has(row, (enum seg)s->dump.family->msg) || is_repeated(in, s, row) ||
	    is_endpoint_again(in, s, row))
		return;
	if (in->has_early)
		context_add(in->context, &in->early, row);
	if (!is_shown(in, s, row))
		return;
	if (is_left_out(in, row))
		return;
	if (in->has_late)
		context_add(in->context, &in->plan->fields, row);
	if (in->killer && !killer_row(in->killer, row))
		return;
	k = in->sink->ops->row(in->sink, row);
	if (k < 0 && !in->killer) /* what is to be destroyed is, whoever looks on */
		in->is_over = true;
}
