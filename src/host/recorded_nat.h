/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Connections whose addresses were changed on their way, as recordings have them.
 */

#include "enrich/nat.h"
#include "history/facts.h"

/* The key of FACT_NAT for who has @t, in the network namespace @netns. */
struct fact_key recorded_nat_key(uint32_t netns, const struct tuple *t);
/* Appends its value: what the other end has. */
void recorded_nat_put(struct text *t, const struct tuple *other);
