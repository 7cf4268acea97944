/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --exists, --wait, --gone: asks until there is, or is no longer, what is asked for.
 */

#include "base/out.h"
#include "cli/cli.h"

struct watch_ops {
	/* Asks once, with the answer in @out. Returns 0 or a negative errno, maybe with detail. */
	int (*ask)(void *ctx, struct out *out, bool *ret_is_there, struct err *e);
	const struct selection *told; /* borrowed: the sockets that the kernel may tell of; NULL: none */
};

enum watch_verdict { WATCH_YES, WATCH_NO, WATCH_UNSEEN };

/*
 * Asks @ops, with the request of @c, between 10 ms and 1 s apart, and where the kernel tells of it when a
 * socket has changed or ended, until it is as wanted, time is over or a signal comes: the latter two are
 * WATCH_NO, or WATCH_UNSEEN where not all could be seen, as is nothing that is only not seen. With --wait the
 * answer is written to standard output. Returns 0 or a negative errno.
 */
int watch_run(struct cli *c, const struct watch_ops *ops, void *ctx, enum watch_verdict *ret, struct err *e);
