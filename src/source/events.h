/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Where events of TCP connections come from: a BPF program (source/bpf_events.h), or where there can be none
 * what the kernel announces (source/announced.h).
 */

#include <netinet/in.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "model/event.h"
#include "model/field.h"

enum { EVENT_PORTS = 16 };

/* What is to be told at least; more may be. */
struct event_opts {
	uint32_t kinds;              /* bits 1 << EVENT_* that are told */
	uint32_t netns;              /* inode number of the network namespace; 0: all */
	uint8_t family;              /* AF_*; 0: both */
	uint16_t ports[EVENT_PORTS]; /* one of them is that of either end of what is told, in host order */
	size_t n_ports;              /* 0: that does not matter */
	/* Where the output wants no more than how many there were with the same .keys, and sums of .sums;
	 * NULL: each is wanted. */
	const struct fieldset *keys, *sums;
	uint64_t ask;                  /* ASK_* of TCP sockets */
	const struct fieldset *fields; /* what is read of them */
	uint32_t connections;          /* that there are, about */
	size_t ring;                   /* bytes, a power of two and pages; 0: the usual size */
};

struct event {
	/* As sock_diag would tell of the socket, in the state it was in then; valid until the next one. */
	const struct nlmsghdr *nlh;
	enum event_kind kind;
	uint64_t at_ns;   /* of CLOCK_MONOTONIC; never before the event before */
	uint64_t open_ns; /* when it began; 0: not known */
	uint64_t lost;    /* events lost so far before this one */
	uint64_t cookie;
	uint32_t handshake_us; /* 0: not known */
	uint32_t pid;          /* whose connection it is; 0: not known */
	char comm[17];
	uint8_t from;         /* K_TCP_*; 0: the state is what it was */
	uint8_t to;           /* K_TCP_*: the state */
	bool is_in, is_out;   /* who began; neither: not known */
	const char *by, *how; /* of a close, or a reset; NULL: not known */
};

struct events;

struct events_ops {
	/* The next event into @ret. Returns 1, 0 when there is none now, or a negative errno. */
	int (*next)(struct events *s, struct event *ret, struct err *e);
	/* Of a source that counts: those until now are what counted() tells. */
	void (*turn)(struct events *s);
	/* The next event that stands for *@ret_n like it, in whose message the numbers to be summed are sums.
	 * Returns as next(). */
	int (*counted)(struct events *s, struct event *ret, uint64_t *ret_n, struct err *e);
	/* How many events were lost in all until now. */
	uint64_t (*lost)(const struct events *s);
	/* Nothing that happens from now on is told. */
	void (*stop)(struct events *s);
	void (*close)(struct events *s);
};

struct events { /* the first member of every source of them */
	const struct events_ops *ops;
	bool is_counting; /* it counts by .keys, and next() tells nothing */
	int fd;           /* readable when it is time to read, before the time that was agreed */
	/* Makes .fd unreadable until the next time; NULL: reading does. */
	void (*calm)(struct events *s);
};

static inline int events_next(struct events *s, struct event *ret, struct err *e)
{
	return s->ops->next(s, ret, e);
}

static inline struct events *events_close(struct events *s)
{
	if (s)
		s->ops->close(s);
	return NULL;
}

/*
 * Waits, with the signal mask @mask, until it is time to read, @at_us of CLOCK_MONOTONIC, or the reader of
 * the pipe @fd has gone. Returns 0, -EINTR, or -EPIPE in the last case.
 */
int events_wait(struct events *s, int64_t at_us, int fd, const sigset_t *mask);
