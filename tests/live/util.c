/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The factory's hands: sockets by address text, TCP connections, waiting for
 * a state with one deadline for the whole program.
 */

#include "mksock.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOMENT_NS = 2000000, MOMENTS = 10000 };

int must(int ret, const char *what)
{
	if (ret < 0)
		die("%s: %s", what, strerror(errno));
	return ret;
}

void wait_a_moment(const char *what)
{
	static unsigned int moments;
	const struct timespec moment = { .tv_nsec = MOMENT_NS };

	if (++moments > MOMENTS)
		die("waited too long for: %s", what);
	(void)nanosleep(&moment, NULL);
}

socklen_t address_fill(struct sockaddr_storage *ss, const char *addr, uint16_t port)
{
	struct sockaddr_in6 *in6 = (void *)ss;
	struct sockaddr_in *in = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(addr, ':')) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		if (inet_pton(AF_INET6, addr, &in6->sin6_addr) != 1)
			die("not an address: %s", addr);
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	if (inet_pton(AF_INET, addr, &in->sin_addr) != 1)
		die("not an address: %s", addr);
	return sizeof(*in);
}

int inet_socket(const char *addr, int type, int protocol)
{
	return socket(strchr(addr, ':') ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, protocol);
}

int inet_bind(int fd, const char *addr, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = address_fill(&ss, addr, port);

	return bind(fd, (struct sockaddr *)&ss, len);
}

int inet_connect(int fd, const char *addr, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = address_fill(&ss, addr, port);

	return connect(fd, (struct sockaddr *)&ss, len);
}

int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

int tcp_bound(const char *addr, uint16_t port)
{
	int fd = must(inet_socket(addr, SOCK_STREAM, 0), "tcp socket");

	must(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	must(inet_bind(fd, addr, port), addr);
	return fd;
}

int tcp_listener(const char *addr, uint16_t port, int backlog)
{
	int fd = tcp_bound(addr, port);

	must(listen(fd, backlog), "listen");
	return fd;
}

int tcp_dial(const char *from, uint16_t from_port, const char *to, uint16_t port)
{
	int fd = must(inet_socket(to, SOCK_STREAM | SOCK_NONBLOCK, 0), "tcp socket");

	must(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
	if (from)
		must(inet_bind(fd, from, from_port), from);
	if (inet_connect(fd, to, port) < 0 && errno != EINPROGRESS)
		die("connect to %s port %u: %s", to, port, strerror(errno));
	return fd;
}

int tcp_accept(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd;

	while (poll(&p, 1, 0) != 1)
		wait_a_moment("a connection to accept");
	fd = must(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept");
	return fd;
}

void tcp_wait_state(int fd, int state, const char *what)
{
	struct tcp_info info;

	for (;;) {
		socklen_t len = sizeof(info);

		must(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), "TCP_INFO");
		if (info.tcpi_state == state)
			return;
		wait_a_moment(what);
	}
}

static bool ports_have_state(unsigned int local, unsigned int remote, unsigned int state)
{
	unsigned int l, r, s;
	char text[512];
	bool found = false;
	FILE *f = fopen("/proc/self/net/tcp", "re");

	if (!f)
		die("/proc/self/net/tcp: %s", strerror(errno));
	while (!found && fgets(text, sizeof(text), f))
		/* NOLINTNEXTLINE(cert-err34-c): four hexadecimal digits each, printed by the kernel */
		found = sscanf(text, " %*u: %*8x:%x %*8x:%x %x", &l, &r, &s) == 3 && l == local &&
			r == remote && s == state;
	(void)fclose(f);
	return found;
}

void tcp_wait_ports(uint16_t local, uint16_t remote, int state, const char *what)
{
	while (!ports_have_state(local, remote, (unsigned int)state))
		wait_a_moment(what);
}

/* Where a client reaches @listener: its port is returned, @addr remains as it is for any address. */
static uint16_t listener_address(int listener, char *addr, size_t size)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u = {};
	socklen_t len = sizeof(u);

	must(getsockname(listener, &u.sa, &len), "getsockname");
	if (u.sa.sa_family == AF_INET6) {
		if (!IN6_IS_ADDR_UNSPECIFIED(&u.in6.sin6_addr))
			(void)inet_ntop(AF_INET6, &u.in6.sin6_addr, addr, (socklen_t)size);
		return ntohs(u.in6.sin6_port);
	}
	if (u.in.sin_addr.s_addr != INADDR_ANY)
		(void)inet_ntop(AF_INET, &u.in.sin_addr, addr, (socklen_t)size);
	return ntohs(u.in.sin_port);
}

void tcp_pair(int listener, const char *from, uint16_t from_port, int *ret_client, int *ret_server)
{
	char to[INET6_ADDRSTRLEN];
	uint16_t port;
	int client;

	(void)snprintf(to, sizeof(to), "%s", from);
	port = listener_address(listener, to, sizeof(to));
	client = tcp_dial(from, from_port, to, port);
	*ret_server = tcp_accept(listener);
	tcp_wait_state(client, ST_ESTABLISHED, "an established connection");
	*ret_client = client;
}

static int unread(int fd)
{
	int n = 0;

	must(ioctl(fd, FIONREAD, &n), "FIONREAD");
	return n;
}

void send_wait(int from, int to, size_t len)
{
	const char zeros[4096] = {};

	if (len > sizeof(zeros) || send(from, zeros, len, MSG_NOSIGNAL) != (ssize_t)len)
		die("cannot send %zu bytes: %s", len, strerror(errno));
	while ((size_t)unread(to) < len)
		wait_a_moment("sent bytes to arrive");
}

void exchange(int from, int to, size_t len)
{
	char buf[4096];

	send_wait(from, to, len);
	if (recv(to, buf, len, MSG_WAITALL) != (ssize_t)len)
		die("sent bytes cannot be read: %s", strerror(errno));
}

void fill(int fd)
{
	const char zeros[4096] = {};
	size_t sent = 0;
	ssize_t n;

	while ((n = send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	if (sent == 0 || errno != EAGAIN)
		die("filling a socket ended with: %s", strerror(errno));
}
