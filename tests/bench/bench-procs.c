/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-procs [PROCESSES [SOCKETS [WAY...]]]
 *
 * Makes PROCESSES (20) of SOCKETS (10000) sockets each, in a network namespace
 * of its own if it may, and reads the owners of all by each WAY: in /proc with
 * a number of threads, or "task_file" or "fd_table" by BPF (1 2 task_file
 * fd_table). Prints the time, that of all processors together, the peak of the
 * resident memory beyond that before, and what was allocated.
 */

#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "enrich/procs.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static atomic_size_t n_alloc;

void *__wrap_malloc(size_t n)
{
	n_alloc++;
	return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	n_alloc++;
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	n_alloc++;
	return __real_realloc(p, n);
}

static double now_ns(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static unsigned long status_kib(const char *key)
{
	unsigned long kib = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, key, strlen(key)))
			kib = strtoul(line + strlen(key), NULL, 10);
	}
	(void)fclose(f);
	return kib;
}

static void reset_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "we");

	if (f) {
		(void)fputs("5", f);
		(void)fclose(f);
	}
}

/* Opens @n sockets, tells so, and stays until the leash is cut. Reports the first and the last inode. */
static void hold(unsigned long n, int ready, int leash)
{
	uint32_t inode[2] = {};
	struct stat st;
	char c;

	for (unsigned long i = 0; i < n; i++) {
		int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

		if (fd < 0 || fstat(fd, &st) < 0) {
			perror("making sockets");
			_exit(1);
		}
		inode[i != 0] = (uint32_t)st.st_ino;
	}
	if (write(ready, inode, sizeof(inode)) != sizeof(inode))
		_exit(1);
	(void)close(ready);
	_exit(read(leash, &c, 1) != 0);
}

static struct procs_opts way_of(const char *s)
{
	if (!strcmp(s, "task_file"))
		return (struct procs_opts){ .way = PROCS_TASK_FILE };
	if (!strcmp(s, "fd_table"))
		return (struct procs_opts){ .way = PROCS_FD_TABLE };
	return (struct procs_opts){ .way = PROCS_PROC, .jobs = (unsigned int)strtoul(s, NULL, 10) };
}

static bool measure(const char *way, unsigned long expected, const uint32_t inode[2])
{
	const struct procs_opts opts = way_of(way);
	unsigned long before;
	size_t allocs = n_alloc;
	struct procs *p = NULL;
	struct err e = {};
	struct owners o;
	double start, end, look, cpu;
	size_t n = 0;

	reset_peak();
	before = status_kib("VmRSS:");
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	start = now_ns(CLOCK_MONOTONIC);
	if (procs_new(&opts, &p, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return false;
	}
	end = now_ns(CLOCK_MONOTONIC);
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	allocs = n_alloc - allocs;
	for (uint32_t i = 1; i <= 1000000; i++)
		n += procs_find(p, inode[0] + i % 4096).n;
	look = now_ns(CLOCK_MONOTONIC) - end;
	o = procs_find(p, inode[0]);
	printf("%s: %zu sockets, %.1f ms (CPU %.1f), %.0f ns each; peak +%lu KiB, kept +%lu KiB; %zu "
	       "allocations; "
	       "look-up %.0f ns (%zu found); hidden %zu\n",
	       way, procs_sockets(p), (end - start) / 1e6, cpu / 1e6,
	       (end - start) / (double)procs_sockets(p), status_kib("VmHWM:") - before,
	       status_kib("VmRSS:") - before, allocs, look / 1e6, n, procs_hidden(p));
	if (procs_sockets(p) < expected || !o.n) {
		fprintf(stderr, "sockets are missing\n");
		return false;
	}
	p = procs_free(p);
	return true;
}

int main(int argc, char **argv)
{
	static const char *const usual[] = { "1", "2", "task_file", "fd_table" };
	unsigned long n_process = argc > 1 ? strtoul(argv[1], NULL, 10) : 20;
	unsigned long n_socket = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
	int ready[2], leash[2], status;
	uint32_t inode[2] = {};
	struct rlimit limit;
	bool is_good = true;

	if (!n_process || !n_socket) {
		fprintf(stderr, "usage: bench-procs [PROCESSES [SOCKETS [WAY...]]]\n");
		return 1;
	}
	if (unshare(CLONE_NEWNET) < 0)
		fprintf(stderr, "in this network namespace, as another cannot be made\n");
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		if (limit.rlim_max < n_socket + 16)
			limit.rlim_cur = limit.rlim_max = n_socket + 16;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (pipe(ready) < 0 || pipe(leash) < 0)
		return 1;
	(void)fflush(stdout);
	for (unsigned long i = 0; i < n_process; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (!pid) {
			(void)close(ready[0]);
			(void)close(leash[1]);
			hold(n_socket, ready[1], leash[0]);
		}
	}
	(void)close(ready[1]);
	(void)close(leash[0]);
	for (unsigned long i = 0; i < n_process && is_good; i++)
		is_good = read(ready[0], inode, sizeof(inode)) == sizeof(inode);
	for (int i = 0; is_good && i < (argc > 3 ? argc - 3 : (int)ARRAY_SIZE(usual)); i++)
		is_good = measure(argc > 3 ? argv[i + 3] : usual[i], n_process * n_socket, inode);
	(void)close(leash[1]);
	while (wait(&status) > 0)
		is_good = is_good && !status;
	return !is_good;
}
