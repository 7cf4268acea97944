/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The one dictionary: what people may type as the name of a field, in a filter and in every option that takes
 * fields. Those are the names of the registry, a few short ones (src, dport, peer), and the last part of a
 * name where it is that of TCP (rtt) or of one field only (pid).
 */

#include "base/text.h"
#include "model/field.h"

/* How many bytes at the start of @s can be the name of a field. */
size_t naming_len(struct sv s);

/* The field called @name, or F_MAX. Of those that mean an address and a port it is the address. */
enum field_id naming_find(struct sv name);

/* Whether @name is short for an address and a port together, and which: "peer". */
bool naming_pair(struct sv name, enum field_id *ret_addr, enum field_id *ret_port);

/* Whether @name means a field of either side, and which: "port". No field is called so. */
bool naming_either(struct sv name, enum field_id *ret_local, enum field_id *ret_peer);

/* The name most like @name, or NULL when none is. */
const char *naming_near(struct sv name);

/* Whether @name can only be a column of groups: "count", "sum(recvq)". */
bool naming_is_of_groups(struct sv name);

/* Appends what to do about @name, which is none: "did you mean tcp.rtt?", "say local.port or peer.port". */
void naming_put_remedy(struct sv name, struct text *t);

/* Appends @word with the name in it as the registry has it: "rtt", "peer/24", "p99(rtt)". */
void naming_put_full(struct sv word, struct text *t);

/* Bits 1 << AF_*: the families of which a row can have the field. */
uint64_t naming_families(enum field_id f);
