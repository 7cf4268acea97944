/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/kill.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "model/field.h"
#include "nl/nl.h"

enum result {
	RESULT_DONE,   /* destroyed */
	RESULT_GONE,   /* the kernel did not find it: it ended by itself before */
	RESULT_HIDDEN, /* it did not, but lists it: listeners that share a port hide each other */
	RESULT_BOUND,  /* a TCP socket that is only bound: the kernel does not find it by its addresses */
	RESULT_UNSUPPORTED, /* the kernel cannot destroy this kind */
	RESULT_NO_COOKIE,   /* not known well enough to be sure which socket it is */
	RESULT_REFUSED,
	RESULT_FAILED,
	RESULT_CHOSEN, /* not yet tried */
	RESULT_MAX
};

struct tried {
	uint64_t cookie; /* 0 for a free place */
	enum result result;
};

struct killer {
	struct killer_opts o;
	bool is_choosing;
	struct nl *nl; /* NULL until the first question */
	size_t count[RESULT_MAX];
	size_t unsupported[TABLE_MAX];
	size_t n_subflows; /* of those destroyed */
	struct err why;    /* of the last RESULT_FAILED */

	/* What was tried: a hash table by cookie. */
	struct tried *tried;
	size_t n_tried, cap; /* a power of 2 */
	size_t n_gone;       /* how often one was not found at its first trial */
	size_t n_meant;      /* tried, to be tried or, in a dry run, shown */
};

struct killer *killer_free(struct killer *k)
{
	if (!k)
		return NULL;
	(void)nl_close(k->nl);
	free(k->tried);
	free(k);
	return NULL;
}

int killer_new(const struct killer_opts *o, struct killer **ret)
{
	enum { CAP_FIRST = 1024 };
	_cleanup_(killer_freep) struct killer *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->o = *o;
	k->cap = CAP_FIRST;
	k->tried = calloc(k->cap, sizeof(*k->tried));
	if (!k->tried)
		return -ENOMEM;
	*ret = take_ptr(k);
	return 0;
}

size_t killer_progress(const struct killer *k)
{
	return k->o.is_dry_run ? 0 : k->count[RESULT_DONE] + k->n_gone;
}

bool killer_choose_begin(struct killer *k)
{
	k->is_choosing = k->o.has_limit && !k->o.is_dry_run;
	return k->is_choosing;
}

void killer_choose_end(struct killer *k)
{
	k->is_choosing = false;
}

static bool is_full(const struct killer *k)
{
	return k->o.has_limit && k->n_meant >= k->o.limit;
}

bool killer_is_over(const struct killer *k)
{
	bool has_open = k->count[RESULT_CHOSEN] || k->count[RESULT_GONE] || k->count[RESULT_HIDDEN];

	return is_full(k) && (k->is_choosing || !has_open);
}

/* Whether one that was not met before is meant, too. */
static bool may_be_new(const struct killer *k)
{
	return !k->o.has_limit || (!is_full(k) && (k->is_choosing || k->o.is_dry_run));
}

static struct tried *find_tried(struct tried *v, size_t cap, uint64_t cookie)
{
	size_t i = (size_t)(cookie * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cap - 1);

	while (v[i].cookie && v[i].cookie != cookie)
		i = (i + 1) & (cap - 1);
	return &v[i];
}

/* The entry of @cookie, perhaps a new one, whose cookie is still 0; NULL without memory. */
static struct tried *entry_of(struct killer *k, uint64_t cookie)
{
	struct tried *t = find_tried(k->tried, k->cap, cookie), *more;

	if (t->cookie || k->n_tried < k->cap / 2)
		return t;
	more = calloc(k->cap * 2, sizeof(*more));
	if (!more)
		return NULL;
	for (size_t i = 0; i < k->cap; i++)
		if (k->tried[i].cookie)
			*find_tried(more, k->cap * 2, k->tried[i].cookie) = k->tried[i];
	free(k->tried);
	k->tried = more;
	k->cap *= 2;
	return find_tried(k->tried, k->cap, cookie);
}

static enum result ask(struct killer *k, const struct row *row, uint16_t protocol, bool is_raw)
{
	struct inet_diag_req_v2 req = { .sdiag_protocol = (uint8_t)protocol };
	const struct nlmsghdr *nlh;
	struct inet_diag_msg msg;
	struct err e;
	int r = 0;

