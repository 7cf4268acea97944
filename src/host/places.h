/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * All network namespaces of this machine, and what is worth asking in each.
 *
 * Most share one table of TCP sockets: who asks for those of one passes those
 * of all. So where that pays, one walk by BPF gives the sockets of all of them.
 */

#include "base/notes.h"
#include "enrich/netns.h"
#include "model/place.h"

struct places {
	const struct netns_list *list; /* borrowed */
	struct place *v;               /* those that can be entered; home is the first */
	size_t n;
	size_t n_sharing; /* of them: those with TCP sockets in the table that home uses */
	int64_t n_tcp;    /* in the table that home uses; -1: not known */
	struct err why;   /* why the first of the others cannot be entered */
	bool *is_open;    /* by index in the list: it is one of .v */
};

/*
 * Goes through the namespaces of @list to see what they have; it must live as long as the result. Those that
 * cannot be entered are a note. Returns 0 or a negative errno: -ENOTRECOVERABLE when the way home is barred.
 */
int places_new(const struct netns_list *list, struct notes *notes, struct places **ret, struct err *e);
struct places *places_free(struct places *w);

DEFINE_CLEANUP(struct places, places_free)

/* Whether the namespace with the number @ino is one of them. */
bool places_has(const struct places *w, uint32_t ino);

/* Moves this thread to @p, NULL for home; returns as netns_visit(). */
int places_visit(const struct places *w, const struct place *p, struct err *e);
