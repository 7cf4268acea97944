/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Values as words without blanks from which the same can be made again, on another machine. All of ASCII; one
 * value has one form, so that words are equal when values are.
 *
 *	cell	-			absent
 *		DIGITS			a number
 *		iDIGITS, i-DIGITS	one of those that may be below 0
 *		rHHHHHHHHHHHHHHHH	a real one: the bits of the IEEE double
 *		sTEXT			bytes; blanks, those that are no printable ASCII, and % , ; \ as %hh
 *		xHH...			bytes of an address and of what is no text
 *		oOWNER;OWNER...		who holds a socket: PART=TEXT,PART=DIGITS...
 */

#include "base/text.h"
#include "model/tabular.h"
#include "ops/keep.h"

/* Appends the cell @c of @column. */
void cell_put(struct text *t, const struct column *column, const struct cell *c);

/*
 * Reads what cell_put() writes of @column into @ret, whose bytes are kept in @k. Returns 0, -EBADMSG when it
 * is none of @column or not in its one form, or -ENOMEM.
 */
int cell_read(struct sv word, const struct column *column, struct keep *k, struct cell *ret);

/* Appends @s as TEXT above. */
void cell_put_text(struct text *t, struct sv s);

/* Appends what TEXT stands for to @ret; false when it is none. */
bool cell_read_text(struct sv word, struct text *ret);
