/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the parts of procs share.
 *
 * The work has three steps: list the tasks (one thread), read the descriptor
 * tables (all threads), read the names of those that hold a socket (all
 * threads); by BPF all three are done by one thread. A worker owns what it finds until the workers are
 * joined; shared meanwhile are the list of tasks, of which only .flags changes, and the queue. Then the index
 * is built, and what the workers found is freed.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"
#include "enrich/procs.h"

enum {
	PROCS_BUF = 64 * 1024, /* bytes of a worker's buffer, for directories and small files */
	PROCS_JOBS_MAX = 64,
	PROCS_PATH = 64,
	PROCS_COMM_MAX = 64,
};

enum task_flag {
	TASK_HAS_SOCKET = 1,
	TASK_HIDDEN = 2,   /* at a process's main task, for any of its tasks */
	TASK_NAMELESS = 4, /* it has ended, or hides what it is called: not an owner */
};

/* A process or a thread. Those of one process follow each other, the main one first; ascending pid and tid.
 */
struct task {
	uint32_t pid, tid;
	uint32_t main;      /* index of the main task of its process */
	uint32_t n_thread;  /* at the main task: how many others follow */
	uint32_t n_sharing; /* at the main task: how many of those use its descriptor table */
	bool is_sharing;
	_Atomic unsigned char flags;
	struct {
		size_t comm; /* where it begins in .text of .worker */
		uint8_t comm_len, worker;
	} name;
};

/* A descriptor that is a socket. */
struct find {
	uint32_t inode, fd;
};

/* Finds of one task, ascending descriptors. */
struct run {
	uint32_t task, fd; /* fd: the first */
	uint32_t worker;
	size_t at, n;
};

/* Work: the descriptors @from <= fd < @to of a task, of which about @count exist; 0: not known. */
struct unit {
	uint32_t task, from, to, count;
};

struct worker {
	struct procs *p;
	struct find *v;
	size_t n, cap;
	struct run *run;
	size_t n_run, cap_run;
	struct text text;
	char *buf;
	int name_result; /* 0, or why a name is missing, described in .err */
	int r;           /* its failure, described in .err */
	struct err err;
};

typedef int procs_work(struct worker *w, const struct unit *u);

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct unit *v; /* parts of tasks */
	size_t n, cap;
	uint32_t next, end; /* tasks nobody has begun */
	uint32_t first;     /* of all */
	int progress;
	unsigned int active;
	bool has_failed;
	procs_work *work;
};

/* A socket descriptor in the index, sorted by the hash of the inode, then as procs_find() wants it. */
struct entry {
	uint32_t inode, task, fd;
};

struct index {
	struct entry *entry;
	uint32_t *start; /* where the entries of each hash begin; NULL when there is no index */
	size_t n;
	unsigned int hash_bits;
};

struct procs {
	struct procs_opts o;
	enum procs_way way;     /* that was taken */
	enum procs_sight sight; /* but for what procs_hidden() counts */
	char *root_path;        /* .o.proc_root */
	int root;               /* open as long as something may have to be read */
	bool is_procfs;         /* descriptor directories can be read from any descriptor on */
	bool has_fd_count;      /* their st_size is the number of descriptors: Linux 6.2 */
	bool has_same_pids;     /* pids mean the same to the caller */
	struct task *task;
	size_t n_task, cap_task;
	_Atomic size_t n_hidden; /* tasks with TASK_HIDDEN */
	struct worker *worker;   /* .n_worker for each phase: their texts stay */
	unsigned int n_worker;
	unsigned int first; /* of the workers of the phase at hand */
	struct queue queue;

	struct index index;
	struct index apart;  /* tables of threads that are not their process's, unless threads are wanted */
	struct owner *found; /* room for the longest answer */
	size_t cap_found;
	bool has_looked_apart;
	int apart_result; /* of looking: 0 or a negative errno, with the detail */
	struct err apart_why;
	int name_result; /* of reading names: 0, or the first error, with the detail */
	struct err name_why;
};

/* Without @p->o.want_threads: whether @t is a thread with a table that is not its process's. */
static inline bool procs_is_apart(const struct procs *p, const struct task *t)
{
	return !p->o.want_threads && t->tid != t->pid;
}

