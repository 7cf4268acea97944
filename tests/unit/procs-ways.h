/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Owners of sockets by every way that there is, compared with those from /proc. */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "enrich/procs.h"

static const enum procs_way bpf_ways[] = { PROCS_TASK_FILE, PROCS_FD_TABLE };
static size_t n_bpf_way; /* how many of them this kernel has */

static inline uint32_t inode_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return (uint32_t)st.st_ino;
}

static inline int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	return fd;
}

static inline struct procs *read_procs(struct procs_opts o)
{
	struct procs *p = NULL;
	struct err e = {};

	if (procs_new(&o, &p, &e) < 0)
		fprintf(stderr, "%s\n", e.text);
	CHECK(p && (o.way == PROCS_AUTO || o.way == PROCS_BPF || procs_way(p) == o.way));
	CHECK(o.way != PROCS_BPF || o.proc_root || procs_way(p) != PROCS_PROC);
	return p;
}

/* Appends "inode: comm,pid,tid,fd;...\n" for each. What runs beside may hold a duplicate for a moment.
 */
static inline void put_owners(struct text *t, struct procs_opts o, const uint32_t *inode, size_t n)
{
	_cleanup_(procs_freep) struct procs *p = read_procs(o);

	for (size_t i = 0; i < n; i++) {
		struct owners found = procs_find(p, inode[i]);

		text_printf(t, "%" PRIu32 ":", inode[i]);
		for (size_t k = 0; k < found.n; k++) {
			const struct owner *v = &found.v[k];

			if (sv_is(v->comm, "ss") || (sv_eq(sv_first(v->comm, 5), sv("test-")) &&
						     !sv_eq(sv_first(v->comm, 10), sv("test-procs"))))
				continue;
			text_char(t, ' ');
			text_sv(t, v->comm);
			text_printf(t, ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ";", v->pid, v->tid,
				    v->fd, v->holder);
		}
		text_char(t, '\n');
	}
	CHECK(!t->failed);
}

/* By @way the same as @expected. */
static inline void compare_way(enum procs_way way, bool want_threads, const uint32_t *inode, size_t n,
			       const struct text *expected)
{
	struct text t = {};

	put_owners(&t, (struct procs_opts){ .way = way, .want_threads = want_threads }, inode, n);
	if (t.len != expected->len || memcmp(t.p, expected->p, t.len) != 0) {
		fprintf(stderr, "way %d:\n%.*s/proc:\n%.*s", way, (int)t.len, t.p, (int)expected->len,
			expected->p);
		CHECK(!"the ways differ");
	}
	text_done(&t);
}

/* By all ways the same, and @n_owner owners of all the sockets together; 0: any number. */
static inline void compare_ways(const char *proc_root, bool want_threads, const uint32_t *inode, size_t n,
				size_t n_owner)
{
	struct text expected = {};
	size_t n_found = 0;

	put_owners(&expected,
		   (struct procs_opts){
			   .proc_root = proc_root, .way = PROCS_PROC, .want_threads = want_threads },
		   inode, n);
	for (size_t i = 0; i < expected.len; i++)
		n_found += expected.p[i] == ';';
	CHECK(!n_owner || n_found == n_owner);
	for (size_t i = 0; i < ARRAY_SIZE(bpf_ways) && i < n_bpf_way; i++)
		compare_way(bpf_ways[i], want_threads, inode, n, &expected);
	if (n_bpf_way)
		compare_way(PROCS_BPF, want_threads, inode, n, &expected);
	text_done(&expected);
}

/* A child, with @flags of clone(2), that does nothing until it is ended. */
static inline pid_t start_holder(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0UL, 0UL, 0UL, 0UL);

	CHECK(pid >= 0);
	if (!pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	return pid;
}

static inline void end_child(pid_t pid)
{
	int status;

	CHECK(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
}

static inline void await_child(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Counts the ways. Returns why there is none, NULL when there is one. */
static inline const char *find_ways(void)
{
	static const char *const needs[] = { "bpf_iter__task_file", "bpf_rdonly_cast" };
	struct text btf = {};
	struct procs *p = NULL;
	int r = procs_new(&(struct procs_opts){ .way = PROCS_TASK_FILE }, &p, NULL);

	p = procs_free(p);
	if (r == -EPERM)
		return "BPF is not permitted";
	if (r == -EOPNOTSUPP)
		return "built without BPF programs";
	if (file_read("/sys/kernel/btf/vmlinux", (size_t)64 << 20, &btf) < 0)
		return "the kernel does not describe its types";
	while (n_bpf_way < ARRAY_SIZE(bpf_ways) &&
	       memmem(btf.p, btf.len, needs[n_bpf_way], strlen(needs[n_bpf_way]) + 1))
		n_bpf_way++;
	text_done(&btf);
	if (!n_bpf_way)
		return "this kernel has no iterator over files";
	r = procs_new(&(struct procs_opts){ .way = PROCS_FD_TABLE }, &p, NULL);
	(void)procs_free(p);
	CHECK((r == 0) == (n_bpf_way == ARRAY_SIZE(bpf_ways)));
	return NULL;
}
