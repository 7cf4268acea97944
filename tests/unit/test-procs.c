/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Owners of sockets: from a made-up tree full of traps, and from the live /proc. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "enrich/procs.h"

static char tree[] = "/tmp/test-procs-XXXXXX";

static const char *at(const char *path)
{
	static char buf[512];

	snprintf(buf, sizeof(buf), "%s/%s", tree, path);
	return buf;
}

static void make_dir(const char *path)
{
	CHECK(!mkdir(at(path), 0755));
}

static void make_fd(const char *path, const char *target)
{
	CHECK(!symlink(target, at(path)));
}

static void make_file(const char *path, const char *data, size_t len)
{
	int fd = open(at(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	CHECK(fd >= 0);
	CHECK(write(fd, data, len) == (ssize_t)len);
	CHECK(!close(fd));
}

static void make_process(const char *pid, const char *stat)
{
	char path[64];

	make_dir(pid);
	snprintf(path, sizeof(path), "%s/fd", pid);
	make_dir(path);
	snprintf(path, sizeof(path), "%s/stat", pid);
	if (stat)
		make_file(path, stat, strlen(stat));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* "comm,pid,tid,fd;..." */
static const char *owners_of(struct procs *p, uint32_t inode)
{
	static struct text t;
	struct owners o = procs_find(p, inode);

	t.len = 0;
	for (size_t i = 0; i < o.n; i++) {
		text_sv(&t, o.v[i].comm);
		text_printf(&t, ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ";", o.v[i].pid, o.v[i].tid, o.v[i].fd);
	}
	text_char(&t, '\0');
	CHECK(!t.failed);
	return t.p;
}

static struct procs *read_procs(struct procs_opts o)
{
	struct procs *p = NULL;
	struct err e = {};
	int r = procs_new(&o, &p, &e);

	if (r < 0)
		fprintf(stderr, "%s\n", e.text);
	CHECK(!r && p);
	return p;
}

static void fill_links(void)
{
	static const char *const bad[] = {
		"socket:[12",
		"socket:[]",
		"socket:[0]",
		"socket:[-1]",
		"socket:[+12]",
		"socket:[012]",
		"socket:[ 12]",
		"socket:[12]x",
		"socket:[1a]",
		"xsocket:[12]",
		"socket:12",
		"socket:[4294967296]",
		"socket:[4294967308]",
		"socket:[18446744073709551628]",
		"socket:[99999999999999999999]",
		"socket:[000000000000000000000000012]",
		"socket",
		"pipe:[12]",
	};
	char path[64], name[256], target[4000];

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(path, sizeof(path), "100/fd/%u", 100 + i);
		make_fd(path, bad[i]);
	}
	memset(target, '9', sizeof(target) - 1);
	memcpy(target, "socket:[", 8);
	target[sizeof(target) - 1] = '\0';
	make_fd("100/fd/90", target);
	memset(name, '1', sizeof(name) - 1);
	memcpy(name, "100/fd/", 7);
	name[sizeof(name) - 1] = '\0';
	make_fd(name, "socket:[12]");
	make_fd("100/fd/08", "socket:[12]");
	make_fd("100/fd/-5", "socket:[12]");
	make_fd("100/fd/5x", "socket:[12]");
	make_fd("100/fd/4294967296", "socket:[12]");
	make_fd("100/fd/2147483648", "socket:[12]");
	make_file("100/fd/6", "socket:[12]", 11);
	make_dir("100/fd/7");
}

static void fill_tree(void)
{
	static const char *const bad[] = { "0", "4294967296", "2147483648", "-1", "12a", "007", " 8", "+9" };
	char long_stat[200] = "103 (";

	make_process("100", "100 (a) b\n(c) S 1 (not) 2");
	make_process("9", "9 (nine) S 1");
	make_process("1000", "1000 () S 1");
	memset(long_stat + 5, 'x', 100);
	snprintf(long_stat + 105, sizeof(long_stat) - 105, ") S 1");
	make_process("103", long_stat);
	make_process("104", NULL);
	make_process("105", "105 no brackets");
	make_process("106", "106 )(");
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		char path[64];

		make_process(bad[i], "1 (bad) S");
		snprintf(path, sizeof(path), "%s/fd/3", bad[i]);
		make_fd(path, "socket:[12]");
	}
	make_file("110", "", 0);
	make_dir("111");
	make_fd("112", "112");
	fill_links();
	make_fd("100/fd/0", "socket:[4294967295]");
	make_fd("100/fd/9", "socket:[7]");
	make_fd("100/fd/10", "socket:[7]");
	make_fd("100/fd/2147483647", "socket:[8]");
	make_fd("9/fd/3", "socket:[7]");
	make_fd("1000/fd/3", "socket:[7]");
	make_fd("103/fd/3", "socket:[9]");
	make_fd("104/fd/3", "socket:[9]");
	make_fd("105/fd/3", "socket:[9]");
	make_fd("106/fd/3", "socket:[9]");

	make_dir("9/task");
	for (unsigned int i = 0; i < 4; i++) {
		static const char *const tid[] = { "9", "12", "101", "11" };
		char path[64], stat[64];

		snprintf(path, sizeof(path), "9/task/%s", tid[i]);
		snprintf(stat, sizeof(stat), "%s (thread %s) S", tid[i], tid[i]);
		make_process(path, stat);
		snprintf(path, sizeof(path), "9/task/%s/fd/3", tid[i]);
		make_fd(path, "socket:[7]");
	}
	make_process("9/task/x", "1 (bad) S");
	make_fd("9/task/x/fd/3", "socket:[7]");
}

struct expected {
	uint32_t inode;
	const char *owners;
};

/* clang-format off */
static const struct expected of_processes[] = {
	{ 0, "" },
	{ 1, "" },
	{ 12, "" },
	{ 4294967295, "a) b\n(c) S 1 (not,100,0,0;" },
	{ 7, ",1000,0,3;a) b\n(c) S 1 (not,100,0,10;a) b\n(c) S 1 (not,100,0,9;nine,9,0,3;" },
	{ 8, "a) b\n(c) S 1 (not,100,0,2147483647;" },
	{ 9, ",106,0,3;,105,0,3;,104,0,3;"
	     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,103,0,3;" },
};

static const struct expected of_threads[] = {
	{ 12, "" },
	{ 7, ",1000,1000,3;a) b\n(c) S 1 (not,100,100,10;a) b\n(c) S 1 (not,100,100,9;"
	     "thread 101,9,101,3;thread 12,9,12,3;thread 11,9,11,3;nine,9,9,3;" },
};
/* clang-format on */

static void check_tree(unsigned int jobs)
{
	_cleanup_(procs_freep) struct procs *p =
		read_procs((struct procs_opts){ .proc_root = tree, .jobs = jobs });
	_cleanup_(procs_freep) struct procs *t =
		read_procs((struct procs_opts){ .proc_root = tree, .jobs = jobs, .want_threads = true });

	CHECK(procs_sight(p) == PROCS_SIGHT_ALL);
	CHECK(procs_hidden(p) == 0 && procs_sockets(p) == 10 && procs_sockets(t) == 13);
	for (size_t i = 0; i < ARRAY_SIZE(of_processes); i++)
		CHECK_STR(owners_of(p, of_processes[i].inode), of_processes[i].owners);
	for (size_t i = 0; i < ARRAY_SIZE(of_threads); i++)
		CHECK_STR(owners_of(t, of_threads[i].inode), of_threads[i].owners);
}

static void check_many_in_tree(void)
{
	char path[64], target[64];

	make_process("200", "200 (many) S");
	for (unsigned int i = 0; i < 6000; i++) {
		snprintf(path, sizeof(path), "200/fd/%u", i * 7 % 6000);
		snprintf(target, sizeof(target), "socket:[%u]", 1000 + i * 7 % 6000 / 2);
		make_fd(path, target);
	}
	for (unsigned int jobs = 1; jobs <= 4; jobs++) {
		_cleanup_(procs_freep) struct procs *p =
			read_procs((struct procs_opts){ .proc_root = tree, .jobs = jobs });

		CHECK(procs_sockets(p) == 6010);
		for (uint32_t i = 0; i < 3000; i++) {
			struct owners o = procs_find(p, 1000 + i);

			CHECK(o.n == 2 && o.v[0].fd == 2 * i + 1 && o.v[1].fd == 2 * i && o.v[0].pid == 200);
			CHECK(sv_is(o.v[0].comm, "many"));
		}
	}
}

static uint32_t inode_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return (uint32_t)st.st_ino;
}

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	return fd;
}

