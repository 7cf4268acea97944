/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The network namespace that a thread works in, and going out of it. A thread that cannot come back sees
 * another one's sockets, names and counters where it means its own: it is marked as lost, nl_open() refuses
 * from then on, and a run ends and says so (run/session.h). Other threads are where they were.
 */

#include "base/err.h"

/* Moves this thread to the namespace that @netns is a descriptor of. Returns 0 or a negative errno. */
int home_leave(int netns);

/* Moves it back to @home, a descriptor or a negative errno. Returns 0, or as home_check(). */
int home_return(int home, struct err *e);

/* Whether this thread is where it should be. Returns 0, or -ENOTRECOVERABLE when it is lost, with why in @e.
 */
int home_check(struct err *e);
