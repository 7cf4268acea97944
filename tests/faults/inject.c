/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: inject [-f CALL:N:FAULT] [-a] [-s SECONDS] -r FD PROGRAM ARGUMENT...
 *
 * Runs PROGRAM, whose system call CALL of number N, counted from 1, fails with FAULT: an error as in EIO, or
 *	short	read() and write() do half, at least a byte, of what was asked for
 *	busy	recvmsg() of netlink: in place of the answer an error from the kernel, EBUSY
 *	torn	recvmsg() of netlink: the kernel says that the list changed while it was made
 * With -a each later one fails as well. Calls count from the first fcntl() of descriptor 0 on, with which our
 * programs begin, and only those of the program and its libraries, not of a sanitizer.
 *
 * What happened is written to FD, a line each:
 *	call CALL N DETAIL	without -f: a call that could fail, and for files which
 *	done N			how often the fault was injected
 *	status N, signal N, late	how it ended; late: it was killed after SECONDS, by default 20
 *
 * Seccomp has the kernel ask about each call, so that it makes no difference how a library comes to make it.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TAKEN = INT_MAX, SKIP_MAX = 64, COPY_MAX = 1 << 20, IOV_MAX_HERE = 16 };

struct call {
	const char *name;
	int nr;
	int path; /* which argument is one, counted from 1 */
};

static const struct call calls[] = {
#define CALL(name, ...)                        \
	{                                      \
#name, SYS_##name, __VA_ARGS__ \
	}
	CALL(fcntl, 0),
	CALL(socket, 0),
	CALL(bind, 0),
	CALL(connect, 0),
	CALL(sendto, 0),
	CALL(sendmsg, 0),
	CALL(recvmsg, 0),
	CALL(recvfrom, 0),
	CALL(setsockopt, 0),
	CALL(getsockopt, 0),
	CALL(getsockname, 0),
	CALL(openat, 2),
	CALL(read, 0),
	CALL(pread64, 0),
	CALL(write, 0),
	CALL(writev, 0),
	CALL(getdents64, 0),
	CALL(readlinkat, 2),
	CALL(newfstatat, 2),
	CALL(fstat, 0),
	CALL(statx, 2),
	CALL(fstatfs, 0),
	CALL(mmap, 0),
	CALL(setns, 0),
	CALL(unshare, 0),
	CALL(bpf, 0),
	CALL(clone3, 0),
	CALL(clone, 0),
	CALL(memfd_create, 0),
	CALL(ppoll, 0),
	CALL(ioctl, 0),
	CALL(lseek, 0),
	CALL(capget, 0),
	CALL(sched_getaffinity, 0),
	CALL(uname, 0),
	CALL(faccessat2, 2),
	CALL(open_by_handle_at, 0),
	CALL(name_to_handle_at, 2),
	CALL(dup3, 0),
	CALL(ftruncate, 0),
	CALL(rt_sigaction, 0),
#ifdef SYS_open
	CALL(open, 1),
#endif
#ifdef SYS_readlink
	CALL(readlink, 1),
#endif
#ifdef SYS_poll
	CALL(poll, 0),
#endif
#ifdef SYS_access
	CALL(access, 1),
#endif
#ifdef SYS_dup2
	CALL(dup2, 0),
#endif
#undef CALL
};

static const struct error {
	const char *name;
	int number;
} errors[] = {
	{ "ENOMEM", ENOMEM },
	{ "EINTR", EINTR },
	{ "EAGAIN", EAGAIN },
	{ "EIO", EIO },
	{ "EACCES", EACCES },
	{ "EPERM", EPERM },
	{ "EMFILE", EMFILE },
	{ "ENFILE", ENFILE },
	{ "EBUSY", EBUSY },
	{ "ENOBUFS", ENOBUFS },
	{ "ENOENT", ENOENT },
	{ "ESRCH", ESRCH },
	{ "EINVAL", EINVAL },
	{ "ENOSPC", ENOSPC },
	{ "EPIPE", EPIPE },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ "EAFNOSUPPORT", EAFNOSUPPORT },
	{ "EPROTONOSUPPORT", EPROTONOSUPPORT },
	{ "ENOSYS", ENOSYS },
	{ "ENODEV", ENODEV },
	{ "ELOOP", ELOOP },
};

enum kind { NONE, ERROR, SHORT, BUSY, TORN };