/* Moves @fd to @to. */
static int move(int fd, int to)
{
	CHECK(dup3(fd, to, O_CLOEXEC) == to);
	CHECK(!close(fd));
	return to;
}

struct worker_thread {
	pthread_t id;
	pid_t tid;
	int fd; /* a socket of its own table, or -1 to share the process's */
	uint32_t inode;
	pthread_barrier_t *ready, *leave;
};

static void *live_thread(void *arg)
{
	struct worker_thread *t = arg;

	t->tid = (pid_t)syscall(SYS_gettid);
	if (t->fd >= 0) {
		CHECK(!unshare(CLONE_FILES));
		t->fd = move(open_socket(), t->fd);
		t->inode = inode_of(t->fd);
	}
	pthread_barrier_wait(t->ready);
	pthread_barrier_wait(t->leave);
	return NULL;
}

/* The main thread comes last, whose number may be above the others' where numbers began anew. */
static bool is_in_order(const struct owners *o)
{
	for (size_t i = 1; i + 1 < o->n; i++) {
		if (o->v[i - 1].tid <= o->v[i].tid)
			return false;
	}
	return o->n > 0 && o->v[o->n - 1].tid == (uint32_t)getpid();
}

static bool has_tid(const struct owners *o, pid_t tid)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i].tid == (uint32_t)tid)
			return o->v[i].pid == (uint32_t)getpid() && sv_is(o->v[i].comm, "test-procs");
	}
	return false;
}

