/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What our BPF programs are marked with, for fit.c to know them by.
 *
 * If they named the kernel's function, or were in the sections that libbpf
 * knows, libbpf would read all of the kernel's type information for it.
 */

/* Programs to be run with bpf_load_run(), and iterators: what follows is the kernel's function for them. */
#define BPF_RUN "sockeye.run"
#define BPF_ITER "sockeye.iter/"
#define BPF_ITER_TASK BPF_ITER "bpf_iter_task"
#define BPF_ITER_TASK_FILE BPF_ITER "bpf_iter_task_file"

/* Programs at a tracepoint of the kernel's: what follows is the type that it has for it. */
#define BPF_TRACE "sockeye.trace/"
#define BPF_TRACE_SET_STATE BPF_TRACE "btf_trace_inet_sock_set_state"
#define BPF_TRACE_RETRANSMIT BPF_TRACE "btf_trace_tcp_retransmit_skb"
#define BPF_TRACE_SEND_RESET BPF_TRACE "btf_trace_tcp_send_reset"
#define BPF_TRACE_RECEIVE_RESET BPF_TRACE "btf_trace_tcp_receive_reset"

/* Called like a helper of this number: the kernel's function bpf_rdonly_cast(). */
#define BPF_CALL_RDONLY_CAST 0x50434b01
