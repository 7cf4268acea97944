/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Whether host-wide counters are those of our network namespace.
 */

#include <stdbool.h>

/*
 * True when we are in the initial network namespace and, as far as can be seen,
 * there is no other: no process has one and none is kept by a mount. False when
 * there is one or not enough can be seen, as in a container. Costs about two
 * microseconds a process; needs no privilege.
 */
bool netns_is_alone(void);