/* @t are two threads that share the table with @fd, and between them one that does not. */
static void check_thread_owners(unsigned int jobs, int fd, const struct worker_thread t[3])
{
	_cleanup_(procs_freep) struct procs *p =
		read_procs((struct procs_opts){ .jobs = jobs, .want_threads = true });
	_cleanup_(procs_freep) struct procs *q = read_procs((struct procs_opts){ .jobs = jobs });
	struct owners o = procs_find(p, inode_of(fd));

	/* A sanitizer may run a thread of its own. */
	CHECK(o.n >= 4 && is_in_order(&o));
	CHECK(has_tid(&o, t[0].tid) && has_tid(&o, t[1].tid) && has_tid(&o, t[2].tid));
	CHECK(o.v[0].fd == (uint32_t)fd);
	o = procs_find(p, t[1].inode);
	CHECK(o.n == 1 && has_tid(&o, t[1].tid) && o.v[0].fd == (uint32_t)t[1].fd);
	o = procs_find(q, inode_of(fd));
	CHECK(o.n == 1 && o.v[0].tid == 0);
	CHECK(procs_trouble(q, NULL) == 0);
	o = procs_find(q, t[1].inode);
	CHECK(o.n == 1 && has_tid(&o, 0) && o.v[0].fd == (uint32_t)t[1].fd &&
	      o.v[0].holder == (uint32_t)t[1].tid);
	CHECK(procs_trouble(q, NULL) == 0);
}

static void check_threads(unsigned int jobs)
{
	pthread_barrier_t ready, leave;
	struct worker_thread t[3] = { { .fd = -1 }, { .fd = 77 }, { .fd = -1 } };
	int fd = move(open_socket(), 60);

	CHECK(!pthread_barrier_init(&ready, NULL, 4) && !pthread_barrier_init(&leave, NULL, 4));
	for (int i = 0; i < 3; i++) {
		t[i].ready = &ready;
		t[i].leave = &leave;
		CHECK(!pthread_create(&t[i].id, NULL, live_thread, &t[i]));
	}
	pthread_barrier_wait(&ready);
	check_thread_owners(jobs, fd, t);
	pthread_barrier_wait(&leave);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_join(t[i].id, NULL));
	CHECK(!pthread_barrier_destroy(&ready) && !pthread_barrier_destroy(&leave) && !close(fd));
}

/* A child that holds the same sockets; ends when the returned descriptor is closed. */
static pid_t fork_holder(int *ret_leash)
{
	int leash[2];
	char c;
	pid_t pid;

	CHECK(!pipe2(leash, O_CLOEXEC));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		close(leash[1]);
		_exit(read(leash[0], &c, 1) != 0);
	}
	close(leash[0]);
	*ret_leash = leash[1];
	return pid;
}

