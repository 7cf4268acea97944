/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names of network interfaces, from the kernel's own mouth (rtnetlink): sysfs
 * may show another network namespace than the one we are in.
 *
 * The first few indexes are asked for one by one; when there are more,
 * one dump brings all.
 */

#include <stdint.h>

#include "base/cleanup.h"
#include "base/sv.h"

struct ifaces;

enum {
	IFACES_HERE = -1,    /* of the network namespace that the thread is in at the first lookup */
	IFACES_NOWHERE = -2, /* of one that cannot be entered: they have no names */
};

/*
 * An empty table of the network namespace that @netns is a descriptor of, borrowed; or IFACES_*. NULL when
 * memory ran out. Nothing is asked before the first lookup.
 */
struct ifaces *ifaces_new(int netns);
struct ifaces *ifaces_free(struct ifaces *t);
DEFINE_CLEANUP(struct ifaces, ifaces_free)

/*
 * The name of interface @index, "ifN" when it has none or asking failed. Valid
 * as long as the table; empty when memory ran out.
 */
struct sv ifaces_name(struct ifaces *t, uint32_t index);

/*
 * Whether the kernel itself receives at the UDP port @port of all addresses, for an interface there that is a
 * tunnel (VXLAN, Geneve, bareudp) and up.
 */
bool ifaces_has_udp_port(struct ifaces *t, uint16_t port);

/* Whether the name that ifaces_name() gave for @index is one that somebody chose. */
bool ifaces_has_name(const struct ifaces *t, uint32_t index);

/* Why one that is there is called "ifN", as a positive errno: 0 when none is. */
int ifaces_error(const struct ifaces *t);

/*
 * The index of the interface called @name, by its name, else by an alternative
 * name; else @name may be "ifN" or a number, of an interface that need not exist.
 * Returns 0, -ENODEV when it is none of these, or the error of asking.
 */
int ifaces_index(struct ifaces *t, struct sv name, uint32_t *ret);
