/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The order of records: which columns count, and in which direction.
 */

#include "base/err.h"
#include "model/tabular.h"

enum { ORDER_KEYS_MAX = 16 };

struct order_key {
	size_t column;
	bool is_descending;
};

struct order {
	struct order_key key[ORDER_KEYS_MAX];
	size_t n;
};

/* The name in a word of --sort, without sign and direction. */
struct sv order_name(struct sv word);

/* Finds the column called @name among @n, by any of its names. Returns false when there is none. */
bool order_find(struct sv name, const struct column *columns, size_t n, size_t *ret);

/* The same, also of a key that is what @name is less exactly: "peer" of "peer.addr/24". */
bool order_find_key(struct sv name, const struct column *columns, size_t n, size_t *ret);

/*
 * Reads "COLUMN[:asc|:desc],..." for records of the @n @columns; a sign in front is a direction, too:
 * "-tcp.rtt" begins with the largest. Blanks around a word do not count. Without a direction amounts begin
 * with the largest, and all else with the least. Returns 0, or -EINVAL with detail.
 */
int order_parse(struct sv list, const struct column *columns, size_t n, struct order *ret, struct err *e);

/* Less than, equal to or greater than 0. What is absent comes last in either direction. */
int order_compare(const struct order *o, const struct cell *a, const struct cell *b);

/* The same for two values of one column, ascending; lists by their first elements. */
int order_values(const struct val *a, const struct val *b);
