/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/unbound.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/hash.h"
#include "nl/emit.h"

struct unbound {
	struct hash shown; /* inodes; the items mean nothing */
	size_t n_untold;   /* sockets that may be in a table or in none */
	bool has_failed;   /* no memory */
};

struct unbound *unbound_new(void)
{
	return calloc(1, sizeof(struct unbound));
}

struct unbound *unbound_free(struct unbound *u)
{
	if (!u)
		return NULL;
	hash_done(&u->shown);
	free(u);
	return NULL;
}

/* Whether @inode is new. */
static bool add(struct unbound *u, uint32_t inode)
{
	uint64_t hash = hash_u64(inode);

	if (!inode || hash_find(&u->shown, hash, NULL, NULL))
		return false;
	u->has_failed |= hash_put(&u->shown, hash, u) < 0;
	return true;
}

void unbound_note(struct unbound *u, const struct row *row)
{
	(void)add(u, (uint32_t)field_u64(row, F_INODE, 0));
}

/* That not all could be looked into, and how many sockets could not be told. */
static void tell_unseen(const struct unbound_to *to, size_t n_untold)
{
	bool is_past = to->host->is_past;
	enum note level = to->is_alone ? NOTE_WARNING : NOTE_HINT;
	bool is_blind = context_sight(to->context) != PROCS_SIGHT_ALL;
	struct text why = {};

	if (is_blind)
		context_put_blind(to->context, &why);
	text_char(&why, '\0');
	if (is_blind)
		notes_add(to->notes, level,
			  "sockets in no table that other processes have are not listed: %s",
			  why.failed ? "out of memory" : why.p);
	text_done(&why);
	if (n_untold)
		notes_add(to->notes, level,
			  "%zu socket%s may be in a table or in none: to tell, their processes ha%s to be "
			  "traced (%s)",
			  n_untold, n_untold == 1 ? "" : "s", is_past ? "d" : "ve",
			  is_past ? "record as root" : "run as root");
	to->notes->is_partial |= to->is_alone && (is_blind || n_untold);
}

/* Whether @u, of which only the protocol is known, may have a port and not have been listed all the same. */
static bool may_be_bound(const struct unbound_to *to, const struct seg_unbound *u)
{
	return to->lacks_bound && !u->why.len && u->protocol == IPPROTO_TCP;
}

/* Hands on @its. Returns whether to go on. */
static bool hand_on(const struct unbound_to *to, const struct seg_unbound *its)
{
	_Alignas(8) char message[NLMSG_HDRLEN + sizeof(*its)];

	(void)emit_end(message, emit_begin(message, its, sizeof(*its)), 0);
	return to->take(to->ctx, (const struct nlmsghdr *)(const void *)message);
}

/* Looks at the socket @inode, and hands it on. Returns whether to go on. */
static bool look_at(struct unbound *u, const struct unbound_to *to, struct procs *p, uint32_t inode)
{
	struct owners owners = procs_find(p, inode);
	struct seg_unbound its;
	int r = host_loose(to->host, &owners, inode, &its);

	if (r > 0 && may_be_bound(to, &its))
		r = -EPERM;
	u->n_untold += r < 0;
	return r <= 0 || hand_on(to, &its);
}

/* Among the descriptors of all processes. */
static void look_for(struct unbound *u, const struct unbound_to *to)
{
	struct procs *p = context_procs(to->context);
	size_t n = p ? procs_sockets(p) : 0;
	bool goes_on = true;

	for (size_t i = 0; i < n && goes_on && !u->has_failed; i++) {
		uint32_t inode = procs_inode_at(p, i);

		if (add(u, inode))
			goes_on = look_at(u, to, p, inode);
	}
}

int unbound_find(struct unbound *u, const struct unbound_to *to)
{
	struct host *h = to->host;
	struct seg_unbound its;
	size_t at = 0;

	if (!h->ops->next_unbound)
		look_for(u, to);
	else
		while (h->ops->next_unbound(h, &at, &its, &u->n_untold) > 0 && hand_on(to, &its)) {
		}
	tell_unseen(to, u->n_untold);
	return u->has_failed ? -ENOMEM : 0;
}

size_t unbound_untold(const struct unbound *u)
{
	return u->n_untold;
}
