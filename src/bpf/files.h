/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What files.bpf.c and task_file.bpf.c tell of the processes' sockets.
 *
 * The iterators write nothing to who reads them. They fill a window in shared
 * memory, and when it has no room left, or enough time was spent, they ask to
 * be called again for the same object, which reading the iterator shows as
 * EAGAIN. So the memory needed does not grow with the number of sockets.
 */

#include <linux/types.h>

enum {
	FILES_TABLES = 256, /* a power of two */
	FILES_TASKS = 1024,
	FILES_FINDS = 16384,
	FILES_SLICE = 8192, /* descriptors looked at in one call: less than a millisecond */
	FILES_COMM = 16,
};

/* A task, or more of one told before. */
struct files_task {
	__u32 pid, tid;        /* as the reader's pid namespace counts */
	__u32 n_find;          /* of the finds, how many more are its */
	__u32 is_sharing;      /* its table is that of the process's main task, and was not looked at */
	char comm[FILES_COMM]; /* the process's when only processes are wanted */
};

/* A descriptor that is a socket; those of a task ascend. */
struct files_find {
	__u32 inode, fd;
};

/* All that a program and its reader share: its .bss. The reader sets .n_task and .n_find to 0 after each
 * read. */
struct files_window {
	__u32 want_threads;
	__u32 n_task, n_find;
	/* Where the walk of a task goes on; .task is 0 when a new one begins. */
	struct {
		__u32 task, fd, tries;
	} next;
	__u64 fence;
	/*
	 * Tables that threads have apart from their process, by hash, and which thread is to tell of each:
	 * for the others that use it. One that another one's hash drives out is told of again, and harms
	 * nothing.
	 */
	struct {
		__u64 table, process;
		__u32 task;
	} apart[FILES_TABLES];
	struct files_task task[FILES_TASKS];
	struct files_find find[FILES_FINDS];
};
