/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Names of RPC programs: from a daemon that answers well, badly, endlessly, slowly, or not at all. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "enrich/rpcbind.h"

static char dir[] = "/tmp/test-rpcbind-XXXXXX";
static char socket_path[64], names_path[64];

static const char names_file[] = "# a comment\n"
				 "portmapper\t100000\tportmap sunrpc\n"
				 "nfs 100003 nfsprog # 100005\n"
				 "#mountd 100005\n"
				 "\n"
				 "lonely\n"
				 "negative -1\n"
				 "mountd\t100005 showmount\n"
				 "other 100003\n"
				 "status 100024\n"
				 "nfs_acl 100227";

enum behaviour { CLOSES, HOLDS, REPEATS };

static void put_u32(struct text *t, uint32_t v)
{
	v = htonl(v);
	text_put(t, &v, sizeof(v));
}

static void put_string(struct text *t, const char *s)
{
	size_t len = strlen(s);

	put_u32(t, (uint32_t)len);
	text_str(t, s);
	text_put(t, "\0\0\0", -len & 3);
}

static void put_entry(struct text *t, uint32_t program, const char *netid, const char *address)
{
	put_u32(t, 1);
	put_u32(t, program);
	put_u32(t, 4);
	put_string(t, netid);
	put_string(t, address);
	put_string(t, "superuser");
}

/* Stands for the number of the call, which only the daemon knows. */
static const uint32_t xid_here = 0x58494421;

static void put_head(struct text *t, uint32_t xid, uint32_t kind, uint32_t reply, uint32_t accept)
{
	put_u32(t, xid);
	put_u32(t, kind);
	put_u32(t, reply);
	put_u32(t, 7);
	put_string(t, "verif");
	put_u32(t, accept);
}

static void put_good(struct text *t)
{
	put_head(t, xid_here, 1, 0, 0);
	put_entry(t, 100000, "tcp6", "::.0.111");
	put_entry(t, 100000, "udp", "0.0.0.0.0.111");
	put_entry(t, 100003, "tcp", "0.0.0.0.8.1");
	put_entry(t, 100227, "tcp", "0.0.0.0.8.1");
	put_entry(t, 100003, "udp", "0.0.0.0.8.1");
	put_entry(t, 100005, "sctp", "::.200.5");
	put_entry(t, 100024, "tcp", "0.0.0.0.200.1");
	put_entry(t, 100024, "tcp6", "::.200.2");
	put_entry(t, 100024, "udp6", "::.200.3");
	put_entry(t, 100005, "local", "/run/rpcbind.sock");
	put_entry(t, 100005, "local", "0.0.0.0.200.6");
	put_entry(t, 100005, "tcp", "127.0.0.1.200.6");
	put_entry(t, 100005, "tcp", "0.0.0.0.256.6");
	put_entry(t, 100005, "tcp", "0.0.0.0.200.6.1");
	put_entry(t, 100005, "tcp", "0.0.0.0.200");
	put_entry(t, 100005, "tcp", "0.0.0.0.-1.7");
	put_entry(t, 100005, "tcp", "0.0.0.0.0.0");
	put_entry(t, 100005, "tcp", "");
	put_entry(t, 555555, "tcp", "0.0.0.0.200.7");
	put_u32(t, 0);
}

static void put_fragment(struct text *t, struct sv bytes, bool is_last)
{
	put_u32(t, (uint32_t)bytes.len | (is_last ? UINT32_C(1) << 31 : 0));
	text_sv(t, bytes);
}

static int listen_at(int backlog)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)unlink(socket_path);
	memcpy(a.sun_path, socket_path, strlen(socket_path));
	CHECK(fd >= 0);
	CHECK(bind(fd, (void *)&a, sizeof(a)) == 0);
	CHECK(listen(fd, backlog) == 0);
	return fd;
}

static bool is_xid(struct sv bytes, size_t at)
{
	const uint32_t want = htonl(xid_here);

	return bytes.len - at >= sizeof(want) && memcmp(bytes.p + at, &want, sizeof(want)) == 0;
}

static size_t sent_at_once = 1; /* bytes */

