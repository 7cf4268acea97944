/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which process holds which socket: from the kernel's descriptor tables, by
 * BPF, or from the links in /proc/PID/fd.
 *
 * All is read once, when the object is made; afterwards a look-up costs no
 * system call and no allocation, but for the first one of a socket that no
 * process has in the table of its main thread: then, where it is /proc that is
 * read, other threads are looked at too. What the processes did meanwhile,
 * such as vanishing, is no error: the result is what could be seen.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "model/owner.h"

/* All ways tell the same of processes that may be looked into. BPF hides none, and needs privilege. */
enum procs_way {
	PROCS_AUTO,      /* the quickest that works; /proc while that is as quick as loading a program */
	PROCS_PROC,      /* /proc/PID/fd */
	PROCS_TASK_FILE, /* the kernel's iterator over open files */
	PROCS_FD_TABLE,  /* a walk of the descriptor tables in memory: Linux 6.2 */
	PROCS_BPF,       /* the quickest of those by BPF that works */
};

/* What later readings need not do again: BPF programs that are loaded. */
struct procs_kept;

struct procs_opts {
	const char
		*proc_root; /* NULL: "/proc"; any directory built alike will do, and then that is the way */
	enum procs_way way; /* PROCS_AUTO and PROCS_BPF choose; the others fail if they do not work */
	unsigned int jobs;  /* threads to read with; 0: one for each core this process may use */
	bool want_threads;  /* list what each thread has open, not what each process has */
	/* In and out, the caller's to free; *kept is NULL at first. NULL: nothing is kept. One reading at a
	 * time. */
	struct procs_kept **kept;
};

/* Takes NULL too; returns NULL. */
struct procs_kept *procs_kept_free(struct procs_kept *k);

struct procs;

/*
 * Reads all of it. Returns 0, or a negative errno when the answer would be
 * wrong: @o->proc_root cannot be listed, no file descriptors or memory left,
 * or the way asked for cannot be taken.
 * Processes that may not be looked into are counted, see procs_hidden().
 */
int procs_new(const struct procs_opts *o, struct procs **ret, struct err *e);

/* Takes NULL too; returns NULL. */
struct procs *procs_free(struct procs *p);

/*
 * The owners of socket @inode, none for 0: highest pid first, within it the
 * last thread first and the main thread last, within that the highest
 * descriptor first. Without .want_threads processes own what their main thread
 * has in its table; what no process has there, those own whose other threads do.
 * The list is valid until the next call, its texts as long
 * as @p. One thread at a time.
 */
struct owners procs_find(struct procs *p, uint32_t inode);

/* Has the memory fetched that procs_find() reads of @soon, which was @later before, and of @later. */
void procs_foresee(const struct procs *p, uint32_t soon, uint32_t later);

/*
 * Whether names of processes are missing that are there: 0, or a negative errno with the detail. procs_find()
 * may add to them.
 */
int procs_nameless(const struct procs *p, struct err *e);

/*
 * Returns 0, or why what only threads hold could not be looked for when a look-up had need of it: a negative
 * errno with detail.
 */
int procs_trouble(const struct procs *p, struct err *e);

/* The way that was taken. */
enum procs_way procs_way(const struct procs *p);

/* The way that PROCS_AUTO chooses for the system's /proc, as far as can be told without trying. */
enum procs_way procs_way_likely(void);

/* How many processes have descriptors that the caller may not read. */
size_t procs_hidden(const struct procs *p);

/* Whether there may be processes that hold sockets and could not be looked into. */
enum procs_sight {
	PROCS_SIGHT_ALL,       /* there are none */
	PROCS_SIGHT_SOME,      /* those of procs_hidden() */
	PROCS_SIGHT_MOUNT,     /* /proc is mounted so that it does not tell which there are */
	PROCS_SIGHT_NAMESPACE, /* those outside of this PID namespace */
	PROCS_SIGHT_NONE,      /* there is not even one in the directory */
};

/* The worst of these that is so. */
enum procs_sight procs_sight(const struct procs *p);

/* How many descriptors are sockets, those that threads share counted once. */
size_t procs_sockets(const struct procs *p);

/* The inode of descriptor @i of these. A socket comes as often as there are descriptors of it. */
uint32_t procs_inode_at(const struct procs *p, size_t i);

DEFINE_CLEANUP(struct procs, procs_free)
