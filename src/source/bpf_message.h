/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Makes of a record of the BPF walk the message that sock_diag would send,
 * byte for byte: the attributes in the kernel's order. Those that it sends
 * unasked may be left out, where nobody reads them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/tcp.h"

enum {
	BPF_MESSAGE_MAX = 768, /* what one message takes at most */
	BPF_MESSAGE_NETNS = 8, /* and its network namespace of that */
};

/* What the kernel would be asked, and would tell. */
struct bpf_message_form {
	uint8_t ask;       /* extension bits of the request */
	bool has_mark;     /* with CAP_NET_ADMIN */
	bool is_short;     /* only the attributes asked for, and SKV6ONLY */
	bool has_netns;    /* and K_INET_DIAG_X_NETNS, which no kernel sends */
	uint32_t info_len; /* of its struct tcp_info */
};

/*
 * Writes the message of @r to @buf, which has room for BPF_MESSAGE_MAX bytes and is aligned to 4. Records are
 * as long as .ask says: a struct tcp_record_info or sock_record_mem. Returns its length, a multiple of 4.
 */
size_t bpf_message_put(const struct sock_record *r, const struct bpf_message_form *f, char *buf);

/* Adds the network namespace of @r to the message in @buf, which has room. Returns its new length. */
size_t bpf_message_add_netns(const struct sock_record *r, char *buf);

/* The size of a record when the kernel would be asked @ask. */
size_t bpf_message_record_size(uint8_t ask);
