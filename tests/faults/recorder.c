/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Records what can be told from its number alone, so that what is read can be judged; see recordings.py.
 *
 * usage: recorder [-f CALL:N:FAULT] [-a] record FILE FIRST SAMPLES [STEP_MS [KEEP_BYTES]]
 *        recorder check FILE
 *
 * record writes a line "N" when the sample N is written, "error N WHY" when that failed, which does not end
 * it, and "done N": how often CALL (pwrite, fdatasync, ftruncate, pread) failed as -f says: its
 * N-th call, and with -a each later one, with FAULT: EIO, ENOSPC, EINTR, or short, for half of it.
 *
 * check writes "sample N" for each that is right, "wrong N" for one that is not, "damage OFFSET LENGTH FROM
 * UNTIL WHY" for what was damaged, and "unreadable WHY" when nothing can be read.
 */

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "history/store.h"

enum {
	PAUSE_US = 20000,
	SECTOR_PART = 64 /* is not torn */,
	SOCKETS = 12,
	WORDS = 90,
	FACT_NUMBER = 1,
	FACT_TEXT = 2,
	STEP_MS = 10000
};

static struct {
	const char *call, *fault;
	unsigned long n, calls, done;
	bool is_for_ever;
} plan;

/* Whether this call is to fail; then errno is set, or is 0 for half of it. */
static bool has_fault(const char *call)
{
	if (!plan.call || strcmp(plan.call, call) != 0)
		return false;
	plan.calls++;
	if (plan.calls != plan.n && !(plan.is_for_ever && plan.calls > plan.n))
		return false;
	plan.done++;
	errno = !strcmp(plan.fault, "EIO")      ? EIO
		: !strcmp(plan.fault, "ENOSPC") ? ENOSPC
		: !strcmp(plan.fault, "EINTR")  ? EINTR
						: 0;
	return true;
}

ssize_t __real_pwrite64(int fd, const void *p, size_t n, off64_t at);
ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off64_t at);
ssize_t __real_pread64(int fd, void *p, size_t n, off64_t at);
ssize_t __wrap_pread64(int fd, void *p, size_t n, off64_t at);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_ftruncate64(int fd, off64_t len);
int __wrap_ftruncate64(int fd, off64_t len);

ssize_t __wrap_pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	if (has_fault("pwrite")) {
		if (errno && errno != ENOSPC)
			return -1;
		if (errno && n > SECTOR_PART &&
		    __real_pwrite64(fd, p, n / 2, at) < 0) /* what there was room for */
			return -1;
		if (errno) {
			errno = ENOSPC;
			return -1;
		}
		n = n > 1 ? n / 2 : n;
	}
	return __real_pwrite64(fd, p, n, at);
}

ssize_t __wrap_pread64(int fd, void *p, size_t n, off64_t at)
{
	if (has_fault("pread")) {
		if (errno)
			return -1;
		n = n > 1 ? n / 2 : n;
	}
	return __real_pread64(fd, p, n, at);
}

int __wrap_fdatasync(int fd)
{
	return has_fault("fdatasync") ? -1 : __real_fdatasync(fd);
}

int __wrap_ftruncate64(int fd, off64_t len)
{
	return has_fault("ftruncate") ? -1 : __real_ftruncate64(fd, len);
}

/* --- what a sample is --- */

static uint32_t mix(uint64_t v)
{
	v = (v + 1) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(v >> 29 ^ v >> 47);
}

/* The word @w of socket @k in sample @i: some stand, some run, some jump. */
static uint32_t word_of(uint64_t i, uint32_t k, uint32_t w)
{
	switch (w % 5) {
	case 0: return mix(k * 100 + w);
	case 1: return (uint32_t)i * (k + 1);
	case 2: return mix(i / 7 + k) % 5 ? 0 : mix(i);
	default: return w * k;
	}
}

static void make(uint64_t i, uint32_t k, uint32_t word[WORDS])
{
	struct nlmsghdr h = { .nlmsg_len = WORDS * 4 - k % 4,
			      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			      .nlmsg_seq = (uint32_t)i };

	for (uint32_t w = 0; w < WORDS; w++)
		word[w] = word_of(i, k, w);
	memcpy(word, &h, sizeof(h));
	word[NLMSG_HDRLEN / 4] = AF_INET;
}

static uint32_t sockets_of(uint64_t i)
{
	return SOCKETS - (uint32_t)(i / 5 % 4);
}

static struct store_time time_of(uint64_t i, uint64_t step_ms)
{
	return (struct store_time){ UINT64_C(1700000000000000) + i * step_ms * 1000, i * step_ms * 1000 };
}

