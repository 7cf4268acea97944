/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a partial answers, by the words of its first line, and whether another question can be answered from
 * it.
 */

#include "base/cleanup.h"
#include "base/err.h"
#include "ops/columns.h"

/* By which column of groups they are in order, when it is one of which parts add up. */
struct group_rank {
	size_t at; /* of the columns handed on */
	struct column column;
	bool is_sum; /* the greatest first, of a count or a sum: what is known of parts bounds the whole */
};

/* How groups of @o are in order, of records with @columns. */
void group_rank(const struct group_opts *o, const struct column *columns, struct group_rank *ret);

enum question_of { OF_GROUPS, OF_SOCKETS, OF_FINDINGS };

/* The words, and what they mean. */
struct question {
	enum question_of of;
	struct text asked, by, sort, columns_text; /* each ends with a NUL */
	uint64_t limit;
	bool has_limit;
	struct columns columns; /* of the records counted, or listed */
	struct group_opts group;
	struct group_rank rank;
};

struct question *question_free(struct question *q);

DEFINE_CLEANUP(struct question, question_free)

/* Finds out what the words of @q mean. Returns 0, -EINVAL or -E2BIG with detail, -ENOMEM. */
int question_settle(struct question *q, struct err *e);

/* Whether both ask for the same of the same; the order and the limit may differ. */
bool question_is_same(const struct question *a, const struct question *b);

/* Where what a coarser question asks for comes from. */
struct coarser {
	bool is_host[GROUP_KEYS_MAX]; /* the key is the name of the host .. */
	size_t key[GROUP_KEYS_MAX];   /* .. or this key of the partials, under a prefix no longer */
	size_t aggregate[GROUP_AGGREGATES_MAX];
	bool is_own; /* nothing is different */
	bool has_host;
};

/*
 * Finds out how @want is answered from answers to @have. Returns 0, or -EINVAL with what is finer, or not
 * there.
 */
int question_coarsen(const struct question *have, const struct question *want, struct coarser *ret,
		     struct err *e);
