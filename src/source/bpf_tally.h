/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Events that the kernel counts, instead of telling each: by which fields it can, and the groups.
 */

#include "bpf/events.h"
#include "bpf/load.h"
#include "model/field.h"

struct bpf_tally {
	int map[2];
	uint32_t turn; /* as in struct event_shared */
	bool is_read;  /* the table that is not counted in has groups that were not taken */
	struct event_tally_key key, next;
	bool has_next;
	struct event_tally_sum sum; /* of .key, what was not handed on yet */
};

/*
 * Has events counted by @keys with sums of @sums. False when the program cannot tell them apart by all of
 * these, or cannot add these: then @shared is as it was.
 */
bool bpf_tally_want(const struct fieldset *keys, const struct fieldset *sums, struct event_shared *shared);

/* What was counted until now is what is read next. */
void bpf_tally_turn(struct bpf_tally *t, struct event_shared *shared);

/*
 * The next group into @ret, in which .r.info has the sums; *@ret_n is how many events it had. A sum that its
 * member has no room for comes in parts, with *@ret_n 0 but once. Returns 1, 0 at the end, or a negative
 * errno.
 */
int bpf_tally_next(struct bpf_tally *t, const struct event_shared *shared, struct event_record *ret,
		   uint64_t *ret_n);
