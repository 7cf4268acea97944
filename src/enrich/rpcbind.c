/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/rpcbind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"

enum {
	LIMIT_MS = 5000,
	REPLY_MAX = 256 * 1024, /* of the stream, with the marks of its records */
	NAMES_MAX = 1 << 20,
};

/* RFC 5531 and RFC 1833 */
enum {
	RPC_CALL = 0,
	RPC_REPLY = 1,
	RPC_VERSION = 2,
	RPC_ACCEPTED = 0,
	RPC_SUCCESS = 0,
	RPC_AUTH_NONE = 0,
	RPC_AUTH_MAX = 400, /* bytes */
	RPCB_PROGRAM = 100000,
	RPCB_VERSION = 4,
	RPCB_DUMP = 4,
	XID = 0x736f636b, /* any number: there is one call in a connection */
};

static const uint32_t last_fragment = UINT32_C(1) << 31;

struct entry {
	uint8_t protocol;
	uint16_t port;
	uint32_t order; /* in the answer */
	struct sv name; /* in .names */
};

struct rpcbind {
	struct rpcbind_opts opts;
	bool has_asked, has_failed;
	struct text names;     /* /etc/rpc */
	struct entry *entries; /* by protocol and port, the last one listed first */
	size_t n_entries;
};

struct rpcbind *rpcbind_new(const struct rpcbind_opts *o)
{
	struct rpcbind *b = calloc(1, sizeof(*b));

	if (b && o)
		b->opts = *o;
	return b;
}

struct rpcbind *rpcbind_free(struct rpcbind *b)
{
	if (!b)
		return NULL;
	text_done(&b->names);
	free(b->entries);
	free(b);
	return NULL;
}

