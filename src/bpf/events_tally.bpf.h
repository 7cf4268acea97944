/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Events that nobody wants one by one: how many there were of each kind, and the sums of some numbers. Of two
 * tables one is counted in while the other is read.
 */

#include "bpf/events.h"
#include "bpf/record.bpf.h"

struct event_shared shared SEC(".bss.shared");

#define TALLY_TABLE(name)                              \
	struct {                                       \
		__uint(type, BPF_MAP_TYPE_HASH);       \
		__uint(max_entries, 1);                \
		__type(key, struct event_tally_key);   \
		__type(value, struct event_tally_sum); \
	} name SEC(".maps")

TALLY_TABLE(tally0);
TALLY_TABLE(tally1);

static __always_inline struct event_tally_sum *tally_find(const struct event_tally_key *k)
{
	return shared.turn & 1 ? bpf_map_lookup_elem(&tally1, k) : bpf_map_lookup_elem(&tally0, k);
}

static __always_inline void tally_make(const struct event_tally_key *k)
{
	struct event_tally_sum none = {};

	if (shared.turn & 1)
		bpf_map_update_elem(&tally1, k, &none, BPF_NOEXIST);
	else
		bpf_map_update_elem(&tally0, k, &none, BPF_NOEXIST);
}

static __always_inline __u64 tally_number(const struct event_record *r, __u32 i)
{
	const char *info = (const char *)&r->r.info;
	__u32 at = shared.sums[i].off;

	if (shared.sums[i].size == 8)
		return at <= sizeof(r->r.info) - 8 ? *(const __u64 *)(info + at) : 0;
	return at <= sizeof(r->r.info) - 4 ? *(const __u32 *)(info + at) : 0;
}

/* Adds @r to those that are like it. False: there is no room. */
static __always_inline bool tally_add(const struct event_record *r)
{
	const __u64 *from = (const __u64 *)&r->r.m.r, *end = (const __u64 *)&r->error;
	struct event_tally_sum *sum;
	struct event_tally_key k;

	for (int i = 0; i < EVENT_TALLY_WORDS - 1; i++)
		k.w[i] = from[i] & shared.mask[i];
	k.w[EVENT_TALLY_WORDS - 1] = *end & shared.mask[EVENT_TALLY_WORDS - 1];
	sum = tally_find(&k);
	if (!sum) {
		tally_make(&k);
		sum = tally_find(&k);
	}
	if (!sum)
		return false;
	__sync_fetch_and_add(&sum->n, 1);
	for (__u32 i = 0; i < EVENT_TALLY_SUMS; i++) {
		if (i >= shared.n_sums)
			break;
		__sync_fetch_and_add(&sum->v[i], tally_number(r, i));
	}
	return true;
}
