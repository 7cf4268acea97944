/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A run at work: what run.c and poorer.c share, and nothing else uses.
 */

#include "engine/agenda.h"
#include "engine/early.h"
#include "engine/intake.h"
#include "engine/run.h"
#include "nl/nl.h"

struct run {
	const struct plan *plan;
	const struct run_opts *o;
	struct notes *notes;
	struct intake in;
	struct nl *nl;    /* NULL until the first question, and after a failed one */
	bool is_asked;    /* the last question reached the kernel: what failed is its answer */
	bool is_tcp_less; /* /proc/net, which has no bound-inactive ones, was told to be read for them */
	bool has_counted; /* all but the listening sockets at once */
	struct walks walks;
	struct everywhere *everywhere; /* NULL: only where we are */
	const struct place *place;     /* whose sockets are asked for; NULL: ours */
	bool is_walked;                /* the last answer was of all those places */
	struct agenda agenda;
	struct early *early; /* NULL: everything in its turn */
	size_t turn;         /* of the question at hand */
	struct err way_home;
};

/* Reads @src to its end or that of the output. @ret_rows counts messages, also when it fails. */
int run_drain(struct run *r, const struct step *s, struct source *src, size_t *ret_rows, struct err *e);
