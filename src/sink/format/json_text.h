/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What JSON is made of: strings, and which object each column is a key of.
 *
 * A name of [a-z0-9_.] nests at its dots; any other is a key as it stands.
 * Owners and their parts are one list of objects at the owners' name. A name
 * that would be both a value and an object, which no field has, is a key of
 * the outermost object, dots and all. A name asked for twice is there once.
 */

#include "base/text.h"
#include "model/tabular.h"

/*
 * Appends @s as a JSON string. A byte that is not UTF-8 becomes the lone
 * surrogate \udcXX, so that nothing is lost; what a terminal would act upon is
 * escaped too.
 */
void json_put_string(struct text *t, struct sv s);

struct json_item { /* a key */
	struct sv name;
	size_t parent;  /* index of the item it lies in; that of the outermost object is itself */
	size_t column;  /* of a value; SIZE_MAX: an object */
	uint32_t parts; /* of a list of owners: bits 1 << enum part, what of each; else 0 */
};

struct json_tree {
	struct json_item *items; /* 0 is the outermost object; parents come before what lies in them */
	size_t n;
	size_t *leaves; /* the values, in the order in which they are written */
	size_t n_leaves;
};

/* Borrows the names of the @n @columns. Returns 0 or -ENOMEM. */
int json_tree_init(struct json_tree *t, const struct column *columns, size_t n);
void json_tree_done(struct json_tree *t);
