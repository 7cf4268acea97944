/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which values of a socket make up a record: what --columns, --by and --sort
 * name.
 */

#include "base/err.h"
#include "ops/group.h"

enum { COLUMNS_MAX = 512 };

struct columns {
	struct column v[COLUMNS_MAX];
	size_t n;
	char *name[COLUMNS_MAX]; /* those that are no field's name */
	size_t n_names;
};

void columns_done(struct columns *c);

/* Adds the field @f. Returns 0, or -E2BIG with detail. */
int columns_add(struct columns *c, enum field_id f, struct err *e);

/*
 * Adds "FIELD,...", each by any name that it has (query/naming.h), blanks around it do not count. "peer" is
 * the address and the port, which tables show in one; each may be a shell pattern, which stands for all
 * fields it fits in their order, or an address with the bits that count: "/24" for IPv4, "/64" for IPv6,
 * "/24/64" for both; the other addresses count in full.
 * @option is named in errors. Returns 0; -EINVAL, -E2BIG or -ENOMEM with detail.
 */
int columns_parse(struct columns *c, struct sv list, const char *option, struct err *e);

/* Adds the fields that a list for columns_parse() names to @set: not those that only fit a pattern. */
void columns_named(struct sv list, struct fieldset *set);

/*
 * Reads "KEY,...", among which may be aggregates such as "p99(tcp.rtt)", and what groups have anyway
 * ("count"): adds the keys, which must come first, and the columns that the aggregates are taken of, and sets
 * the numbers and the aggregates of @group, keeping those that are there. To be called a last time with the
 * end of the list of aggregates. Returns as columns_parse().
 */
int columns_parse_by(struct columns *c, struct sv list, const char *option, struct group_opts *group,
		     struct err *e);

/*
 * Reads the list of --columns beside --by: aggregates are added to those of @group; keys and what groups have
 * anyway are there. Returns as columns_parse().
 */
int columns_parse_more(struct columns *c, struct sv list, const char *option, struct group_opts *group,
		       struct err *e);

/* Adds what the list of --sort names and @c does not have yet, behind the others. Returns as columns_parse().
 */
int columns_add_sorted(struct columns *c, struct sv list, struct err *e);
