/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * One run of a session: the agenda is followed, question by question. Progress lives here and ends with it.
 * Inner to run/.
 */

#include "run/intake.h"
#include "run/peers.h"
#include "run/refusal.h"
#include "run/session.h"
#include "run/walks.h"

struct run;

/* Who is told how a run goes on besides what its output is told. */
struct watcher {
	/* NULL members: nobody. @q was answered: @k is 0 or a negative errno with @e; .refused of @r tells
	 * more. */
	void (*answered)(void *ctx, const struct run *r, const struct question *q, int k,
			 const struct err *e);
	/* All rows have come, and what was asked for them is still known. */
	void (*ending)(void *ctx, const struct run *r);
};

struct session {
	struct host *host; /* borrowed */
	struct session_opts o;
	uint64_t at_us;          /* what the output is told to be the time */
	struct text time;        /* the same in words, or when the run began */
	uint64_t boot;           /* a hash of the number of the start that .sampler is of, in a recording */
	struct sampler *sampler; /* NULL until rates are asked for */
	struct walks walks;      /* programs that are loaded stay */
	void *see_ctx;           /* for .o.see, and .watcher */
	const struct watcher *watcher; /* borrowed; NULL: nobody */
	uint32_t unseen;               /* of the last run: what was told to be hidden, bits 1 << UNSEEN_* */
	struct session *of_peers;      /* that lists what peers_new() looks at; NULL until it is needed */
};

struct run {
	struct session *s;
	const struct plan *plan;
	struct notes *notes;
	struct peers *peers;       /* NULL: nobody asks for them */
	struct places *places;     /* NULL: only where we are */
	struct answered *answered; /* one for each place, or NULL */
	struct agenda agenda;
	struct intake in;
	struct unbound *unbound;  /* what the tables showed; NULL: nobody asks */
	struct unlisted unlisted; /* what a walk found elsewhere than in .places */
	bool is_asked;            /* the last question reached the kernel: what failed is its answer */
	bool is_tcp_less; /* /proc/net, which has no bound-inactive ones, was told to be read for them */
	bool has_counted; /* all but the listening sockets at once */
	int refused;      /* the last question: a negative errno, for .refusal; 0: it was not */
	enum refusal refusal;
	struct err refused_why;
	bool is_shared; /* the last answer was of all places that say so */
};

/* Asks the agenda's questions, and hands the answers to the intake. */
void run_agenda(struct run *r, struct err *e);

/* Reads a source, which answers @s, to its end or that of the output. @ret_rows counts messages, also when it
 * fails. */
int run_drain(struct run *r, const struct step *s, struct source *src, size_t *ret_rows, struct err *e);

/* @d, asked of the host as @q is. */
static inline struct host_ask run_ask(const struct run *r, const struct question *q, const struct dump *d)
{
	return (struct host_ask){ .dump = d, .all = r->places, .place = q->place, .turn = q->turn };
}
