/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own socket counters: /proc/net/sockstat, sockstat6 and snmp.
 *
 * COUNTER_TCP_ALLOC, COUNTER_TCP_ORPHAN and the memory are those of the whole host whatever
 * the network namespace, the others those of the namespace.
 */

#include <stdint.h>

#include "base/sv.h"

enum proc_counter {
	COUNTER_SOCKETS,   /* of all families */
	COUNTER_TCP_INUSE, /* IPv4; hashed: neither closed nor TIME-WAIT */
	COUNTER_TCP_ORPHAN,
	COUNTER_TCP_TW,
	COUNTER_TCP_ALLOC, /* IPv4 and IPv6, closed ones too, TIME-WAIT not */
	COUNTER_TCP_ESTAB, /* ESTABLISHED and CLOSE-WAIT, IPv4 and IPv6 */
	COUNTER_UDP_INUSE,
	COUNTER_RAW_INUSE,
	COUNTER_FRAG_INUSE,
	COUNTER_TCP6_INUSE,
	COUNTER_UDP6_INUSE,
	COUNTER_RAW6_INUSE,
	COUNTER_FRAG6_INUSE,
	COUNTER_TCP_MEM, /* pages */
	COUNTER_UDP_MEM,
	COUNTER_MAX,
};

struct proc_counters {
	int64_t v[COUNTER_MAX]; /* -1: the kernel did not say */
};

/* Files to read instead of those of the kernel; NULL: no other. */
struct proc_counter_paths {
	const char *proc_root;
	const char *sockstat, *sockstat6, *snmp;
};

/* What reading each file came to: 0, -ENODATA when it has none of our counters, or another negative errno. */
struct proc_counter_errors {
	int sockstat, sockstat6, snmp;
};

/* Reads the counters; those of an unreadable file are absent. */
void proc_counters_read(const struct proc_counter_paths *paths, struct proc_counters *ret,
			struct proc_counter_errors *ret_errors);

void proc_counters_init(struct proc_counters *c);

/* Takes over what the text of sockstat or sockstat6 says. Returns how many counters that were. */
int proc_counters_parse_sockstat(struct proc_counters *c, struct sv text);

/* The same for the text of snmp. */
int proc_counters_parse_snmp(struct proc_counters *c, struct sv text);