static int64_t now_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* Until @fd is ready for @events, or -ETIMEDOUT. */
static int wait_ready(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left_ms = deadline_ms - now_ms();
		int r = left_ms > 0 ? poll(&p, 1, (int)left_ms) : 0;

		if (r > 0)
			return 0;
		if (r == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* A daemon that accepts no more makes connect() wait, which poll() cannot do for it. */
static int connect_to(int fd, const char *path, int64_t deadline_ms)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, len);
	for (;;) {
		int64_t left_ms = deadline_ms - now_ms();
		struct timeval left = { .tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000 };

		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof(left)) < 0)
			return -errno;
		if (connect(fd, (void *)&a, sizeof(a)) == 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_all(int fd, const void *from, size_t len, int64_t deadline_ms)
{
	struct sv rest = sv_n(from, len);

	while (rest.len) {
		ssize_t n = send(fd, rest.p, rest.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		int r = 0;

		if (n >= 0)
			rest = sv_from(rest, (size_t)n);
		else if (errno == EAGAIN)
			r = wait_ready(fd, POLLOUT, deadline_ms);
		else if (errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reads @len bytes; an end before them is -ENODATA. */
static int receive_all(int fd, char *to, size_t len, int64_t deadline_ms)
{
	while (len) {
		ssize_t n;
		int r = wait_ready(fd, POLLIN, deadline_ms);

		if (r < 0)
			return r;
		n = recv(fd, to, len, MSG_DONTWAIT);
		if (n == 0)
			return -ENODATA;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			to += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* A record comes in fragments, each behind its length. */
static int receive_record(int fd, int64_t deadline_ms, struct text *ret)
{
	size_t left = REPLY_MAX;
	uint32_t mark = 0;

	while (!(mark & last_fragment)) {
		size_t len;
		char *d;
		int r;

		if (left < sizeof(mark))
			return -EFBIG;
		left -= sizeof(mark);
		r = receive_all(fd, (char *)&mark, sizeof(mark), deadline_ms);
		if (r < 0)
			return r;
		mark = ntohl(mark);
		len = mark & ~last_fragment;
		if (len > left)
			return -EFBIG;
		left -= len;
		if (!len)
			continue;
		d = text_room(ret, len);
		if (!d)
			return -ENOMEM;
		r = receive_all(fd, d, len, deadline_ms);
		if (r < 0)
			return r;
		ret->len += len;
	}
	return 0;
}

/* Asks for all that is registered. @ret: the answer, with its RPC header. */
static int ask(const struct rpcbind *b, struct text *ret)
{
	static const uint32_t call[] = { XID,       RPC_CALL,      RPC_VERSION, RPCB_PROGRAM,  RPCB_VERSION,
					 RPCB_DUMP, RPC_AUTH_NONE, 0,           RPC_AUTH_NONE, 0 };
	int64_t deadline_ms = now_ms() + (b->opts.limit_ms ? b->opts.limit_ms : LIMIT_MS);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint32_t message[1 + ARRAY_SIZE(call)] = { htonl(last_fragment | sizeof(call)) };
	int r;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(call); i++)
		message[1 + i] = htonl(call[i]);
	r = connect_to(fd, b->opts.socket ? b->opts.socket : "/var/run/rpcbind.sock", deadline_ms);
	if (r >= 0)
		r = send_all(fd, message, sizeof(message), deadline_ms);
	return r < 0 ? r : receive_record(fd, deadline_ms, ret);
}

/* RFC 4506. Once something was missing, .is_bad stays. */
struct xdr {
	struct sv rest;
	bool is_bad;
};

static uint32_t read_u32(struct xdr *x)
{
	uint32_t v = 0;

	if (x->rest.len < sizeof(v)) {
		x->is_bad = true;
		return 0;
	}
	memcpy(&v, x->rest.p, sizeof(v));
	x->rest = sv_from(x->rest, sizeof(v));
	return ntohl(v);
}

/* Bytes behind their number, filled up to a multiple of four. */
static struct sv read_bytes(struct xdr *x)
{
	size_t len = read_u32(x), fill = -len & 3;
	struct sv bytes;

	if (len > x->rest.len || fill > x->rest.len - len) {
		x->is_bad = true;
		return sv("");
	}
	bytes = sv_first(x->rest, len);
	x->rest = sv_from(x->rest, len + fill);
	return bytes;
}

static bool read_header(struct xdr *x)
{
	uint32_t xid = read_u32(x), kind = read_u32(x), status = read_u32(x);
	struct sv verifier;

	(void)read_u32(x); /* kind of the verifier */
	verifier = read_bytes(x);
	return xid == XID && kind == RPC_REPLY && status == RPC_ACCEPTED && verifier.len <= RPC_AUTH_MAX &&
	       read_u32(x) == RPC_SUCCESS && !x->is_bad;
}

static uint8_t protocol_of(struct sv netid)
{
	static const struct {
		const char *netid;
		uint8_t protocol;
	} netids[] = { { "tcp", IPPROTO_TCP },
		       { "tcp6", IPPROTO_TCP },
		       { "udp", IPPROTO_UDP },
		       { "udp6", IPPROTO_UDP },
		       { "sctp", IPPROTO_SCTP } };

	for (size_t i = 0; i < ARRAY_SIZE(netids); i++)
		if (sv_is(netid, netids[i].netid))
			return netids[i].protocol;
	return 0;
}

/* The port of a universal address that stands for any: "0.0.0.0.HIGH.LOW", "::.HIGH.LOW". 0 when it is none.
 */
static uint16_t port_of(struct sv address)
{
	static const char *const any[] = { "0.0.0.0.", "::." };
	uint64_t high, low;

	for (size_t i = 0; i < ARRAY_SIZE(any); i++) {
		struct sv rest = sv_from(address, strlen(any[i]));

		if (sv_is(sv_first(address, strlen(any[i])), any[i]) &&
		    num_read(sv_take(&rest, '.'), 10, UINT8_MAX, &high) &&
		    num_read(rest, 10, UINT8_MAX, &low))
			return (uint16_t)(high << 8 | low);
	}
	return 0;
}

/* The name of program @number in /etc/rpc ("NAME NUMBER ALIAS... # COMMENT"); empty when it has none. */
static struct sv program_name(const struct rpcbind *b, uint32_t number)
{
	struct sv rest = sv_n(b->names.p, b->names.len);

	while (rest.len) {
		struct sv line = sv_take(&rest, '\n'), words = sv_take(&line, '#'), name = sv_word(&words);
		uint64_t v;

		if (num_read(sv_word(&words), 10, UINT32_MAX, &v) && v == number)
			return name;
	}
	return sv("");
}

static int add(struct rpcbind *b, const struct entry *one)
{
	struct entry *p = reallocarray(b->entries, b->n_entries + 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	b->entries = p;
	b->entries[b->n_entries++] = *one;
	return 0;
}

/* The list in the answer. When it ends early, what it said is not to be relied upon. */
static int read_list(struct rpcbind *b, struct xdr *x)
{
	int r = 0;

	for (uint32_t i = 0; r >= 0 && read_u32(x) != 0; i++) {
		uint32_t program = read_u32(x);
		struct entry one = { .order = i };

		(void)read_u32(x); /* version */
		one.protocol = protocol_of(read_bytes(x));
		one.port = port_of(read_bytes(x));
		(void)read_bytes(x); /* owner */
		if (x->is_bad)
			break;
		if (!one.protocol || !one.port)
			continue;
		one.name = program_name(b, program);
		if (one.name.len)
			r = add(b, &one);
	}
	return x->is_bad ? -EBADMSG : r;
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return (x->order < y->order) - (x->order > y->order);
}

static void learn(struct rpcbind *b)
{
	struct text reply = {};
	struct xdr x = {};
	int r;

	if (b->has_asked)
		return;
	b->has_asked = true;
	r = ask(b, &reply);
	if (r >= 0) {
		x.rest = sv_n(reply.p, reply.len);
		(void)file_read(b->opts.names ? b->opts.names : "/etc/rpc", NAMES_MAX, &b->names);
		r = b->names.failed ? -ENOMEM : read_header(&x) ? read_list(b, &x) : -EBADMSG;
	}
	if (r < 0)
		b->n_entries = 0;
	else if (b->n_entries)
		qsort(b->entries, b->n_entries, sizeof(b->entries[0]), compare);
	b->has_failed = r == -ENOMEM;
	text_done(&reply);
}

bool rpcbind_put(struct rpcbind *b, struct text *t, uint8_t protocol, uint16_t port)
{
	struct entry want = { .protocol = protocol, .port = port, .order = UINT32_MAX };
	size_t lo = 0, hi;

	learn(b);
	hi = b->n_entries;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (compare(&b->entries[mid], &want) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == b->n_entries || b->entries[lo].protocol != protocol || b->entries[lo].port != port)
		return false;
	text_str(t, "rpc.");
	text_sv(t, b->entries[lo].name);
	return true;
}

int rpcbind_port(struct rpcbind *b, uint8_t protocol, struct sv name, uint16_t *ret)
{
	uint16_t port = 0;

	if (!sv_is(sv_first(name, 4), "rpc."))
		return -ENOENT;
	learn(b);
	for (size_t i = 0; i < b->n_entries; i++) {
		const struct entry *one = &b->entries[i];

		if (one->protocol != protocol || !sv_eq(one->name, sv_from(name, 4)))
			continue;
		if (port && port != one->port)
			return -ENOTUNIQ;
		port = one->port;
	}
	if (!port)
		return -ENOENT;
	*ret = port;
	return 0;
}

bool rpcbind_failed(const struct rpcbind *b)
{
	return b->has_failed;
}
