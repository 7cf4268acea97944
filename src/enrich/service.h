/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of ports and of IP protocols, and the range from which the kernel
 * picks ports by itself, whose ports are never named: such a port says nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"

enum service_proto { SERVICE_ANY, SERVICE_TCP, SERVICE_UDP, SERVICE_SCTP, SERVICE_DCCP, SERVICE_PROTO_MAX };

struct service_opts {
	const char *proc_root;  /* NULL: /proc */
	const char *port_range; /* a file to read instead of net.ipv4.ip_local_port_range, or NULL */
	bool is_elsewhere; /* the ports are of another machine: its range is taken to be Linux's default .. */
	uint16_t auto_lo, auto_hi; /* .. or this, when it is not 0, 0 */
};

struct port_range {
	uint16_t first, last; /* both belong to it */
	bool is_guessed;      /* could not be read */
};

struct services;

/* A table that looks up as asked, or NULL when memory ran out. The strings of @o must outlive it. */
struct services *services_new(const struct service_opts *o);
struct services *services_free(struct services *s);
DEFINE_CLEANUP(struct services, services_free)

/* The range of automatic ports, read once; 1024-4999 when it cannot be read. */
struct port_range services_auto_ports(struct services *s);

/* The name of @port, empty when it is to be shown as a number. Valid as long as the table. */
struct sv services_name(struct services *s, enum service_proto proto, uint16_t port);

/* Whether memory ran out, so that names and the range may be missing. */
bool services_failed(const struct services *s);

/* Why a name could not be looked up, as a positive errno; 0 when each could, also when there was none. */
int services_error(const struct services *s);

/* The port that @name stands for. Returns 0, -ENOENT or -ENOMEM. */
int services_port(enum service_proto proto, struct sv name, uint16_t *ret);

/* The name of IP protocol @number, else "ipproto-N". Valid as long as the table; empty when memory ran out.
 */
struct sv services_ipproto(struct services *s, uint8_t number);
