/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Labels of samples. States are called as OpenTelemetry calls them, everything else as in the other formats.
 */

#include "base/text.h"
#include "model/tabular.h"

/* Appends name="value", and a comma before it where there is something. Somebody else may have chosen @value.
 */
void label_put(struct text *t, const char *name, struct sv value);

/* The same of a state by our word for it. */
void label_put_state(struct text *t, const char *word);

/* The same of @cell, a key that is @c: nothing where it is absent, or was there before; NULL: that of all
 * others. @scratch is for it. */
void label_put_cell(struct text *t, struct text *scratch, const struct column *c, const struct cell *cell);

/* The label of a bucket up to @bound. */
void label_put_bound(struct text *t, double bound);