/* What is to be done, and what was. */
struct task {
	const struct call *call;
	unsigned long number;
	enum kind kind;
	int error;
	bool is_lasting;
	FILE *report;
	unsigned long count[sizeof(calls) / sizeof(*calls)], n_done;
	bool has_begun;
	struct {
		uint64_t from, to;
	} skip[SKIP_MAX]; /* a sanitizer's code */
	size_t n_skip;
	pid_t pid;
	int pidfd;
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(125);
}

static bool parse_fault(struct task *t, char *text)
{
	char *number = strchr(text, ':'), *fault = number ? strchr(number + 1, ':') : NULL;

	if (!fault)
		return false;
	*number++ = *fault++ = '\0';
	t->number = strtoul(number, NULL, 10);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (strcmp(calls[i].name, text) == 0)
			t->call = &calls[i];
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(errors[i].name, fault) == 0) {
			t->kind = ERROR;
			t->error = errors[i].number;
		}
	if (strcmp(fault, "short") == 0)
		t->kind = SHORT;
	if (strcmp(fault, "busy") == 0)
		t->kind = BUSY;
	if (strcmp(fault, "torn") == 0)
		t->kind = TORN;
	return t->call && t->kind != NONE && t->number;
}

/* From now on the kernel asks about the calls. Returns the descriptor that it asks at. */
static int install(void)
{
	struct sock_filter code[2 * sizeof(calls) / sizeof(*calls) + 2];
	struct sock_fprog prog = { .filter = code };

	code[prog.len++] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		code[prog.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].nr, 0, 1);
		code[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	code[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

/* The program's side. The number of the listener goes through shared memory: from here on each call waits. */
static _Noreturn void run(atomic_int *listener, char **argv)
{
	int fd;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = install();
	atomic_store(listener, fd < 0 ? -errno : fd);
	while (atomic_load(listener) != TAKEN) /* executing closes it */
		(void)sched_yield();
	(void)execv(argv[0], argv);
	_exit(126);
}

static bool copy_from(const struct task *t, uint64_t from, void *to, size_t len)
{
	struct iovec here = { to, len }, there = { (void *)(uintptr_t)from, len };

	return process_vm_readv(t->pid, &here, 1, &there, 1, 0) == (ssize_t)len;
}

static bool copy_to(const struct task *t, uint64_t to, void *from, size_t len)
{
	struct iovec here = { from, len }, there = { (void *)(uintptr_t)to, len };

	return process_vm_writev(t->pid, &here, 1, &there, 1, 0) == (ssize_t)len;
}

/* The text that the program has at @from, as far as it is there. */
static void copy_text(const struct task *t, uint64_t from, char *to, size_t room)
{
	struct iovec here = { to, room - 1 }, there = { (void *)(uintptr_t)from, room - 1 };
	size_t n = 4096 - from % 4096; /* a page that is there */
	ssize_t got;

	if (there.iov_len > n)
		there.iov_len = n;
	got = process_vm_readv(t->pid, &here, 1, &there, 1, 0);
	to[got > 0 ? got : 0] = '\0';
	for (char *p = to; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* Finds the sanitizers' code. */
static void find_skipped(struct task *t)
{
	char path[64], line[512];
	unsigned long from;
	char *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", t->pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f) && t->n_skip < SKIP_MAX) {
		if (!strstr(line, "libasan") && !strstr(line, "libubsan") && !strstr(line, "libtsan"))
			continue;
		from = strtoul(line, &end, 16);
		if (*end != '-')
			continue;
		t->skip[t->n_skip].from = from;
		t->skip[t->n_skip++].to = strtoul(end + 1, NULL, 16);
	}
	if (f)
		fclose(f);
}

static bool is_skipped(const struct task *t, uint64_t at)
{
	for (size_t i = 0; i < t->n_skip; i++)
		if (at >= t->skip[i].from && at <= t->skip[i].to)
			return true;
	return false;
}

/* The program's descriptor @fd as one of ours; -1 when it has none. */
static int take_descriptor(const struct task *t, uint64_t fd)
{
	return (int)syscall(SYS_pidfd_getfd, t->pidfd, (int)fd, 0);
}

/* Reads or writes half in the program's place. Returns what the call does. */
static int64_t do_half(const struct task *t, const struct seccomp_data *d, bool is_write)
{
	size_t len = (size_t)d->args[2] / 2;
	int fd = take_descriptor(t, d->args[0]);
	int64_t n = -EIO;
	char *buf;

	len = len > COPY_MAX ? COPY_MAX : len ? len : 1;
	buf = malloc(len);
	if (fd < 0 || !buf)
		die("half a call");
	if (!is_write)
		n = read(fd, buf, len);
	else if (copy_from(t, d->args[1], buf, len))
		n = write(fd, buf, len);
	if (n < 0)
		n = -errno;
	if (!is_write && n > 0 && !copy_to(t, d->args[1], buf, (size_t)n))
		n = -EFAULT;
	free(buf);
	close(fd);
	return n;
}

static void spoil(enum kind kind, char *buf, int64_t *len)
{
	struct nlmsghdr *h = (void *)buf;
	struct nlmsgerr e = { .error = -EBUSY };

	if (kind == BUSY) {
		e.msg = *h;
		h->nlmsg_type = NLMSG_ERROR;
		h->nlmsg_flags = 0;
		h->nlmsg_len = NLMSG_LENGTH(sizeof(e));
		memcpy(NLMSG_DATA(h), &e, sizeof(e));
		*len = h->nlmsg_len;
		return;
	}
	for (int64_t left = *len; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
		h->nlmsg_flags |= NLM_F_DUMP_INTR;
}

/* Receives from netlink in the program's place, and changes the answer. Returns what the call does. */
static int64_t receive_spoilt(const struct task *t, const struct seccomp_data *d)
{
	static char buf[COPY_MAX] __attribute__((aligned(16)));
	struct iovec iov[IOV_MAX_HERE], *v = iov;
	int fd = take_descriptor(t, d->args[0]);
	struct msghdr m, mine = {};
	int64_t n, left;
	char *p = buf;

	if (fd < 0 || !copy_from(t, d->args[1], &m, sizeof(m)) || m.msg_iovlen > IOV_MAX_HERE ||
	    !copy_from(t, (uintptr_t)m.msg_iov, iov, m.msg_iovlen * sizeof(*iov)))
		die("recvmsg()");
	mine.msg_name = malloc(m.msg_namelen ? m.msg_namelen : 1);
	mine.msg_namelen = m.msg_namelen;
	mine.msg_iov = &(struct iovec){ buf, sizeof(buf) };
	mine.msg_iovlen = 1;
	n = recvmsg(fd, &mine, (int)d->args[2] & ~MSG_TRUNC);
	if (n < 0)
		n = -errno;
	if (n >= (int64_t)NLMSG_HDRLEN)
		spoil(t->kind, buf, &n);
	for (left = n; left > 0 && m.msg_iovlen; m.msg_iovlen--, v++) {
		size_t part = (size_t)left < v->iov_len ? (size_t)left : v->iov_len;

		(void)copy_to(t, (uintptr_t)v->iov_base, p, part);
		p += part;
		left -= (int64_t)part;
	}
	if (m.msg_name && m.msg_namelen)
		(void)copy_to(t, (uintptr_t)m.msg_name, mine.msg_name, m.msg_namelen);
	m.msg_namelen = mine.msg_namelen;
	m.msg_flags = left > 0 ? MSG_TRUNC : 0;
	m.msg_controllen = 0;
	(void)copy_to(t, d->args[1] + offsetof(struct msghdr, msg_namelen), &m.msg_namelen,
		      sizeof(m.msg_namelen));
	(void)copy_to(t, d->args[1] + offsetof(struct msghdr, msg_flags), &m.msg_flags, sizeof(m.msg_flags));
	free(mine.msg_name);
	close(fd);
	return n;
}

static int64_t inject(struct task *t, const struct seccomp_data *d)
{
	t->n_done++;
	switch (t->kind) {
	case SHORT: return do_half(t, d, strcmp(t->call->name, "write") == 0);
	case BUSY:
	case TORN: return receive_spoilt(t, d);
	case ERROR:
	case NONE: break;
	}
	return -t->error;
}

/* Whether a call counts: those before the program's own do not, nor does a sanitizer's. */
static bool counts(struct task *t, const struct seccomp_data *d)
{
	if (!t->has_begun && d->nr == SYS_fcntl && d->args[0] == 0) {
		t->has_begun = true;
		find_skipped(t);
		return false;
	}
	return t->has_begun && !is_skipped(t, d->instruction_pointer);
}

/* Where descriptor @fd leads. */
static void read_place(const struct task *t, uint64_t fd, char *to, size_t room)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", t->pid, (int)fd);
	n = readlink(path, to, room - 1);
	to[n > 0 ? n : 0] = '\0';
}

static void tell_call(const struct task *t, size_t i, const struct seccomp_data *d)
{
	char detail[128] = "-";

	if (calls[i].path)
		copy_text(t, d->args[calls[i].path - 1], detail, sizeof(detail));
	if (d->nr == SYS_newfstatat && !detail[0]) {
		detail[0] = '@'; /* of a descriptor */
		read_place(t, d->args[0], detail + 1, sizeof(detail) - 1);
	} else if (d->nr == SYS_read || d->nr == SYS_pread64 || d->nr == SYS_getdents64 ||
		   d->nr == SYS_fstat || d->nr == SYS_lseek)
		read_place(t, d->args[0], detail, sizeof(detail));
	else if (d->nr == SYS_write || d->nr == SYS_socket || d->nr == SYS_bpf)
		snprintf(detail, sizeof(detail), "%d", (int)d->args[0]);
	fprintf(t->report, "call %s %lu %s\n", calls[i].name, t->count[i], detail[0] ? detail : "-");
}

static void answer(struct task *t, const struct seccomp_notif *q, struct seccomp_notif_resp *a)
{
	size_t i = 0;

	*a = (struct seccomp_notif_resp){ .id = q->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	if (!counts(t, &q->data))
		return;
	while (calls[i].nr != q->data.nr)
		i++;
	t->count[i]++;
	if (t->kind == NONE) {
		tell_call(t, i, &q->data);
	} else if (t->call == &calls[i] &&
		   (t->is_lasting ? t->count[i] >= t->number : t->count[i] == t->number)) {
		int64_t r = inject(t, &q->data);

		a->flags = 0;
		a->error = r < 0 ? (int32_t)r : 0;
		a->val = r < 0 ? 0 : r;
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Answers the kernel until the program has ended. Returns whether it did in time. */
static bool serve(struct task *t, int listener, int64_t end_ms)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct seccomp_notif_resp a;
	struct seccomp_notif q;

	for (;;) {
		int64_t left = end_ms - now_ms();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (!(p.revents & POLLIN))
			return true;
		memset(&q, 0, sizeof(q));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
			continue;
		answer(t, &q, &a);
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &a);
	}
}

static void watch(struct task *t, atomic_int *listener, int64_t limit_ms)
{
	bool is_late;
	int fd, status;

	while (!atomic_load(listener))
		(void)sched_yield();
	fd = atomic_load(listener);
	t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
	if (fd < 0) {
		errno = -fd;
		die("seccomp");
	}
	fd = t->pidfd < 0 ? -1 : take_descriptor(t, (uint64_t)fd);
	if (fd < 0)
		die("the listener of seccomp");
	atomic_store(listener, TAKEN);
	is_late = !serve(t, fd, now_ms() + limit_ms);
	if (is_late)
		(void)kill(t->pid, SIGKILL);
	if (waitpid(t->pid, &status, 0) < 0)
		die("waitpid");
	fprintf(t->report, "done %lu\n", t->n_done);
	if (is_late)
		fprintf(t->report, "late\n");
	else if (WIFSIGNALED(status))
		fprintf(t->report, "signal %d\n", WTERMSIG(status));
	else
		fprintf(t->report, "status %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	struct task t = { .kind = NONE };
	int64_t limit_ms = 20000;
	atomic_int *listener;
	int opt, fd;

	while ((opt = getopt(argc, argv, "+f:as:r:")) != -1) {
		switch (opt) {
		case 'f':
			if (!parse_fault(&t, optarg)) {
				fprintf(stderr, "inject: no such fault\n");
				return 2;
			}
			break;
		case 'a': t.is_lasting = true; break;
		case 's': limit_ms = 1000 * strtol(optarg, NULL, 10); break;
		case 'r':
			fd = (int)strtol(optarg, NULL, 10);
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
			t.report = fdopen(fd, "w");
			break;
		default: return 2;
		}
	}
	if (!t.report || optind == argc)
		return 2;
	/* One more than 0, so that 0 is not yet. */
	listener = mmap(NULL, sizeof(*listener), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (listener == MAP_FAILED)
		die("mmap");
	t.pid = fork();
	if (t.pid < 0)
		die("fork");
	if (!t.pid)
		run(listener, argv + optind);
	watch(&t, listener, limit_ms);
	return fclose(t.report) ? 125 : 0;
}