static void await_child(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void check_shared(unsigned int jobs)
{
	int fd = move(open_socket(), 50), high = dup(fd), leash;
	uint32_t inode = inode_of(fd);
	pid_t pid = fork_holder(&leash);
	_cleanup_(procs_freep) struct procs *p = read_procs((struct procs_opts){ .jobs = jobs });
	struct owners o = procs_find(p, inode);
	int first = high > fd ? high : fd, second = high > fd ? fd : high;
	bool is_child_first = pid > getpid();

	CHECK(o.n == 4);
	for (size_t i = 0; i < 4; i++) {
		CHECK(o.v[i].pid == (uint32_t)((i < 2) == is_child_first ? pid : getpid()) &&
		      o.v[i].fd == (uint32_t)(i % 2 ? second : first) && o.v[i].tid == 0 &&
		      sv_is(o.v[i].comm, "test-procs"));
	}
	CHECK(!close(leash) && !close(high) && !close(fd));
	await_child(pid);
}

static void check_table_owners(unsigned int jobs, const uint32_t *inode, int base, int n, int step)
{
	_cleanup_(procs_freep) struct procs *p = read_procs((struct procs_opts){ .jobs = jobs });

	CHECK(procs_sockets(p) >= (size_t)n);
	for (int i = 0; i < n; i++) {
		struct owners o = procs_find(p, inode[i]);

		CHECK(o.n == 1 && o.v[0].fd == (uint32_t)(base + i * step) &&
		      o.v[0].pid == (uint32_t)getpid());
	}
}

/* @n sockets, @step descriptors apart, at @base. */
static void check_table(int base, int n, int step)
{
	uint32_t *inode = calloc((size_t)n, sizeof(*inode));

	CHECK(inode);
	for (int i = 0; i < n; i++)
		inode[i] = inode_of(move(open_socket(), base + i * step));
	for (unsigned int jobs = 1; jobs <= 5; jobs += 2)
		check_table_owners(jobs, inode, base, n, step);
	for (int i = 0; i < n; i++)
		CHECK(!close(base + i * step));
	free(inode);
}

static void run_child(void (*fn)(uint32_t inode), uint32_t inode)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		fn(inode);
		_exit(0);
	}
	await_child(pid);
}

/* Without descriptors to spare the answer is an error, not an empty list. */
static void be_exhausted(uint32_t inode)
{
	struct procs_opts o = { .jobs = 1 };
	struct procs *p = NULL;
	struct err e = {};
	int fd, last = -1;

	CHECK(!setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 100, 100 }));
	while ((fd = dup(0)) >= 0)
		last = fd;
	for (int i = 0; i < 2; i++) {
		CHECK(procs_new(&o, &p, &e) == -EMFILE && !p && strstr(e.text, "/proc"));
		CHECK(!close(last - i));
	}
	CHECK(procs_new(&o, &p, &e) == 0 && procs_find(p, inode).n == 2);
	(void)procs_free(p);
}

static void be_nobody(uint32_t inode)
{
	struct procs *p;
	struct owners o;

	CHECK(!setresgid(65534, 65534, 65534) && !setresuid(65534, 65534, 65534));
	p = read_procs((struct procs_opts){ .jobs = 2 });
	o = procs_find(p, inode);
	CHECK(procs_hidden(p) >= 2 && procs_sight(p) == PROCS_SIGHT_SOME);
	for (size_t i = 0; i < o.n; i++)
		CHECK(o.v[i].pid == (uint32_t)getpid());
	(void)procs_free(p);
}

static void check_limits(void)
{
	int fd = open_socket(), leash;
	uint32_t inode = inode_of(fd);
	pid_t holder;

	run_child(be_exhausted, inode);
	if (geteuid() == 0) {
		holder = fork_holder(&leash);
		run_child(be_nobody, inode);
		CHECK(!close(leash));
		await_child(holder);
	}
	CHECK(!close(fd));
}

static void check_errors(void)
{
	struct procs *p = NULL;
	struct err e = {};

	CHECK(procs_new(&(struct procs_opts){ .proc_root = "/dev/null" }, &p, &e) == -ENOTDIR);
	CHECK(!p && strstr(e.text, "/dev/null"));
	CHECK(procs_new(&(struct procs_opts){ .proc_root = "/nowhere" }, &p, NULL) == -ENOENT && !p);
	CHECK(!procs_free(NULL));
}

int main(void)
{
	struct rlimit limit;

	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	CHECK(mkdtemp(tree));
	{
		_cleanup_(procs_freep) struct procs *p =
			read_procs((struct procs_opts){ .proc_root = tree, .want_threads = true });

		CHECK(procs_sockets(p) == 0 && procs_find(p, 1).n == 0);
	}
	fill_tree();
	for (unsigned int jobs = 0; jobs <= 4; jobs++)
		check_tree(jobs);
	check_many_in_tree();
	CHECK(!nftw(tree, remove_one, 16, FTW_DEPTH | FTW_PHYS));
	check_errors();
	if (access("/proc/self/fd", R_OK) < 0) {
		fprintf(stderr, "no /proc: its part not tested\n");
		return 77;
	}
	for (unsigned int jobs = 0; jobs <= 3; jobs++) {
		check_shared(jobs);
		check_threads(jobs);
	}
	if (limit.rlim_max >= 20000) {
		check_table(100, 9000, 1);
		check_table(200, 300, 50);
		check_table(10000, 9000, 1);
		check_table(100, 6000, 3);
	}
	check_limits();
	return 0;
}
