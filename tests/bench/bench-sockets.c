/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-sockets KIND PROCESSES SOCKETS [PORTS | NAMESPACES]
 *
 * Makes SOCKETS sockets, shared out among PROCESSES, in the network namespace
 * it is started in, whose loopback interface it sets up; tells their number,
 * and keeps them until its standard input ends. KIND:
 *
 *   tcp     listening sockets on PORTS ports of 127.0.0.1 (one a process) and,
 *           connected to them, pairs from the addresses 127.1.0.0/16
 *   wait    the same pairs, closed: one TIME_WAIT each, for a minute
 *   udp     bound to 127.1.0.0/16, every second one connected; with PORTS to so many
 *           ports of more addresses
 *   unix    pairs of all types, and some that listen
 *   mixed   half TCP, a tenth TCP over IPv6, a fifth UDP, a fifth Unix
 *   spaces  as tcp, but spread over NAMESPACES, the first of which is this one
 *
 * What connects to a port afterwards is accepted, and closed.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FIRST_HOST = 0x7f010001,
	PORT = 2000,         /* of the first listening socket */
	PORT_V6 = 4000,      /* of the first process, over IPv6 */
	PORT_UDP = 10000,    /* the lowest */
	PER_ADDRESS = 20000, /* pairs from one address: fewer than there are ports */
	ADDRESSES = 32,      /* of one process */
	NAMED = 64,          /* every so manieth unix pair has a listening socket */
	SPARE_FDS = 16,
	PROCESSES_MAX = 1000,
};

/* What one process is to make. */
struct job {
	unsigned long process, n_process;
	unsigned long n_socket;
	unsigned long n_space, n_port; /* the latter 0: as it comes */
	int listener;                  /* of the pairs over IPv4, or -1 */
};

struct kind {
	const char *name;
	/* Returns how many sockets there are now. */
	unsigned long (*make)(const struct job *job);
	bool want_listeners;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(1);
}

static void raise_link(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		die("setting up the loopback interface");
	(void)close(fd);
}

static struct sockaddr_in address(uint32_t host, unsigned int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(host),
	};
}

/* An address that only socket @i of this process has. */
static uint32_t own_host(const struct job *job, unsigned long i)
{
	return FIRST_HOST + (uint32_t)(job->process * ADDRESSES + i / PER_ADDRESS);
}

static int listen_on(const void *to, socklen_t len)
{
	int fd = socket(((const struct sockaddr *)to)->sa_family, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, to, len) < 0 || listen(fd, 4096) < 0)
		die("making a listening socket");
	return fd;
}

static int listen_v4(unsigned long port)
{
	struct sockaddr_in to = address(INADDR_LOOPBACK, (unsigned int)port);

	return listen_on(&to, sizeof(to));
}

/* Connects from the @i-th address to the listening socket; both ends in ret_pair. */
static void connect_pair(const struct job *job, unsigned long i, int ret_pair[2])
{
	struct sockaddr_in to, from = address(own_host(job, i), 0);
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	/* The port is chosen when connecting, by the whole of the addresses, which is quick. */
	if (fd < 0 || getsockname(job->listener, (struct sockaddr *)&to, &len) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die("connecting");
	ret_pair[0] = fd;
	ret_pair[1] = accept(job->listener, NULL, NULL);
	if (ret_pair[1] < 0)
		die("accepting");
}

static unsigned long make_pairs(const struct job *job, unsigned long n)
{
	int pair[2];

	for (unsigned long i = 0; i < n; i++)
		connect_pair(job, i, pair);
	return 2 * n;
}

static unsigned long make_tcp(const struct job *job)
{
	return make_pairs(job, (job->n_socket - 1) / 2);
}

static unsigned long make_wait(const struct job *job)
{
	int pair[2];

	for (unsigned long i = 0; i < job->n_socket; i++) {
		connect_pair(job, i, pair);
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
	return job->n_socket;
}

static unsigned long make_udp(const struct job *job)
{
	struct sockaddr_in to = address(INADDR_LOOPBACK, 9);

	for (unsigned long i = 0; i < job->n_socket; i++) {
		unsigned long all = job->process * job->n_socket + i;
		uint32_t host = job->n_port ? FIRST_HOST + (uint32_t)(all / job->n_port) : own_host(job, i);
		unsigned long port = job->n_port ? all % job->n_port : i % PER_ADDRESS;
		struct sockaddr_in at = address(host, PORT_UDP + (unsigned int)port);
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
		    (i % 2 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0))
			die("making a UDP socket");
	}
	return job->n_socket;
}

static void listen_unix(const struct job *job, unsigned long i)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "bench/%lu/%lu", job->process, i);

	(void)listen_on(&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n));
}

static unsigned long make_unix(const struct job *job)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	unsigned long n = 0;
	int pair[2];

	for (unsigned long i = 0; n + 2 < job->n_socket; i++, n += 2) {
		if (i % NAMED == 0) {
			listen_unix(job, i);
			n++;
		}
		if (socketpair(AF_UNIX, types[i % 3], 0, pair) < 0)
			die("making a pair of unix sockets");
	}
	return n;
}

static unsigned long make_v6(const struct job *job)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)(PORT_V6 + job->process)),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int listener = listen_on(&to, sizeof(to));
	unsigned long n = 1;

	for (; n + 2 <= job->n_socket; n += 2) {
		int fd = socket(AF_INET6, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 ||
		    accept(listener, NULL, NULL) < 0)
			die("making a pair of sockets over IPv6");
	}
	return n;
}

