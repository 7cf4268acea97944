/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The value of a column as text: for programs, where nothing is rounded or
 * lost, and for people. Both are described in docs/formats.md.
 */

#include "base/text.h"
#include "model/tabular.h"

/* What the text for programs is like. */
enum form {
	FORM_NUMBER, /* decimal */
	FORM_WORD,   /* printable ASCII without blanks, quotes and backslashes */
	FORM_TEXT,   /* bytes that somebody else chose; value_put_raw() writes them as they are */
	FORM_TRUE,   /* present or not */
	FORM_OWNERS,
	FORM_LIST, /* what its elements are says model/list.h */
};

/* Of a column with a .part: of each of its values. The same for every value, so that a schema can tell it. */
enum form value_form(const struct column *c);

/* Whether the values are amounts, which can be added up and compared in size; else they name something. */
bool value_is_amount(const struct column *c);

/* "gauge", "counter" or "name"; NULL when the values are no numbers. */
const char *value_kind(const struct column *c);

/* The column of which @f is the value when it is asked for by its name. */
struct column column_of_field(enum field_id f);

/* Whether there is something to show: false also for a number that is none. */
static inline bool value_is_there(const struct cell *c)
{
	return c->is_there && (c->val.kind != VAL_REAL || __builtin_isfinite(c->val.d));
}

/* The raw text of @v, which is no list; of FORM_TRUE "true". */
void value_put_raw(struct text *t, const struct column *c, const struct val *v);

/*
 * Bytes as printable UTF-8 in one line: a backslash is doubled; each byte of a
 * control character or of a direction mark, a byte that is not UTF-8, and one
 * in @also is \xHH.
 */
void value_put_escaped(struct text *t, struct sv s, const char *also);

/*
 * The whole of a cell in one line for programs: lists are joined by ';', text
 * is escaped as value_put_escaped() does, an owner is "pid=1 fd=2 name=x".
 */
void value_put_line(struct text *t, const struct column *c, const struct val *v);

/* The whole of a cell for people: units, lists joined by ',', text made safe. */
void value_put_human(struct text *t, const struct column *c, const struct val *v);

/* What numbers of @c count, for a schema: "us", "ms", "bytes", "bytes/s", "1" for a share; NULL: no unit. */
const char *value_unit(const struct column *c);

/* Word @i of the states and of the address families; NULL after the last, and "" for one without a word. */
const char *value_state(size_t i);
const char *value_family(size_t i);
