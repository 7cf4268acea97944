/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/recorded_unbound.h"

#include "base/num.h"
#include "host/recorded_impl.h"

void recorded_unbound_put(struct text *t, const struct seg_unbound *u)
{
	fact_add_u64(t, UNBOUND_FAMILY, u->family);
	fact_add_u64(t, UNBOUND_TYPE, u->type);
	fact_add_u64(t, UNBOUND_PROTOCOL, u->protocol);
	if (u->why.len)
		fact_add(t, UNBOUND_WHY, u->why);
	fact_add_u64(t, UNBOUND_IDLE_MS, u->idle_ms + 1);
}

static struct seg_unbound read_unbound(uint32_t inode, struct sv value)
{
	struct seg_unbound u = { .inode = inode, .idle_ms = HELD_NONE };
	uint8_t member;
	struct sv s;

	while (fact_take(&value, &member, &s)) {
		switch (member) {
		case UNBOUND_FAMILY: u.family = (uint32_t)fact_u64(s); break;
		case UNBOUND_TYPE: u.type = (uint32_t)fact_u64(s); break;
		case UNBOUND_PROTOCOL: u.protocol = (uint32_t)fact_u64(s); break;
		case UNBOUND_WHY: u.why = s; break;
		case UNBOUND_IDLE_MS: u.idle_ms = fact_u64(s) - 1; break;
		default: break;
		}
	}
	return u;
}

int recorded_next_unbound(struct host *h, size_t *at, struct seg_unbound *ret, size_t *ret_untold)
{
	const struct recorded *r = recorded_of(h);
	uint64_t untold = 0;
	struct sv key, value;

	(void)num_read(recorded_word(r, FACT_MACHINE, "unbound.untold"), 10, UINT32_MAX, &untold);
	*ret_untold = (size_t)untold;
	if (store_next_fact(r->reader, FACT_UNBOUND, at, &key, &value) <= 0)
		return 0;
	*ret = read_unbound((uint32_t)fact_key_take(&key, 4), value);
	return 1;
}
