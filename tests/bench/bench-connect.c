/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: bench-connect PORT SECONDS
 *
 * A bystander: every millisecond connects to 127.0.0.1:PORT and lets go at
 * once. Prints how often, and what connect() took, in microseconds: the
 * median, the 99th and the 99.9th percentile, the longest.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_NS = 1000000 };

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	const struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Nanoseconds of one connect(). It is ended by a reset, which leaves nothing behind. */
static uint64_t connect_once(const struct sockaddr_in *to)
{
	const struct linger no_wait = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t start, took;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &no_wait, sizeof(no_wait)) < 0) {
		perror("socket");
		exit(1);
	}
	start = now_ns();
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0) {
		perror("connect");
		exit(1);
	}
	took = now_ns() - start;
	(void)close(fd);
	return took;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	unsigned long port = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long seconds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	static const unsigned int per_mille[] = { 500, 990, 999, 1000 };
	size_t n = 0, n_max = seconds * 1000;
	uint64_t *took, due;

	if (!port || port > UINT16_MAX || !seconds || seconds > 3600) {
		fprintf(stderr, "usage: bench-connect PORT SECONDS\n");
		return 2;
	}
	took = malloc(n_max * sizeof(*took));
	if (!took) {
		perror("malloc");
		return 1;
	}
	due = now_ns();
	for (uint64_t end = due + seconds * 1000000000; due < end && n < n_max; n++) {
		took[n] = connect_once(&to);
		/* A turn that is overdue is left out: what waited for it waits for nobody else. */
		due += EVERY_NS;
		if (due < now_ns())
			due = now_ns();
		sleep_until(due);
	}
	qsort(took, n, sizeof(*took), by_value);
	printf("%zu", n);
	for (size_t i = 0; i < sizeof(per_mille) / sizeof(*per_mille); i++) {
		size_t rank = (n - 1) * per_mille[i] / 1000;

		printf(" %.1f", (double)took[rank] / 1e3);
	}
	putchar('\n');
	free(took);
	return 0;
}
