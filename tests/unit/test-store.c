/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Recordings as files: of a hostile one no more is read than it is long, less is kept of it, samples keep
 * their numbers, and what is copied from memory is what was there. */

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "history/block.h"
#include "history/store.h"
#include "history/turn.h"
#include "random.h"

enum { SECOND = 1000000, SOCKETS = 200, HEADS = 1 << 16 };

static char folder[] = "/tmp/sockeye-store-XXXXXX";
static char path[sizeof(folder) + 32];

static void begin_file(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
}

static off_t size_of_file(void)
{
	struct stat st;

	CHECK(stat(path, &st) == 0);
	return st.st_size;
}

/* Samples @from to @from + @n, which the first word of their only fact tells. */
static void put_samples(struct store_writer *w, uint32_t from, uint32_t n)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_msg msg;
	} m = { .header = { .nlmsg_len = sizeof(m), .nlmsg_type = SOCK_DIAG_BY_FAMILY } };
	struct err e = {};

	for (uint32_t i = from; i < from + n; i++) {
		const struct store_time at = { (uint64_t)(i + 1) * SECOND, (uint64_t)(i + 1) * SECOND };

		CHECK(store_begin(w, at, &e) == 0);
		for (uint32_t k = 0; k < SOCKETS; k++) {
			const struct store_message s = { .key = k + 1, .table = 6, .msg = &m.header };

			m.msg = (struct inet_diag_msg){ .idiag_family = AF_INET,
							.idiag_rqueue = pick(1 << 30) };
			CHECK(store_put(w, &s) == 0);
		}
		CHECK(store_put_fact(w, 1, sv("n"), sv_n(&i, sizeof(i))) == 0);
		CHECK(store_end(w, &e) == 0);
	}
}

static struct store_writer *open_writer(uint64_t keep_bytes)
{
	const struct store_opts o = { .keep_bytes = keep_bytes };
	struct store_writer *w = NULL;
	struct err e = {};

	CHECK(store_write(path, &o, &w, &e) == 0);
	return w;
}

static struct store_reader *open_reader(void)
{
	struct store_reader *r = NULL;
	struct err e = {};

	CHECK(store_open(path, &r, &e) == 0);
	return r;
}

static uint32_t told_by(struct store_reader *r, size_t i)
{
	struct err e = {};
	struct sv v;
	uint32_t n;

	CHECK(store_seek(r, i, &e) == 0);
	v = store_fact(r, 1, sv("n"));
	CHECK(v.len == sizeof(n));
	memcpy(&n, v.p, sizeof(n));
	return n;
}

/* Heads that are right, each of a block that would go to the end of the file. */
static void check_hostile(void)
{
	uint8_t head[BLOCK_HEAD] = {};
	struct store_reader *r = NULL;
	struct err e = {};
	int fd;

	begin_file("hostile");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	block_put_file_head(head, 0);
	CHECK(write(fd, head, sizeof(head)) == sizeof(head));
	memset(head, 0x55, sizeof(head));
	CHECK(write(fd, head, sizeof(head)) == sizeof(head));
	for (size_t i = 0; i < HEADS; i++) {
		struct block_head h = { .kind = BLOCK_SAMPLES, .n = 1, .first = i, .body_crc = 1 };

		h.body_len = (uint32_t)((HEADS - i) * BLOCK_HEAD) - BLOCK_HEAD;
		h.length = block_align(BLOCK_HEAD + h.body_len);
		h.body_len = h.body_len > BLOCK_BODY_HEAD ? h.body_len : BLOCK_BODY_HEAD;
		block_put_head(head, &h);
		CHECK(write(fd, head, sizeof(head)) == sizeof(head));
	}
	CHECK(close(fd) == 0);
	alarm(30); /* it would take hours */
	CHECK(store_open(path, &r, &e) == 0 && store_n_samples(r) == 0 && store_n_damages(r) == 1);
	alarm(0);
	(void)store_reader_free(r);
}

/* With less to keep the newest samples stay, as many as have room. */
static void check_shorter(void)
{
	struct store_writer *w;
	struct store_reader *r;
	struct err e = {};
	off_t before;
	size_t n;

	begin_file("shorter");
	w = open_writer(0);
	put_samples(w, 0, 1000);
	CHECK(store_close(w, &e) == 0);
	before = size_of_file();
	for (int part = 2; part <= 8; part *= 2) {
		w = open_writer((uint64_t)before / (unsigned int)part);
		CHECK(store_close(w, &e) == 0);
		CHECK(size_of_file() <= before / part);
		r = open_reader();
		n = store_n_samples(r);
		CHECK(n > 600 / (unsigned int)part && n <= 1000 / (unsigned int)part);
		CHECK(store_n_damages(r) == 0);
		for (size_t i = 0; i < n; i++)
			CHECK(told_by(r, i) == 1000 - n + i);
		(void)store_reader_free(r);
	}
	w = open_writer(0);
	put_samples(w, 1000, 1);
	CHECK(store_close(w, &e) == 0);
	r = open_reader();
	CHECK(store_n_samples(r) == n + 1 && told_by(r, n) == 1000);
	(void)store_reader_free(r);
}

