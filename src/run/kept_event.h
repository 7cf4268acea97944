/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Events to a recording, and back: rows to messages (history/event.h) to rows. */

#include "history/event.h"
#include "history/store.h"
#include "model/event.h"
#include "model/field.h"

struct text;

/* Appends the message of @row, an event, to @t, and fills it up to four bytes. @epoch_us: when the monotonic
 * clock was 0. */
void kept_event_put(struct text *t, const struct row *row, uint64_t epoch_us);

struct kept_event {
	struct event_told told;
	enum event_kind kind;
	struct seg_event seg; /* what a row of it has */
	size_t msg_len;       /* of the message without the attribute */
};

/* False when @m is no event, or none that is known. */
bool kept_event_read(const struct store_message *m, struct kept_event *ret);
