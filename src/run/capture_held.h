/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/* Events, and what is known of who did them, that wait for the sample that will have them. Inner to run/. */

#include "base/notes.h"
#include "history/store.h"
#include "host/host.h"
#include "model/row.h"

struct capture_held;

/* Of @kinds, bits 1 << EVENT_*. Returns 0 or -ENOMEM. */
int capture_held_new(struct host *h, uint32_t kinds, struct capture_held **ret);
struct capture_held *capture_held_free(struct capture_held *h);

/* From now on the monotonic clock was 0 at @epoch_us. */
void capture_held_set_epoch(struct capture_held *h, uint64_t epoch_us);

/* Adds an event. Returns 0 or -ENOMEM. */
int capture_held_add(struct capture_held *h, const struct row *row);

/* How many bytes wait. */
size_t capture_held_size(const struct capture_held *h);

/* Puts all into the sample that has begun, with what is to be known of events: @notes. Returns 0 or a
 * negative errno. */
int capture_held_put(const struct capture_held *h, struct store_writer *w, const struct notes *notes);

/* Forgets them: they are in a sample. */
void capture_held_clear(struct capture_held *h);
