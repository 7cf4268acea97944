/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Walks the kernel's table of TCP connections. */

#include "bpf/core.bpf.h"

__u64 seen;

SEC("raw_tp")
int connected(void *)
{
	seen = read_word((unsigned long)bpf_get_current_task_btf()) != 0;
	return 7;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
