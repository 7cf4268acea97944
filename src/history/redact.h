/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Recordings without what is nobody else's business. Addresses and names are replaced, the same by the same;
 * what is not known to be harmless is left out, whoever put it there: attributes and facts of later versions,
 * too. What stays: how many sockets there are, in which states, with which ports, numbers and counters, and
 * who is connected with whom.
 *
 * Two addresses that have their first n bits in common have as many in common afterwards. The ranges that
 * have a meaning of their own (loopback, private, link-local, multicast, unspecified) stay themselves.
 *
 * All depends on a key that is made for each struct redact, and is nowhere else.
 */

#include <stddef.h>

#include "base/err.h"
#include "history/store.h"

struct redact;

/* Makes a key. Returns 0 or a negative errno. */
int redact_new(struct redact **ret, struct err *e);
struct redact *redact_free(struct redact *r);

/* Adds the sample that @from is at, begun @at, to @to. Returns 0 or a negative errno. */
int redact_sample(struct redact *r, const struct store_time *at, struct store_reader *from,
		  struct store_writer *to, struct err *e);

DEFINE_CLEANUP(struct redact, redact_free)
