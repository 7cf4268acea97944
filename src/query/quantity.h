/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Numbers with units, as people write them: 1.5ms, 64K, 10MB/s, 100Mbit, 80%, 0x1f.
 */

#include "model/field.h"

struct quantity {
	uint64_t n;    /* in the unit of the field, or in parts (quantity_one()), rounded down */
	bool is_exact; /* not rounded */
};

/*
 * Reads all of @s as a value of @type. A number without a unit has that of
 * @like, when it is a number with one, else the type's own. Returns 0; -EINVAL
 * when it is none; -ERANGE when it does not fit.
 */
int quantity_read(enum type type, struct sv s, struct sv like, struct quantity *ret);

/* Of how many parts of @type a filter compares make 1: a share and a rate are no whole numbers. */
uint64_t quantity_one(enum type type);

/* How many of the unit of @to one of @from is, for types that count the same; -1 for others. */
double quantity_scale(enum type from, enum type to);

/* What to say of something that is no value of @type. */
const char *quantity_error(enum type type);

/* How the type's own unit is written; "" when it has none. */
const char *quantity_unit(enum type type);
