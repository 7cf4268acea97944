/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What a recording costs: bytes, processor time, memory.
 *
 * usage: bench-store gather PAIRS PERCENT SAMPLES INTERVAL_MS FILE   connections over loopback, of which so
 * many talk, and what the kernel says of them, to FILE bench-store store FILE RECORDING [SYNC_MS [CRON]]
 * record that; CRON: opened anew for each sample bench-store read RECORDING all of it, looked at and not
 * looked at bench-store seek RECORDING                                  its first message at random times
 *        bench-store repeat RECORDING LARGE BYTES                    its blocks again and again
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "history/block.h"
#include "history/extent.h"
#include "history/store.h"

#define MUST(x)                                                                         \
	do {                                                                            \
		if (!(x)) {                                                             \
			fprintf(stderr, "%d: %s: %s\n", __LINE__, #x, strerror(errno)); \
			exit(1);                                                        \
		}                                                                       \
	} while (0)

struct gathered {
	struct store_time at;
	uint64_t len;
	uint8_t *bytes;
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	MUST(!clock_gettime(clock, &t));
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t us(clockid_t clock)
{
	return (uint64_t)(seconds(clock) * 1e6);
}

static uint32_t chance(uint32_t n)
{
	static uint64_t seed = 1;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* --- gather --- */

static int *ends; /* of pair i: 2 i asks, 2 i + 1 answers */

static void loopback_up(void)
{
	MUST(!unshare(CLONE_NEWNET));
	MUST(!system("ip link set lo up"));
}

static void connect_all(size_t n)
{
	struct rlimit limit = { 2 * n + 100, 2 * n + 100 };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l;

	MUST(!setrlimit(RLIMIT_NOFILE, &limit));
	ends = calloc(2 * n, sizeof(*ends));
	l = socket(AF_INET, SOCK_STREAM, 0);
	MUST(ends && l >= 0 && !bind(l, (struct sockaddr *)&a, sizeof(a)) && !listen(l, 100));
	MUST(!getsockname(l, (struct sockaddr *)&a, &len));
	for (size_t i = 0; i < n; i++) {
		ends[2 * i] = socket(AF_INET, SOCK_STREAM, 0);
		MUST(ends[2 * i] >= 0 && !connect(ends[2 * i], (struct sockaddr *)&a, sizeof(a)));
		ends[2 * i + 1] = accept(l, NULL, NULL);
		MUST(ends[2 * i + 1] >= 0);
	}
}

static void pass(int from, int to, size_t n)
{
	static char buf[32768];

	MUST(write(from, buf, n) == (ssize_t)n);
	while (n) {
		ssize_t got = read(to, buf, n);

		MUST(got > 0);
		n -= (size_t)got;
	}
}

/* Lets @percent of the connections talk about once, at times of their own within @ms. */
static void talk(size_t pairs, size_t percent, double until, double ms)
{
	size_t n = pairs * percent / 100;

	for (size_t i = 0; i < n; i++) {
		double left = until - seconds(CLOCK_MONOTONIC), share = ms / 1000 / (double)n;

		if (chance(20)) {
			size_t k = chance((uint32_t)n);

			pass(ends[2 * k], ends[2 * k + 1], 50 + chance(2950));
			pass(ends[2 * k + 1], ends[2 * k], 100 + chance(20000));
		}
		if (left > (double)(n - i) * share)
			(void)usleep((unsigned int)((left - (double)(n - i) * share) * 1e6));
	}
	while (seconds(CLOCK_MONOTONIC) < until)
		(void)usleep(1000);
}

/* Appends the answer to the question for all TCP sockets to @s. */
static void dump(int nl, struct gathered *s, uint32_t seq)
{
	static uint8_t buf[1 << 16] __attribute__((aligned(8)));
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} ask = { .h = { sizeof(ask), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, seq, 0 },
		  .r = { .sdiag_family = AF_INET,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = UINT32_MAX,
			 .idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1) |
				      1 << (INET_DIAG_SKMEMINFO - 1) | 1 << (INET_DIAG_TOS - 1) } };

	MUST(send(nl, &ask, sizeof(ask), 0) == sizeof(ask));
	for (;;) {
		ssize_t n = recv(nl, buf, sizeof(buf), 0);
		struct nlmsghdr *h = (void *)buf;

		MUST(n > 0);
		s->bytes = realloc(s->bytes, s->len + (size_t)n);
		MUST(s->bytes);
		for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return;
			MUST(h->nlmsg_type == SOCK_DIAG_BY_FAMILY);
			memcpy(s->bytes + s->len, h, NLMSG_ALIGN(h->nlmsg_len));
			s->len += NLMSG_ALIGN(h->nlmsg_len);
		}
	}
}