/* Sends @bytes with the call's number where it belongs; false when nobody listens any more. */
static bool send_reply(int fd, struct sv bytes, uint32_t xid)
{
	for (size_t i = 0; i < bytes.len;) {
		size_t len = 0;
		ssize_t n;

		while (len < sent_at_once && i + len < bytes.len && !is_xid(bytes, i + len))
			len++;
		if (len) {
			n = send(fd, bytes.p + i, len, MSG_NOSIGNAL);
		} else {
			n = send(fd, &xid, sizeof(xid), MSG_NOSIGNAL);
			CHECK(n == sizeof(xid) || (n < 0 && errno == EPIPE));
		}
		if (n < 0)
			return false;
		i += (size_t)n;
	}
	return true;
}

struct daemon {
	int listener;
	struct sv bytes;
	enum behaviour how;
};

static void *serve(void *arg)
{
	static const uint32_t want[] = { UINT32_C(1) << 31 | 40, 0, 0, 2, 100000, 4, 4, 0, 0, 0, 0 };
	const struct daemon *d = arg;
	int fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
	uint32_t call[ARRAY_SIZE(want)];
	char c;

	CHECK(fd >= 0);
	CHECK(recv(fd, call, sizeof(call), MSG_WAITALL) == sizeof(call));
	for (size_t i = 0; i < ARRAY_SIZE(call); i++)
		CHECK(i == 1 || call[i] == htonl(want[i]));
	while (send_reply(fd, d->bytes, call[1]) && d->how == REPEATS)
		;
	if (d->how == HOLDS)
		CHECK(recv(fd, &c, 1, 0) <= 0); /* it may leave some unread */
	(void)close(fd);
	return NULL;
}

/* What a daemon tells that answers with @bytes: the table is asked while it runs. */
static struct rpcbind *ask(struct sv bytes, enum behaviour how, unsigned int limit_ms)
{
	const struct rpcbind_opts o = { .socket = socket_path, .names = names_path, .limit_ms = limit_ms };
	struct daemon d = { .listener = listen_at(1), .bytes = bytes, .how = how };
	struct rpcbind *b = rpcbind_new(&o);
	sigset_t all, before;
	pthread_t thread;
	uint16_t port;

	CHECK(b);
	/* The signals of a test are for who asks. */
	CHECK(sigfillset(&all) == 0 && pthread_sigmask(SIG_BLOCK, &all, &before) == 0);
	CHECK(!pthread_create(&thread, NULL, serve, &d));
	CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	(void)rpcbind_port(b, IPPROTO_TCP, sv("rpc.nothing"), &port);
	CHECK(!pthread_join(thread, NULL));
	(void)close(d.listener);
	CHECK(!rpcbind_failed(b));
	return b;
}

static void check_name(struct rpcbind *b, uint8_t protocol, uint16_t port, const char *want)
{
	struct text t = {};
	bool is_known = rpcbind_put(b, &t, protocol, port);

	CHECK(is_known == (want != NULL));
	text_char(&t, '\0');
	CHECK_STR(t.p, want ? want : "");
	text_done(&t);
}

static void check_port(struct rpcbind *b, uint8_t protocol, const char *name, int want)
{
	uint16_t port = 7;
	int r = rpcbind_port(b, protocol, sv(name), &port);

	CHECK(want < 0 ? r == want && port == 7 : r == 0 && port == want);
}

