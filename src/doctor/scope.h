/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the conditions and texts of a rule may name:
 *
 *	count, max(recvq), any(process.pid), delta(count)	of a group, as its rule's .by says
 *	Tcp.RetransSegs, net.core.somaxconn, ...		of the network namespace (doctor/reading.h)
 *	delta(Tcp.RetransSegs), rate(Tcp.RetransSegs)	how much it grew between the samples, and in a second
 *	reserved(local.port)	1: in net.ipv4.ip_local_reserved_ports; else 0
 *	configured(net.ipv4.tcp_sack)	1: a file of sysctl sets it; else 0
 *	$count		a limit of the rule
 *	elapsed, page	seconds between the samples; bytes of a page of memory
 *
 * and in texts: {local}, {peer}, an address with its port; {owner}, who holds the sockets.
 */

#include "doctor/limits.h"
#include "doctor/reading.h"
#include "model/tabular.h"

struct scope {
	const struct rule *rule;
	const struct limits *limits;  /* NULL: those of the entries */
	const struct column *columns; /* of a group; NULL: it is about counters */
	const struct cell *cells;
	size_t n;
	const struct reading *now, *before; /* of one network namespace; .before NULL: there was one sample */
};

/* The cell of the group called @name; NULL: there is none. */
const struct cell *scope_cell(const struct scope *s, const char *name);

/* The number called @name: seconds where it is a time. NAN: it is not known. */
double scope_number(const struct scope *s, struct sv name);

/* Whether there is such a name at all, wherever the rule is asked. */
bool scope_knows(const struct scope *s, struct sv name);

/* Appends what is called @name, for people. */
void scope_put(const struct scope *s, struct sv name, struct text *ret);

/* Whether all numbers that stand in braces in @text are known. */
bool scope_can_fill(const struct scope *s, struct sv text);

/* Appends @text with what stands in braces replaced. */
void scope_fill(const struct scope *s, struct sv text, struct text *ret);
