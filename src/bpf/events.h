/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the BPF program events.bpf.c and its reader have in common: what is
 * asked for, and one record for each event in the life of a TCP connection.
 */

#include "bpf/tcp.h"

enum life_kind {
	LIFE_OPEN,       /* connect() */
	LIFE_ACCEPT,     /* a handshake behind a listener is complete */
	LIFE_STATE,      /* another change of state */
	LIFE_RETRANSMIT, /* a segment was sent again */
	LIFE_RESET,      /* an RST was sent or received */
	LIFE_CLOSE,      /* the socket's connection is over */
	LIFE_KINDS,
};

enum {
	LIFE_IN = 1, /* it came through a listener */
	LIFE_OUT = 2,
	LIFE_RST_IN = 4,  /* an RST came */
	LIFE_RST_OUT = 8, /* one was sent */
};

enum { LIFE_PORTS = 16 };

enum { LIFE_CLOSED = 1024 }; /* connections that are remembered when they are over; a power of two */

/* Of events that are only counted: those with the same bytes under a mask are of one group. */
enum {
	EVENT_TALLY_SUMS = 8,
	EVENT_TALLY_WORDS = sizeof(struct sock_record) / 8 + 1, /* the record, and .error to .flags */
};

_Static_assert(sizeof(struct sock_record) % 8 == 0, "the record is whole words");

struct event_tally_key {
	uint64_t w[EVENT_TALLY_WORDS];
};

struct event_tally_sum {
	uint64_t n; /* events */
	uint64_t v[EVENT_TALLY_SUMS];
};

/* A number in struct k_tcp_info. */
struct event_tally_at {
	uint16_t off, size; /* 4 or 8 bytes */
};

/* The shared memory of both. */
struct event_shared {
	/* in */
	uint32_t kinds;   /* bits 1 << LIFE_* that are told */
	uint32_t netns;   /* the inode number of the only network namespace; 0: all */
	uint32_t family;  /* AF_*; 0: both */
	uint32_t wake;    /* bytes in the ring from which the reader is woken */
	uint32_t n_ports; /* one of .ports is that of either end of what is told; 0: that does not matter */
	uint32_t want_handshake;    /* how long that of what connects took */
	uint16_t ports[LIFE_PORTS]; /* in network order */
	uint32_t is_tallied;        /* nothing goes into the ring */
	uint32_t turn;              /* the last bit: which table is counted in */
	uint32_t n_sums;
	struct event_tally_at sums[EVENT_TALLY_SUMS];
	uint32_t pad2;
	uint64_t mask[EVENT_TALLY_WORDS];
	uint64_t sought; /* of program "find_port": the cookie of the socket */
	/* out */
	uint64_t lost; /* events for which there was no room */
};

struct event_record {
	struct tcp_record_info r;
	uint64_t at_ns;   /* CLOCK_MONOTONIC */
	uint64_t open_ns; /* when it began; 0: not known */
	uint64_t lost;    /* events lost before this one */
	uint64_t sock;    /* its address, for "find_port" */
	uint64_t cookie;
	uint32_t handshake_us; /* 0: not known */
	uint32_t pid;          /* of the owner; 0: not known */
	uint8_t comm[16];
	/* One word: */
	int32_t error;    /* sk_err: a positive errno */
	uint8_t kind;     /* LIFE_* */
	uint8_t from, to; /* states K_TCP_* */
	uint8_t flags;    /* LIFE_IN .. */
};