static void text_of(uint64_t i, char ret[64])
{
	(void)snprintf(ret, 64, "%llu and %u", (unsigned long long)i / 3, mix(i));
}

/* --- record --- */

static int put_sample(struct store_writer *w, uint64_t i, uint64_t step_ms, struct err *e)
{
	char number[32], text[64];
	int r = store_begin(w, time_of(i, step_ms), e);

	for (uint32_t k = 0; k < sockets_of(i) && !r; k++) {
		uint32_t word[WORDS];

		make(i, k, word);
		r = store_put(w, &(struct store_message){ k + i / 50, 1, 2,
							  (const struct nlmsghdr *)(const void *)word });
	}
	(void)snprintf(number, sizeof(number), "%llu", (unsigned long long)i);
	text_of(i, text);
	if (!r)
		r = store_put_fact(w, FACT_NUMBER, sv("number"), sv(number));
	if (!r)
		r = store_put_fact(w, FACT_TEXT, sv("text"), sv(text));
	return r < 0 ? r : store_end(w, e);
}

static int record(int argc, char **argv)
{
	uint64_t first = strtoull(argv[1], NULL, 10), n = strtoull(argv[2], NULL, 10);
	uint64_t step_ms = argc > 3 ? strtoull(argv[3], NULL, 10) : STEP_MS;
	struct store_opts o = { .keep_bytes = argc > 4 ? strtoull(argv[4], NULL, 10) : 0 };
	struct store_writer *w = NULL;
	struct err e = {};

	if (store_write(argv[0], &o, &w, &e) < 0) {
		printf("refused %s\ndone %lu\n", e.text, plan.done);
		return 3;
	}
	for (uint64_t i = first; i < first + n; i++) {
		bool has_failed = put_sample(w, i, step_ms, &e) < 0;

		if (has_failed)
			printf("error %llu %s\n", (unsigned long long)i, e.text);
		else
			printf("%llu\n", (unsigned long long)i);
		(void)fflush(stdout);
		if (has_failed && !plan.call)
			(void)usleep(PAUSE_US); /* time for somebody to make room */
	}
	if (store_close(w, &e) < 0)
		printf("error close %s\n", e.text);
	printf("done %lu\n", plan.done);
	return 0;
}

/* --- check --- */

static bool is_right(struct store_reader *r, uint64_t i)
{
	struct store_message m;
	char text[64];
	size_t at = 0;
	uint32_t k = 0;

	for (; store_next(r, &at, &m); k++) {
		uint32_t word[WORDS];

		make(i, k, word);
		if (k >= sockets_of(i) || m.key != k + i / 50 || m.table != 1 || m.netns != 2 ||
		    memcmp(m.msg, word, WORDS * 4 - k % 4) != 0)
			return false;
	}
	text_of(i, text);
	return k == sockets_of(i) && sv_is(store_fact(r, FACT_TEXT, sv("text")), text);
}

static int check(char **argv)
{
	struct store_reader *r = NULL;
	struct err e = {};
	int status = 0;

	if (store_open(argv[0], &r, &e) < 0) {
		printf("unreadable %s\n", e.text);
		return 0;
	}
	for (size_t i = 0; i < store_n_samples(r); i++) {
		struct sv number;
		uint64_t n = 0;
		bool is_wrong;

		if (store_seek(r, i, &e) < 0)
			continue;
		number = store_fact(r, FACT_NUMBER, sv("number"));
		is_wrong = !num_read(number, 10, UINT64_MAX, &n) || !is_right(r, n);
		status |= is_wrong;
		printf("%s %llu\n", is_wrong ? "wrong" : "sample", (unsigned long long)n);
	}
	for (size_t i = 0; i < store_n_damages(r); i++) {
		const struct store_damage *d = store_damage_of(r, i);

		printf("damage %llu %llu %llu %llu %s\n", (unsigned long long)d->offset,
		       (unsigned long long)d->length, (unsigned long long)d->from_us,
		       (unsigned long long)d->until_us, d->why);
	}
	(void)store_reader_free(r);
	return status;
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+f:a")) != -1) {
		if (c == 'a') {
			plan.is_for_ever = true;
		} else if (c == 'f') {
			plan.call = strtok(optarg, ":");
			plan.n = strtoul(strtok(NULL, ":"), NULL, 10);
			plan.fault = strtok(NULL, ":");
		} else {
			return 2;
		}
	}
	argc -= optind;
	argv += optind;
	if (argc >= 4 && !strcmp(argv[0], "record"))
		return record(argc - 1, argv + 1);
	if (argc == 2 && !strcmp(argv[0], "check"))
		return check(argv + 1);
	fprintf(stderr, "usage: see the head of recorder.c\n");
	return 2;
}
