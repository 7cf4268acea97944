/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Names that are the same wherever one looks, and what stands for those of a machine that cannot be asked.
 */

#include "model/names.h"
#include "query/filter.h"

/* The protocol of a packet socket that is called @name. Returns 0 or -ENOENT. */
int names_ethertype(struct sv name, uint64_t *ret);

/* iproute2's name of a netlink protocol that its file does not name, or "". */
const char *names_netlink(uint8_t protocol);

/* The netlink protocol that iproute2 calls @name. Returns 0 or -ENOENT. */
int names_netlink_number(struct sv name, uint64_t *ret);

/* Whether what a name of @kind stands for is known to the machine alone that the sockets are of. */
bool names_is_of_machine(enum filter_name kind);

/* Puts numbers in place of all that is known to one machine alone. */
void names_forget_machine(struct names *n);
