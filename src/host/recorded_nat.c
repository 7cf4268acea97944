/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/recorded_nat.h"

#include <errno.h>
#include <netinet/in.h>

#include "host/recorded_impl.h"

enum { ADDR = 16, PORT = 2, PEER = ADDR + PORT };

_Static_assert(NAT_END == 2 * PEER, "two addresses, each with its port");

static void write_end(uint8_t to[NAT_END], const struct tuple *t)
{
	memcpy(to, t->local, ADDR);
	memcpy(to + ADDR, &t->lport, PORT);
	memcpy(to + PEER, t->peer, ADDR);
	memcpy(to + PEER + ADDR, &t->pport, PORT);
}

/* @from has NAT_END bytes. */
static struct tuple read_end(const char *from, uint64_t protocol)
{
	struct tuple t = { .kind = protocol == IPPROTO_UDP ? TUPLE_UDP : TUPLE_TCP };

	memcpy(t.local, from, ADDR);
	memcpy(&t.lport, from + ADDR, PORT);
	memcpy(t.peer, from + PEER, ADDR);
	memcpy(&t.pport, from + PEER + ADDR, PORT);
	return t;
}

struct fact_key recorded_nat_key(uint32_t netns, const struct tuple *t)
{
	struct fact_key key = fact_key_u32(netns);
	uint8_t end[NAT_END];

	write_end(end, t);
	fact_key_add(&key, t->kind == TUPLE_UDP ? IPPROTO_UDP : IPPROTO_TCP, 1);
	fact_key_add_word(&key, sv_n(end, sizeof(end)));
	return key;
}

void recorded_nat_put(struct text *t, const struct tuple *other)
{
	uint8_t end[NAT_END];

	if (!other->pport)
		return;
	write_end(end, other);
	text_put(t, end, sizeof(end));
}

/* Whether none could be read then, in the network namespace @netns: with the reason. */
static int check_read(struct host *h, uint32_t netns, struct err *e)
{
	const struct recorded *r = recorded_of(h);
	const struct fact_key key = fact_key_u32(netns);
	const struct fact_key count = fact_key_named(netns, "sys/net/netfilter/nf_conntrack_count");
	struct sv why = recorded_fact(r, FACT_NAT_READ, &key), n = recorded_fact(r, FACT_FILE, &count);

	if (why.p && why.len)
		return err_say(e, -EPERM, "when it was recorded, %.*s", SV_ARG(why));
	if (!why.p && n.len && n.p[0] != '0')
		return err_say(e, -ENODATA,
			       "the recording %s does not have how addresses were translated: it was made "
			       "without --peer",
			       r->file);
	return 0;
}

int recorded_nat(struct host *h, const struct place *p, struct nat *into, struct err *e)
{
	const struct recorded *r = recorded_of(h);
	uint32_t netns = p ? p->ino : r->home;
	int k = check_read(h, netns, e);
	struct sv key, value;
	size_t at = 0;

	while (k >= 0 && store_next_fact(r->reader, FACT_NAT, &at, &key, &value) > 0) {
		uint32_t of = (uint32_t)fact_key_take(&key, 4);
		uint64_t protocol = fact_key_take(&key, 1);
		struct tuple one, other = {};

		if (of != netns || key.len != NAT_END || (value.len && value.len != NAT_END))
			continue;
		one = read_end(key.p, protocol);
		if (value.len)
			other = read_end(value.p, protocol);
		if (nat_put(into, &one, &other) < 0)
			k = err_sys(e, -ENOMEM, "how addresses were translated");
	}
	return k;
}
