/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What getsockopt(2) tells of a socket. */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "enrich/held_impl.h"
#include "kernel/abi.h"

enum { KEEP = HELD_BIT(OPT_KEEPIDLE) | HELD_BIT(OPT_KEEPINTVL) | HELD_BIT(OPT_KEEPCNT) };

static const struct {
	size_t at;
	uint32_t bit;
	int name;
	uint16_t scale;
	bool is_of_tcp;
} numbers[] = {
#define NUMBER(id, member, name, scale, is_of_tcp)                                            \
	{                                                                                     \
		offsetof(struct seg_held, member), HELD_BIT(OPT_##id), name, scale, is_of_tcp \
	}
	NUMBER(KEEPALIVE, keepalive, SO_KEEPALIVE, 1, false),
	NUMBER(REUSEADDR, reuseaddr, SO_REUSEADDR, 1, false),
	NUMBER(REUSEPORT, reuseport, SO_REUSEPORT, 1, false),
	NUMBER(NODELAY, nodelay, TCP_NODELAY, 1, true),
	NUMBER(CORK, cork, TCP_CORK, 1, true),
	NUMBER(KEEPIDLE, keepidle_ms, TCP_KEEPIDLE, 1000, true),
	NUMBER(KEEPINTVL, keepintvl_ms, TCP_KEEPINTVL, 1000, true),
	NUMBER(KEEPCNT, keepcnt, TCP_KEEPCNT, 1, true),
	NUMBER(USER_TIMEOUT, user_timeout_ms, TCP_USER_TIMEOUT, 1, true),
	NUMBER(NOTSENT_LOWAT, notsent_lowat, K_TCP_NOTSENT_LOWAT, 1, true),
#undef NUMBER
};

static void set(struct seg_held *to, size_t at, uint64_t v)
{
	memcpy((char *)to + at, &v, sizeof(v));
}

static void ask_linger(int fd, struct seg_held *ret)
{
	struct linger l = {};
	socklen_t len = sizeof(l);

	if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len) == 0 && l.l_onoff && l.l_linger >= 0)
		ret->linger_ms = (uint64_t)l.l_linger * 1000;
}

static void ask_locks(int fd, struct seg_held *ret)
{
	uint32_t locks = 0;
	socklen_t len = sizeof(locks);

	if (getsockopt(fd, SOL_SOCKET, K_SO_BUF_LOCK, &locks, &len) < 0)
		return;
	ret->sndbuf_locked = !!(locks & K_SOCK_SNDBUF_LOCK);
	ret->rcvbuf_locked = !!(locks & K_SOCK_RCVBUF_LOCK);
}

static int number_of(int fd, int name)
{
	int v = -1;
	socklen_t len = sizeof(v);

	return getsockopt(fd, SOL_SOCKET, name, &v, &len) == 0 ? v : -1;
}

/* Whether no datagram waits. Those of Unix take memory of the sender; a look at others might throw broken
 * ones out. */
static bool is_empty(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sk_meminfo mem = {};
	socklen_t len = sizeof(mem);

	if (number_of(fd, SO_DOMAIN) == AF_UNIX)
		return poll(&p, 1, 0) == 0;
	return getsockopt(fd, SOL_SOCKET, K_SO_MEMINFO, &mem, &len) == 0 && len >= sizeof(mem.rmem_alloc) &&
	       !mem.rmem_alloc;
}

/* Of datagrams FIONREAD tells the length of the first only. How much all have is known when there are none.
 */
static void ask_queue(int fd, struct seg_held *ret)
{
	int type = number_of(fd, SO_TYPE), next;

	if (type != SOCK_DGRAM && type != SOCK_RAW)
		return;
	if (is_empty(fd))
		ret->payload = ret->packets = 0;
	else if (ioctl(fd, FIONREAD, &next) == 0 && next >= 0)
		ret->next = (uint64_t)next;
}

void held_ask_socket(int fd, const struct held_ask *ask, struct seg_held *ret, char name[16])
{
	bool is_tcp = ask->protocol == IPPROTO_TCP || ask->protocol == K_IPPROTO_MPTCP;
	uint32_t want = ask->want | HELD_BIT(OPT_REUSEADDR); /* which tells that the socket was asked */
	socklen_t len = 16;

	memset(ret, 0xff, sizeof(*ret));
	ret->congestion = (struct sv){};
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int level = numbers[i].is_of_tcp ? IPPROTO_TCP : SOL_SOCKET;
		uint32_t v = 0;
		socklen_t size = sizeof(v);

		if (want & numbers[i].bit && (is_tcp || !numbers[i].is_of_tcp) &&
		    getsockopt(fd, level, numbers[i].name, &v, &size) == 0 && size == sizeof(v)) {
			set(ret, numbers[i].at, (uint64_t)v * numbers[i].scale);
			if (numbers[i].name == SO_KEEPALIVE && level == SOL_SOCKET && v)
				want |= KEEP;
		}
	}
	if (want & HELD_BIT(OPT_LINGER))
		ask_linger(fd, ret);
	if (want & (HELD_BIT(PAYLOAD_RECVQ) | HELD_BIT(PAYLOAD_PACKETS) | HELD_BIT(PAYLOAD_NEXT)))
		ask_queue(fd, ret);
	if (want & (HELD_BIT(OPT_RCVBUF_LOCKED) | HELD_BIT(OPT_SNDBUF_LOCKED)))
		ask_locks(fd, ret);
	if (is_tcp && want & HELD_BIT(OPT_CONGESTION) &&
	    getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len) == 0)
		ret->congestion = sv_n(name, strnlen(name, len));
}
