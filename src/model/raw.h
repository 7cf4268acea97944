/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What a kernel newer than this program says: attributes that no registry knows, and what structures have
 * behind their last member. It is the field "raw", a list.
 */

#include "base/text.h"
#include "model/row.h"

enum { RAW_BYTES_MAX = 256 }; /* kept of each */

struct raw {                 /* an element */
	uint16_t attr, nest; /* types of the attribute and of the one that it lies in, 0 for none */
	uint16_t at;         /* how much of it is known */
	uint16_t len;        /* of all of it in bytes */
	uint16_t n;          /* bytes kept from .at on */
	uint8_t bytes[RAW_BYTES_MAX];
};

/* Appends a struct raw for each that @row has, as far as they are kept; false when there is none. */
bool raw_put(struct text *t, const struct row *row);
