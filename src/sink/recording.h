/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The output that keeps messages as the kernel sent them: a recording, as
 * source/file.h reads it. Rows of one address family that follow each other
 * are one dump, ended by NLMSG_DONE.
 */

#include "base/out.h"
#include "sink/sink.h"

/* Makes the output on @out, which is borrowed. Returns 0 or -ENOMEM. */
int recording_new(struct out *out, struct sink **ret);

struct sink *recording_free(struct sink *s);
