/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which hosts have answered, and how: missing, late, doubled, cut short, of another version.
 */

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/notes.h"
#include "model/tabular.h"

enum host_state {
	HOST_NOBODY, /* it only looked like one */
	HOST_ASKED,  /* nothing of it has come */
	HOST_OPEN,   /* its answer is under way */
	HOST_WHOLE,
	HOST_CUT,     /* it did not come to its end */
	HOST_DAMAGED, /* it did, and is not what was sent */
	HOST_OTHER,   /* it answers another question */
	HOST_VERSION, /* it is of another version */
	HOST_STATES
};

struct fleet_host {
	char *name, *boot; /* what it is known by; .boot is empty where the name is enough */
	char *start;       /* the number of its start, as it says; NULL: it has not said */
	uint32_t number;   /* from 1 */
	enum host_state state;
	bool is_ignored; /* of lines that come now nothing is taken */
	bool is_waiting; /* for what else is wanted of it */
	bool is_gone;    /* nothing of it comes any more */
	bool is_doubled; /* another answer came, and was not taken */
	bool is_guess;   /* a word in front of a line, which may be no host at all */
	bool is_partial; /* it says itself that it is not whole */
	uint64_t id, time_us;
	uint64_t n_lines, sum; /* of the answer, to be compared with what its end says */
	uint64_t n_bad;        /* lines that could not be read */
	uint64_t n_counted;    /* sockets of its groups */
	struct cell bound;     /* no group that it left out has more; not there: it left out none */
	char *said;            /* something that is no answer; NULL: nothing was */
	unsigned int version;
};

struct roll {
	struct fleet_host **v;
	size_t n, cap;
	struct hash by_key;
	struct roll_note *told; /* what hosts want known about their answers */
	size_t n_told;
	uint64_t n_noise; /* lines of nobody */
	char *noise;      /* the first of them */
};

void roll_done(struct roll *r);

/*
 * The host called @name; where that is all that is known of it @boot is empty. Made when it is not there yet;
 * NULL when memory ran out.
 */
struct fleet_host *roll_find(struct roll *r, struct sv name, struct sv boot);

/* The same of one that is there; NULL: there is none. */
struct fleet_host *roll_known(const struct roll *r, struct sv name);

/* @host has said @line, which is no answer. Returns 0 or -ENOMEM. */
int roll_say(struct fleet_host *host, struct sv line);

/* Somebody has said @line. Returns 0 or -ENOMEM. */
int roll_noise(struct roll *r, struct sv line);

/* @host wants @text known about its answer. Returns 0 or -ENOMEM. */
int roll_tell(struct roll *r, const struct fleet_host *host, enum note kind, struct sv text);

/* Those that were taken for hosts by a word in front of a line are none. Returns 0 or -ENOMEM. */
int roll_drop_guesses(struct roll *r);

/* How many have answered, be it in part. */
size_t roll_answered(const struct roll *r);

/* Adds what is to be known about who has answered to @notes. Returns 0 or -ENOMEM. */
int roll_note(const struct roll *r, struct notes *notes);
