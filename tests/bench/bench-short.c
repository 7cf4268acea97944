/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-short PROCESSES SECONDS
 *
 * Short connections on the loopback device, one after the other in each process, as fast as it can: connect,
 * a request of 100 bytes, an answer of 100, and both ends close in order. Prints how many there were, and the
 * seconds they took.
 */

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "loopback.h"

enum { PORT = 3100, PROCESSES_MAX = 64, BYTES = 100 };

static void pass(int from, int to)
{
	char bytes[BYTES] = {};
	ssize_t n = send(from, bytes, sizeof(bytes), 0);

	if (n != BYTES || recv(to, bytes, sizeof(bytes), MSG_WAITALL) != BYTES)
		die("passing bytes");
}

/* Each address has ports enough until the first connections are forgotten. */
static void connect_once(int server, const struct sockaddr_in *to, uint32_t host)
{
	struct sockaddr_in from = address(host, 0);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), peer;

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0 ||
	    bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("connect");
	peer = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0)
		die("accept");
	pass(fd, peer);
	pass(peer, fd);
	(void)close(peer);
	(void)close(fd);
}

static _Noreturn void work(unsigned int process, double until, atomic_ulong *n)
{
	struct sockaddr_in to = address(INADDR_LOOPBACK, PORT + process);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	unsigned long i = 0;

	if (server < 0 || setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(server, (const struct sockaddr *)&to, sizeof(to)) < 0 || listen(server, 16) < 0)
		die("listen");
	while (now() < until)
		connect_once(server, &to, 0x7f090001 + (process << 8) + (uint32_t)(i++ / 64 % 200));
	atomic_fetch_add(n, i);
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long processes = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	double seconds = argc == 3 ? strtod(argv[2], NULL) : 0, start = now();
	int status, failed = 0;
	atomic_ulong *n;

	if (!processes || processes > PROCESSES_MAX || seconds <= 0 || seconds > 3600) {
		fprintf(stderr, "usage: bench-short PROCESSES SECONDS\n");
		return 2;
	}
	n = mmap(NULL, sizeof(*n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (n == MAP_FAILED)
		die("mmap");
	for (unsigned long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			work((unsigned int)i, start + seconds, n);
	}
	while (wait(&status) > 0)
		failed |= status;
	printf("%lu %.3f\n", atomic_load(n), now() - start);
	return failed ? 1 : 0;
}
