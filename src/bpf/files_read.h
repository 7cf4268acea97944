/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Reading the iterators of the programs that fill a window of struct files_window (bpf/files.h). */

#include "base/err.h"
#include "bpf/files.h"
#include "bpf/load.h"

/*
 * Runs the iterator @name of @l to its end, and has @take, which returns 0 or a negative errno, empty the
 * window each time that it is full. Returns 0 or a negative errno.
 */
int files_read(struct bpf_load *l, const char *name, int (*take)(void *ctx), void *ctx, struct err *e);
