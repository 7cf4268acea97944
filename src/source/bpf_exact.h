/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Asking sock_diag for one socket that the BPF walk found: for what the walk
 * cannot tell, and to see whether both say the same.
 */

#include "nl/nl.h"
#include "source/bpf_message.h"

/*
 * Sets *@ret to the kernel's message about the socket of @m and of @protocol, TCP or UDP, valid until @nl is
 * asked again. Returns 1, 0 when there is no such socket any more, or a negative errno. Of UDP sockets that
 * share a port the kernel finds one only, and 0 is returned for the others.
 */
int bpf_exact_ask(struct nl *nl, uint16_t protocol, const struct inet_diag_msg *m, uint8_t ask,
		  const struct nlmsghdr **ret, struct err *e);

/*
 * Whether @ours, made from a record, and @theirs, said by the kernel a little later, can be of the same
 * socket: the same attributes, but for those left out of ours, and of what does not change the same values.
 */
bool bpf_exact_agrees(const struct nlmsghdr *ours, const struct nlmsghdr *theirs);
