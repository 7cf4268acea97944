/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-sockets PROCESSES SOCKETS COMMAND...
 *
 * Makes SOCKETS TCP sockets, shared out among PROCESSES, in a network
 * namespace of its own, runs COMMAND there, and takes all away again. Each
 * process has a listening socket on 127.0.0.1 and, connected to it, pairs
 * from the addresses 127.1.0.0/16. Exits like COMMAND.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PORT = 2000,         /* of the first process */
	PER_ADDRESS = 20000, /* pairs from one address: fewer than there are ports */
	ADDRESSES = 32,      /* of one process */
	SPARE_FDS = 16,
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

static void make_pairs(int listener, const struct sockaddr_in *to, unsigned long process, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		uint32_t host = 0x7f010000 + (uint32_t)(process * ADDRESSES + i / PER_ADDRESS) + 1;
		struct sockaddr_in from = address(host, 0);
		int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

		/* The port is chosen when connecting, by the whole of the addresses, which is quick. */
		if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0 ||
		    bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0 ||
		    connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 ||
		    accept(listener, NULL, NULL) < 0)
			die("making a pair of sockets");
	}
}

/* Makes one process's sockets, tells so, and stays until the leash is cut. */
static _Noreturn void hold(unsigned long process, unsigned long n, int ready, int leash)
{
	const struct rlimit limit = { n + SPARE_FDS, n + SPARE_FDS };
	struct sockaddr_in to = address(INADDR_LOOPBACK, PORT + (unsigned int)process);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	char c = 0;

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("asking for so many descriptors");
	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(listener, (const struct sockaddr *)&to, sizeof(to)) < 0 || listen(listener, 1024) < 0)
		die("making a listening socket");
	make_pairs(listener, &to, process, (n - 1) / 2);
	if (write(ready, &c, 1) != 1)
		die("telling that all is ready");
	(void)close(ready);
	_exit(read(leash, &c, 1) != 0);
}

static int run_command(char **argv)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		(void)execvp(argv[0], argv);
		die(argv[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("running the command");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	unsigned long n_process = argc > 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long n_socket = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;
	int ready[2], leash[2], r;
	char c;

	if (!n_process || n_process > 1000 || n_socket < n_process) {
		fprintf(stderr, "usage: bench-sockets PROCESSES SOCKETS COMMAND...\n");
		return 2;
	}
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		die("making a network namespace");
	raise_link();
	if (pipe(ready) < 0 || pipe(leash) < 0)
		die("pipe");
	for (unsigned long i = 0; i < n_process; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			(void)close(ready[0]);
			(void)close(leash[1]);
			hold(i, n_socket / n_process, ready[1], leash[0]);
		}
	}
	(void)close(ready[1]);
	(void)close(leash[0]);
	for (unsigned long i = 0; i < n_process; i++) {
		if (read(ready[0], &c, 1) != 1) {
			fprintf(stderr, "a process could not make its sockets\n");
			return 1;
		}
	}
	(void)close(ready[0]);
	(void)fcntl(leash[1], F_SETFD, FD_CLOEXEC);
	r = run_command(argv + 3);
	(void)close(leash[1]);
	while (wait(NULL) > 0)
		;
	return r;
}
