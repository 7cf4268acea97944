/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * In a user namespace that does not have all users, the others have one number.
 */

#include <stdint.h>

/* That number; UINT64_MAX when each user has one of its own. */
uint64_t nobody_here(void);
