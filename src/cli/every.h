/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * --every: the same answer again and again, on a steady clock. How one stands beside the other is up to where
 * they go: a stream of samples, a screen on which each takes the place of the last, a file that does.
 */

#include "base/out.h"
#include "cli/cli.h"

enum every_form {
	EVERY_STREAM, /* all samples are one answer */
	EVERY_SCREEN, /* each is an answer of its own, and only the last is seen */
	EVERY_FILE,   /* the same in a file */
};

struct every_ops {
	/* One sample of all, to standard output at last. Returns 0 or a negative errno. */
	int (*sample)(void *ctx, struct err *e);
	/* One that is an answer of its own, into @out. */
	int (*answer)(void *ctx, struct out *out, struct err *e);
};

/* Where standard output leads, and whether what @c is to write can be a stream. */
enum every_form every_form(const struct cli *c);

/* 0, or -EINVAL with detail where the format is none of which there can be many in @form. */
int every_check(const struct cli *c, enum every_form form, struct err *e);

/*
 * Calls the one of @ops that @form needs every @c->q.every_us, @c->q.count times, or until a signal ends it,
 * or nobody reads the answer. What an answer says to know is told with it. Returns 0, or a negative errno:
 * what the last call did.
 */
int every_run(struct cli *c, enum every_form form, const struct every_ops *ops, void *ctx, struct err *e);
