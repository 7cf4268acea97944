/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Owners: processes with names that are hard to print, several processes and
 * several threads that hold one socket.
 */

#include "mksock.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int alive[2] = { -1, -1 }; /* the factory's end is never written to: its end means the end */

static void close_all_but(int a, int b, int c)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != a && fd != b && fd != c)
			(void)close(fd);
}

__attribute__((noreturn)) static void child_main(const char *comm, int keep, int done, void (*make)(int keep))
{
	char c;

	must(prctl(PR_SET_PDEATHSIG, SIGKILL), "PR_SET_PDEATHSIG");
	must(prctl(PR_SET_NAME, comm), "PR_SET_NAME");
	(void)close(STDIN_FILENO);
	close_all_but(keep, done, alive[0]);
	make(keep);
	if (write(done, "y", 1) != 1)
		die("cannot tell the factory");
	(void)close(done);
	(void)close(STDOUT_FILENO);
	while (read(alive[0], &c, 1) > 0)
		;
	_exit(0);
}

void child_run(const char *comm, int keep, void (*make)(int keep))
{
	int done[2];
	char c = 0;

	if (alive[0] < 0)
		must(pipe(alive), "pipe");
	must(pipe(done), "pipe");
	if (must(fork(), "fork") == 0)
		child_main(comm, keep, done[1], make);
	(void)close(done[1]);
	if (read(done[0], &c, 1) != 1 || c != 'y')
		die("the process \"%s\" failed", comm);
	(void)close(done[0]);
}

static const char *const odd_names[] = {
	"with blank",
	"a\"b",
	"it's",
	"a)b(c",
	")first",
	"(((",
	"new\nline",
	"\033[31mred",
	"caf\303\251",
	"back\\slash",
	"tab\there",
	"comma,pid=1",
	"0123456789abcd\303\251",
	"",
};

static size_t odd_index; /* of the name that the next child has */

static void make_odd(int keep)
{
	(void)keep;
	report(&(struct made){ .kind = "owner.odd",
			       .table = "tcp",
			       .state = "LISTEN",
			       .fd = tcp_listener("127.0.0.1", (uint16_t)(7600 + odd_index), 3),
			       .rq = 0,
			       .sq = 3,
			       .comm = odd_names[odd_index] });
}

static void make_odd_owners(void)
{
	for (odd_index = 0; odd_index < sizeof(odd_names) / sizeof(*odd_names); odd_index++)
		child_run(odd_names[odd_index], -1, make_odd);
}

static void report_owner(int keep)
{
	report(&(struct made){
		.kind = "owner.shared", .table = "tcp", .state = "LISTEN", .fd = keep, .rq = 0, .sq = 3 });
}

static void report_two(int keep)
{
	report_owner(keep);
	report_owner(must(dup(keep), "dup"));
}

static void make_shared(void)
{
	int fd = tcp_listener("127.0.0.1", 7650, 3);

	report_owner(fd);
	child_run("worker one", fd, report_owner);
	child_run("worker two", fd, report_two);
}

static void *thread_main(void *name)
{
	must(prctl(PR_SET_NAME, (const char *)name), "PR_SET_NAME");
	for (;;)
		(void)pause();
	return NULL;
}

static bool thread_has_name(const char *tid, const char *name)
{
	char path[64], comm[64] = "";
	FILE *f;
	bool same;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%.16s/comm", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	same = fgets(comm, sizeof(comm), f) && strncmp(comm, name, strlen(name)) == 0;
	(void)fclose(f);
	return same;
}

/* The number of the thread named @name, once the thread has given itself that name */
static long thread_wait(const char *name)
{
	for (;;) {
		DIR *d = opendir("/proc/self/task");
		const struct dirent *e;
		long tid = -1;

		if (!d)
			die("/proc/self/task: %s", strerror(errno));
		while (tid < 0 && (e = readdir(d)))
			if (thread_has_name(e->d_name, name))
				tid = strtol(e->d_name, NULL, 10);
		(void)closedir(d);
		if (tid >= 0)
			return tid;
		wait_a_moment("a thread to name itself");
	}
}

static void make_threads(int keep)
{
	static char names[2][16] = { "thread-a", "thread-b" };
	int fd = tcp_listener("127.0.0.1", 7651, 3);

	(void)keep;
	for (size_t i = 0; i < 2; i++) {
		pthread_t thread;
		char note[32];

		if (pthread_create(&thread, NULL, thread_main, names[i]) != 0)
			die("a thread cannot be started");
		(void)snprintf(note, sizeof(note), "%ld", thread_wait(names[i]));
		report(&(struct made){ .kind = "owner.thread",
				       .table = "tcp",
				       .state = "LISTEN",
				       .fd = fd,
				       .rq = 0,
				       .sq = 3,
				       .comm = names[i],
				       .note = note });
	}
}

static void make_threaded(void)
{
	child_run("threaded", -1, make_threads);
}

const struct scenario process_scenarios[] = {
	{ "odd-names", false, make_odd_owners },
	{ "shared", false, make_shared },
	{ "threads", false, make_threaded },
	{},
};
