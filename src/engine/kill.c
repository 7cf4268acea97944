/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "engine/kill.h"

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
	RESULT_GONE,        /* ended by itself before */
	RESULT_IDLE,        /* a TCP socket without connection: there is nothing to destroy */
	RESULT_UNSUPPORTED, /* the kernel cannot destroy this kind */
	RESULT_NO_COOKIE,   /* not known well enough to be sure which socket it is */
	RESULT_REFUSED,
	RESULT_FAILED,
	RESULT_MAX
};

struct killer {
	bool is_dry_run;
	struct nl *nl; /* NULL until the first question */
	size_t count[RESULT_MAX];
	size_t unsupported[TABLE_MAX];
	struct err why; /* of the last RESULT_FAILED */

	/* Cookies of the sockets that were tried; 0 is a free place. */
	uint64_t *tried;
	size_t n_tried, cap; /* a power of 2 */
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

size_t killer_count(const struct killer *k)
{
	return k->is_dry_run ? 0 : k->count[RESULT_DONE];
}

static uint64_t *find_tried(uint64_t *tried, size_t cap, uint64_t cookie)
{
	size_t i = (size_t)(cookie * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (cap - 1);

	while (tried[i] && tried[i] != cookie)
		i = (i + 1) & (cap - 1);
	return &tried[i];
}

/* Remembers @cookie. Returns 1, 0 when it was known, -ENOMEM. */
static int add_tried(struct killer *k, uint64_t cookie)
{
	uint64_t *place = find_tried(k->tried, k->cap, cookie);

	if (*place)
		return 0;
	if (k->n_tried >= k->cap / 2) {
		uint64_t *more = calloc(k->cap * 2, sizeof(*more));

		if (!more)
			return -ENOMEM;
		for (size_t i = 0; i < k->cap; i++)
			if (k->tried[i])
				*find_tried(more, k->cap * 2, k->tried[i]) = k->tried[i];
		free(k->tried);
		k->tried = more;
		k->cap *= 2;
		place = find_tried(k->tried, k->cap, cookie);
	}
	*place = cookie;
	k->n_tried++;
	return 1;
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

static enum result out_of_memory(struct killer *k)
{
	(void)err_sys(&k->why, -ENOMEM, "remembering which was tried");
	return RESULT_FAILED;
}

bool killer_row(struct killer *k, const struct row *row)
{
	enum result result;
	struct seg_dump from;
	struct val cookie;
	int r;

	memcpy(&from, row->seg[SEG_DUMP], sizeof(from));
	if (!is_supported(row, &from)) {
		result = RESULT_UNSUPPORTED;
	} else if (from.is_proc || !field_get(row, F_COOKIE, &cookie) || !cookie.u) {
		result = RESULT_NO_COOKIE;
	} else {
		r = add_tried(k, cookie.u);
		if (!r)
			return false;
		if (r < 0)
			result = out_of_memory(k);
		else if (is_idle(row, &from))
			result = RESULT_IDLE;
		else if (k->is_dry_run)
			result = RESULT_DONE;
		else
			result = ask(k, row, from.protocol, from.table == TABLE_RAW);
	}
	k->count[result]++;
	if (result == RESULT_UNSUPPORTED)
		k->unsupported[from.table]++;
	return result == RESULT_DONE;
}

static void put_unsupported(const struct killer *k, struct text *t)
{
	static const char *const names[TABLE_MAX] = {
#define TABLE(id, name, ...) [TABLE_##id] = (name),
#include "model/defs/table.def"
	};
	const char *before = "";

	text_printf(t, ", %zu of kinds the kernel cannot destroy (", k->count[RESULT_UNSUPPORTED]);
	for (enum table i = 0; i < TABLE_MAX; i++) {
		if (!k->unsupported[i])
			continue;
		text_printf(t, "%s%s: %zu", before, names[i], k->unsupported[i]);
		before = ", ";
	}
	text_char(t, ')');
}

void killer_report(const struct killer *k, struct notes *notes)
{
	const size_t *n = k->count;
	bool is_left = n[RESULT_UNSUPPORTED] || n[RESULT_NO_COOKIE] || n[RESULT_REFUSED] || n[RESULT_FAILED];
	struct text t = {};

	text_printf(&t,
		    k->is_dry_run ? "nothing was destroyed; %zu socket%s would be" : "%zu socket%s destroyed",
		    n[RESULT_DONE], n[RESULT_DONE] == 1 ? "" : "s");
	if (n[RESULT_GONE])
		text_printf(&t, ", %zu gone already", n[RESULT_GONE]);
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
