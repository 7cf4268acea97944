/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A walk through the descriptor tables of all tasks, without taking a lock or a reference.
 *
 * All is read under RCU with loads that cannot fault, but what is read may be
 * freed and used again meanwhile. Therefore, after the inode of a file was
 * read, its slot must still hold that file; and after a slice, the table must
 * still be the one in use, and the task's. A closed file leaves its slot
 * first, an outgrown table is replaced first, and a task that ends parts with
 * its table first; so what passes was that task's socket at that moment. What
 * would slip through is a file that is closed, reused by another process, and
 * comes back to the very same slot between two loads.
 */

#include "bpf/files.bpf.h"

enum { TRIES = 3 };

/* The table being walked: addresses, and descriptors. */
struct slice {
	__u64 slots, open;
	__u32 fd, end, n_find;
};

/*
 * For the program that includes this: reads what it wants of the socket @file, which will be the window's
 * find @at if it was still there afterwards.
 */
static __always_inline void look_into(const struct file *file, __u32 at);

/* Orders loads, also where the processor would not. */
static __always_inline void fence(void)
{
	(void)__sync_lock_test_and_set(&window.fence, 1);
}

static long visit(__u32 i __attribute__((unused)), struct slice *s)
{
	__u32 fd = s->fd, inode;
	struct files_find *find;
	__u64 slot, file;

	if (fd >= s->end)
		return 1;
	if (!(fd % 64) && !read_word(s->open + fd / 8)) {
		s->fd = fd + 64;
		return 0;
	}
	s->fd = fd + 1;
	slot = s->slots + (__u64)fd * sizeof(void *);
	file = read_word(slot);
	inode = file ? socket_inode(as_kernel(struct file, file)) : 0;
	if (!inode)
		return 0;
	look_into(as_kernel(struct file, file), s->n_find & (FILES_FINDS - 1));
	fence();
	if (read_word(slot) != file)
		return 0;
	find = &window.find[s->n_find++ & (FILES_FINDS - 1)];
	find->inode = inode;
	find->fd = fd;
	return 0;
}

/* The table changed under the walk. Returns 1 to walk the slice again, unless that was tried often enough. */
static __always_inline int again(__u32 task, __u32 fd)
{
	__u32 tries = window.next.task == task ? window.next.tries : 0;

	window.next.task = tries < TRIES ? task : 0;
	window.next.fd = fd;
	window.next.tries = tries + 1;
	return tries < TRIES;
}

/* Walks a slice of the table @files of @t. Returns 1 when it has to be called again. */
static __always_inline int walk(const struct task_struct *t, const struct files_struct *files,
				struct files_task *to)
{
	const struct fdtable *table = files->fdt;
	__u32 task = (__u32)t->pid, from = window.next.task == task ? window.next.fd : 0;
	struct slice s = { .fd = from, .n_find = window.n_find };

	s.slots = read_word(member_at(table, struct fdtable, fd));
	s.open = read_word(member_at(table, struct fdtable, open_fds));
	s.end = table->max_fds;
	bpf_loop(FILES_SLICE, visit, &s, 0);
	fence();
	if (files->fdt != table || t->files != files)
		return again(task, from);
	to->n_find = s.n_find - window.n_find;
	window.n_find = s.n_find;
	window.n_task += to->n_find || window.want_threads;
	window.next.task = s.fd < s.end ? task : 0;
	window.next.fd = s.fd;
	window.next.tries = 0;
	return s.fd < s.end;
}

/* What an iterator over tasks does with @t: fills the window with the sockets in its table. */
static __always_inline int walk_task(const struct task_struct *t)
{
	const struct files_struct *files;
	struct files_task *to;

	if (!t || (!window.want_threads && !is_main(t) && !is_apart(t)))
		return 0;
	if (window.n_task >= FILES_TASKS || window.n_find > FILES_FINDS - FILES_SLICE)
		return 1;
	files = t->files;
	to = &window.task[window.n_task & (FILES_TASKS - 1)];
	if (!describe_task(t, to))
		return 0;
	if (files && !to->is_sharing)
		return walk(t, files, to);
	window.n_task += window.want_threads;
	return 0;
}