static int gather(char **argv)
{
	size_t pairs = strtoul(argv[0], NULL, 10), percent = strtoul(argv[1], NULL, 10),
	       n = strtoul(argv[2], NULL, 10);
	double ms = strtod(argv[3], NULL), next, cpu = 0;
	FILE *to = fopen(argv[4], "we");
	int nl;

	loopback_up();
	connect_all(pairs);
	nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	MUST(to && nl >= 0);
	next = seconds(CLOCK_MONOTONIC);
	for (size_t i = 0; i < n; i++) {
		struct gathered s = { .at = { us(CLOCK_REALTIME), us(CLOCK_MONOTONIC) } };
		double begin = seconds(CLOCK_PROCESS_CPUTIME_ID);

		dump(nl, &s, (uint32_t)(123456 + i));
		cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
		MUST(fwrite(&s, offsetof(struct gathered, bytes), 1, to) == 1);
		MUST(fwrite(s.bytes, s.len, 1, to) == 1);
		free(s.bytes);
		next += ms / 1000;
		talk(pairs, percent, next, ms);
	}
	printf("%zu samples of %zu sockets; drained and copied in %.2f us a socket and sample\n", n,
	       2 * pairs + 1, cpu * 1e6 / (double)n / (double)(2 * pairs + 1));
	return fclose(to);
}

/* --- store --- */

static uint64_t key_of(const struct nlmsghdr *h)
{
	uint64_t key;

	memcpy(&key, (const uint8_t *)h + NLMSG_HDRLEN + offsetof(struct inet_diag_msg, id.idiag_cookie),
	       sizeof(key));
	return key;
}

static size_t put_sample(struct store_writer *w, const struct gathered *s)
{
	const struct nlmsghdr *h = (const void *)s->bytes;
	size_t left = s->len, n = 0;
	struct err e;

	MUST(!store_begin(w, s->at, &e));
	for (; left; n++) {
		MUST(!store_put(w, &(struct store_message){ key_of(h), 1, 1, h }));
		left -= NLMSG_ALIGN(h->nlmsg_len);
		h = (const void *)((const uint8_t *)h + NLMSG_ALIGN(h->nlmsg_len));
	}
	MUST(!store_end(w, &e));
	return n;
}

static long peak_kib(void)
{
	struct rusage u;

	MUST(!getrusage(RUSAGE_SELF, &u));
	return u.ru_maxrss;
}

static int store(int argc, char **argv)
{
	struct store_opts o = { .sync_us = argc > 2 ? strtoul(argv[2], NULL, 10) * 1000 : 0 };
	bool is_cron = argc > 3;
	FILE *from = fopen(argv[0], "re");
	struct store_writer *w = NULL;
	struct gathered s = {};
	double cpu = 0, begin;
	size_t n = 0, raw = 0;
	struct stat st;

	MUST(from);
	(void)unlink(argv[1]);
	while (fread(&s, offsetof(struct gathered, bytes), 1, from) == 1) {
		s.bytes = realloc(s.bytes, s.len);
		MUST(fread(s.bytes, s.len, 1, from) == 1);
		raw += s.len;
		begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		MUST(w || !store_write(argv[1], &o, &w, NULL));
		n += put_sample(w, &s);
		if (is_cron) {
			MUST(!store_close(w, NULL));
			w = NULL;
		}
		cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
	}
	begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
	MUST(!w || !store_close(w, NULL));
	cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
	MUST(!stat(argv[1], &st));
	printf("%zu socket-samples of %.0f bytes: %.2f bytes each, %.3f us each, peak %ld KiB with a "
	       "sample's %zu\n",
	       n, (double)raw / (double)n, (double)st.st_size / (double)n, cpu * 1e6 / (double)n, peak_kib(),
	       (size_t)s.len / 1024);
	free(s.bytes);
	return fclose(from);
}

