/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The kernel's list of network namespaces, from ours on and round to it. One that ends leaves the list before
 * its memory is freed, which waits for this run.
 */

#include "bpf/nets.h"
#include "bpf/core.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct list_head {
	struct list_head *next;
};

struct net {
	struct list_head list;
	struct {
		const void *ops;
		unsigned int inum;
		__u64 ns_id; /* Linux 6.18 */
	} ns;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	struct nsproxy *nsproxy;
};
#pragma clang attribute pop

struct nets_list nets;

struct cursor {
	unsigned long first, at; /* members of the list */
	unsigned long ops;
};

static __always_inline unsigned long ops_of(unsigned long net)
{
	return read_word(member_at(net, struct net, ns.ops));
}

static __always_inline void add(unsigned long p)
{
	const struct net *net = as_kernel(struct net, p);
	struct nets_one *to = &nets.v[nets.n & (NETS_MAX - 1)];

	to->inum = net->ns.inum;
	to->id = bpf_core_field_exists(net->ns.ns_id) ? net->ns.ns_id : 0;
	nets.n++;
}

/* The head of the list lies in no namespace: what would be its operations there are none of theirs. */
static long visit(__u32 i __attribute__((unused)), struct cursor *c)
{
	unsigned long net = c->at - bpf_core_field_offset(struct net, list);

	if (!c->at || nets.n >= NETS_MAX)
		return 1;
	if (ops_of(net) == c->ops)
		add(net);
	c->at = read_word(c->at);
	nets.is_whole = c->at == c->first;
	return nets.is_whole;
}

SEC(BPF_RUN)
int list(void *ctx)
{
	const struct task_struct *t = as_kernel(struct task_struct, bpf_get_current_task());
	unsigned long own = (unsigned long)t->nsproxy->net_ns;
	struct cursor c = { .first = member_at(own, struct net, list) };

	c.at = c.first;
	c.ops = ops_of(own);
	nets.n = nets.is_whole = 0;
	bpf_loop(NETS_MAX + 2, visit, &c, 0);
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
