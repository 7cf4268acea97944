/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Which sockets the tasks have in their descriptor tables. */

#include "bpf/files_walk.bpf.h"

static __always_inline void look_into(const struct file *file, __u32 at)
{
}

SEC(BPF_ITER_TASK)
int each_task(struct task_context *ctx)
{
	return walk_task(ctx->task ? as_kernel(struct task_struct, ctx->task) : NULL);
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