/* --- read, seek --- */

static struct store_reader *open_reader(const char *path)
{
	struct store_reader *r = NULL;
	struct err e = {};

	if (store_open(path, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	return r;
}

static int read_all(char **argv)
{
	for (int is_looked_at = 0; is_looked_at < 2; is_looked_at++) {
		double begin = seconds(CLOCK_PROCESS_CPUTIME_ID), took;
		struct store_reader *r = open_reader(argv[0]);
		size_t n = 0;
		uint64_t sum = 0;

		for (size_t i = 0; i < store_n_samples(r); i++) {
			struct store_message m;
			size_t at = 0;

			MUST(!store_seek(r, i, NULL));
			while (store_next(r, &at, &m)) {
				n++;
				if (!is_looked_at)
					continue;
				for (size_t k = 0; k < m.msg->nlmsg_len / 4; k++)
					sum += ((const uint32_t *)(const void *)m.msg)[k];
			}
		}
		took = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
		printf("%zu socket-samples %s: %.1f million a second (%llx), peak %ld KiB\n", n,
		       is_looked_at ? "read in full" : "handed out", (double)n / took / 1e6,
		       (unsigned long long)sum, peak_kib());
		(void)store_reader_free(r);
	}
	return 0;
}

static int seek(char **argv)
{
	double worst = 0, sum = 0, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	enum { TRIES = 50 };

	for (int k = 0; k < TRIES; k++) {
		double begin = seconds(CLOCK_MONOTONIC), took;
		struct store_reader *r = open_reader(argv[0]);
		double opened = seconds(CLOCK_MONOTONIC);
		struct store_message m;
		size_t at = 0, i = chance((uint32_t)store_n_samples(r));

		MUST(store_time_of(r, i).wall_us);
		MUST(!store_seek(r, i, NULL));
		MUST(store_next(r, &at, &m));
		took = seconds(CLOCK_MONOTONIC) - begin;
		sum += took;
		if (took > worst)
			worst = took;
		if (!k)
			printf("%zu samples; opened in %.1f ms\n", store_n_samples(r),
			       (opened - begin) * 1e3);
		(void)store_reader_free(r);
	}
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("first message at a random time: %.1f ms, at worst %.1f ms; %.1f ms of processor time\n",
	       sum / TRIES * 1e3, worst * 1e3, cpu / TRIES * 1e3);
	return 0;
}

/* --- repeat --- */

static int repeat(char **argv)
{
	int from = open(argv[0], O_RDONLY | O_CLOEXEC),
	    to = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	uint64_t size = strtoull(argv[2], NULL, 10), end = BLOCK_HEAD, number = 0;
	uint8_t head[BLOCK_HEAD];
	struct extents x = {};
	bool damaged;

	MUST(from >= 0 && to >= 0 && !extents_scan(from, argv[0], &x, &damaged, NULL));
	MUST(!pread_all(from, head, sizeof(head), 0) &&
	     write(to, head, sizeof(head)) == (ssize_t)sizeof(head));
	while (end < size)
		for (size_t i = 0; i < x.n; i++) {
			struct block_head h = x.at[i].head;
			char *bytes = malloc(h.length);

			if (h.kind == BLOCK_SAMPLES) {
				MUST(bytes && !pread_all(from, bytes, h.length, x.at[i].offset));
				h.first = number;
				number += h.n;
				block_put_head((uint8_t *)bytes, &h);
				MUST(write(to, bytes, h.length) == (ssize_t)h.length);
				end += h.length;
			}
			free(bytes);
		}
	extents_done(&x);
	return close(from) | close(to);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "gather") && argc == 7)
		return gather(argv + 2);
	if (!strcmp(what, "store") && argc > 3)
		return store(argc - 2, argv + 2);
	if (!strcmp(what, "read"))
		return read_all(argv + 2);
	if (!strcmp(what, "seek"))
		return seek(argv + 2);
	if (!strcmp(what, "repeat") && argc == 5)
		return repeat(argv + 2);
	fprintf(stderr, "usage: see the head of bench-store.c\n");
	return 2;
}
