/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The ends of the connections of this host, and which two belong together: the one has the addresses and
 * ports of the other, exchanged, or as network address translation makes them. Only what can have its other
 * end on this host is kept, 72 bytes and an entry of the hash table a socket.
 */

#include "base/cleanup.h"
#include "enrich/locals.h"
#include "enrich/nat.h"
#include "enrich/tuple.h"

struct end {
	struct tuple tuple;
	uint32_t inode; /* 0: nobody can hold it, as before it is accepted */
	uint32_t netns;
	uint64_t cgroup;  /* 0: not known */
	struct end *next; /* with the same tuple */
};

enum ends_found {
	ENDS_FOUND,
	ENDS_ELSEWHERE, /* the address of the peer is none of this host */
	ENDS_MISSING,   /* it is, but there is no such socket, as far as can be seen */
	ENDS_AMBIGUOUS, /* there are several */
};

struct ends;

/* Returns 0 or -ENOMEM. */
int ends_new(struct ends **ret);
struct ends *ends_free(struct ends *x);

DEFINE_CLEANUP(struct ends, ends_free)

/* Whose addresses are whose, and what translates them: to be filled before the first socket is added. */
struct locals *ends_locals(struct ends *x);
struct nat *ends_nat(struct ends *x);

/* Adds a copy of @e, if its other end can be on this host. Returns 0 or -ENOMEM. */
int ends_add(struct ends *x, const struct end *e);

/* Looks for the other end of the socket of @netns that has @t. *@ret is valid as long as @x, when it is
 * found. */
enum ends_found ends_find(const struct ends *x, uint32_t netns, const struct tuple *t,
			  const struct end **ret);

/* How many are kept. */
size_t ends_count(const struct ends *x);
