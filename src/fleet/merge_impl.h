/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Inner to fleet/merge.h: what lines are added to.
 */

#include "base/hash.h"
#include "fleet/merge.h"
#include "fleet/question.h"
#include "ops/aggregate.h"
#include "ops/keep.h"

/* Words of a line that has them. */
struct header {
	struct text host, boot, asked, of, by, sort, columns, bound;
	uint64_t id, time_us, limit;
	bool has_limit;
};

/* What is in one place, such as a file. */
struct stream {
	enum { STREAM_UNKNOWN, STREAM_BARE, STREAM_NAMED } form;
	struct fleet_host *bare; /* whose lines have no name in front */
	struct fleet_host *last; /* whose name the last line had */
	bool is_skipped;         /* what comes is the rest of a line that is too long */
};

struct slot { /* a group as the partials have it, by the bytes of its keys */
	struct sv key;
	uint32_t host; /* whose it is, where hosts are told apart; else 0 */
	struct group_entry *group;
	double sent;   /* the bounds of hosts that have told of it */
	size_t n_told; /* how many have */
	bool is_asked; /* all were asked for it by name */
};

struct merge {
	struct merge_opts o;
	struct roll roll;
	struct stream stream;
	uint64_t seed;
	struct question *own;  /* of the first partial that could be read; NULL: there was none */
	struct question *want; /* of --by; NULL: it is the same */
	struct coarser by;
	/* Of groups: */
	struct group *group;
	struct tabular *bounded;
	struct hash slots;
	struct slot **all;
	size_t n, cap;
	struct keep keep;
	double bound; /* no group has more of it in what hosts have not told */
	bool has_bounds, is_unranked;
	unsigned int round; /* of what is asked for: how often it was */
	bool is_near[GROUP_AGGREGATES_MAX];
	/* Of records: */
	struct tabular *sorted;
	struct column *columns; /* that come: the host, then theirs, then a rank where findings have one */
	size_t n_columns, host_at, severity_at;
	struct cell *cells;
	struct keep scratch;
	bool has_findings;
};

/* Makes what the answer is put together in. Returns 0, -EINVAL with detail, -ENOMEM. */
int merge_groups_open(struct merge *m, struct err *e);
int merge_records_open(struct merge *m, struct err *e);

/* What stands behind the kind of a line of @h. Returns 0, -EBADMSG when it makes no sense, -ENOMEM. */
int merge_group_line(struct merge *m, struct fleet_host *h, struct sv words);
int merge_others_line(struct merge *m, struct fleet_host *h, struct sv words);
int merge_record_line(struct merge *m, struct fleet_host *h, struct sv words);

/* No group that @h has not told of has more than @words says. */
int merge_waiting_line(struct merge *m, struct fleet_host *h, struct sv words);

/* Whether after all rounds the first groups are known, and all of them. Returns 0 or -ENOMEM. */
int merge_check_rounds(struct merge *m, bool *ret);

/* How many groups are shown; UINT64_MAX: all. */
uint64_t merge_limit(const struct merge *m);

/* What the group of @s has of that by which they are in order. */
double merge_value(struct merge *m, const struct slot *s);

/* Hands on all. Returns 0 or a negative errno. */
int merge_groups_answer(struct merge *m);
int merge_records_answer(struct merge *m);

/* How much more the group of @s, NULL: one that no host has told of, can have than is known, at most. */
double merge_most(const struct merge *m, const struct slot *s);

/* The slot with the bytes @key of @host; NULL: there is none. */
struct slot *merge_slot(const struct merge *m, struct sv key, uint32_t host);

/* The question that is answered. */
static inline const struct question *merge_question(const struct merge *m)
{
	return m->want ? m->want : m->own;
}

/* Adds a column that tells how much there can be at most, behind those that come. Returns 0 or -ENOMEM. */
int bounded_new(struct merge *m, struct tabular *to, struct tabular **ret);
