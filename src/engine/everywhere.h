/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * All network namespaces of this machine, one after the other, and what is
 * worth asking in each.
 *
 * Most share one table of TCP sockets: who asks for those of one passes those
 * of all. So where that pays, one walk by BPF gives the sockets of all of them.
 */

#include "base/notes.h"
#include "enrich/netns.h"

enum { PLACE_STEPS = 64 }; /* a step behind these is asked in every place */

struct place {
	const struct netns *ns;
	size_t i;          /* in the list; 0 is home */
	int64_t n_tcp;     /* its TCP sockets, TIME-WAIT too, bound-inactive ones not; -1: not known */
	bool shares_table; /* of connections, with home, as the settings have it */
	bool is_walked;    /* the answer at hand has what this place would answer */
	uint64_t done;     /* bits 1 << number of the step: answered with another place's */
};

struct everywhere {
	const struct netns_list *list; /* borrowed */
	struct place *v;               /* those that can be entered; home is the first */
	size_t n;
	size_t n_sharing; /* of them: those with TCP sockets in the table that home uses */
	int64_t n_tcp;    /* in the table that home uses; -1: not known */
	struct err why;   /* why the first of the others cannot be entered */
};

/*
 * Goes through the namespaces of @list to see what they have; it must live as long as the result. Those that
 * cannot be entered are a note. Returns 0 or a negative errno: -ENOTRECOVERABLE when the way home is barred.
 */
int everywhere_new(const struct netns_list *list, struct notes *notes, struct everywhere **ret,
		   struct err *e);
/* Step @step has been answered for those with .is_walked. */
void everywhere_done(struct everywhere *w, size_t step);

/* Sets .is_walked after a count in home's tables, of bound-inactive sockets or connections. */
void everywhere_counted(struct everywhere *w, bool is_bound);

struct everywhere *everywhere_free(struct everywhere *w);

DEFINE_CLEANUP(struct everywhere, everywhere_free)
