/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The kernel's own socket counters: /proc/net/sockstat, sockstat6 and snmp.
 */

#include <stdint.h>

#include "base/sv.h"
#include "model/counters.h"

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

/* Takes over what the text of sockstat or sockstat6 says. Returns how many counters that were. */
int proc_counters_parse_sockstat(struct proc_counters *c, struct sv text);

/* The same for the text of snmp. */
int proc_counters_parse_snmp(struct proc_counters *c, struct sv text);
