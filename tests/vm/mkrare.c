/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * mkrare SCENARIO COMMAND...: makes the sockets of one scenario and runs
 * COMMAND while they are held; the exit status is the command's. The lines
 * "made WORDS" and "skip KIND: REASON" on stdout tell what there is.
 */

#include "mkrare.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*make)(void);
} scenarios[] = {
	{ "sctp", make_sctp },         { "dccp", make_dccp },   { "mptcp", make_mptcp },
	{ "raw", make_raw },           { "ktls", make_ktls },   { "smc", make_smc },
	{ "tipc", make_tipc },         { "vsock", make_vsock }, { "xdp", make_xdp },
	{ "contexts", make_contexts },
};

void made(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)printf("made ");
	(void)vprintf(fmt, ap);
	(void)printf("\n");
	va_end(ap);
}

int rare_socket(const char *kind, int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		(void)printf("skip %s: %s\n", kind, strerror(errno));
	return fd;
}

int rare_listener(const char *kind, const char *addr, uint16_t port, int type, int protocol)
{
	int fd = rare_socket(kind, strchr(addr, ':') ? AF_INET6 : AF_INET, type, protocol);

	if (fd < 0)
		return -1;
	must(inet_bind(fd, addr, port), addr);
	must(listen(fd, 5), "listen");
	return fd;
}

void rare_pair(int listener, const char *kind, const char *addr, uint16_t port, int protocol, int ret_pair[2])
{
	ret_pair[0] = must(inet_socket(addr, SOCK_STREAM, protocol), kind);
	must(inet_connect(ret_pair[0], addr, port), kind);
	ret_pair[1] = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), kind);
}

uint16_t own_port(int fd)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} u = {};
	socklen_t len = sizeof(u);

	must(getsockname(fd, &u.sa, &len), "getsockname");
	return ntohs(u.sa.sa_family == AF_INET6 ? u.in6.sin6_port : u.in.sin_port);
}

static int run(char **argv)
{
	int status;
	pid_t pid;

	(void)fflush(stdout);
	pid = must(fork(), "fork");
	if (pid == 0) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: mkrare SCENARIO COMMAND...");
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		if (strcmp(scenarios[i].name, argv[1]) == 0) {
			scenarios[i].make();
			return run(argv + 2);
		}
	}
	die("no such scenario: %s", argv[1]);
}
