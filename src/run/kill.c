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
	RESULT_DONE,        /* destroyed */
	RESULT_GONE,        /* the kernel did not find it: it ended by itself before */
	RESULT_HIDDEN,      /* it did not, but lists it: listeners that share a port hide each other */
	RESULT_IDLE,        /* a TCP socket without connection: there is nothing to destroy */
	RESULT_UNSUPPORTED, /* the kernel cannot destroy this kind */
	RESULT_NO_COOKIE,   /* not known well enough to be sure which socket it is */
	RESULT_REFUSED,
	RESULT_FAILED,
	RESULT_MAX
};

struct tried {
	uint64_t cookie; /* 0 for a free place */
	enum result result;
};

struct killer {
	bool is_dry_run;
	struct nl *nl; /* NULL until the first question */
	size_t count[RESULT_MAX];
	size_t unsupported[TABLE_MAX];
	struct err why; /* of the last RESULT_FAILED */

	/* What was tried: a hash table by cookie. */
	struct tried *tried;
	size_t n_tried, cap; /* a power of 2 */
	size_t n_gone;       /* how often one was not found at its first trial */
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

int killer_new(bool is_dry_run, struct killer **ret)
{
	enum { CAP_FIRST = 1024 };
	_cleanup_(killer_freep) struct killer *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->is_dry_run = is_dry_run;
	k->cap = CAP_FIRST;
	k->tried = calloc(k->cap, sizeof(*k->tried));
	if (!k->tried)
		return -ENOMEM;
	*ret = take_ptr(k);
	return 0;
}

size_t killer_progress(const struct killer *k)
{
	return k->is_dry_run ? 0 : k->count[RESULT_DONE] + k->n_gone;
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
	int r = 0;

	memcpy(&msg, row->seg[SEG_INET_MSG], sizeof(msg));
	req.sdiag_family = msg.idiag_family;
	req.id = msg.id;
	if (is_raw) /* what protocol a raw socket is for has this place, and no name in old headers */
		req.pad = (uint8_t)field_u64(row, F_PROTOCOL, IPPROTO_RAW);
	if (!k->nl)
		r = nl_open(NETLINK_SOCK_DIAG, &k->nl, &k->why);
	if (r >= 0)
		r = nl_ask(k->nl, SOCK_DESTROY, NLM_F_ACK, &req, sizeof(req), &k->why);
	if (r >= 0)
		r = nl_next(k->nl, &nlh, &k->why);
	switch (r) {
	case 0: return RESULT_DONE;
	case -ENOENT: return RESULT_GONE;
	case -EOPNOTSUPP: return RESULT_UNSUPPORTED;
	case -EPERM:
	case -EACCES: return RESULT_REFUSED;
	default: return RESULT_FAILED;
	}
}

/* The kernel cannot: unix, packet, netlink and others have no way, MPTCP's number does not fit. */
static bool is_supported(const struct row *row, const struct seg_dump *from)
{
	return row_has(row, SEG_INET_MSG) && row->len[SEG_INET_MSG] >= sizeof(struct inet_diag_msg) &&
	       from->protocol <= UINT8_MAX;
}

static bool is_idle(const struct row *row, const struct seg_dump *from)
{
	uint64_t state = field_u64(row, F_STATE, 0);

	return from->protocol == IPPROTO_TCP && (state == K_TCP_CLOSE || state == K_TCP_BOUND_INACTIVE);
}

/* The first or, when the kernel did not find it before, another trial. */
static enum result try(struct killer *k, const struct row *row, const struct seg_dump *from)
{
	if (is_idle(row, from))
		return RESULT_IDLE;
	return k->is_dry_run ? RESULT_DONE : ask(k, row, from->protocol, from->table == TABLE_RAW);
}

/* Whether the socket was destroyed now. */
static bool try_known(struct killer *k, const struct row *row, const struct seg_dump *from, uint64_t cookie)
{
	struct tried *t = entry_of(k, cookie);
	bool is_new;

	if (!t) {
		(void)err_sys(&k->why, -ENOMEM, "remembering which was tried");
		k->count[RESULT_FAILED]++;
		return false;
	}
	is_new = !t->cookie;
	if (!is_new && t->result != RESULT_GONE && t->result != RESULT_HIDDEN)
		return false;
	if (!is_new)
		k->count[t->result]--;
	t->result = try(k, row, from);
	if (t->result == RESULT_GONE && is_new)
		k->n_gone++;
	else if (t->result == RESULT_GONE)
		t->result = RESULT_HIDDEN;
	k->n_tried += is_new;
	t->cookie = cookie;
	k->count[t->result]++;
	if (t->result == RESULT_UNSUPPORTED)
		k->unsupported[from->table]++;
	return t->result == RESULT_DONE;
}

bool killer_row(struct killer *k, const struct row *row)
{
	struct seg_dump from;
	struct val cookie;

	memcpy(&from, row->seg[SEG_DUMP], sizeof(from));
	if (!is_supported(row, &from)) {
		k->count[RESULT_UNSUPPORTED]++;
		k->unsupported[from.table]++;
		return false;
	}
	if (from.is_proc || !field_get(row, F_COOKIE, &cookie) || !cookie.u) {
		k->count[RESULT_NO_COOKIE]++;
		return false;
	}
	return try_known(k, row, &from, cookie.u);
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

void killer_report(const struct killer *k, struct notes *notes)
{
	const size_t *n = k->count;
	bool is_left = n[RESULT_HIDDEN] || n[RESULT_UNSUPPORTED] || n[RESULT_NO_COOKIE] ||
		       n[RESULT_REFUSED] || n[RESULT_FAILED];
	struct text t = {};

	text_printf(&t,
		    k->is_dry_run ? "nothing was destroyed; %zu socket%s would be" : "%zu socket%s destroyed",
		    n[RESULT_DONE], n[RESULT_DONE] == 1 ? "" : "s");
	if (n[RESULT_GONE])
		text_printf(&t, ", %zu gone already", n[RESULT_GONE]);
	if (n[RESULT_HIDDEN])
		text_printf(&t, ", %zu that the kernel does not find among others on the same port",
			    n[RESULT_HIDDEN]);
	if (n[RESULT_IDLE])
		text_printf(&t, ", %zu without a connection", n[RESULT_IDLE]);
	if (n[RESULT_UNSUPPORTED])
		put_unsupported(k, &t);
	if (n[RESULT_NO_COOKIE])
		text_printf(&t, ", %zu without the cookie that tells it from others", n[RESULT_NO_COOKIE]);
	if (n[RESULT_REFUSED])
		text_printf(&t, ", %zu refused (this needs CAP_NET_ADMIN)", n[RESULT_REFUSED]);
	if (n[RESULT_FAILED])
		text_printf(&t, ", %zu failed (%s)", n[RESULT_FAILED], k->why.text);
	if (t.failed)
		notes_add(notes, NOTE_ERROR, "out of memory");
	else
		notes_add(notes, is_left ? NOTE_ERROR : NOTE_HINT, "%.*s", (int)t.len, t.p);
	text_done(&t);
}
