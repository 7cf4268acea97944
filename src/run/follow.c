/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/follow.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "nl/nl.h"
#include "run/context.h"

static const struct {
	unsigned int group;
	enum table table;
	uint8_t family;
} groups[] = {
	{ SKNLGRP_INET_TCP_DESTROY, TABLE_TCP, AF_INET },
	{ SKNLGRP_INET_UDP_DESTROY, TABLE_UDP, AF_INET },
	{ SKNLGRP_INET6_TCP_DESTROY, TABLE_TCP, AF_INET6 },
	{ SKNLGRP_INET6_UDP_DESTROY, TABLE_UDP, AF_INET6 },
};

static bool is_selected(const struct selection *sel, size_t group)
{
	return sel->tables >> groups[group].table & 1 && sel->families >> groups[group].family & 1;
}

bool follow_has(const struct selection *sel)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (is_selected(sel, i))
			return true;
	return false;
}

/* What is known of a destroyed socket: what an announcement has, and what follows from that. */
static bool is_told(enum field_id f)
{
	static const enum seg told[] = { SEG_INET_MSG,    SEG_SHUTDOWN, SEG_TCP_INFO, SEG_ACCECN,
					 SEG_ACCECN_6_18, SEG_PROTOCOL, SEG_DUMP,     SEG_NETID,
					 SEG_NETNS,       SEG_NETNS_ID, SEG_IFACE };

	if (f == F_INODE || f == F_UID) /* it has neither any more */
		return false;
	for (const struct loc *l = fields[f].at; l->size; l++)
		for (size_t i = 0; i < ARRAY_SIZE(told); i++)
			if (l->seg == told[i])
				return true;
	return false;
}

enum field_id follow_untold(const struct filter *filter)
{
	struct fieldset set = {};
	enum field_id f = 0;

	filter_fields(filter, &set);
	while (f < F_MAX &&
	       (!fieldset_has(&set, f) || is_told(f) ||
		!(family_has(&family_inet, f) || seg_ask[fields[f].at->seg] & (ASK_OWNERS | ASK_PEERS))))
		f++;
	return f;
}

int follow_subscribe(const struct selection *sel, struct nl **ret, struct err *e)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	int r = nl_open(NETLINK_SOCK_DIAG, &nl, e); /* bound, without which nothing would come */

	for (size_t i = 0; i < ARRAY_SIZE(groups) && r >= 0; i++)
		if (is_selected(sel, i))
			r = nl_join(nl, groups[i].group, e);
	if (r < 0)
		return err_context(e, r, "following sockets");
	*ret = take_ptr(nl);
	return 0;
}

struct follower {
	const struct follow_opts *o;
	struct sink *sink;
	struct notes *notes;
	struct context *context;
	struct additions wanted; /* by the output and the filter */
};

/* Shows one announcement; returns what flushing the output did. */
static int one_event(struct follower *f, const struct nlmsghdr *nlh)
{
	static const struct seg_dump tcp = { .table = TABLE_TCP, .protocol = IPPROTO_TCP, .is_event = 1 };
	static const struct seg_dump udp = { .table = TABLE_UDP, .protocol = IPPROTO_UDP, .is_event = 1 };
	struct row row;

	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY || row_open(&row, &family_inet, &tcp, nlh) < 0) {
		notes_add(f->notes, NOTE_ERROR, "an announcement made no sense and was left out");
		return 0;
	}
	if (field_u64(&row, F_PROTOCOL, IPPROTO_TCP) == IPPROTO_UDP)
		row_put(&row, SEG_DUMP, &udp, sizeof(udp)); /* before its kind is asked for */
	context_add(f->context, &f->wanted, &row);
	if (filter_match(f->o->filter, &row) && f->sink->ops->row(f->sink, &row) == -ECANCELED)
		return -ECANCELED; /* of others flushing tells too */
	/* The header comes with the first announcement, also of a socket that is not shown. */
	return f->sink->ops->flush(f->sink);
}

/* Tells how many were lost, when that is more than @told, of which @least were noticed. Returns the number.
 */
static uint64_t tell_lost(const struct follow_opts *o, const struct nl *nl, uint64_t told, uint64_t least)
{
	uint64_t n = nl_dropped(nl);

	if (n < least)
		n = least;
	if (n > told)
		o->lost(o->ctx, n);
	return n;
}

/* Until the end; returns what follow() does, or -ECANCELED when the output has enough. */
static int follow_with(struct follower *f, struct nl *nl, struct err *e)
{
	const struct follow_opts *o = f->o;
	const struct nlmsghdr *nlh;
	uint64_t n_lost = 0;
	int r = 0;

	while (!*o->is_over) {
		r = nl_wait(nl, o->fd, o->wait_mask, e);
		if (r == -EINTR)
			continue;
		if (r == 0)
			return -EPIPE;
		if (r > 0)
			r = nl_next_event(nl, &nlh, e);
		if (r == -ENOBUFS) {
			n_lost = tell_lost(o, nl, n_lost, n_lost + 1);
			continue;
		}
		if (r > 0)
			r = one_event(f, nlh);
		if (r < 0)
			return r;
	}
	/* The kernel reports the first loss only, until all that it kept has been read. */
	(void)tell_lost(o, nl, n_lost, n_lost);
	return 0;
}

int follow(const struct follow_opts *o, struct sink *sink, struct notes *notes, struct err *e)
{
	const struct context_opts co = { .host = o->host, .notes = notes, .has_no_owners = true };
	_cleanup_(context_freep) struct context *context = NULL;
	_cleanup_(nl_closep) struct nl *nl = NULL;
	struct follower f = { .o = o, .sink = sink, .notes = notes };
	struct fieldset set = {};
	int r;

	if (!o->host->is_live)
		return err_say(e, -EOPNOTSUPP, "a recording announces nothing");
	host_begin(o->host, notes);
	r = follow_subscribe(&o->select, &nl, e);
	if (r >= 0)
		r = context_new(&co, &context);
	if (r < 0)
		return r;
	f.context = context;
	sink->ops->fields(sink, &set);
	filter_fields(o->filter, &set);
	f.wanted = context_additions(context, &set);
	r = sink_begin(sink, 0);
	if (r >= 0)
		r = follow_with(&f, nl, e);
	return r == -ECANCELED ? 0 : r;
}
