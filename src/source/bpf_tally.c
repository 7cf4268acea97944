/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_tally.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SETTLE_NS = 10000000 }; /* where the kernel does not tell when a program that runs has ended */

struct tally_record { /* what a key is of */
	struct sock_record r;
	struct {
		int32_t error;
		uint8_t kind, from, to, flags;
	} end;
};

_Static_assert(sizeof(struct tally_record) == sizeof(struct event_tally_key), "a key is all of these");

#define KEEP(m, member) memset(&(m)->member, 0xff, sizeof((m)->member))

/* The bytes by which two events differ in @f. False when they are not in its record. */
static bool keep(struct tally_record *m, enum field_id f)
{
	switch ((int)f) {
	case F_SRC: KEEP(m, r.msg.id.idiag_src); return true;
	case F_DST: KEEP(m, r.msg.id.idiag_dst); return true;
	case F_SPORT: KEEP(m, r.msg.id.idiag_sport); return true;
	case F_DPORT: KEEP(m, r.msg.id.idiag_dport); return true;
	case F_NETNS:
	case F_NETNS_ID: KEEP(m, r.netns); return true;
	case F_MARK: KEEP(m, r.mark); return true;
	case F_CGROUP:
	case F_CGROUP_PATH: KEEP(m, r.cgroup); return true;
	case F_OLD_STATE: KEEP(m, end.from); return true;
	case F_DIRECTION: m->end.flags |= LIFE_IN | LIFE_OUT; return true;
	case F_CLOSED_BY:
	case F_CLOSED_HOW: memset(&m->end, 0xff, sizeof(m->end)); return true;
	case F_STATE:
	case F_FAMILY:
	case F_EVENT: return true; /* anyway */
	default: return false;
	}
}

/* Who is in a cgroup depends on nothing but that. */
static bool is_of_cgroup(enum field_id f)
{
	return fields[f].at->seg == SEG_TENANT;
}

static bool read_keys(const struct fieldset *keys, struct tally_record *m)
{
	KEEP(m, r.msg.idiag_family);
	KEEP(m, r.msg.idiag_state);
	KEEP(m, r.flags);
	KEEP(m, end.kind);
	KEEP(m, end.to);
	for (enum field_id f = 0; f < F_MAX; f++)
		if (fieldset_has(keys, f) && !keep(m, is_of_cgroup(f) ? F_CGROUP : f))
			return false;
	return true;
}

static bool read_sums(const struct fieldset *sums, struct event_tally_at at[EVENT_TALLY_SUMS],
		      uint32_t *ret_n)
{
	uint32_t n = 0;

	for (enum field_id f = 0; f < F_MAX; f++) {
		const struct loc *l = fields[f].at;

		if (!fieldset_has(sums, f))
			continue;
		if (l->seg != SEG_TCP_INFO || l->bits || (l->size != 4 && l->size != 8) ||
		    fields[f].has_none || fields[f].no_zero || fields[f].has_given ||
		    fields[f].type == T_INT || n == EVENT_TALLY_SUMS)
			return false;
		at[n++] = (struct event_tally_at){ .off = l->off, .size = l->size };
	}
	*ret_n = n;
	return true;
}

bool bpf_tally_want(const struct fieldset *keys, const struct fieldset *sums, struct event_shared *shared)
{
	struct event_tally_at at[EVENT_TALLY_SUMS] = {};
	struct tally_record mask = {};
	uint32_t n;

	if (!read_keys(keys, &mask) || !read_sums(sums, at, &n))
		return false;
	memcpy(shared->mask, &mask, sizeof(mask));
	memcpy(shared->sums, at, sizeof(at));
	shared->n_sums = n;
	shared->is_tallied = 1;
	return true;
}

/* Returns when no program counts any more in the table that was counted in before. */
static void settle(void)
{
	const struct timespec pause = { .tv_nsec = SETTLE_NS };

	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		(void)nanosleep(&pause, NULL);
}

void bpf_tally_turn(struct bpf_tally *t, struct event_shared *shared)
{
	t->turn ^= 1;
	__atomic_store_n(&shared->turn, t->turn, __ATOMIC_SEQ_CST);
	settle();
	t->is_read = true;
	t->has_next = bpf_load_next_key(t->map[!t->turn], NULL, &t->next) > 0;
}

/* The next group of the table becomes .key and .sum. Returns as bpf_tally_next(). */
static int take(struct bpf_tally *t)
{
	int map = t->map[!t->turn], r;

	if (!t->has_next)
		return 0;
	t->key = t->next;
	r = bpf_load_value(map, &t->key, &t->sum);
	if (r < 0)
		return r;
	/* Before it goes, or there would be nothing to go on behind. */
	t->has_next = bpf_load_next_key(map, &t->key, &t->next) > 0;
	r = bpf_load_delete(map, &t->key);
	return r < 0 ? r : 1;
}

static bool has_rest(const struct bpf_tally *t, const struct event_shared *shared)
{
	bool has = t->sum.n;

	for (uint32_t i = 0; i < shared->n_sums && i < EVENT_TALLY_SUMS; i++)
		has |= t->sum.v[i] != 0;
	return has;
}

/* As much of the sums as the members of @info have room for. */
static void put_sums(struct bpf_tally *t, const struct event_shared *shared, struct k_tcp_info *info)
{
	for (uint32_t i = 0; i < shared->n_sums && i < EVENT_TALLY_SUMS; i++) {
		const struct event_tally_at *at = &shared->sums[i];
		uint64_t v = t->sum.v[i];

		if (at->size == 4 && v > UINT32_MAX)
			v = UINT32_MAX;
		t->sum.v[i] -= v;
		if (at->size == 4)
			memcpy((char *)info + at->off, &(uint32_t){ (uint32_t)v }, 4);
		else
			memcpy((char *)info + at->off, &v, 8);
	}
}

int bpf_tally_next(struct bpf_tally *t, const struct event_shared *shared, struct event_record *ret,
		   uint64_t *ret_n)
{
	struct tally_record of;

	if (!has_rest(t, shared)) {
		int r = take(t);

		if (r <= 0)
			return r;
	}
	memcpy(&of, &t->key, sizeof(of));
	*ret = (struct event_record){ .r.m.r = of.r,
				      .error = of.end.error,
				      .kind = of.end.kind,
				      .from = of.end.from,
				      .to = of.end.to,
				      .flags = of.end.flags };
	put_sums(t, shared, &ret->r.info);
	*ret_n = t->sum.n;
	t->sum.n = 0;
	return 1;
}
