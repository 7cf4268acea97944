/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What options ask of this machine before anything else: to be in another network namespace, whether it has
 * SELinux, BPF maps.
 */

#include "cli/cli.h"

/*
 * Does that in the order of the options, which @argv holds and @c->q was made of; @words is room for the
 * words. Returns 0 or a negative errno with detail, -EBADF for what cannot be meant.
 */
int prepare(struct cli *c, int argc, char **argv, struct sv *words, struct err *e);
