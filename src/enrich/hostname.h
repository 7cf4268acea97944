/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of hosts by address, each asked for once, and all addresses of a name.
 * Both may ask a name server and so take seconds.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/sv.h"

struct hostnames;

struct host_addr {
	int af;           /* AF_INET or AF_INET6 */
	uint8_t addr[16]; /* 4 or 16 bytes of it, network order */
};

struct hostnames *hostnames_new(void);
struct hostnames *hostnames_free(struct hostnames *h);
DEFINE_CLEANUP(struct hostnames, hostnames_free)

/*
 * The name of the address of family @af (AF_INET: 4 bytes, AF_INET6: 16 bytes)
 * at @addr; an IPv4-mapped address is looked up as IPv4. Empty when it has no
 * name. Valid until the next call.
 */
struct sv hostnames_name(struct hostnames *h, int af, const void *addr);

/*
 * All addresses of the host @name, of family @af or AF_UNSPEC for both; no name
 * server is asked for numeric ones. The caller frees @ret.
 * Returns how many, at least one, or -ENOENT or another error.
 */
int host_addresses(struct sv name, int af, struct host_addr **ret, struct err *e);
