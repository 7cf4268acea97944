/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Segments that no kernel message contains: what we know about a row from the
 * request that brought it, and what an enricher found out.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"

enum table {
#define TABLE(id, ...) TABLE_##id,
#include "model/defs/table.def"
	TABLE_MAX
};

extern const char *const table_names[TABLE_MAX]; /* as after -A */

/* Which dump brought the row. */
struct seg_dump {
	uint8_t table;       /* enum table */
	uint8_t is_proc;     /* came from a text file under /proc/net */
	uint8_t is_recorded; /* came from a recording, of this machine at another time or of another one */
	uint8_t is_event;    /* announces the end of a socket, of which it tells the last */
	uint8_t is_masked;   /* addresses have the bits that count and 0 for the others */
	uint8_t is_filtered; /* the kernel left out what the filter's program refuses */
	uint16_t protocol;   /* IPPROTO_*, 0 when the family has none */
	uint16_t kernel;     /* which one answered, 0x60a for 6.10; 0: not known */
};

/* Open handshakes behind a listener. */
struct seg_listener {
	uint32_t syn; /* UINT32_MAX: not known */
};

/* The listeners that share a port by SO_REUSEPORT, as one of them sees it. */
struct seg_reuseport {
	uint32_t group; /* the least of their inode numbers */
	uint32_t size;
	uint32_t queue; /* connections that wait to be accepted, in all */
	uint32_t mine;  /* of these, behind the listener itself */
	uint32_t syn;   /* open handshakes, in all; UINT32_MAX: not known */
};

/* The socket at the other end of a connection, where that is on this host. */
struct seg_peer_end {
	uint32_t inode;     /* 0: nobody holds it */
	uint32_t netns;     /* 0: not known */
	uint64_t cgroup;    /* 0: not known */
	uint8_t is_missing; /* it should be here, or may be, and was not found: nothing else is known of it */
	uint8_t lacks_cgroup; /* .cgroup was not told where it was read */
};

enum rate {
#define COUNTER(id, ...) RATE_##id,
#include "model/defs/all.def"
	RATE_MAX
};

/* By how much counters grew in a second, between this sample and the one before. */
struct seg_rates {
	uint64_t v[RATE_MAX]; /* bytes, or parts of RATE_ONE; UINT64_MAX: not known */
};

/* Where and when the row was read. */
struct seg_sample {
	struct sv time;        /* empty: not known */
	struct sv host, boot;  /* what the machine is called, and the number of its start; empty: not known */
	uint64_t monotonic_us; /* 0: not known */
};

/* What a socket tells of itself to whoever has it: its options, and what waits in its queue. */
struct seg_held {
#define SOCKOPT(id, name, type, member, ...) uint64_t member;
#include "model/defs/sockopt.def"
	struct sv congestion; /* empty: it has none */
	/* What waits to be read: bytes of payload, and of datagrams how many and the length of the next. */
	uint64_t payload, packets, next;
};

/* What happened to a connection. Made in this process: texts are constants, or live as long as the row. */
struct seg_event {
	struct sv kind;
	struct sv by, how;     /* empty: not known */
	uint64_t duration_us;  /* UINT64_MAX: not known */
	uint64_t span_us;      /* UINT64_MAX: none */
	uint64_t lost;         /* 0: none */
	uint32_t handshake_us; /* 0: not known */
	uint8_t from;          /* K_TCP_*; 0: it is the same */
};

#define HELD_NONE UINT64_MAX

/* A socket that is in no table. Made in this process, and no message from outside: .why points to a text. */
struct seg_unbound {
	uint32_t family, type, protocol;
	uint32_t inode;
	uint64_t idle_ms; /* UINT64_MAX: not known */
	struct sv why;    /* empty: not known */
};

/* What the kernel is to be asked for, so that a segment may appear: a union of these. */
#define ASK_INET(attr) (UINT64_C(1) << ((attr)-1)) /* extension bits 0-7 */
#define ASK_UNIX(show) ((uint64_t)(show) << 8)
#define ASK_PACKET(show) ((uint64_t)(show) << 16)
#define ASK_NETLINK(show) ((uint64_t)(show) << 24)
#define ASK_XDP(show) ((uint64_t)(show) << 32)
#define ASK_SMC(ext) ((uint64_t)(ext) << 40)
#define ASK_STORAGE (UINT64_C(1) << 48) /* socket-local BPF storage */
#define ASK_OWNERS (UINT64_C(1) << 56)  /* enrich/procs */
#define ASK_CONTEXT (UINT64_C(1) << 57) /* run/context */
#define ASK_PEERS (UINT64_C(1) << 58)   /* run/peers */

#define ASK_INET_BITS(ask) ((uint8_t)(ask))
#define ASK_UNIX_BITS(ask) ((uint8_t)((ask) >> 8))
#define ASK_PACKET_BITS(ask) ((uint8_t)((ask) >> 16))
#define ASK_NETLINK_BITS(ask) ((uint8_t)((ask) >> 24))
#define ASK_XDP_BITS(ask) ((uint8_t)((ask) >> 32))
#define ASK_SMC_BITS(ask) ((uint8_t)((ask) >> 40))