	memcpy(&msg, row->seg[SEG_INET_MSG], sizeof(msg));
	req.sdiag_family = msg.idiag_family;
	req.id = msg.id;
	if (is_raw) /* what protocol a raw socket is for has this place, and no name in old headers */
		req.pad = (uint8_t)field_u64(row, F_PROTOCOL, IPPROTO_RAW);
	if (!k->nl)
		r = nl_open(NETLINK_SOCK_DIAG, &k->nl, &e);
	if (r >= 0)
		r = nl_ask(k->nl, SOCK_DESTROY, NLM_F_ACK, &req, sizeof(req), &e);
	if (r >= 0)
		r = nl_next(k->nl, &nlh, &e);
	switch (r) {
	case 0: return RESULT_DONE;
	case -ENOENT: return RESULT_GONE;
	case -EOPNOTSUPP: return RESULT_UNSUPPORTED;
	case -EPERM:
	case -EACCES: return RESULT_REFUSED;
	default: k->why = e; return RESULT_FAILED;
	}
}

/* Whether @row is of a TCP socket that serves one of MPTCP. */
static bool is_subflow(const struct row *row, const struct seg_dump *from)
{
	struct val ulp;

	return from->table == TABLE_TCP && field_get(row, F_ULP, &ulp) && sv_is(ulp.s, "mptcp");
}

/*
 * Of these alone the kernel destroys any. MPTCP's number would not even fit into the question; its listeners
 * lie in the table of TCP too, where kernels either refuse to destroy them or are damaged by it.
 */
static bool is_supported(const struct row *row, const struct seg_dump *from)
{
	return row_has(row, SEG_INET_MSG) && row->len[SEG_INET_MSG] >= sizeof(struct inet_diag_msg) &&
	       (from->table == TABLE_TCP || from->table == TABLE_UDP || from->table == TABLE_RAW) &&
	       !(field_u64(row, F_STATE, 0) == K_TCP_LISTEN && is_subflow(row, from));
}

static bool is_bound(const struct row *row, const struct seg_dump *from)
{
	uint64_t state = field_u64(row, F_STATE, 0);

	return from->table == TABLE_TCP && (state == K_TCP_CLOSE || state == K_TCP_BOUND_INACTIVE);
}

/* The first or, when the kernel did not find it before, another trial. */
static enum result try(struct killer *k, const struct row *row, const struct seg_dump *from)
{
	if (is_bound(row, from))
		return RESULT_BOUND;
	if (k->is_choosing)
		return RESULT_CHOSEN;
	return k->o.is_dry_run ? RESULT_DONE : ask(k, row, from->protocol, from->table == TABLE_RAW);
}

/* Whether the socket was destroyed now. */
static bool try_known(struct killer *k, const struct row *row, const struct seg_dump *from, uint64_t cookie)
{
	struct tried *t = entry_of(k, cookie);
	bool is_new, is_first;

	if (!t) {
		(void)err_sys(&k->why, -ENOMEM, "remembering which was tried");
		k->count[RESULT_FAILED]++;
		return false;
	}
	is_new = !t->cookie;
	is_first = is_new || t->result == RESULT_CHOSEN;
	if (is_new && !may_be_new(k))
		return false;
	if (!is_first && t->result != RESULT_GONE && t->result != RESULT_HIDDEN)
		return false;
	if (!is_new)
		k->count[t->result]--;
	t->result = try(k, row, from);
	if (t->result == RESULT_GONE && is_first)
		k->n_gone++;
	else if (t->result == RESULT_GONE)
		t->result = RESULT_HIDDEN;
	k->n_tried += is_new;
	k->n_meant += is_new && t->result != RESULT_BOUND;
	t->cookie = cookie;
	k->count[t->result]++;
	if (t->result == RESULT_UNSUPPORTED)
		k->unsupported[from->table]++;
	k->n_subflows += t->result == RESULT_DONE && is_subflow(row, from);
	return t->result == RESULT_DONE;
}

/* The tables of one family share a question: the type tells which of them it is. */
static enum table table_of(const struct row *row, const struct seg_dump *from)
{
	bool is_stream = field_u64(row, F_TYPE, 0) == SOCK_STREAM;

