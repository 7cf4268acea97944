/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Partials (fleet/partial.h) of many hosts put together to one answer, as one machine would give it that had
 * all their sockets.
 *
 * In which order they come makes no difference, nor does how often the same one does. What is not whole is
 * taken as far as it can be read, and told with its host. A host is known by the name that carries its lines,
 * else by its own name and its start.
 */

#include "fleet/roll.h"

struct merge_opts { /* borrowed as long as the merger lives; NULL: as the partials say */
	const char *by, *having, *sort;
	uint64_t limit;
	bool has_limit;
	bool is_for_people;  /* of findings what they are, and no more */
	struct tabular *to;  /* where the answer goes */
	struct notes *notes; /* what is to be known about it */
};

struct merge;

int merge_new(const struct merge_opts *o, struct merge **ret);
struct merge *merge_free(struct merge *m);

DEFINE_CLEANUP(struct merge, merge_free)

/* Who has answered; names may be put in before. */
struct roll *merge_roll(struct merge *m);

/* Begins to read from another place: a file, standard input. */
void merge_begin(struct merge *m);

/*
 * Takes what the lines in @bytes say; what is behind the last line end is left for the next call, unless
 * @is_end. Returns how many bytes were taken, or a negative errno: -EINVAL when the question cannot be
 * answered.
 */
ssize_t merge_bytes(struct merge *m, struct sv bytes, bool is_end, struct err *e);

/* Nothing more comes from there. */
void merge_end(struct merge *m);

/*
 * Hands on the answer; the caller ends @o.to after it. Returns 0; -ENODATA with detail when there was none at
 * all; or another negative errno.
 */
int merge_answer(struct merge *m, struct err *e);

/* Whether findings were put together of which one is at least a warning. */
bool merge_has_findings(const struct merge *m);

/*
 * Answers in rounds (fleet/partial.h). Whether each host that should answer has come to where it waits, or
 * has ended.
 */
bool merge_is_waiting(const struct merge *m);

/*
 * Appends what is to be asked next to @ret: first for all groups that can be among the first, then for those
 * that are, where some host has not told of them. Returns 1; 0 when nothing is to be asked; or -ENOMEM.
 */
int merge_ask(struct merge *m, struct text *ret);

/* Whether all has been asked. */
bool merge_is_asked(const struct merge *m);
