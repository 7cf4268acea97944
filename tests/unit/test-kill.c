/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is destroyed and, above all, what is not: the listener of a connection that has gone. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "family/family.h"
#include "run/kill.h"

enum { PORT = 7000 };

static void enter_own_network(void)
{
	struct ifreq up = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
		printf("skipped: no network namespace for this user: %s\n", strerror(errno));
		exit(77);
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &up) == 0 && close(fd) == 0);
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listen_at(uint16_t port)
{
	const struct sockaddr_in addr = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 && listen(fd, 8) == 0);
	return fd;
}

static int connect_to(uint16_t port)
{
	const struct sockaddr_in addr = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);

	CHECK(getsockname(fd, (struct sockaddr *)&addr, &len) == 0);
	return ntohs(addr.sin_port);
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie;
	socklen_t len = sizeof(cookie);

	CHECK(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) == 0 && cookie);
	return cookie;
}

struct message {
	struct nlmsghdr header;
	struct inet_diag_msg msg;
};

/* What a listing would show of the connection from @sport to @dport, or of the listener when that is 0. */
static struct message message(uint16_t sport, uint16_t dport, uint64_t cookie)
{
	struct message m = { .header = { .nlmsg_len = sizeof(m) },
			     .msg = { .idiag_family = AF_INET,
				      .idiag_state = dport ? K_TCP_ESTABLISHED : K_TCP_LISTEN,
				      .id = { .idiag_sport = htons(sport), .idiag_dport = htons(dport) } } };

	m.msg.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
	m.msg.id.idiag_dst[0] = dport ? htonl(INADDR_LOOPBACK) : 0;
	memcpy(m.msg.id.idiag_cookie, &cookie, sizeof(cookie));
	return m;
}

static bool kill_row(struct killer *k, const struct message *m, struct seg_dump origin)
{
	struct row row;

	CHECK(row_open(&row, &family_inet, &origin, &m->header) == 0);
	return killer_row(k, &row);
}

static const struct killer_opts really = {}, dry = { .is_dry_run = true };
static const struct seg_dump tcp = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };

/* Whether what @k says at its end, in one note, is @words, and whether it is an error. */
static bool says(const struct killer *k, const char *words, bool is_error)
{
	struct notes notes = {};
	enum note kind;
	const char *note;
	bool is_right;

	killer_report(k, NOTE_HINT, &notes);
	note = notes_next(&notes, NULL, &kind);
	is_right = note && !strcmp(note, words) && notes.has_error == is_error &&
		   kind == (is_error ? NOTE_ERROR : NOTE_HINT);
	killer_report(k, NOTE_WARNING, &notes);
	note = notes_next(&notes, NULL, &kind);
	is_right &=
		note && !notes_next(&notes, note, &kind) && kind == (is_error ? NOTE_ERROR : NOTE_WARNING);
	if (!is_right)
		fprintf(stderr, "it says: %s\n", note ? note : "nothing");
	notes_done(&notes);
	return is_right;
}

static void check_accepts(int listener, uint16_t port)
{
	int client = connect_to(port), server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	CHECK(server >= 0 && close(server) == 0 && close(client) == 0);
}

