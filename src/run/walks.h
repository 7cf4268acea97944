/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The walks by BPF of a session: each program is loaded when it is first needed
 * and stays for later runs of the same kind, and one that cannot be had is not
 * tried again.
 */

#include "host/places.h"
#include "plan/agenda.h"
#include "source/bpf_count.h"
#include "source/source.h"

struct bpf_tcp;
struct bpf_udp;

/* What a program is loaded for; runs that are alike in it can share one. */
struct walks_kind {
	struct fieldset fields; /* that are read of the rows */
	bool is_forced;         /* the user wants them: also where it is slower */
	bool is_everywhere;     /* sockets of all network namespaces that share a table */
};

struct walks {
	struct host *host; /* borrowed */
	struct walks_kind kind;
	/* of the run */
	const struct places *places; /* borrowed; NULL: only the network namespace we are in */
	struct answered *answered;   /* borrowed: one for each place */

	struct bpf_tcp *tcp; /* NULL until it is needed, and when it cannot be had */
	struct bpf_udp *udp;
	struct bpf_count *count;
	uint64_t tcp_ask, udp_ask;  /* what they were loaded for */
	int tcp_failed, udp_failed; /* why not: a negative errno */
	struct err tcp_why, udp_why;
};

/* Before each run. What was loaded for another kind is dropped. */
void walks_begin(struct walks *w, const struct walks_kind *kind, const struct places *places,
		 struct answered *answered);
void walks_done(struct walks *w);

/* Does now what opening the answer to @s would do first, if it can be done. @n_tcp TCP sockets are expected,
 * -1: not known. */
void walks_prepare(struct walks *w, const struct step *s, int64_t n_tcp);

/*
 * Opens the answer to @s; where there are several places, that of all whose .is_shared is set then. Returns 0
 * or a negative errno; then no message was given.
 */
int walks_open(struct walks *w, const struct step *s, int64_t n_tcp, struct source **ret, struct err *e);

/* Why the last answer to @s, read to its end, may not be whole; NULL when nothing speaks for that. */
const char *walks_doubt(const struct walks *w, const struct step *s);
