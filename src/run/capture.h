/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Samples for a recording: the sockets of a machine with everything that is known of them, and what else is
 * needed to answer later what could be asked now (host/recorded.h).
 */

#include "history/store.h"
#include "run/session.h"

struct capture_opts {
	struct host *host;            /* borrowed */
	struct store_writer *writer;  /* borrowed */
	const struct plan_opts *plan; /* borrowed: which sockets; its fields are not looked at */
	enum source_kind source;
	bool is_everywhere;
	bool wants_cmdline; /* the command lines of processes, which may hold secrets */
	bool wants_nat;     /* how the addresses of connections are translated, to find their other ends */
	/* Words of how it is made (FACT_MAKING), each with its text; borrowed. */
	const struct capture_word *words;
	size_t n_words;
};

struct capture_word {
	const char *word;
	struct sv text;
};

struct capture;
struct capture_held;

/* Returns 0 or a negative errno. */
int capture_new(const struct capture_opts *o, struct capture **ret, struct err *e);
struct capture *capture_free(struct capture *c);

/*
 * Takes one sample. What is missing in it is told to @notes and kept with it. Returns 0 or a negative errno:
 * then there is no such sample.
 */
int capture_take(struct capture *c, struct notes *notes, struct err *e);

/* The next samples have what @held has, with @notes about it; both are borrowed. */
void capture_hold(struct capture *c, const struct capture_held *held, const struct notes *notes);

/* What of a socket others than the kernel tell, and is kept, too. */
void capture_fields(bool wants_cmdline, struct fieldset *ret);

DEFINE_CLEANUP(struct capture, capture_free)
