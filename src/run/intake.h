/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What becomes of each message: a row, if the filter takes it, with what no
 * message says, handed to the output.
 */

#include "plan/plan.h"
#include "run/context.h"
#include "run/kill.h"
#include "run/seen.h"
#include "run/unbound.h"
#include "run/unlisted.h"
#include "run/unseen.h"
#include "sink/sink.h"

struct intake {
	/* in, all borrowed */
	const struct plan *plan;
	struct sink *sink;
	struct notes *notes;
	struct killer *killer; /* NULL: nothing is destroyed */
	struct context *context;
	struct unbound *unbound;   /* NULL: nobody asks for what is in no table */
	struct unlisted *unlisted; /* NULL: only sockets of this network namespace come */

	bool is_over; /* out: the output takes no more */

	/* inner */
	struct additions early, late; /* what the filter reads that no message has; what else is shown */
	bool has_early, has_late;
	struct unseen unseen;
	struct seen seen;
	uint64_t endpoint; /* SCTP: cookie of the one whose associations come */
	bool is_past;      /* messages have more than was asked for */
	uint64_t asked;    /* ASK_* for which .unasked was made */
	struct segs unasked;
	struct layouts layouts;
	struct row row; /* the one at hand: too large to be made anew for each message */
};

/* For an intake whose "in" is set. */
void intake_init(struct intake *in, struct host *host);
void intake_done(struct intake *in);

/* From now on messages answer another question. */
void intake_next_answer(struct intake *in);

/* Takes the message @nlh, which answers @s. */
void intake_take(struct intake *in, const struct step *s, const struct nlmsghdr *nlh);
