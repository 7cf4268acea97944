/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* What the programs that look at the descriptors of processes share. */

#include "bpf/core.bpf.h"
#include "bpf/files.h"

#define SOCKFS_MAGIC 0x534f434b

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block {
	unsigned long s_magic;
};

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *open_fds;
};

struct files_struct {
	struct fdtable *fdt;
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct task_struct {
	int pid;
	struct task_struct *group_leader;
	struct files_struct *files;
	struct pid *thread_pid;
	char comm[FILES_COMM];
};
#pragma clang attribute pop

/* What the kernel gives to the iterators of these names. */
struct task_context {
	void *meta;
	struct task_struct *task;
};

struct task_file_context {
	void *meta;
	struct task_struct *task;
	__u64 fd;
	struct file *file;
};

struct files_window window;

/* The number that the link in /proc shows, 0 when it is not that of a socket. */
static __always_inline __u32 socket_inode(const struct file *file)
{
	const struct inode *inode = file->f_inode;
	__u64 ino;

	if (inode->i_sb->s_magic != SOCKFS_MAGIC)
		return 0;
	ino = inode->i_ino;
	return ino > (__u32)-1 ? 0 : (__u32)ino;
}

/*
 * What the reader's pid namespace calls @t; 0 when it has gone. The iterators show no task outside of it.
 * Read with copies, here and below: a direct load costs the verifier of some kernels a millisecond.
 */
static __always_inline __u32 task_number(const struct task_struct *t)
{
	const struct task_struct *reader = (const struct task_struct *)bpf_get_current_task();
	const struct pid *own = BPF_CORE_READ(reader, thread_pid), *pid = BPF_CORE_READ(t, thread_pid);
	__u32 level = own ? BPF_CORE_READ(own, level) & 31 : 0; /* the kernel allows 32 */
	__u32 nr = 0;

	if (!own || !pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	(void)bpf_probe_read_kernel(&nr, sizeof(nr),
				    (const char *)pid + bpf_core_field_offset(struct pid, numbers) +
					    level * bpf_core_type_size(struct upid) +
					    bpf_core_field_offset(struct upid, nr));
	return nr;
}

static __always_inline bool is_main(const struct task_struct *t)
{
	return t->group_leader == t;
}

/* Whether @t is a thread that is to tell of a table which is not that of its process. */
static __always_inline bool is_apart(const struct task_struct *t)
{
	const struct task_struct *leader = BPF_CORE_READ(t, group_leader);
	__u64 process = (__u64)leader, table = (__u64)BPF_CORE_READ(t, files);
	__u32 task = (__u32)BPF_CORE_READ(t, pid);
	__u32 at = (__u32)((table >> 6) * 0x9e3779b1u >> 16) & (FILES_TABLES - 1);

	if (!table || (__u64)BPF_CORE_READ(leader, files) == table)
		return false;
	if (window.apart[at].table == table && window.apart[at].process == process)
		return window.apart[at].task == task;
	window.apart[at].table = table;
	window.apart[at].process = process;
	window.apart[at].task = task;
	return true;
}

/* Describes @t in *@ret; false when it has gone. */
static __always_inline bool describe_task(const struct task_struct *t, struct files_task *ret)
{
	const struct task_struct *leader = BPF_CORE_READ(t, group_leader);
	const struct files_struct *files = BPF_CORE_READ(t, files);

	ret->tid = task_number(t);
	ret->pid = leader == t ? ret->tid : task_number(leader);
	ret->n_find = 0;
	ret->is_sharing = leader != t && files && BPF_CORE_READ(leader, files) == files;
	(void)bpf_probe_read_kernel(ret->comm, sizeof(ret->comm),
				    window.want_threads ? t->comm : leader->comm);
	return ret->tid && ret->pid;
}