static void check_good(struct rpcbind *b)
{
	check_name(b, IPPROTO_TCP, 111, "rpc.portmapper");
	check_name(b, IPPROTO_UDP, 111, "rpc.portmapper");
	check_name(b, IPPROTO_TCP, 2049, "rpc.nfs_acl");
	check_name(b, IPPROTO_UDP, 2049, "rpc.nfs");
	check_name(b, IPPROTO_SCTP, 51205, "rpc.mountd");
	check_name(b, IPPROTO_TCP, 51205, NULL);
	check_name(b, IPPROTO_TCP, 51201, "rpc.status");
	check_name(b, IPPROTO_TCP, 51202, "rpc.status");
	check_name(b, IPPROTO_UDP, 51203, "rpc.status");
	check_name(b, IPPROTO_TCP, 51206, NULL);
	check_name(b, IPPROTO_TCP, 51207, NULL);
	check_name(b, IPPROTO_TCP, 6, NULL);
	check_name(b, IPPROTO_TCP, 7, NULL);
	check_name(b, IPPROTO_TCP, 200, NULL);
	check_name(b, IPPROTO_TCP, 0, NULL);
	check_name(b, 0, 51206, NULL);
	check_port(b, IPPROTO_TCP, "rpc.nfs", 2049);
	check_port(b, IPPROTO_TCP, "rpc.nfs_acl", 2049);
	check_port(b, IPPROTO_TCP, "rpc.status", -ENOTUNIQ);
	check_port(b, IPPROTO_UDP, "rpc.status", 51203);
	check_port(b, IPPROTO_TCP, "rpc.mountd", -ENOENT);
	check_port(b, IPPROTO_TCP, "rpc.sunrpc", -ENOENT);
	check_port(b, IPPROTO_TCP, "rpc.", -ENOENT);
	check_port(b, IPPROTO_TCP, "rpc", -ENOENT);
	check_port(b, IPPROTO_TCP, "nfs", -ENOENT);
	check_port(b, IPPROTO_TCP, "", -ENOENT);
	(void)rpcbind_free(b);
}

static void check_none(struct rpcbind *b)
{
	check_name(b, IPPROTO_TCP, 111, NULL);
	check_name(b, IPPROTO_UDP, 111, NULL);
	check_port(b, IPPROTO_TCP, "rpc.portmapper", -ENOENT);
	(void)rpcbind_free(b);
}

static void test_good(void)
{
	struct text reply = {}, stream = {};
	struct sv rest;

	put_good(&reply);
	put_fragment(&stream, sv_n(reply.p, reply.len), true);
	check_good(ask(sv_n(stream.p, stream.len), CLOSES, 0));
	check_good(ask(sv_n(stream.p, stream.len), HOLDS, 0));
	stream.len = 0;
	for (rest = sv_n(reply.p, reply.len); rest.len; rest = sv_from(rest, 8)) {
		put_fragment(&stream, sv(""), false);
		put_fragment(&stream, sv_first(rest, 8), false);
	}
	put_fragment(&stream, sv(""), true);
	check_good(ask(sv_n(stream.p, stream.len), HOLDS, 0));
	text_done(&reply);
	text_done(&stream);
}

/* An answer that ends early tells nothing, whether its length says so or not. */
static void test_cut(void)
{
	struct text reply = {}, stream = {};

	put_good(&reply);
	sent_at_once = 61;
	for (size_t n = 0; n < reply.len; n++) {
		stream.len = 0;
		put_fragment(&stream, sv_first(sv_n(reply.p, reply.len), n), true);
		check_none(ask(sv_n(stream.p, stream.len), HOLDS, 0));
	}
	stream.len = 0;
	put_fragment(&stream, sv_n(reply.p, reply.len), true);
	for (size_t n = 0; n < stream.len; n += 13)
		check_none(ask(sv_n(stream.p, n), CLOSES, 0));
	sent_at_once = 1;
	text_done(&reply);
	text_done(&stream);
}

static void check_reply(struct text *reply)
{
	struct text stream = {};

	put_fragment(&stream, sv_n(reply->p, reply->len), true);
	check_none(ask(sv_n(stream.p, stream.len), CLOSES, 0));
	text_done(&stream);
	reply->len = 0;
}

static void test_refused(void)
{
	static const uint32_t heads[][4] = {
		{ 1, 1, 0, 0 },        /* an answer to something else */
		{ xid_here, 0, 0, 0 }, /* a call */
		{ xid_here, 1, 1, 0 }, /* denied */
		{ xid_here, 1, 0, 2 }, /* another version only */
	};
	char long_verifier[1001] = "";
	struct text t = {};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		put_head(&t, heads[i][0], heads[i][1], heads[i][2], heads[i][3]);
		put_entry(&t, 100000, "tcp", "0.0.0.0.0.111");
		put_u32(&t, 0);
		check_reply(&t);
	}
	memset(long_verifier, 'v', sizeof(long_verifier) - 1);
	put_u32(&t, xid_here);
	put_u32(&t, 1);
	put_u32(&t, 0);
	put_u32(&t, 7);
	put_string(&t, long_verifier);
	put_u32(&t, 0);
	put_entry(&t, 100000, "tcp", "0.0.0.0.0.111");
	put_u32(&t, 0);
	check_reply(&t);
	text_done(&t);
}

