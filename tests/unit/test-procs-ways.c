/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Owners of sockets by BPF: the same as from /proc. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "check.h"
#include "enrich/procs.h"

enum { MANY = 18000, FAR = 19990, CHURN = 40 };

static const enum procs_way bpf_ways[] = { PROCS_TASK_FILE, PROCS_FD_TABLE };
static size_t n_bpf_way; /* how many of them this kernel has */

static uint32_t inode_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return (uint32_t)st.st_ino;
}

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	CHECK(fd >= 0);
	return fd;
}

static struct procs *read_procs(struct procs_opts o)
{
	struct procs *p = NULL;
	struct err e = {};

	if (procs_new(&o, &p, &e) < 0)
		fprintf(stderr, "%s\n", e.text);
	CHECK(p && (o.way == PROCS_AUTO || o.way == PROCS_BPF || procs_way(p) == o.way));
	CHECK(o.way != PROCS_BPF || o.proc_root || procs_way(p) != PROCS_PROC);
	return p;
}

/* Appends "inode: comm,pid,tid,fd;...\n" for each. */
static void put_owners(struct text *t, struct procs_opts o, const uint32_t *inode, size_t n)
{
	_cleanup_(procs_freep) struct procs *p = read_procs(o);

	for (size_t i = 0; i < n; i++) {
		struct owners found = procs_find(p, inode[i]);

		text_printf(t, "%" PRIu32 ":", inode[i]);
		for (size_t k = 0; k < found.n; k++) {
			const struct owner *v = &found.v[k];

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
static void compare_way(enum procs_way way, bool want_threads, const uint32_t *inode, size_t n,
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
static void compare_ways(const char *proc_root, bool want_threads, const uint32_t *inode, size_t n,
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
static pid_t start_holder(unsigned long flags)
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

static void end_child(pid_t pid)
{
	int status;

	CHECK(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
}

static void await_child(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void check_shared(void)
{
	int fd = open_socket(), copy = dup(fd), only = open_socket(), path;
	uint32_t inode[] = { inode_of(fd), inode_of(only), 0 };
	pid_t forked, sharing;
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	path = open(name, O_PATH);
	CHECK(path >= 0 && inode_of(path) == inode[0]);
	forked = start_holder(0);
	CHECK(!close(only));
	sharing = start_holder(CLONE_FILES);
	compare_ways(NULL, false, inode, 3, 3 * 3 + 1);
	compare_ways(NULL, true, inode, 3, 3 * 3 + 1);
	end_child(forked);
	end_child(sharing);
	CHECK(!close(fd) && !close(copy) && !close(path));
}

/* A message of one byte, with room for a descriptor. */
struct parcel {
	char data;
	struct iovec iov;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr m;
};

static struct msghdr *pack(struct parcel *p)
{
	*p = (struct parcel){ .data = 'x', .iov = { &p->data, 1 } };
	p->m = (struct msghdr){ .msg_iov = &p->iov,
				.msg_iovlen = 1,
				.msg_control = p->control,
				.msg_controllen = sizeof(p->control) };
	return &p->m;
}

static void send_fd(int to, int fd)
{
	struct parcel p;
	struct cmsghdr *c = CMSG_FIRSTHDR(pack(&p));

	CHECK(c);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	CHECK(sendmsg(to, &p.m, 0) == 1);
}

/* A socket handed to a process that did not inherit it. */
static void check_passed(void)
{
	int pair[2], fd;
	struct parcel p;
	uint32_t inode;
	pid_t pid;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (recvmsg(pair[1], pack(&p), 0) != 1 || write(pair[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	fd = open_socket();
	inode = inode_of(fd);
	send_fd(pair[0], fd);
	CHECK(read(pair[0], &p.data, 1) == 1);
	compare_ways(NULL, false, &inode, 1, 2);
	CHECK(!close(fd));
	compare_ways(NULL, false, &inode, 1, 1);
	end_child(pid);
	CHECK(!close(pair[0]) && !close(pair[1]));
}

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

enum { SHARERS = 6, APART = 3 };

/*
 * What a process without its main thread shares with the test: .shared are sockets of the table that was the
 * main thread's, in the order of descriptors; behind them are one more of the test, and .own, those of the
 * threads that have a table apart.
 */
struct orphanage {
	int told; /* a pipe: a byte for each thread that is ready */
	uint32_t *own;
	uint32_t shared[MANY + 1 + APART];
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

/* Process names, told by a child so that the test keeps its own. */
static void check_names(void)
{
	static const char *const names[] = { ") R (", "\xc3\xa4\x80\n", "", "0123456789abcdefg" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			uint32_t inode = inode_of(open_socket());

			CHECK(!prctl(PR_SET_NAME, names[i]));
			compare_ways(NULL, false, &inode, 1, 1);
			compare_ways(NULL, true, &inode, 1, 0);
			_exit(0);
		}
		await_child(pid);
	}
}

static void be_inside(const char *root, uint32_t inode, int go)
{
	char c;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(read(go, &c, 1) == 1);
	CHECK(getpid() == 1);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", root, "proc", 0, NULL) < 0) {
		fprintf(stderr, "no /proc inside a pid namespace: %s\n", strerror(errno));
		_exit(0);
	}
	(void)start_holder(0);
	/* Not those outside, which hold it as well. */
	compare_ways(root, false, &inode, 1, 2);
	compare_ways(root, true, &inode, 1, 0);
	_exit(0);
}

/* The parent of a pid namespace, but not in it. */
static void be_outside(const char *root)
{
	uint32_t inode = inode_of(open_socket());
	pid_t inside;
	int go[2];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	CHECK(!pipe(go) && !unshare(CLONE_NEWPID));
	inside = fork();
	CHECK(inside >= 0);
	if (!inside)
		be_inside(root, inode, go[0]);
	compare_ways(NULL, false, &inode, 1, 2);
	CHECK(write(go[1], "x", 1) == 1);
	await_child(inside);
	_exit(0);
}

static void check_pid_namespace(void)
{
	char root[] = "/tmp/test-procs-ways-XXXXXX";
	pid_t pid;

	CHECK(mkdtemp(root));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		be_outside(root);
	await_child(pid);
	CHECK(!rmdir(root));
}

static bool be_nobody(void)
{
	CHECK(!setresgid(65534, 65534, 65534) && !setresuid(65534, 65534, 65534));
	return true;
}

/* The kernel makes none in a chroot, or where they are turned off. */
static bool be_root_of_a_namespace(void)
{
	if (!unshare(CLONE_NEWUSER))
		return true;
	CHECK(errno == EPERM || errno == ENOSPC || errno == EUSERS);
	fprintf(stderr, "no user namespace here: %s\n", strerror(errno));
	return false;
}

/* No way but /proc, without a word. */
static void compare_unprivileged(uint32_t inode)
{
	struct procs *p = NULL, *any, *proc;
	struct err e = {};

	for (size_t i = 0; i < ARRAY_SIZE(bpf_ways) && i < n_bpf_way; i++) {
		CHECK(procs_new(&(struct procs_opts){ .way = bpf_ways[i] }, &p, &e) < 0 && !p);
		CHECK(*e.text);
	}
	any = read_procs((struct procs_opts){});
	proc = read_procs((struct procs_opts){ .way = PROCS_PROC });
	CHECK(procs_way(any) == PROCS_PROC && procs_hidden(any) > 0 && procs_hidden(proc) > 0);
	CHECK(procs_find(any, inode).n == procs_find(proc, inode).n);
	(void)procs_free(any);
	(void)procs_free(proc);
}

static void check_unprivileged(bool (*become)(void), uint32_t inode)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		if (become())
			compare_unprivileged(inode);
		_exit(0);
	}
	await_child(pid);
}

/* More than the window and than some slices, with holes; then also enough to make it worth while. */
static void check_many(void)
{
	uint32_t *inode = calloc(MANY, sizeof(*inode));
	struct procs *p;
	int far;

	CHECK(inode);
	for (int i = 0; i < MANY; i++) {
		int fd = i % 50 == 3 ? dup(0) : open_socket();

		CHECK(fd >= 0);
		inode[i] = i % 50 == 3 ? 0 : inode_of(fd);
	}
	far = dup2(open_socket(), FAR);
	CHECK(far == FAR);
	inode[3] = inode_of(far); /* at two descriptors */
	compare_ways(NULL, false, inode, MANY, MANY - MANY / 50 + 2);
	p = read_procs((struct procs_opts){});
	CHECK(procs_way(p) == bpf_ways[n_bpf_way - 1] && procs_hidden(p) == 0);
	(void)procs_free(p);
	check_unprivileged(be_nobody, inode[0]);
	check_unprivileged(be_root_of_a_namespace, inode[0]);
	free(inode);
}

/* Makes processes with sockets that end at once, and tables that are outgrown. */
static void be_restless(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			for (int i = 0; i < 300; i++)
				(void)socket(AF_UNIX, SOCK_DGRAM, 0);
			_exit(0);
		}
		(void)waitpid(pid, NULL, 0);
	}
}

static void check_churn(void)
{
	uint32_t inode[200] = {};
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(inode); i++) {
		int fd = open_socket();

		inode[i] = inode_of(fd);
		CHECK(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
	}
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!close_range(3, ~0U, 0));
		be_restless();
	}
	/* Until it has let go of what it inherited. */
	for (;;) {
		_cleanup_(procs_freep) struct procs *p = read_procs((struct procs_opts){ .way = PROCS_PROC });

		if (procs_find(p, inode[ARRAY_SIZE(inode) - 1]).n == 1)
			break;
	}
	for (int i = 0; i < CHURN; i++)
		compare_ways(NULL, i % 2, inode, ARRAY_SIZE(inode), i % 2 ? 0 : ARRAY_SIZE(inode));
	end_child(pid);
}

/* Counts the ways. Returns why there is none, NULL when there is one. */
static const char *find_ways(void)
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

int main(void)
{
	struct rlimit limit;
	const char *why = find_ways();

	if (why) {
		fprintf(stderr, "%s\n", why);
		return 77;
	}
	check_shared();
	check_passed();
	check_threads();
	check_apart(5);
	check_names();
	check_pid_namespace();
	check_churn();
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = FAR + 1;
	limit.rlim_max = limit.rlim_max < FAR + 1 ? FAR + 1 : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
		fprintf(stderr, "the limit of open files cannot be raised: large tables not tested\n");
		return 77;
	}
	check_apart(9000); /* more than a slice */
	check_many();
	return 0;
}
