/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * What the kernel knows of a TCP listener and does not say of it: how many handshakes are open behind it, and
 * with whom it shares its port. Found from a list of all listeners and one of all open handshakes.
 */

#include "host/host.h"

struct listeners;

/* Whether something in @set comes from here. */
bool listeners_are_needed(const struct fieldset *set);

/*
 * Reads the listeners of all @places, NULL for those of home, as far as @set needs. Asks the host, and so
 * must not come between another question and its answer. What could not be read is a note, and absent from
 * rows. Returns 0 or -ENOMEM.
 */
int listeners_new(struct host *h, const struct places *places, const struct fieldset *set,
		  struct notes *notes, struct listeners **ret);
struct listeners *listeners_free(struct listeners *l);

/* Append the segment LISTENER, or REUSEPORT, of the listener @row; false when there is none. */
bool listeners_put_syn(const struct listeners *l, struct text *t, const struct row *row);
bool listeners_put_group(const struct listeners *l, struct text *t, const struct row *row);
