/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A partial: the answer of one machine in a form that can be put together with those of others
 *(fleet/merge.h). This is its specification, version 1; docs/fleet.md has examples.
 *
 * Lines of ASCII, each of which stands alone behind what carries it ("web1: LINE"). A line begins with "ss",
 * the version, a letter that tells its kind, and a blank; then words, with one blank between them. No word is
 * empty, and none has a blank in it. TEXT is bytes of which blanks, control characters, those above 126, and
 * any of % , ; \ are %hh. CELL is what ops/cell_text.h says, SUM what ops/sum_text.h does.
 *
 * ss1h KEY=TEXT ...
 *	First, and once. A key that is not known is passed over.
 *
 *	host, boot	the machine, and the number of its start
 *	id		16 digits, another for each answer
 *	time		when it is true, in microseconds since 1970
 *	version		of the program
 *	of		groups, sockets or findings
 *	asked		which sockets: answers with other ones are not put together
 *	by, sort, limit	as --by (with the aggregates of --columns behind it), --sort and --limit say it
 *	columns		the names of what is in the lines r, of sockets and findings
 *	bound		a CELL, when groups were left out: none of them has more, in what they are in order by
 *
 * ss1g KEY ... COUNT SUM ...
 *	A group, once: a CELL for each key, how many sockets, a SUM for each aggregate.
 *
 * ss1o N COUNT SUM ...
 *	The N groups that were left out, together.
 *
 * ss1r CELL ...
 *	A record: a CELL for each column.
 *
 * ss1n KIND TEXT
 *	What is to be known about the answer: a warning or an error.
 *
 * ss1w BOUND
 *	The first groups have been sent, and the answer goes on as it is asked (below). No group that was not
 *sent has more than BOUND.
 *
 * ss1e LINES TOTAL STATE SUM
 *	Last: how many lines there were before it; of how many sockets the groups are; "whole" or "partial";
 *and as 16 digits the sum, modulo 2^64, of the hash_bytes() (base/hash.h) of each of those lines without its
 *	end, and of this one up to the blank before SUM.
 *
 * Where an answer goes on, these lines on its standard input ask for more of the same sockets:
 *
 * ss1t NUMBER	all groups with at least NUMBER, in what they are in order by; w follows
 * ss1k KEY ...	the group with these keys, if there is one
 * ss1d		no more; o and e follow. So they do at the end of the input
 *
 * Numbers are decimal. What follows the words of a line that are told here belongs to a later program, and is
 * passed over; a line of another kind too. A change that this does not allow is another version.
 */

#include "base/cleanup.h"
#include "base/out.h"
#include "base/sv.h"
#include "ops/group.h"

enum { PARTIAL_VERSION = 1 };

/* Without its end a line has no more bytes than this. */
enum { PARTIAL_LINE_MAX = 1 << 20 };

struct partial_opts { /* all borrowed as long as the partial lives; NULL, or empty: not said */
	struct sv host, boot;
	uint64_t id, time_us;
	const char *version;
	struct sv asked;
	const char *by, *columns, *sort;
	uint64_t limit;
	bool has_limit;
	bool has_rounds; /* the first groups, and then what is asked for on .asks */
	int asks;        /* a file descriptor */
};

struct partial;

/* Writes on @out, borrowed. Returns 0 or -ENOMEM. */
int partial_new(const struct partial_opts *o, struct out *out, struct partial **ret);

/* The same object where records go; its free() ends it. */
struct tabular *partial_tabular(struct partial *p);

/* Takes groups, for struct group_opts; the context is the partial. */
int partial_take(void *ctx, const struct group_taken *t);

/* The number of a line in the sum of the last one. */
uint64_t partial_line_hash(struct sv line);
