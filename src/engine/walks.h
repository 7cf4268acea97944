/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The walks by BPF that a run uses: each is loaded when it is first needed, and
 * one that cannot be had is not tried again.
 */

#include "engine/everywhere.h"
#include "engine/plan.h"
#include "source/source.h"

struct bpf_tcp;
struct bpf_udp;

struct walks {
	/* in */
	const struct plan *plan;
	bool is_forced;                /* the user wants them: also where it is slower */
	struct everywhere *everywhere; /* borrowed; NULL: only the network namespace we are in */

	/* inner */
	struct bpf_tcp *tcp; /* NULL until it is needed, and when it cannot be had */
	struct bpf_udp *udp;
	int tcp_failed, udp_failed; /* why not: a negative errno */
	struct err tcp_why, udp_why;
};

void walks_done(struct walks *w);

/* Does now what opening the answer to @s would do first, if it can be done. @n_tcp TCP sockets are expected,
 * -1: not known. */
void walks_prepare(struct walks *w, const struct step *s, int64_t n_tcp);

/*
 * Opens the answer to @s; with .everywhere, that of all places whose .is_walked is set then. Returns 0 or a
 * negative errno; then no message was given.
 */
int walks_open(struct walks *w, const struct step *s, int64_t n_tcp, struct source **ret, struct err *e);

/* Why the last answer to @s, read to its end, may not be whole; NULL when nothing speaks for that. */
const char *walks_doubt(const struct walks *w, const struct step *s);