	switch (from->table) {
	case TABLE_UNIX_STREAM:
	case TABLE_UNIX_DGRAM:
	case TABLE_UNIX_SEQPACKET:
		return is_stream                                     ? TABLE_UNIX_STREAM
		       : field_u64(row, F_TYPE, 0) == SOCK_SEQPACKET ? TABLE_UNIX_SEQPACKET
								     : TABLE_UNIX_DGRAM;
	case TABLE_PACKET_DGRAM:
	case TABLE_PACKET_RAW:
		return field_u64(row, F_TYPE, 0) == SOCK_RAW ? TABLE_PACKET_RAW : TABLE_PACKET_DGRAM;
	case TABLE_VSOCK_STREAM:
	case TABLE_VSOCK_DGRAM: return is_stream ? TABLE_VSOCK_STREAM : TABLE_VSOCK_DGRAM;
	case TABLE_TCP: return is_subflow(row, from) ? TABLE_MPTCP : TABLE_TCP;
	default: return (enum table)from->table;
	}
}

/* What is counted each time it is met is counted while sockets are chosen, or without that. */
static void count_once(struct killer *k, enum result result)
{
	if (!k->o.has_limit || k->o.is_dry_run || k->is_choosing)
		k->count[result]++;
}

bool killer_row(struct killer *k, const struct row *row)
{
	const struct seg_dump *from = row_dump(row);
	struct val cookie;

	if (!is_supported(row, from)) {
		size_t before = k->count[RESULT_UNSUPPORTED];

		count_once(k, RESULT_UNSUPPORTED);
		k->unsupported[table_of(row, from)] += k->count[RESULT_UNSUPPORTED] - before;
		return false;
	}
	if (from->is_proc || !field_get(row, F_COOKIE, &cookie) || !cookie.u) {
		count_once(k, RESULT_NO_COOKIE);
		return false;
	}
	return try_known(k, row, from, cookie.u);
}

static void put_unsupported(const struct killer *k, struct text *t)
{
	const char *before = "";

	text_printf(t, ", %zu of kinds the kernel cannot destroy (", k->count[RESULT_UNSUPPORTED]);
	for (enum table i = 0; i < TABLE_MAX; i++) {
		if (!k->unsupported[i])
			continue;
		text_printf(t, "%s%s: %zu", before, table_names[i], k->unsupported[i]);
		before = ", ";
	}
	text_char(t, ')');
}

static void put_done(const struct killer *k, struct text *t)
{
	size_t n = k->count[RESULT_DONE];

	text_printf(t,
		    k->o.is_dry_run ? "nothing was destroyed; %zu socket%s would be"
				    : "%zu socket%s destroyed",
		    n, n == 1 ? "" : "s");
	if (k->n_subflows)
		text_printf(t, ", among them %zu subflow%s: of MPTCP the kernel destroys nothing else",
			    k->n_subflows,
			    k->n_subflows == 1 ? " of an MPTCP connection, which lives on"
					       : "s of MPTCP connections, which live on");
}

void killer_report(const struct killer *k, enum note least, struct notes *notes)
{
	const size_t *n = k->count;
	size_t n_gone = n[RESULT_GONE] + n[RESULT_CHOSEN];
	bool is_left = n[RESULT_HIDDEN] || n[RESULT_BOUND] || n[RESULT_UNSUPPORTED] || n[RESULT_NO_COOKIE] ||
		       n[RESULT_REFUSED] || n[RESULT_FAILED];
	struct text t = {};

	put_done(k, &t);
	if (n_gone)
		text_printf(&t, ", %zu gone already", n_gone);
	if (n[RESULT_HIDDEN])
		text_printf(&t, ", %zu that the kernel does not find among others on the same port",
			    n[RESULT_HIDDEN]);
	if (n[RESULT_BOUND])
		text_printf(&t, ", %zu that %s bound only, which the kernel cannot destroy", n[RESULT_BOUND],
			    n[RESULT_BOUND] == 1 ? "is" : "are");
	if (n[RESULT_UNSUPPORTED])
		put_unsupported(k, &t);
	if (n[RESULT_NO_COOKIE])
		text_printf(&t, ", %zu without the cookie that tells it from others", n[RESULT_NO_COOKIE]);
	if (n[RESULT_REFUSED])
		text_printf(&t, ", %zu refused (this needs CAP_NET_ADMIN)", n[RESULT_REFUSED]);
	if (n[RESULT_FAILED])
		text_printf(&t, ", %zu failed (%s)", n[RESULT_FAILED], k->why.text);
	if (k->n_subflows && least < NOTE_WARNING)
		least = NOTE_WARNING;
	if (t.failed)
		notes_add(notes, NOTE_ERROR, "out of memory");
	else
		notes_add(notes, is_left ? NOTE_ERROR : least, "%.*s", (int)t.len, t.p);
	text_done(&t);
}
