/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The sockets among the open files of all tasks, file by file as the kernel's
 * own iterator shows them: for kernels where files.bpf.c cannot be had.
 */

#include "bpf/files.bpf.h"

/* Lists the tasks, as the other iterator leaves out those that share their table. */
SEC(BPF_ITER_TASK)
int each_task(struct task_context *ctx)
{
	const struct task_struct *t = ctx->task;

	if (!t)
		return 0;
	if (window.n_task >= FILES_TASKS)
		return 1;
	window.n_task += describe_task(t, &window.task[window.n_task & (FILES_TASKS - 1)]);
	return 0;
}

/* A task that is told again goes on with the window's last one. */
static __always_inline struct files_task *task_to(const struct task_struct *t)
{
	struct files_task *to = &window.task[(window.n_task - 1) & (FILES_TASKS - 1)];

	if (window.n_task && window.next.task == (__u32)t->pid)
		return to;
	to = &window.task[window.n_task & (FILES_TASKS - 1)];
	if (!describe_task(t, to))
		return NULL;
	to->is_sharing = 0;
	window.next.task = (__u32)t->pid;
	window.n_task++;
	return to;
}

SEC(BPF_ITER_TASK_FILE)
int each_file(struct task_file_context *ctx)
{
	const struct task_struct *t = ctx->task;
	const struct file *file = ctx->file;
	struct files_find *find;
	struct files_task *to;
	__u32 inode;

	if (!t || !file || (!window.want_threads && !is_main(t) && !is_apart(t)))
		return 0;
	if (window.n_task >= FILES_TASKS || window.n_find >= FILES_FINDS)
		return 1;
	inode = socket_inode(file);
	to = inode ? task_to(t) : NULL;
	if (!to)
		return 0;
	find = &window.find[window.n_find++ & (FILES_FINDS - 1)];
	find->inode = inode;
	find->fd = (__u32)ctx->fd;
	to->n_find++;
	return 0;
}

char bpf_licence[] SEC("license") = "Dual BSD/GPL";
