/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The socket factory: makes sockets of every kind and state in the current
 * network namespace, tells on stdout what it made, and keeps them until its
 * stdin closes. A scenario is a function that makes a few related sockets.
 *
 * What the kernel cannot make is told as a skip with the reason. A failure of
 * anything the kernel surely can do ends the factory with a message: a test
 * must not go on with half of its sockets.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct scenario {
	const char *name;
	bool is_moving; /* shows timers or ends by itself; otherwise nothing changes with time */
	void (*make)(void);
};

/* One socket as the factory knows it; strings not set and numbers below zero are not told. */
struct made {
	const char *kind;
	const char *table;
	const char *state;
	int fd;
	long long rq, sq;
	const struct sockaddr *local, *peer;
	const char *comm;
	const char *note;
	const char *name; /* of a unix socket: @name_len bytes as bound, abstract ones with their first NUL */
	size_t name_len;
};

extern const struct scenario tcp_scenarios[], option_scenarios[], state_scenarios[], udp_scenarios[],
	unix_scenarios[], link_scenarios[], process_scenarios[];

/* report.c: one line of JSON each */
void report(const struct made *made);
/* The same for a socket of which only these four are to be said; addresses come from the socket. */
void report_fd(const char *kind, const char *table, const char *state, int fd);
__attribute__((format(printf, 2, 3))) void skip(const char *kind, const char *fmt, ...);
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *fmt, ...);

/* util.c */
/* Ends the factory with @what and errno's text when @ret is negative, else returns @ret. */
int must(int ret, const char *what);
/* Sleeps a moment; ends the factory, naming @what, when its deadline has passed. */
void wait_a_moment(const char *what);
/* Address from text; text with a colon is IPv6. Returns the length to give to the kernel. */
socklen_t address_fill(struct sockaddr_storage *ss, const char *addr, uint16_t port);
int inet_socket(const char *addr, int type, int protocol);
int inet_bind(int fd, const char *addr, uint16_t port);
int inet_connect(int fd, const char *addr, uint16_t port);
int set_int(int fd, int level, int option, int value);

int tcp_bound(const char *addr, uint16_t port);
int tcp_listener(const char *addr, uint16_t port, int backlog);
/* A client bound to @from:@from_port (any when NULL, 0) that started to connect; does not wait. */
int tcp_dial(const char *from, uint16_t from_port, const char *to, uint16_t port);
int tcp_accept(int listener);
void tcp_wait_state(int fd, int state, const char *what);
/* Waits until /proc/net/tcp shows this IPv4 port pair in @state; for sockets nobody has an fd of. */
void tcp_wait_ports(uint16_t local, uint16_t remote, int state, const char *what);
/*
 * A connected pair, handshake finished on both ends: a client bound to @from, connected to the listener's
 * address, or to @from itself when the listener has any.
 */
void tcp_pair(int listener, const char *from, uint16_t from_port, int *ret_client, int *ret_server);
/* Sends @len bytes and waits until @to has them, unread. */
void send_wait(int from, int to, size_t len);
/* Sends @len bytes and takes them from @to, so that both ends have measured a round trip. */
void exchange(int from, int to, size_t len);
/* Writes until the kernel takes no more. */
void fill(int fd);

/* process.c: a child of this name runs @make and stays until the factory ends; it holds no socket
 * but @keep (-1: none) and what it makes. Returns when @make is done.
 */
void child_run(const char *comm, int keep, void (*make)(int keep));

/* TCP states, numbered as in the kernel's interface */
enum {
	ST_ESTABLISHED = 1,
	ST_SYN_SENT,
	ST_SYN_RECV,
	ST_FIN_WAIT1,
	ST_FIN_WAIT2,
	ST_TIME_WAIT,
	ST_CLOSE,
	ST_CLOSE_WAIT,
	ST_LAST_ACK,
	ST_LISTEN,
	ST_CLOSING,
};
