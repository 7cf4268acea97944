/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * An event as a recording has it: the message that sock_diag would have sent of the connection at that
 * moment, of FACT_TABLE_EVENT, in the order in which they happened, with one attribute more at its end. Of
 * what was lost the message has that attribute only. What is known later will stand in attributes before it.
 *
 * Like all messages they are told word by word as what differs from the message before, and like all of them
 * in the order of the machine's bytes. Who reads an older recording finds none, who does not know them passes
 * over their table.
 */

#include <stdint.h>

enum { EVENT_ATTR = 63 }; /* ours, above those of the kernel */

/* Numbers that stay: .kind, .by and .how. */
enum {
	EVENT_IS_OPEN = 1,
	EVENT_IS_ACCEPT,
	EVENT_IS_STATE,
	EVENT_IS_RETRANSMIT,
	EVENT_IS_RESET,
	EVENT_IS_CLOSE,
	EVENT_IS_EXISTING,
	EVENT_IS_LOST
};
enum { EVENT_BY_LOCAL = 1, EVENT_BY_REMOTE };
enum { EVENT_HOW_FIN = 1, EVENT_HOW_RST, EVENT_HOW_TIMEOUT, EVENT_HOW_ABORT, EVENT_HOW_UNREACHABLE };

enum {
	EVENT_IN = 1, /* who began */
	EVENT_OUT = 2,
	EVENT_LAST = 4,     /* the message tells the last of a socket */
	EVENT_OF_INODE = 8, /* who holds it is told by its inode (FACT_OWNERS), not by .pid */
};

/* Payload of the attribute; what is not known is 0, but of a duration and a span UINT64_MAX. */
struct event_told {
	uint8_t kind, by, how, from; /* .from: the state before, as the kernel counts */
	uint8_t flags, unused[3];
	uint32_t pid;
	uint32_t handshake_us;
	uint64_t at_us;    /* monotonic */
	uint64_t epoch_us; /* when that clock was 0, since 1970 */
	uint64_t duration_us, span_us;
	uint64_t lost;
	char comm[16]; /* of the process .pid, filled up with 0 */
};
