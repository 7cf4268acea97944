/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "plan/plan.h"

enum {
	UNKNOWN = UINT32_MAX,
	/* How well a listener fits a handshake, as the kernel weighs it. */
	FIT_FAMILY = 1,
	FIT_DEVICE = 2,
	FIT_ADDRESS = 4,
};

struct listener {
	size_t place;
	uint16_t port;
	uint8_t family;
	uint8_t v6only;
	uint8_t addr[16]; /* of IPv4 in IPv6 form */
	uint32_t ifindex, uid;
	uint32_t inode;
	uint32_t queue;
	uint32_t syn; /* of the group, at its first member */
	size_t first; /* of the group that it is in, and how many they are */
	uint32_t size;
};

struct listeners {
	struct listener *v;
	size_t n, cap;
	struct hash by_inode;
	bool has_syn; /* open handshakes were counted */
	bool has_failed;
};

/* The order of the members up to .uid decides who is in one group: the kernel lets no others share a port. */
static int compare(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;
	int r = memcmp(x->addr, y->addr, sizeof(x->addr));

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->v6only != y->v6only)
		return x->v6only < y->v6only ? -1 : 1;
	if (r)
		return r;
	if (x->ifindex != y->ifindex)
		return x->ifindex < y->ifindex ? -1 : 1;
	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return 0;
}

static int compare_inodes(const void *a, const void *b)
{
	const struct listener *x = a, *y = b;
	int r = compare(a, b);

	return r ? r : x->inode < y->inode ? -1 : x->inode > y->inode;
}

static void read_listener(const struct row *row, size_t place, struct listener *ret)
{
	struct inet_diag_msg msg;

	memcpy(&msg, row->seg[SEG_INET_MSG], sizeof(msg)); /* there is no row without */
	*ret = (struct listener){ .place = place,
				  .port = (uint16_t)ntohs((uint16_t)field_u64(row, F_SPORT, 0)),
				  .family = (uint8_t)field_u64(row, F_FAMILY, 0),
				  .v6only = (uint8_t)field_u64(row, F_V6ONLY, 0),
				  .ifindex = (uint32_t)field_u64(row, F_IFINDEX, 0),
				  .uid = (uint32_t)field_u64(row, F_UID, 0),
				  .inode = (uint32_t)field_u64(row, F_INODE, 0),
				  .queue = (uint32_t)field_u64(row, F_ACCEPT_QUEUE, 0) };
	if (ret->family == AF_INET6) {
		memcpy(ret->addr, msg.id.idiag_src, 16);
		return;
	}
	ret->addr[10] = ret->addr[11] = 0xff;
	memcpy(ret->addr + 12, msg.id.idiag_src, 4);
}

static bool is_mapped(const uint8_t addr[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, sizeof(prefix));
}

/* Whether @addr stands for all of its family. */
static bool is_any(const uint8_t addr[16])
{
	static const uint8_t none[16];

	return !memcmp(addr + 12, none, 4) && (is_mapped(addr) || !memcmp(addr, none, sizeof(none)));
}

/* How well @l fits the handshake @r to its port; -1: it cannot be behind it. */
static int weigh(const struct listener *l, const struct listener *r)
{
	int fit = l->family == AF_INET ? FIT_FAMILY : 0;

	if (l->ifindex && l->ifindex != r->ifindex)
		return -1;
	if (l->ifindex)
		fit += FIT_DEVICE;
	if (!memcmp(l->addr, r->addr, sizeof(l->addr)))
		return fit + FIT_ADDRESS;
	if (!is_any(l->addr))
		return -1;
	if (l->family == AF_INET || l->v6only)
		return is_mapped(r->addr) == (l->family == AF_INET) ? fit : -1;
	return fit;
}

/* The first of the listeners that have the port of @r, or come behind. */
static size_t find_port(const struct listeners *l, const struct listener *r)
{
	size_t lo = 0, hi = l->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct listener *m = &l->v[mid];

		if (m->place < r->place || (m->place == r->place && m->port < r->port))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Counts the open handshake @r where it belongs; at the first of those between which the kernel may choose.
 */
static void count_handshake(struct listeners *l, const struct listener *r)
{
	struct listener *best = NULL;
	int most = -1;

	for (size_t i = find_port(l, r); i < l->n; i += l->v[i].size) {
		struct listener *group = &l->v[i];
		int fit;

		if (group->place != r->place || group->port != r->port)
			break;
		fit = weigh(group, r);
		if (fit > most)
			best = group;
		else if (fit >= 0 && fit == most) /* of two users: which one, nobody tells */
			best->syn = group->syn = UNKNOWN;
		most = fit > most ? fit : most;
	}
	if (best && best->syn != UNKNOWN)
		best->syn++;
}

static int add(struct listeners *l, const struct listener *new)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct listener *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *new;
	return 0;
}

static const struct dump *make_dump(const struct host *h, uint8_t af, uint32_t states, struct dump *ret)
{
	*ret = (struct dump){ .family = &family_inet,
			      .af = af,
			      .states = states,
			      .ask = seg_ask[SEG_TCP_INFO],
			      .origin = {
				      .table = TABLE_TCP, .protocol = IPPROTO_TCP, .kernel = h->kernel } };
	return ret;
}

