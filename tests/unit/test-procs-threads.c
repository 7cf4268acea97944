/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Owners of sockets that threads hold, by BPF: the same as from /proc. */

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "procs-ways.h"

struct named_thread {
	pthread_t id;
	const char *name;
	bool has_own_table;
	uint32_t inode; /* of a socket in its own table */
	pthread_barrier_t *ready, *leave;
};

static void *be_thread(void *arg)
{
	struct named_thread *t = arg;

	CHECK(!prctl(PR_SET_NAME, t->name));
	if (t->has_own_table) {
		CHECK(!unshare(CLONE_FILES));
		t->inode = inode_of(open_socket());
	}
	pthread_barrier_wait(t->ready);
	pthread_barrier_wait(t->leave);
	return NULL;
}

static void check_threads(void)
{
	struct named_thread t[] = {
		{ .name = "a) b\n(c" }, { .name = "\x01\xff\x7f\\ \t", .has_own_table = true },
		{ .name = "" },         { .name = "fifteen letters", .has_own_table = true },
		{ .name = "(((" },
	};
	enum { N = ARRAY_SIZE(t) };
	pthread_barrier_t ready, leave;
	uint32_t inode[3] = {};
	int fd = open_socket();

	CHECK(!pthread_barrier_init(&ready, NULL, N + 1) && !pthread_barrier_init(&leave, NULL, N + 1));
	for (int i = 0; i < N; i++) {
		t[i].ready = &ready;
		t[i].leave = &leave;
		CHECK(!pthread_create(&t[i].id, NULL, be_thread, &t[i]));
	}
	pthread_barrier_wait(&ready);
	inode[0] = inode_of(fd);
	inode[1] = t[1].inode;
	inode[2] = t[3].inode;
	compare_ways(NULL, false, inode, 3, 3);
	compare_ways(NULL, true, inode, 1, 0); /* a sanitizer may have a thread of its own */
	compare_ways(NULL, true, inode + 1, 2, 2);
	pthread_barrier_wait(&leave);
	for (int i = 0; i < N; i++)
		CHECK(!pthread_join(t[i].id, NULL));
	CHECK(!close(fd));
}

enum { SHARERS = 6, APART = 3, SHARED_MAX = 9000, ENOUGH = 10000 };

/*
 * What a process without its main thread shares with the test: .shared are sockets of the table that was the
 * main thread's, in the order of descriptors; behind them are one more of the test, and .own, those of the
 * threads that have a table apart.
 */
struct orphanage {
	int told; /* a pipe: a byte for each thread that is ready */
	uint32_t *own;
	uint32_t shared[SHARED_MAX + 1 + APART];
	int n_shared;
};

struct orphan {
	struct orphanage *in;
	uint32_t *own; /* NULL for one that shares the table */
};

static void *be_orphan(void *arg)
{
	struct orphan *o = arg;

	CHECK(!prctl(PR_SET_NAME, "orphan"));
	if (o->own) {
		CHECK(!unshare(CLONE_FILES));
		*o->own = inode_of(open_socket());
	}
	CHECK(write(o->in->told, "x", 1) == 1);
	for (;;)
		(void)pause();
	return NULL;
}

/* Leaves threads that share its table, and others that do not, and ends; the process stays. */
static void be_ended_main(struct orphanage *in)
{
	static struct orphan orphan[SHARERS + APART];
	pthread_t id;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(!prctl(PR_SET_NAME, "main (ended)"));
	for (int i = 0; i < in->n_shared; i++)
		in->shared[i] = inode_of(open_socket());
	CHECK(dup(in->told + 1) >= 0); /* the first of them at two descriptors */
	for (int i = 0; i < SHARERS + APART; i++) {
		orphan[i] = (struct orphan){ in, i % 3 == 2 ? &in->own[i / 3] : NULL };
		CHECK(!pthread_create(&id, NULL, be_orphan, &orphan[i]));
	}
	syscall(SYS_exit, 0);
}

static bool has_ended(pid_t pid)
{
	char path[64], stat[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	CHECK(f && fread(stat, 1, sizeof(stat) - 1, f) > 0 && !fclose(f));
	return strrchr(stat, ')') && strrchr(stat, ')')[2] == 'Z';
}

/* Sockets that only threads hold are the process's, each descriptor once, however many threads have it. */
static void check_apart(int n_shared)
{
	struct orphanage *in =
		mmap(NULL, sizeof(*in), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t inherited;
	int fd = open_socket(), told[2], n = 0;
	char c[SHARERS + APART];
	pid_t pid;

	static_assert((SHARERS + APART) / 3 == APART, "each third has a table apart");
	CHECK(in != MAP_FAILED && !pipe(told));
	inherited = inode_of(fd);
	in->told = told[1];
	in->n_shared = n_shared;
	in->own = &in->shared[n_shared + 1];
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		be_ended_main(in);
	CHECK(!close(told[1]));
	while (n < SHARERS + APART) {
		ssize_t got = read(told[0], c, sizeof(c));

		CHECK(got > 0);
		n += (int)got;
	}
	while (!has_ended(pid))
		(void)sched_yield();
	/* Descriptors that all have, each once; their own; what we hold by our own table, and so they do not.
	 */
	in->shared[n_shared] = inherited;
	compare_ways(NULL, false, in->shared, (size_t)n_shared + 1 + APART, (size_t)n_shared + 1 + 1 + APART);
	if (n_shared < 100)
		compare_ways(NULL, true, in->shared, (size_t)n_shared,
			     ((size_t)n_shared + 1) * (SHARERS + APART));
	CHECK(!close(fd));
	/* Now by nothing but threads: the lowest of them tells. */
	compare_ways(NULL, false, &inherited, 1, 1);
	end_child(pid);
	CHECK(!close(told[0]) && !munmap(in, sizeof(*in)));
}

int main(void)
{
	struct rlimit limit;
	const char *why = find_ways();

	if (why) {
		fprintf(stderr, "%s\n", why);
		return 77;
	}
	check_threads();
	check_apart(5);
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = ENOUGH;
	limit.rlim_max = limit.rlim_max < ENOUGH ? ENOUGH : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		fprintf(stderr, "the limit of open files cannot be raised: large tables not tested\n");
		return 77;
	}
	check_apart(SHARED_MAX); /* more than a slice */
	return 0;
}