static unsigned long make_mixed(const struct job *job)
{
	struct job part = *job;
	unsigned long n;

	part.n_socket = job->n_socket / 2;
	n = make_tcp(&part);
	part.n_socket = job->n_socket / 10;
	n += make_v6(&part);
	part.n_socket = job->n_socket / 5;
	return n + make_udp(&part) + make_unix(&part);
}

static unsigned long make_spaces(const struct job *job)
{
	unsigned long n = 0;

	for (unsigned long i = job->process; i < job->n_space; i += job->n_process) {
		struct job part = *job;

		if (i) {
			if (unshare(CLONE_NEWNET) < 0)
				die("making a network namespace");
			raise_link();
		}
		part.listener = listen_v4(PORT);
		part.n_socket = job->n_socket * job->n_process / job->n_space;
		n += 1 + make_tcp(&part);
	}
	return n;
}

static const struct kind kinds[] = {
	{ "tcp", make_tcp, true },    { "wait", make_wait, true },   { "udp", make_udp, false },
	{ "unix", make_unix, false }, { "mixed", make_mixed, true }, { "spaces", make_spaces, false },
};

/* Makes one process's sockets, tells their number, and stays until the leash is cut. */
static _Noreturn void hold(const struct kind *kind, const struct job *job, int ready, int leash)
{
	const rlim_t n_fd = job->n_socket + job->n_process + SPARE_FDS;
	struct rlimit limit;
	unsigned long n;
	char c;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max = limit.rlim_max > n_fd ? limit.rlim_max : n_fd;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("asking for so many descriptors");
	n = kind->make(job);
	if (write(ready, &n, sizeof(n)) != sizeof(n))
		die("telling that all is ready");
	(void)close(ready);
	(void)close(job->listener);
	_exit(read(leash, &c, 1) != 0);
}

static void allow_waiting(unsigned long n)
{
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_max_tw_buckets", "we");

	if (!f || fprintf(f, "%lu\n", n + n / 4) < 0 || fclose(f) != 0)
		die("allowing so many sockets in TIME_WAIT");
}

/* Starts the processes and waits for their sockets; returns the number of these. */
static unsigned long start(const struct kind *kind, struct job *job, const struct pollfd *listeners,
			   unsigned long n_listener, int leash[2])
{
	unsigned long sum = 0, n;
	int ready[2];

	if (pipe(ready) < 0 || pipe(leash) < 0)
		die("pipe");
	for (job->process = 0; job->process < job->n_process; job->process++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		(void)close(ready[0]);
		(void)close(leash[1]);
		job->listener = -1;
		for (unsigned long i = 0; i < n_listener; i++) {
			if (i == job->process % n_listener)
				job->listener = listeners[i].fd;
			else
				(void)close(listeners[i].fd);
		}
		hold(kind, job, ready[1], leash[0]);
	}
	(void)close(ready[1]);
	(void)close(leash[0]);
	for (unsigned long i = 0; i < job->n_process; i++, sum += n) {
		if (read(ready[0], &n, sizeof(n)) != sizeof(n)) {
			fprintf(stderr, "a process could not make its sockets\n");
			exit(1);
		}
	}
	(void)close(ready[0]);
	return sum;
}

/* Takes what comes and lets it go, until standard input, the first of @fds, ends. */
static void serve(struct pollfd *fds, unsigned long n)
{
	char c;

	for (;;) {
		if (poll(fds, n, -1) < 0 && errno != EINTR)
			die("poll");
		if (fds[0].revents && read(fds[0].fd, &c, 1) <= 0)
			return;
		for (unsigned long i = 1; i < n; i++) {
			int fd = fds[i].revents ? accept(fds[i].fd, NULL, NULL) : -1;

			if (fd >= 0)
				(void)close(fd);
		}
	}
}

int main(int argc, char **argv)
{
	static struct pollfd fds[1 + PROCESSES_MAX] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	struct job job = { .n_process = argc > 3 ? strtoul(argv[2], NULL, 10) : 0 };
	unsigned long n_socket = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	unsigned long more = argc > 4 ? strtoul(argv[4], NULL, 10) : 0, n_listener;
	const struct kind *kind = NULL;
	int leash[2];

	for (size_t i = 0; argc > 3 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(argv[1], kinds[i].name))
			kind = &kinds[i];
	}
	if (!kind || !job.n_process || job.n_process > PROCESSES_MAX || n_socket < job.n_process) {
		fprintf(stderr, "usage: bench-sockets KIND PROCESSES SOCKETS [PORTS | NAMESPACES]\n");
		return 2;
	}
	job.n_socket = n_socket / job.n_process;
	job.n_space = more ? more : 1;
	job.n_port = more;
	n_listener = !kind->want_listeners ? 0 : more && more < job.n_process ? more : job.n_process;
	raise_link();
	if (kind->make == make_wait)
		allow_waiting(n_socket);
	for (unsigned long i = 1; i <= n_listener; i++)
		fds[i] = (struct pollfd){ .fd = listen_v4(PORT + i - 1), .events = POLLIN };
	printf("%lu\n", n_listener + start(kind, &job, fds + 1, n_listener, leash));
	(void)fflush(stdout);
	serve(fds, 1 + n_listener);
	(void)close(leash[1]);
	while (wait(NULL) > 0)
		;
	return 0;
}
