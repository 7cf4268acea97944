/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Reading JSON (RFC 8259) that is at hand as a whole, value by value, to find a few texts in it. It is strict
 * and builds nothing: what is wrong, or nested deeper than JSON_DEPTH, makes .failed, after which there is
 * nothing more to be had. That a text has no more after its value is for json_end() to say.
 *
 *	if (json_enter(&j, '{'))
 *		while (json_key(&j, &key))
 *			if (sv_is(sv_n(key.p, key.len), "Name"))
 *				json_text(&j, &name);
 *			else
 *				json_skip(&j);
 */

#include <stdbool.h>

#include "base/text.h"

enum { JSON_DEPTH = 64 };

struct json {
	struct sv rest;
	unsigned int depth;
	bool is_first; /* no member or element of the innermost one was read yet */
	bool failed;
	char open[JSON_DEPTH]; /* '{' or '[' */
};

/* Reads @doc, which has to live as long as the reading. */
static inline struct json json_of(struct sv doc)
{
	return (struct json){ .rest = doc };
}

/* Goes into the value that comes next where that is one of @kind, '{' or '['; false, and past it, where not.
 */
bool json_enter(struct json *j, char kind);

/* The name of the next member of the object we are in, in place of what is in @ret; false at its end, behind
 * it. Its value comes next. */
bool json_key(struct json *j, struct text *ret);

/* Whether there is another element in the array we are in, which comes next; false at its end, behind it. */
bool json_item(struct json *j);

/* Appends the text that comes next, in UTF-8, to @ret; false, and past it, where another value does. */
bool json_text(struct json *j, struct text *ret);

/* Past the value that comes next. */
void json_skip(struct json *j);

/* Whether all was read, and in order. */
bool json_end(struct json *j);
