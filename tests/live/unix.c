/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Unix sockets: every type, path, abstract, automatic and no name, names that
 * are hard to print, pending and accepted connections, half closed pairs.
 */

#include "mksock.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

struct name {
	const char *bytes;
	size_t len;
};

#define NAME(text) ((struct name){ text, sizeof(text) - 1 })

static int unix_socket(int type)
{
	return must(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "unix socket");
}

static socklen_t fill_address(struct sockaddr_un *un, struct name name)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name.bytes, name.len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len);
}

static int unix_bound(int type, struct name name)
{
	int fd = unix_socket(type);
	struct sockaddr_un un;
	socklen_t len = fill_address(&un, name);

	must(bind(fd, (struct sockaddr *)&un, len), "bind a unix socket");
	return fd;
}

static void unix_connect(int fd, struct name name)
{
	struct sockaddr_un un;
	socklen_t len = fill_address(&un, name);

	must(connect(fd, (struct sockaddr *)&un, len), "connect a unix socket");
}

static void report_unix(const char *kind, const char *table, const char *state, int fd, struct name name)
{
	report(&(struct made){ .kind = kind,
			       .table = table,
			       .state = state,
			       .fd = fd,
			       .rq = -1,
			       .sq = -1,
			       .name = name.bytes,
			       .name_len = name.len });
}

static void make_stream(void)
{
	const struct name name = NAME("listen.sock");
	int listener = unix_bound(SOCK_STREAM, name), client, server;

	must(listen(listener, 7), "listen");
	client = unix_socket(SOCK_STREAM);
	unix_connect(client, name);
	server = must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
	send_wait(client, server, 55);
	report_unix("unix.accepted", "u_str", "ESTAB", server, name);
	report_unix("unix.client", "u_str", "ESTAB", client, NAME(""));
	client = unix_socket(SOCK_STREAM);
	unix_connect(client, name);
	report_unix("unix.pending", "u_str", "ESTAB", client, NAME(""));
	report(&(struct made){ .kind = "unix.listener",
			       .table = "u_str",
			       .state = "LISTEN",
			       .fd = listener,
			       .rq = 1,
			       .sq = 7,
			       .name = name.bytes,
			       .name_len = name.len });
}

static void make_types(void)
{
	const struct name dgram = NAME("dgram.sock"), seq = NAME("seq.sock");
	int fd = unix_bound(SOCK_DGRAM, dgram);
	int client = unix_socket(SOCK_DGRAM);

	/* connecting to a datagram socket marks the receiver as connected, too */
	unix_connect(client, dgram);
	report_unix("unix.dgram", "u_dgr", "ESTAB", fd, dgram);
	report_unix("unix.dgram.client", "u_dgr", "ESTAB", client, NAME(""));
	fd = unix_bound(SOCK_SEQPACKET, seq);
	must(listen(fd, 3), "listen");
	report_unix("unix.seqpacket", "u_seq", "LISTEN", fd, seq);
}

static void make_abstract(void)
{
	const struct name plain = NAME("\0sockeye-abstract"), nuls = NAME("\0a\0b\0"),
			  bound = NAME("\0bound only");
	int fd = unix_bound(SOCK_STREAM, plain);

	must(listen(fd, 1), "listen");
	report_unix("unix.abstract", "u_str", "LISTEN", fd, plain);
	report_unix("unix.nuls", "u_dgr", "UNCONN", unix_bound(SOCK_DGRAM, nuls), nuls);
	report_unix("unix.bound", "u_str", "UNCONN", unix_bound(SOCK_STREAM, bound), bound);
	report_fd("unix.autobind", "u_dgr", "UNCONN", unix_bound(SOCK_DGRAM, NAME("")));
	report_unix("unix.unbound", "u_str", "UNCONN", unix_socket(SOCK_STREAM), NAME(""));
}

static void make_pairs(void)
{
	static const struct {
		const char *kind, *table;
		int type, how;
	} want[] = {
		{ "unix.pair", "u_str", SOCK_STREAM, -1 },
		{ "unix.pair.dgram", "u_dgr", SOCK_DGRAM, -1 },
		{ "unix.pair.seq", "u_seq", SOCK_SEQPACKET, -1 },
		{ "unix.half.read", "u_str", SOCK_STREAM, SHUT_RD },
		{ "unix.half.write", "u_str", SOCK_STREAM, SHUT_WR },
		{ "unix.half.both", "u_str", SOCK_STREAM, SHUT_RDWR },
	};
	int fds[2];

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		must(socketpair(AF_UNIX, want[i].type | SOCK_CLOEXEC, 0, fds), "socketpair");
		if (want[i].how >= 0)
			must(shutdown(fds[0], want[i].how), "shutdown");
		report_unix(want[i].kind, want[i].table, "ESTAB", fds[0], NAME(""));
		report_unix(want[i].kind, want[i].table, "ESTAB", fds[1], NAME(""));
	}
}

static void make_odd(void)
{
	const struct name names[] = {
		NAME("with blank.sock"),
		NAME("new\nline.sock"),
		NAME("\033[31mred.sock"),
		NAME("caf\303\251.sock"),
		NAME("\303\050broken.sock"),
		NAME("quote\"and'.sock"),
		NAME("tab\there.sock"),
		NAME("back\\slash.sock"),
		NAME("@at.sock"),
		NAME("\0abstract \033[32mesc"),
		NAME("*"),
		NAME("\0new\nline"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int fd = unix_bound(SOCK_STREAM, names[i]);

		must(listen(fd, 1), "listen");
		report_unix("unix.odd", "u_str", "LISTEN", fd, names[i]);
	}
}

const struct scenario unix_scenarios[] = {
	{ "unix-stream", false, make_stream },     { "unix-types", false, make_types },
	{ "unix-abstract", false, make_abstract }, { "unix-pairs", false, make_pairs },
	{ "unix-odd", false, make_odd },           {},
};
