/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Owners of sockets by BPF: the same as from /proc. */

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "procs-ways.h"

enum { MANY = 18000, FAR = 19990, CHURN = 40 };

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
	check_many();
	return 0;
}
