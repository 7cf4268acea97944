/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What there is to know about the fields themselves: for programs as a JSON
 * Schema, for people as a list.
 */

#include "base/text.h"
#include "model/tabular.h"

/* The number of the promise about fields and their form; see sockeye_schema_version() for when it grows. */
enum { SCHEMA_VERSION = 2 };

/* Appends a JSON Schema (2020-12) of what the formats json and ndjson write. Returns 0 or -ENOMEM. */
int schema_put(struct text *t);

/*
 * Hands @to a list with a record for each field whose name matches @pattern:
 * a shell pattern, or when it has none of *?[ a part of the name, or a word by
 * which the classic text shows the field; empty: all.
 * Whoever made @to ends it. Returns how many there were, or a negative errno.
 */
int fields_put(struct tabular *to, const char *pattern);

/* Whether there would be any. */
bool fields_has(const char *pattern);

/* What kind of value the field has, in a word. */
const char *field_type_name(enum field_id f);

/* Appends the first kernel that has the field, "6.10"; nothing when any has it. */
void field_put_since(struct text *t, enum field_id f);
