/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What happens to TCP connections, as the BPF program events.bpf.c tells it.
 *
 * Events wait in a ring of fixed size until they are read; what finds it full is lost, and counted. They come
 * in the order in which they happened, those of one connection always.
 */

#include <netinet/in.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "model/event.h"
#include "model/field.h"

struct bpf_events_opts {
	uint32_t kinds;                /* bits 1 << EVENT_* that are told */
	uint32_t netns;                /* inode number of the network namespace; 0: all */
	uint8_t family;                /* AF_*; 0: both */
	uint64_t ask;                  /* ASK_* of TCP sockets */
	const struct fieldset *fields; /* what is read of them */
	uint32_t connections;          /* that there are, about */
	size_t ring;                   /* bytes, a power of two and pages; 0: the usual size */
};

struct bpf_event {
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

struct bpf_events;

/* Begins. Returns 0 or a negative errno, when the kernel will not have it or lacks something. */
int bpf_events_open(const struct bpf_events_opts *o, struct bpf_events **ret, struct err *e);
struct bpf_events *bpf_events_close(struct bpf_events *b);
DEFINE_CLEANUP(struct bpf_events, bpf_events_close)

/* The next event into @ret. Returns 1, 0 when there is none now, or a negative errno. */
int bpf_events_next(struct bpf_events *b, struct bpf_event *ret, struct err *e);

/*
 * Waits, with the signal mask @mask, until much has happened, @at_us of CLOCK_MONOTONIC, or the reader of the
 * pipe @fd has gone. Returns 0, -EINTR, or -EPIPE in the last case.
 */
int bpf_events_wait(const struct bpf_events *b, int64_t at_us, int fd, const sigset_t *mask);

/* How many events were lost in all until now. */
uint64_t bpf_events_lost(const struct bpf_events *b);

/* Nothing that happens from now on is told. */
void bpf_events_stop(struct bpf_events *b);
