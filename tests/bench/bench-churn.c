/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-churn [PROCESSES]
 *
 * Connects from 127.9.0.0/16 to ports of 127.0.0.1 and closes again, as fast
 * as it can, until its standard input ends; some connections are alive at any
 * time. Tells "ready" when connections come and go, and at the end their
 * number and the seconds this took.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "loopback.h"

enum { PORT = 3000, ALIVE = 64, PROCESSES_MAX = 64 };

/* Shared by all processes. */
struct board {
	atomic_bool is_over;
	atomic_ulong n[PROCESSES_MAX];
};

static _Noreturn void churn(struct board *board, unsigned int process, int ready)
{
	const struct linger no_wait = { .l_onoff = 1 };
	struct sockaddr_in to = address(INADDR_LOOPBACK, PORT + process);
	struct sockaddr_in from = address(0x7f090001 + process, 0);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	int alive[ALIVE][2] = {};
	char c = 0;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(listener, (const struct sockaddr *)&to, sizeof(to)) < 0 || listen(listener, 64) < 0)
		die("making a listening socket");
	for (unsigned long i = 0; !board->is_over && getppid() != 1; i++) {
		int *pair = alive[i % ALIVE];

		if (i >= ALIVE) {
			(void)close(pair[0]);
			(void)close(pair[1]);
		}
		pair[0] = socket(AF_INET, SOCK_STREAM, 0);
		if (pair[0] < 0 ||
		    setsockopt(pair[0], IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)) < 0 ||
		    setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &no_wait, sizeof(no_wait)) < 0 ||
		    bind(pair[0], (const struct sockaddr *)&from, sizeof(from)) < 0 ||
		    connect(pair[0], (const struct sockaddr *)&to, sizeof(to)) < 0)
			die("connecting");
		pair[1] = accept(listener, NULL, NULL);
		if (pair[1] < 0)
			die("accepting");
		board->n[process]++;
		if (i == ALIVE && write(ready, &c, 1) != 1)
			die("telling that all is ready");
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long n_process = argc > 1 ? strtoul(argv[1], NULL, 10) : 1, sum = 0;
	struct board *board =
		mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ready[2], status;
	bool is_good = true;
	double start;
	char c;

	if (!n_process || n_process > PROCESSES_MAX) {
		fprintf(stderr, "usage: bench-churn [PROCESSES]\n");
		return 2;
	}
	if (board == MAP_FAILED || pipe(ready) < 0)
		die("preparing");
	start = now();
	for (unsigned int i = 0; i < n_process; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			churn(board, i, ready[1]);
	}
	(void)close(ready[1]);
	for (unsigned long i = 0; i < n_process; i++) {
		if (read(ready[0], &c, 1) != 1)
			is_good = false;
	}
	if (is_good) {
		puts("ready");
		(void)fflush(stdout);
		while (read(STDIN_FILENO, &c, 1) > 0)
			;
	}
	board->is_over = true;
	while (wait(&status) > 0)
		is_good = is_good && !status;
	for (unsigned long i = 0; i < n_process; i++)
		sum += board->n[i];
	printf("%lu %.3f\n", sum, now() - start);
	return !is_good;
}