/* Takes the answer of @place to @dump: listeners are kept, handshakes counted. */
static int take_answer(struct listeners *l, struct host *h, const struct host_ask *q, struct err *e)
{
	struct source *src = NULL;
	const struct nlmsghdr *nlh;
	struct row row;
	int r = host_open(h, q, &src, e);

	while (r >= 0 && (r = source_next(src, &nlh, e)) > 0) {
		struct listener one;

		if (row_open(&row, q->dump->family, &q->dump->origin, nlh) < 0)
			continue;
		read_listener(&row, q->place ? q->place->i : 0, &one);
		if (q->dump->states == STATE(K_TCP_LISTEN))
			r = add(l, &one);
		else if (!row_has(&row, SEG_TCP_INFO)) /* a socket of its own waits to be accepted */
			count_handshake(l, &one);
		if (r < 0)
			break;
	}
	(void)source_close(src);
	return r;
}

static int ask(struct listeners *l, struct host *h, const struct places *all, size_t place, uint32_t states,
	       struct notes *notes)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct dump dump;
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct host_ask q = { .dump = make_dump(h, families[i], states, &dump),
					    .all = all,
					    .place = all ? &all->v[place] : NULL };
		int r = take_answer(l, h, &q, &e);

		if (r == -ENOMEM || r == -ENOTRECOVERABLE)
			return r;
		if (r < 0 && !l->has_failed)
			notes_add(notes, NOTE_WARNING, "accept.syn and reuseport.* are not known: %s",
				  e.text);
		l->has_failed |= r < 0;
	}
	return 0;
}

/* Puts those that share a port side by side, and says of each where they begin. */
static int find_groups(struct listeners *l)
{
	size_t first = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare_inodes);
	for (size_t i = 0; i < l->n; i++) {
		if (compare(&l->v[first], &l->v[i]))
			first = i;
		l->v[i].first = first;
		l->v[first].size++;
		if (l->v[i].inode && hash_put(&l->by_inode, hash_u64(l->v[i].inode), &l->v[i]) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < l->n; i++)
		l->v[i].size = l->v[l->v[i].first].size;
	return 0;
}

bool listeners_are_needed(const struct fieldset *set)
{
	return fieldset_has(set, F_ACCEPT_SYN) || fieldset_has(set, F_REUSEPORT_GROUP);
}

struct listeners *listeners_free(struct listeners *l)
{
	if (!l)
		return NULL;
	hash_done(&l->by_inode);
	free(l->v);
	free(l);
	return NULL;
}

int listeners_new(struct host *h, const struct places *places, const struct fieldset *set,
		  struct notes *notes, struct listeners **ret)
{
	struct listeners *l = calloc(1, sizeof(*l));
	size_t n = places ? places->n : 1;
	int r = l ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		r = ask(l, h, places, i, STATE(K_TCP_LISTEN), notes);
	if (r == 0)
		r = find_groups(l);
	if (r == 0)
		l->has_syn = fieldset_has(set, F_ACCEPT_SYN) || fieldset_has(set, F_REUSEPORT_SYN);
	for (size_t i = 0; i < n && r == 0 && l->has_syn; i++)
		r = ask(l, h, places, i, STATE(K_TCP_SYN_RECV), notes);
	if (r < 0)
		return listeners_free(l), r;
	*ret = l;
	return 0;
}

/* The listener that @row is; a half of what there is would be another number than the whole. */
static const struct listener *find(const struct listeners *l, const struct row *row)
{
	uint32_t inode = (uint32_t)field_u64(row, F_INODE, 0);

	if (!l || l->has_failed || !inode || field_u64(row, F_STATE, 0) != K_TCP_LISTEN)
		return NULL;
	return hash_find(&l->by_inode, hash_u64(inode), NULL, NULL);
}

bool listeners_put_syn(const struct listeners *l, struct text *t, const struct row *row)
{
	const struct listener *me = find(l, row);
	struct seg_listener seg;

	if (!me || !l->has_syn)
		return false;
	/* None behind a group is none behind each; else only the kernel knows behind which. */
	seg.syn = l->v[me->first].syn;
	if (me->size > 1 && seg.syn)
		seg.syn = UNKNOWN;
	text_put(t, &seg, sizeof(seg));
	return true;
}

bool listeners_put_group(const struct listeners *l, struct text *t, const struct row *row)
{
	const struct listener *me = find(l, row);
	struct seg_reuseport seg = {};

	if (!me || me->size < 2)
		return false;
	seg.group = l->v[me->first].inode;
	seg.size = me->size;
	seg.mine = me->queue;
	seg.syn = l->has_syn ? l->v[me->first].syn : UNKNOWN;
	for (size_t i = me->first; i < me->first + me->size; i++)
		seg.queue += l->v[i].queue;
	text_put(t, &seg, sizeof(seg));
	return true;
}
