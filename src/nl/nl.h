/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * A netlink socket: ask, then read the answers one by one.
 *
 * Checked on the way, so that nobody else has to: that the answer belongs to
 * the question, that messages lie inside what was received, the error that
 * ends a dump, and whether the kernel says that the dump is inconsistent.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/sv.h"

struct nl;
struct nlmsghdr;

/* Opens a socket of the netlink protocol @protocol, NETLINK_*. Returns 0 or a negative errno:
 * -ENOTRECOVERABLE in a thread that did not come back from another network namespace (nl/home.h). */
int nl_open(int protocol, struct nl **ret, struct err *e);

/* The same in the network namespace that @netns is a descriptor of. The thread is in its own again when this
 * returns; were that to fail, which takes a loss of privilege meanwhile, it is lost. */
int nl_open_in(int netns, int protocol, struct nl **ret, struct err *e);

struct nl *nl_close(struct nl *nl);

DEFINE_CLEANUP(struct nl, nl_close)

/* From now on the kernel takes the header of a question for tables of routes as a filter, where it can:
 * Linux 5.0. */
void nl_be_strict(struct nl *nl);

/* Joins a multicast group, 1-based; the socket serves for events alone from now on. Returns 0 or a negative
 * errno. */
int nl_join(struct nl *nl, unsigned int group, struct err *e);

/*
 * Sends a request: message type @type, flags NLM_F_*, body @body. What an
 * earlier request still had to say is skipped from now on.
 */
int nl_ask(struct nl *nl, uint16_t type, uint16_t flags, const void *body, size_t len, struct err *e);

/* From now on answers may have messages of any length: for sockets with BPF storage. They take longer to
 * read. */
void nl_expect_long(struct nl *nl, bool is_long);

/*
 * Sets *@ret to the next message of the answer, valid until the next call.
 * Returns 1 for a message, 0 at the end of the answer (a dump's end, or the
 * acknowledgement), or a negative errno: the kernel's answer, or -EBADMSG for
 * one that is not well formed, or -ETIMEDOUT when the kernel keeps silent.
 */
int nl_next(struct nl *nl, const struct nlmsghdr **ret, struct err *e);

/* What was received behind the message that nl_next() gave last. */
struct sv nl_ready(const struct nl *nl);

/*
 * Waits until there is a multicast message; meanwhile @mask is the signal mask.
 * Returns 1 when there is, 0 when there is not but nobody reads any more from
 * the pipe that @fd writes to, or a negative errno: -EINTR after a signal.
 */
int nl_wait(struct nl *nl, int fd, const sigset_t *mask, struct err *e);

/* Its descriptor, which polls as readable when there is something. */
int nl_fd(const struct nl *nl);

/*
 * The next multicast message, if there is one. Returns 1; 0 when there is none
 * now; or a negative errno: -ENOBUFS when the kernel had to drop messages.
 */
int nl_next_event(struct nl *nl, const struct nlmsghdr **ret, struct err *e);

/* How many multicast messages the kernel dropped so far; 0 when it does not tell (before Linux 4.12). */
uint32_t nl_dropped(const struct nl *nl);

/* Whether a dump since the last nl_ask() was marked as inconsistent by the kernel. */
bool nl_is_interrupted(const struct nl *nl);

/* Whether an answer is still to be read to its end. */
bool nl_is_asking(const struct nl *nl);
