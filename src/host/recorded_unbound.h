/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Sockets that were in no table, as recordings have them.
 */

#include "history/facts.h"
#include "model/segment.h"

/* Appends what is recorded of @u: the value of FACT_UNBOUND. */
void recorded_unbound_put(struct text *t, const struct seg_unbound *u);