/* Lengths that are not those of what follows. */
static void test_lies(void)
{
	static const uint32_t lengths[] = { UINT32_MAX, UINT32_MAX - 2, UINT32_C(1) << 31, 1 << 20, 41 };
	struct text t = {};

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		put_head(&t, xid_here, 1, 0, 0);
		put_entry(&t, 100000, "tcp", "0.0.0.0.0.111");
		put_u32(&t, 1);
		put_u32(&t, 100000);
		put_u32(&t, 4);
		put_u32(&t, lengths[i]);
		text_put(&t, "tcpx0123456789012345678901234567890123456", 40);
		check_reply(&t);
		put_u32(&t, lengths[i] & ~(UINT32_C(1) << 31));
		put_head(&t, xid_here, 1, 0, 0);
		check_none(ask(sv_n(t.p, t.len), CLOSES, 0));
		t.len = 0;
	}
	text_done(&t);
}

static void test_endless(void)
{
	struct text piece = {}, t = {};

	put_fragment(&t, sv(""), false);
	check_none(ask(sv_n(t.p, t.len), REPEATS, 0));
	t.len = 0;
	put_entry(&piece, 100000, "tcp", "0.0.0.0.0.111");
	put_fragment(&t, sv_n(piece.p, piece.len), false);
	check_none(ask(sv_n(t.p, t.len), REPEATS, 0));
	text_done(&piece);
	text_done(&t);
}

/* A daemon that says nothing, or not enough, is given up. */
static void test_slow(void)
{
	struct rpcbind_opts o = { .socket = socket_path, .names = names_path, .limit_ms = 30 };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct text reply = {}, stream = {};
	int listener, fd;

	put_good(&reply);
	put_fragment(&stream, sv_n(reply.p, reply.len), true);
	check_none(ask(sv(""), HOLDS, 30));
	check_none(ask(sv_n(stream.p, 2), HOLDS, 30));
	check_none(ask(sv_n(stream.p, stream.len - 1), HOLDS, 30));
	text_done(&reply);
	text_done(&stream);

	listener = listen_at(0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	memcpy(a.sun_path, socket_path, strlen(socket_path));
	CHECK(fd >= 0 && connect(fd, (void *)&a, sizeof(a)) == 0); /* its queue is full now */
	check_none(rpcbind_new(&o));
	(void)close(fd);
	(void)close(listener);
}

static void test_absent(void)
{
	struct rpcbind_opts o = { .socket = socket_path, .names = names_path };
	char long_path[300] = "";

	check_none(rpcbind_new(&o)); /* nobody listens there any more */
	(void)unlink(socket_path);
	check_none(rpcbind_new(&o));
	memset(long_path, 'x', sizeof(long_path) - 1);
	o.socket = long_path;
	check_none(rpcbind_new(&o));
}

static void test_no_names(void)
{
	struct text reply = {}, stream = {};

	put_good(&reply);
	put_fragment(&stream, sv_n(reply.p, reply.len), true);
	CHECK(unlink(names_path) == 0);
	check_none(ask(sv_n(stream.p, stream.len), HOLDS, 0));
	text_done(&reply);
	text_done(&stream);
}

static void on_alarm(int)
{
}

int main(void)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = {};
	const struct sigaction sa = { .sa_handler = on_alarm };
	FILE *f;

	CHECK(mkdtemp(dir));
	snprintf(socket_path, sizeof(socket_path), "%s/socket", dir);
	snprintf(names_path, sizeof(names_path), "%s/rpc", dir);
	f = fopen(names_path, "we");
	CHECK(f && fputs(names_file, f) >= 0 && fclose(f) == 0);
	test_good();
	test_cut();
	test_refused();
	test_lies();
	test_endless();
	CHECK(sigaction(SIGALRM, &sa, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
	test_good();
	test_slow();
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	test_absent();
	test_no_names();
	CHECK(unlink(socket_path) == 0 && rmdir(dir) == 0);
	return 0;
}