/* @w fails: remembers "WHAT PATH: strerror(-@r)"; returns @r. */
int procs_fail(struct worker *w, int r, const char *what, const char *path);

/* Grows *@v, of elements of @size, so that index @n exists. Returns 0 or -ENOMEM. */
int procs_grow(void *v, size_t n, size_t *cap, size_t size);

/* A number as the kernel writes it: decimal, no sign, no leading zeros, at most @max. */
bool procs_number(const char *s, size_t len, uint32_t max, uint32_t *ret);

/* "PID/LEAF" or "PID/task/TID/LEAF". */
void procs_path(const struct task *t, const char *leaf, char *ret);

/* Whether an open or read failed with negative errno @r only because the task is no more, or was never one.
 */
bool procs_is_gone(const struct procs *p, int r);

/* Whether it did because the task may not be looked into. */
static inline bool procs_is_barred(int r)
{
	return r == -EACCES || r == -EPERM;
}

/* Remembers that something of the process of @t may not be seen. */
void procs_hide(struct procs *p, const struct task *t);

/* Calls @fn for each of the tasks from @from on, and for what procs_push() adds, on all threads. */
int procs_run(struct procs *p, procs_work *fn, size_t from, struct err *e);

/* Adds work, for whichever thread is free. Returns 0 or -ENOMEM. */
int procs_push(struct procs *p, const struct unit *u);

/* The tasks, and what can be relied on below the root. */
int procs_probe(struct worker *w);
int procs_list(struct worker *w);

/* Adds a task. Returns 0 or -ENOMEM. */
int procs_add_task(struct procs *p, uint32_t pid, uint32_t tid);

/* Adds those of its threads as tasks, ascending, that the directory PID/task of the main task @main shows. */
int procs_list_threads(struct worker *w, uint32_t main);

/* Whether thread @t uses the table of task @other: 1, 0, or a negative errno when that is not to be known. */
int procs_shares_table(const struct procs *p, const struct task *t, uint32_t other);

/*
 * Looks for tables that threads have apart from their process, so that procs_find() has them. Once; remembers
 * the error in @p.
 */
void procs_look_apart(struct procs *p);

/* Makes ready for a phase of work, @first of the workers. Returns 0 or -ENOMEM. */
int procs_begin(struct procs *p, unsigned int first);
/* Frees what only the reading needs. */
void procs_end(struct procs *p);

/* Work: the sockets of a task. */
int procs_scan(struct worker *w, const struct unit *given);

/* Reads the names of the tasks that hold sockets, from @from on. */
int procs_names(struct procs *p, size_t from, struct err *e);

/*
 * Reads all tasks that hold sockets, with @o.want_threads all tasks, their names and their sockets, by one of
 * the BPF ways. Returns 0, or a negative errno and then has changed nothing.
 */
int procs_bpf(struct procs *p, enum procs_way way, struct err *e);

/*
 * Sets *@ret to what the root leaves out, of which it does not even tell that it exists; when all is read.
 * Returns 0, or a negative errno when that is not to be known.
 */
int procs_look(const struct procs *p, enum procs_sight *ret);

/* Moves what the workers of this phase found into the indexes. Returns 0 or -ENOMEM. */
int procs_index(struct procs *p);
void procs_index_done(struct index *x);

/* Puts the owners of @inode, as the main threads' tables have them, into .found. Returns how many. */
size_t procs_index_find(struct procs *p, uint32_t inode);

/*
 * The same of the tables that threads have apart; each descriptor of a process once, whichever threads have
 * it.
 */
size_t procs_index_find_apart(struct procs *p, uint32_t inode);

/* A directory read by getdents64(2) into @buf of PROCS_BUF bytes, not sorted. */
struct dir {
	int fd;
	char *buf;
	size_t at, len;
};

/* Reads the next bufferful. Returns 1, 0 at the end, or a negative errno. */
int dir_fill(struct dir *d);

/* The next name in the buffer, NULL when it is used up. */
const char *dir_next(struct dir *d);

/* True when the entries just read nearly filled the buffer, so that there are probably more. */
static inline bool dir_is_full(const struct dir *d)
{
	return d->len > PROCS_BUF - 512;
}
