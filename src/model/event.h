/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What can happen to a connection.
 */

#include <stdint.h>

#include "base/err.h"

enum event_kind {
#define EVENT(id, word) EVENT_##id,
#include "model/defs/events.def"
	EVENT_MAX
};

/* Bits 1 << EVENT_* of those that can be asked for. */
enum { EVENTS_ALL = (1 << EVENT_LOST) - 1 };

/* Its word, as in "open". */
extern const char *const event_names[EVENT_MAX];

/*
 * Reads @list, words separated by commas or "all", as bits 1 << EVENT_*; EVENT_LOST is none that can be asked
 * for. Returns 0 or -EINVAL with detail.
 */
int event_parse(const char *list, uint32_t *ret, struct err *e);
