/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Recordings of netlink messages: whole, through a pipe, and wrong in every way. */

#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "source/file.h"

static void add(struct text *t, uint16_t type, size_t payload)
{
	struct nlmsghdr nlh = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(payload), .nlmsg_type = type };

	text_put(t, &nlh, sizeof(nlh));
	for (size_t i = 0; i < NLMSG_ALIGN(payload); i++)
		text_char(t, (char)payload);
	CHECK(!t->failed);
}

static void add_error(struct text *t, int number)
{
	struct nlmsghdr nlh = { .nlmsg_len = NLMSG_LENGTH(sizeof(number)), .nlmsg_type = NLMSG_ERROR };

	text_put(t, &nlh, sizeof(nlh));
	text_put(t, &number, sizeof(number));
}

static struct source *open_bytes(const void *p, size_t n)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct source *s;
	struct err e;

	CHECK(fd >= 0);
	CHECK(write(fd, p, n) == (ssize_t)n);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(!file_open_fd(fd, "rec", &s, &e));
	return s;
}

/* Reads all of @s and closes it; returns the number of sockets. Each byte of a payload is its length. */
static unsigned int drain(struct source *s, int *ret_r, struct err *e)
{
	const struct nlmsghdr *nlh;
	unsigned int n = 0;

	*e = (struct err){};
	while ((*ret_r = source_next(s, &nlh, e)) > 0) {
		size_t len = nlh->nlmsg_len - NLMSG_HDRLEN;

		for (size_t i = 0; i < len; i++)
			CHECK(((const uint8_t *)nlh)[NLMSG_HDRLEN + i] == (uint8_t)len);
		n++;
	}
	source_close(s);
	return n;
}

static void check(const struct text *t, unsigned int want, int want_r, const char *want_text)
{
	struct err e;
	int r;

	CHECK(drain(open_bytes(t->p, t->len), &r, &e) == want);
	CHECK(r == want_r);
	CHECK_STR(e.text, want_text);
}

/* Two dumps with messages of many lengths, longer than the buffer. */
static void make_two_dumps(struct text *t)
{
	for (size_t i = 0; i < 2000; i++)
		add(t, 20, i % 250);
	add(t, NLMSG_DONE, 4);
	add(t, 20, 65520);
	add(t, NLMSG_NOOP, 0);
	add(t, 18, 3);
	add(t, NLMSG_DONE, 0);
}

static void test_whole(void)
{
	struct text t = {};

	make_two_dumps(&t);
	check(&t, 2002, 0, "");
	t.len = 0;
	add(&t, NLMSG_DONE, 4);
	check(&t, 0, 0, "");
	t.len = 0;
	add(&t, 20, 8);
	add(&t, NLMSG_DONE, 3);
	t.len--; /* the padding is not missed */
	check(&t, 1, 0, "");
	text_done(&t);
}

static int write_in_pieces(int fd, const struct text *t)
{
	for (size_t at = 0, n; at < t->len; at += n) {
		n = at % 97 + 1;
		if (n > t->len - at)
			n = t->len - at;
		if (write(fd, t->p + at, n) != (ssize_t)n)
			return 1;
	}
	return 0;
}

static void test_pipe(void)
{
	struct text t = {};
	struct source *s;
	struct err e;
	int fds[2], r, status;
	pid_t pid;

	make_two_dumps(&t);
	CHECK(!pipe(fds));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(write_in_pieces(fds[1], &t));
	close(fds[1]);
	CHECK(!file_open_fd(fds[0], "pipe", &s, &e));
	CHECK(drain(s, &r, &e) == 2002 && r == 0);
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	text_done(&t);
}

static void test_cut(void)
{
	struct text t = {};
	struct err e;
	int r;

	add(&t, 20, 72);
	add(&t, 20, 7);
	add(&t, NLMSG_DONE, 4);
	for (size_t len = 0; len < t.len; len++) {
		unsigned int n = drain(open_bytes(t.p, len), &r, &e);

		CHECK(n == (len < 88 ? 0 : len < 88 + 23 ? 1 : 2));
		CHECK(r == -EBADMSG);
		CHECK(strstr(e.text, "rec: offset ") && strstr(e.text, "cut"));
	}
	text_done(&t);
}

static void test_wrong(void)
{
	static const uint32_t lengths[] = { 0, 15, 65537, UINT32_MAX, UINT32_MAX - 2 };
	struct text t = {};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		t.len = 0;
		add(&t, 20, 4);
		add(&t, 20, 4);
		memcpy(t.p + 20, &lengths[i], 4);
		check(&t, 1, -EBADMSG, "rec: offset 20: this is not a netlink message");
	}
	t.len = 0;
	add(&t, 20, 4);
	add_error(&t, -ENOENT);
	check(&t, 1, -EBADMSG,
	      "rec: offset 20: the kernel's answer was not sockets: No such file or directory");
	t.len = 0;
	add_error(&t, 0);
	check(&t, 0, -EBADMSG, "rec: offset 0: this is no answer to a dump");
	t.len = 0;
	add_error(&t, INT32_MIN);
	check(&t, 0, -EBADMSG, "rec: offset 0: this is no answer to a dump");
	t.len = 0;
	add(&t, NLMSG_ERROR, 3);
	check(&t, 0, -EBADMSG, "rec: offset 0: an error message is cut");
	t.len = 0;
	add(&t, NLMSG_OVERRUN, 4);
	check(&t, 0, -EBADMSG, "rec: offset 0: messages were lost while it was recorded");
	t.len = 0;
	add(&t, 21, 72);
	check(&t, 0, -EBADMSG, "rec: offset 0: this is not a message about a socket");
	text_done(&t);
}

static void check_path(const char *path, int want_r, const char *want_text)
{
	struct source *s;
	struct err e = {};
	int r = file_open(path, &s, &e);

	if (!r)
		CHECK(drain(s, &r, &e) == 0);
	CHECK(r == want_r);
	CHECK_STR(e.text, want_text);
}

static void test_open(void)
{
	check_path("/nowhere/rec", -ENOENT, "/nowhere/rec: No such file or directory");
	check_path("/", -EISDIR, "reading /: Is a directory");
	check_path("/dev/zero", -EBADMSG, "/dev/zero: offset 0: this is not a netlink message");
	check_path("/dev/null", -EBADMSG,
		   "/dev/null: offset 0: the recording is cut: its last dump has no end");
}

int main(void)
{
	test_whole();
	test_pipe();
	test_cut();
	test_wrong();
	test_open();
	return 0;
}
