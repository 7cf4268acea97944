/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Ports of RPC programs, as the rpcbind daemon of this machine knows them: on
 * which port which program listens (RFC 1833), with the programs' names from
 * /etc/rpc. It is asked once, when a name is first needed. A daemon that is
 * not there, or does not answer in time, or not as it should, knows nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"
#include "base/text.h"

struct rpcbind_opts {
	const char *socket;    /* NULL: /var/run/rpcbind.sock */
	const char *names;     /* NULL: /etc/rpc */
	unsigned int limit_ms; /* for the question and all of the answer; 0: five seconds */
};

struct rpcbind;

/* A table that asks when needed, or NULL when memory ran out. The strings of @o must outlive it. */
struct rpcbind *rpcbind_new(const struct rpcbind_opts *o);
struct rpcbind *rpcbind_free(struct rpcbind *b);
DEFINE_CLEANUP(struct rpcbind, rpcbind_free)

/*
 * Appends "rpc.NAME", the program on @port of @protocol (IPPROTO_TCP, UDP or
 * SCTP) at any address; the last one listed counts. False when none is known.
 */
bool rpcbind_put(struct rpcbind *b, struct text *t, uint8_t protocol, uint16_t port);

/*
 * The port of @protocol on which the program @name ("rpc.NAME") listens.
 * Returns 0, -ENOENT, or -ENOTUNIQ when there are several.
 */
int rpcbind_port(struct rpcbind *b, uint8_t protocol, struct sv name, uint16_t *ret);

/* Whether memory ran out, so that names may be missing. */
bool rpcbind_failed(const struct rpcbind *b);
