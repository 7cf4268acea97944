/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Makes the sockets that only some kernels have. Each tells by made() which
 * words a row of ss must hold for it; no row counts for two of them.
 */

#include "../live/mksock.h"

/* Words, separated by blanks, of one row of "ss -a -n -O" for the scenario's kind. */
__attribute__((format(printf, 1, 2))) void made(const char *fmt, ...);
/* A socket of this kind, or -1 after telling that the kernel has none of it. */
int rare_socket(const char *kind, int family, int type, int protocol);
/* What rare_socket() gives, bound to an address and listening. */
int rare_listener(const char *kind, const char *addr, uint16_t port, int type, int protocol);
/* A stream's client, blocking until connected, and its accepted other end. */
void rare_pair(int listener, const char *kind, const char *addr, uint16_t port, int protocol,
	       int ret_pair[2]);
/* The port that the kernel chose for @fd. */
uint16_t own_port(int fd);

/* ip.c: with IPv4 and IPv6 addresses */
void make_sctp(void);
void make_dccp(void);
void make_mptcp(void);
void make_raw(void);
void make_ktls(void);
void make_smc(void);

/* other.c: with addresses of their own */
void make_tipc(void);
void make_vsock(void);
void make_xdp(void);

/* contexts.c */
void make_contexts(void);