static void test_gone(int listener)
{
	_cleanup_(killer_freep) struct killer *k = NULL;
	int client = connect_to(PORT), server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	const struct linger reset = { .l_onoff = 1 };
	struct message m;

	CHECK(server >= 0);
	m = message(PORT, port_of(client), cookie_of(server));
	CHECK(setsockopt(server, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
	CHECK(close(server) == 0 && close(client) == 0);
	CHECK(killer_new(&really, &k) == 0);
	CHECK(!kill_row(k, &m, tcp) && killer_progress(k) == 1);
	CHECK(says(k, "0 sockets destroyed, 1 gone already", false));
	check_accepts(listener, PORT);
	/* Listed once more it is not gone, but not found. */
	CHECK(!kill_row(k, &m, tcp) && killer_progress(k) == 1);
	CHECK(says(k, "0 sockets destroyed, 1 that the kernel does not find among others on the same port",
		   true));
	check_accepts(listener, PORT);
}

static void test_no_cookie(int listener)
{
	_cleanup_(killer_freep) struct killer *k = NULL;
	struct message m = message(PORT, 9, UINT64_MAX);
	struct seg_dump from_text = tcp;

	CHECK(killer_new(&really, &k) == 0);
	CHECK(!kill_row(k, &m, tcp));
	m = message(PORT, 9, 0);
	CHECK(!kill_row(k, &m, tcp));
	m = message(PORT, 0, cookie_of(listener));
	from_text.is_proc = 1;
	CHECK(!kill_row(k, &m, from_text));
	CHECK(says(k, "0 sockets destroyed, 3 without the cookie that tells it from others", true));
	check_accepts(listener, PORT);
}

static void test_others(int listener)
{
	_cleanup_(killer_freep) struct killer *k = NULL;
	struct seg_dump mptcp = { .table = TABLE_MPTCP, .protocol = K_IPPROTO_MPTCP };
	struct message m = message(PORT, 0, cookie_of(listener));

	CHECK(killer_new(&really, &k) == 0);
	CHECK(!kill_row(k, &m, mptcp));
	m.msg.idiag_state = K_TCP_CLOSE;
	CHECK(!kill_row(k, &m, tcp));
	CHECK(says(
		k,
		"0 sockets destroyed, 1 that is bound only, which the kernel cannot destroy, 1 of kinds the "
		"kernel cannot destroy (mptcp: 1)",
		true));
	check_accepts(listener, PORT);
}

static void test_dry_run(int listener)
{
	_cleanup_(killer_freep) struct killer *k = NULL;
	struct message m = message(PORT, 0, cookie_of(listener));

	CHECK(killer_new(&dry, &k) == 0);
	CHECK(kill_row(k, &m, tcp) && !kill_row(k, &m, tcp) && killer_progress(k) == 0);
	CHECK(says(k, "nothing was destroyed; 1 socket would be", false));
	check_accepts(listener, PORT);
}

/* With a limit the first ones are meant, whatever becomes of them, in a run as in a dry run. */
static void test_limit(void)
{
	enum { N = 4, LIMIT = 2 };
	_cleanup_(killer_freep) struct killer *k = NULL, *d = NULL;
	struct killer_opts limited = { .has_limit = true, .limit = LIMIT };
	struct message m[N];
	bool is_shown[N];
	int fd[N];

	for (size_t i = 0; i < N; i++) {
		fd[i] = listen_at((uint16_t)(PORT + 10 + i));
		m[i] = message((uint16_t)(PORT + 10 + i), 0, cookie_of(fd[i]));
	}
	m[1].msg.id.idiag_sport = htons(9); /* the kernel will not find it */
	CHECK(killer_new(&limited, &k) == 0 && !killer_is_over(k));
	limited.is_dry_run = true;
	CHECK(killer_new(&limited, &d) == 0 && !killer_choose_begin(d));
	for (size_t i = 0; i < N; i++) {
		CHECK(killer_is_over(d) == (i >= LIMIT));
		is_shown[i] = kill_row(d, &m[i], tcp);
	}
	CHECK(is_shown[0] && is_shown[1] && !is_shown[2] && !is_shown[3]);
	CHECK(killer_choose_begin(k));
	for (size_t i = 0; i < N; i++) {
		CHECK(killer_is_over(k) == (i >= LIMIT));
		CHECK(!kill_row(k, &m[i], tcp));
	}
	killer_choose_end(k);
	CHECK(!killer_is_over(k));
	CHECK(!kill_row(k, &m[3], tcp) && !kill_row(k, &m[2], tcp) && kill_row(k, &m[0], tcp) &&
	      !kill_row(k, &m[1], tcp));
	CHECK(says(k, "1 socket destroyed, 1 gone already", false));
	CHECK(accept(fd[0], NULL, NULL) < 0 && errno == EINVAL);
	for (uint16_t i = 0; i < N; i++) {
		if (i)
			check_accepts(fd[i], (uint16_t)(PORT + 10 + i));
		CHECK(close(fd[i]) == 0);
	}
	limited.limit = 0;
	k = killer_free(k);
	CHECK(killer_new(&limited, &k) == 0 && killer_is_over(k));
}

static void test_destroyed(void)
{
	enum { N = 3000 };
	_cleanup_(killer_freep) struct killer *k = NULL;
	int fd = listen_at(PORT + 1);
	struct message m = message(PORT + 1, 0, cookie_of(fd));

	CHECK(killer_new(&really, &k) == 0);
	for (uint64_t i = 0; i < N; i++) { /* so many that the table of what was tried has to grow */
		struct message other = message(9, 0, UINT64_C(1) << 40 | i << 10);

		CHECK(!kill_row(k, &other, tcp));
	}
	CHECK(kill_row(k, &m, tcp) && !kill_row(k, &m, tcp));
	CHECK(killer_progress(k) == N + 1);
	CHECK(says(k, "1 socket destroyed, 3000 gone already", false));
	CHECK(accept(fd, NULL, NULL) < 0 && errno == EINVAL);
	CHECK(close(fd) == 0);
}

int main(void)
{
	int listener;

	enter_own_network();
	listener = listen_at(PORT);
	test_gone(listener);
	test_no_cookie(listener);
	test_others(listener);
	test_dry_run(listener);
	test_limit();
	test_destroyed();
	check_accepts(listener, PORT);
	CHECK(close(listener) == 0);
	return 0;
}
