/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * Which Linux is asked, for what its messages do not say.
 */

#include <stdint.h>

#include "base/sv.h"

/* The version at the start of @text as 0x60a for "6.10.3-amd64", or 0 when it is none that fits. */
uint16_t release_read(struct sv text);

/* The version of the kernel that runs here, or 0 when it does not say. */
uint16_t release_running(void);
