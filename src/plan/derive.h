/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What has to be read for fields that no message has: who holds a socket, and what its numbers are called.
 */

#include "plan/select.h"

/* Adds the fields that those in @set are made from. */
void derive_needs(struct fieldset *set);

/* Adds fields by which more of those in @set can be told, and some without. */
void derive_helps(struct fieldset *set);

/* Whether @set has anything that is not in a message. */
bool derive_has(const struct fieldset *set);

/* Whether @set has what owners tell of sockets that do not tell it themselves. */
bool derive_may_need_owners(const struct fieldset *set);

/* Whether @set has something of the other ends of Unix sockets that takes a look at all of those. */
bool derive_has_unix_peers(const struct fieldset *set);

/*
 * The tables, bits 1 << TABLE_*, to be listed before those of @of for what @set has of the other ends of
 * their sockets and of who began; @is_tcp_recorded: those of TCP are of another machine.
 */
uint32_t derive_peer_tables(const struct fieldset *set, const struct selection *of, bool is_tcp_recorded);
