/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * ss as everybody types it: options, state words, a filter.
 */

#include "host/host.h"

/* Carries it all out on this machine, with what the environment puts in place of its files; returns the exit
 * status. */
int classic_main(int argc, char **argv);

/* The same on the machine @h, which is borrowed. */
int classic_main_on(struct host *h, int argc, char **argv);
