/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Wakes who waits for TCP sockets: once for all that changed since it looked last.
 */

#include "bpf/wake.h"
#include "bpf/sock.bpf.h"

enum { IPPROTO_TCP = 6 };

struct wake_shared shared SEC(".bss.shared");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

SEC(BPF_TRACE_SET_STATE) int on_state(__u64 *ctx)
{
	const struct sock *sk = as_kernel(struct sock, ctx[0]);
	const struct net *net;
	__u64 one = 1;

	if (shared.is_told || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	net = as_kernel(struct net, net_of(as_kernel(struct sock_common, ctx[0])));
	if (net->ns.inum != shared.netns)
		return 0;
	shared.is_told = 1;
	bpf_ringbuf_output(&ring, &one, sizeof(one), BPF_RB_FORCE_WAKEUP);
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
