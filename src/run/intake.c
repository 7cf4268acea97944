/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/intake.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "plan/derive.h"

void intake_init(struct intake *in, struct host *host)
{
	struct fieldset filtered = {};

	filter_fields(in->plan->o->filter, &filtered);
	in->early = context_additions(in->context, &filtered);
	in->late = context_additions(in->context, &in->plan->fields);
	if (in->early.held) /* a socket is asked once */
		in->early.held |= in->late.held;
	in->late.why_briefly = in->sink && in->sink->tells_why;
	in->has_early = derive_has(&filtered);
	in->has_late = additions_are_any(&in->late);
	unseen_init(&in->unseen, in->plan, host);
	in->is_past = host->is_past;
	in->asked = UINT64_MAX;
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

/* Whether @row, which the source gives whatever its state, is in a state to show. */
static bool is_in_states(const struct step *s, const struct row *row)
{
	uint64_t state = field_u64(row, F_STATE, 0);

	/* The kernel calls bound-inactive ones closed, and lists none that are. */
	if (s->kind == STEP_FILE && state == K_TCP_CLOSE)
		state = K_TCP_BOUND_INACTIVE;
	return s->row_states >> (state & 31) & 1;
}

/* A recording is of both families. */
static bool is_of_families(const struct intake *in, const struct row *row)
{
	return in->plan->o->select.families >> (field_u64(row, F_FAMILY, 0) & 63) & 1;
}

static bool is_shown(struct intake *in, const struct step *s, const struct row *row)
{
	bool is;

	if (s->types && !(s->types & counts_as(s->dump.af, field_u64(row, F_TYPE, 0))))
		return false;
	if (s->row_states &&
	    (s->kind == STEP_FILE || s->dump.origin.protocol == IPPROTO_RAW || s->dump.af == K_AF_SMC) &&
	    !is_in_states(s, row))
		return false;
	if (s->kind == STEP_FILE && !is_of_families(in, row))
		return false;
	if (!in->plan->o->filter)
		return true;
	is = filter_match(in->plan->o->filter, row);
	/* What is destroyed has to be what was meant for certain. */
	if (in->unseen.in_filter && unseen_filtered(&in->unseen, in->context, row, is) && in->killer)
		return false;
	return is;
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

/* Whether @row is to be shown as destroyed. */
static bool is_destroyed(struct intake *in, const struct row *row)
{
	bool is_shown = killer_row(in->killer, row);

	in->is_over = killer_is_over(in->killer);
	return is_shown;
}

/* Whether the row is of a network namespace that is not listed; only a walk tells. */
static bool is_left_out(struct intake *in, const struct row *row)
{
	return in->unlisted && row_has(row, SEG_NETNS_ID) &&
	       unlisted_take(in->unlisted, (uint32_t)field_u64(row, F_NETNS_ID, 0), 1);
}

/* Leaves in @row what the kernel would have sent for @asked: the answer is that of the question. */
static void drop_unasked(struct intake *in, uint64_t asked, struct row *row)
{
	if (in->asked != asked) {
		in->asked = asked;
		in->unasked = (struct segs){};
		for (size_t seg = 0; seg < SEG_MAX; seg++)
			if (seg_ask[seg] && !(seg_ask[seg] & asked))
				in->unasked.w[seg / 64] |= UINT64_C(1) << (seg % 64);
	}
	for (size_t i = 0; i < ARRAY_SIZE(row->have.w); i++)
		row->have.w[i] &= ~in->unasked.w[i];
}

void intake_take(struct intake *in, const struct step *s, const struct nlmsghdr *nlh)
{
	struct row *row = &in->row;
	int k;

	if (row_open_alike(row, &in->layouts, s->dump.family, &s->dump.origin, nlh) < 0)
		notes_add(in->notes, NOTE_ERROR,
			  "%s sockets: a malformed message was left out or shown in part", step_table(s));
	if (in->is_past)
		drop_unasked(in, s->dump.ask, row);
	if (!row_has(row, (enum seg)s->dump.family->msg) || is_repeated(in, s, row) ||
	    is_endpoint_again(in, s, row))
		return;
	if (in->unbound) {
		unbound_note(in->unbound, row);
		if (in->plan->o->is_unbound_only)
			return;
	}
	if (in->has_early)
		context_add(in->context, &in->early, row);
	if (!is_shown(in, s, row))
		return;
	if (is_left_out(in, row))
		return;
	if (in->has_late)
		context_add(in->context, &in->late, row);
	if (in->unseen.in_keys | in->unseen.in_shown)
		unseen_passed(&in->unseen, in->context, row);
	if (in->killer && !is_destroyed(in, row))
		return;
	k = in->sink->ops->row(in->sink, row);
	if (k < 0 && !in->killer) /* what is to be destroyed is, whoever looks on */
		in->is_over = true;
}
