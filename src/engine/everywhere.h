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

enum { UNLISTED_MAX = 256 }; /* as many namespaces outside of the list are told apart */

struct everywhere {
	const struct netns_list *list; /* borrowed */
	struct place *v;               /* those that can be entered; home is the first */
	size_t n;
	size_t n_sharing; /* of them: those with TCP sockets in the table that home uses */
	int64_t n_tcp;    /* in the table that home uses; -1: not known */
	struct err why;   /* why the first of the others cannot be entered */
	bool *is_open;    /* by index in the list: it is one of .v */

	/* What a walk found of namespaces that are not in .v. */
	uint64_t n_unlisted;
	uint32_t unlisted[UNLISTED_MAX];
	size_t n_unlisted_ns;
	uint32_t last; /* asked for */
	bool has_last;
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

/*
 * Whether sockets of the namespace with the number @ino are listed. A walk by BPF sees those of others too,
 * which netlink cannot be asked for: so that one answer does not depend on the way, they are not.
 */
bool everywhere_has(struct everywhere *w, uint32_t ino);
/* @n sockets that were asked for are left out, as their namespace @ino is not listed. */
void everywhere_left_out(struct everywhere *w, uint32_t ino, uint64_t n);
/* Notes what was left out. */
void everywhere_report(const struct everywhere *w, struct notes *notes);

struct everywhere *everywhere_free(struct everywhere *w);

DEFINE_CLEANUP(struct everywhere, everywhere_free)