/* Whoever reads finds a sample again by its number, and knows when it is gone. */
static void check_numbers(void)
{
	const struct store_opts o = { .keep_bytes = 256 << 10 };
	struct store_writer *w = NULL;
	struct store_reader *r;
	struct err e = {};
	uint64_t number;

	begin_file("numbers");
	CHECK(store_write(path, &o, &w, &e) == 0);
	put_samples(w, 0, 100);
	CHECK(store_sync(w, &e) == 0);
	r = open_reader();
	for (size_t i = 0; i < store_n_samples(r); i++) {
		number = store_number_of(r, i);
		CHECK(number == told_by(r, i) && store_find_number(r, number) == i);
	}
	CHECK(store_find_number(r, 100) == store_n_samples(r) && store_find_number(r, 0) == 0);
	number = store_number_of(r, 0);
	put_samples(w, 100, 2000);
	CHECK(store_sync(w, &e) == 0 && store_refresh(r, &e) == 0);
	CHECK(store_number_of(r, 0) > number && store_find_number(r, number) == 0);
	number = store_number_of(r, 0);
	CHECK(store_find_number(r, number + 1) == 1 && told_by(r, 1) == number + 1);
	(void)store_reader_free(r);
	CHECK(store_close(w, &e) == 0);
}

/* What comes to the file each time is what it has not yet; a file that has something goes on from that. */
static void check_copy(void)
{
	const struct store_opts o = { .keep_bytes = 64 << 20 };
	struct store_writer *w = NULL;
	struct store_copy *c = NULL;
	struct store_reader *r;
	struct err e = {};
	size_t n = 0;

	begin_file("copy");
	CHECK(store_write_memory(&o, &w, &e) == 0);
	CHECK(store_copy_new(path, &(struct store_opts){}, &c, &e) == 0 && size_of_file() == 0);
	put_samples(w, 0, 10);
	CHECK(store_copy(c, w, &n, &e) == 0 && n == 10);
	CHECK(store_copy(c, w, &n, &e) == 0 && n == 0);
	put_samples(w, 10, 300);
	CHECK(store_copy(c, w, &n, &e) == 0 && n == 300);
	r = open_reader();
	CHECK(store_n_samples(r) == 310 && store_n_damages(r) == 0);
	for (size_t i = 0; i < 310; i++)
		CHECK(told_by(r, i) == i);
	(void)store_reader_free(r);
	CHECK(unlink(path) == 0);
	put_samples(w, 310, 1);
	CHECK(store_copy(c, w, &n, &e) == 0 && n == 311);
	(void)store_copy_free(c);
	CHECK(store_copy_new(path, &(struct store_opts){}, &c, &e) == 0);
	CHECK(store_copy(c, w, &n, &e) == 0 && n == 311); /* another one that writes knows of nothing */
	r = open_reader();
	CHECK(store_n_samples(r) == 622 && told_by(r, 310) == 310 && told_by(r, 311) == 0);
	(void)store_reader_free(r);
	(void)store_copy_free(c);
	CHECK(store_close(w, &e) == 0);
}

/* Another program that is in the middle of a block, and with @rest of it ends it when a reader has looked. */
static pid_t start_writer(struct sv rest)
{
	int ready[2];
	struct turn turn = {};
	pid_t pid;
	char c = 0;
	int fd;

	CHECK(pipe(ready) == 0 && (pid = fork()) >= 0);
	if (!pid) {
		fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
		turn_begin(&turn, fd);
		c = write(ready[1], &c, 1) != 1;
		(void)usleep(rest.len ? 30000 : 60 * SECOND);
		c |= write(fd, rest.p, rest.len) != (ssize_t)rest.len;
		turn_end(&turn, fd);
		_exit(c);
	}
	CHECK(read(ready[0], &c, 1) == 1);
	CHECK(close(ready[0]) == 0 && close(ready[1]) == 0);
	return pid;
}

static void expect_whole(size_t n_samples, size_t n_damages)
{
	struct store_reader *r = open_reader();

	CHECK(store_n_samples(r) == n_samples && store_n_damages(r) == n_damages);
	(void)store_reader_free(r);
}

/* What somebody is about to finish is no damage, and who reads waits for it; but not for ever. */
static void check_beside(void)
{
	struct store_writer *w;
	struct err e = {};
	char rest[2 * BLOCK_HEAD];
	int fd, status;
	off_t cut;
	pid_t pid;

	begin_file("beside");
	w = open_writer(0);
	put_samples(w, 0, 3);
	CHECK(store_close(w, &e) == 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	cut = size_of_file() - (off_t)sizeof(rest);
	CHECK(pread(fd, rest, sizeof(rest), cut) == sizeof(rest) && ftruncate(fd, cut) == 0 &&
	      close(fd) == 0);
	expect_whole(0, 1);
	pid = start_writer(sv(""));
	expect_whole(0, 0);
	CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
	expect_whole(0, 1);
	pid = start_writer(sv_n(rest, sizeof(rest)));
	expect_whole(3, 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	expect_whole(3, 0);
}

int main(void)
{
	char command[sizeof(folder) + 16];

	CHECK(mkdtemp(folder));
	check_hostile();
	check_beside();
	check_shorter();
	check_numbers();
	check_copy();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command); /* NOLINT: a name of our own */
}
