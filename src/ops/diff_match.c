/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/diff_match.h"

#include <errno.h>

#include "base/hash.h"
#include "kernel/abi.h"
#include "ops/order.h"

static uint64_t hash_cell(const struct cell *c)
{
	if (!c->is_there)
		return c->is_other ? 1 : 0;
	return c->val.kind == VAL_STR ? hash_bytes(c->val.s) : hash_u64(c->val.u + 2);
}

static uint64_t hash_cells(const struct cell *cells, size_t n)
{
	uint64_t h = 1;

	for (size_t i = 0; i < n; i++)
		h = hash_u64(h ^ hash_cell(&cells[i]));
	return h ? h : 1;
}

static bool is_state(const struct diff_opts *o, const struct diff_entry *e, uint32_t states)
{
	const struct cell *c = o->state == DIFF_NO_COLUMN ? NULL : &e->cells[o->state];

	return c && c->is_there && c->val.u < 32 && states >> c->val.u & 1;
}

void diff_place(const struct diff_opts *o, struct diff_entry *e)
{
	const struct cell *ids = &e->cells[o->first_id];
	bool is_somewhere = o->n_scope == o->n_ids || !o->n_scope;

	for (size_t i = o->n_scope; i < o->n_ids; i++)
		is_somewhere |= ids[i].is_there;
	e->is_place = is_somewhere &&
		      (o->state == DIFF_NO_COLUMN || is_state(o, e, 1u << K_TCP_LISTEN | 1u << K_TCP_CLOSE));
	e->place = is_somewhere ? hash_u64(hash_cells(ids, o->n_ids) + e->is_place) | 1 : 0;
}

static uint64_t by_cookie(const struct diff_opts *o, const struct diff_entry *e)
{
	const struct cell *c = o->cookie == DIFF_NO_COLUMN ? NULL : &e->cells[o->cookie];

	if (!c || !c->is_there || !o->sides->is_one_boot)
		return 0;
	return hash_u64(hash_cells(&e->cells[o->first_id], o->n_scope) ^ hash_cell(c)) | 1;
}

static struct owners owners_of(const struct diff_opts *o, const struct diff_entry *e)
{
	const struct cell *c = o->owners == DIFF_NO_COLUMN ? NULL : &e->cells[o->owners];

	return c && c->is_there ? c->val.owners : (struct owners){};
}

/* In whichever order they are. */
static uint64_t by_owners(const struct diff_opts *o, const struct diff_entry *e)
{
	struct owners owners = owners_of(o, e);
	uint64_t sum = 0;

	for (size_t i = 0; i < owners.n; i++)
		sum += hash_bytes(owners.v[i].comm) ^ (o->sides->is_one_boot ? owners.v[i].pid : 0);
	return e->place && owners.n ? hash_u64(e->place ^ sum) | 1 : 0;
}

static uint64_t by_place(const struct diff_opts *, const struct diff_entry *e)
{
	return e->place;
}

/*
 * Whether @now can be what was at its place although that had another cookie: the kernel gives a connection
 * another one when nothing but its end remains of it.
 */
static bool may_be_other(const struct diff_opts *o, const struct diff_entry *now)
{
	return !o->sides->is_one_boot || now->is_place ||
	       is_state(o, now, 1u << K_TCP_TIME_WAIT | 1u << K_TCP_FIN_WAIT2);
}

typedef uint64_t diff_key(const struct diff_opts *o, const struct diff_entry *e);

/* Chains those of @l that belong to none yet by @key: the first in @heads, the last first. */
static int chain_all(const struct diff_opts *o, const struct diff_list *l, diff_key *key, struct hash *heads)
{
	for (size_t i = l->n; i-- > 0;) {
		struct diff_entry *e = &l->v[i];
		uint64_t k = e->other ? 0 : key(o, e);
		struct diff_entry *head = k ? hash_find(heads, k, NULL, NULL) : NULL;

		e->next = NULL;
		if (!k)
			continue;
		if (head) {
			/* The table has the first of all, behind which the others stand. */
			e->next = head;
			hash_slot(heads, k, NULL, NULL)->item = e;
		} else if (hash_put(heads, k, e) < 0) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int match_by(const struct diff_opts *o, struct diff_list *was, struct diff_list *now, diff_key *key)
{
	struct hash heads = {};
	int r = chain_all(o, was, key, &heads);

	for (size_t i = 0; i < now->n && r == 0; i++) {
		struct diff_entry *e = &now->v[i], *other;
		uint64_t k = e->other || (key != by_cookie && !may_be_other(o, e)) ? 0 : key(o, e);
		struct hash_slot *slot;

		if (!k || !heads.n_slots)
			continue;
		slot = hash_slot(&heads, k, NULL, NULL);
		other = slot->item;
		if (!other || other->other) /* the last of them, and it is taken */
			continue;
		e->other = other;
		other->other = e;
		slot->item = other->next ? other->next : other;
	}
	hash_done(&heads);
	return r;
}

int diff_match(const struct diff_opts *o, struct diff_list *was, struct diff_list *now)
{
	int r = match_by(o, was, now, by_cookie);

	if (r == 0)
		r = match_by(o, was, now, by_owners);
	return r < 0 ? r : match_by(o, was, now, by_place);
}

/* Of which boot, if any, the cookies tell that they are of one socket. */
static bool has_same_cookie(const struct diff_opts *o, const struct diff_entry *a, const struct diff_entry *b)
{
	return by_cookie(o, a) && by_cookie(o, a) == by_cookie(o, b);
}

static bool is_same_owner(const struct diff_opts *o, const struct owner *a, const struct owner *b,
			  bool is_same_socket)
{
	struct sv start = owner_text(a, PART_START), other = owner_text(b, PART_START);

	if (!o->sides->is_one_boot)
		return sv_eq(a->comm, b->comm);
	if (a->pid != b->pid)
		return false;
	if (is_same_socket || (start.len && sv_eq(start, other)))
		return true;
	return (!start.len || !other.len) && sv_eq(a->comm, b->comm);
}

bool diff_has_other_owners(const struct diff_opts *o, const struct diff_entry *was,
			   const struct diff_entry *now)
{
	struct owners a = owners_of(o, was), b = owners_of(o, now);
	bool is_same_socket = has_same_cookie(o, was, now);

	for (size_t i = 0; i < a.n; i++)
		for (size_t k = 0; k < b.n; k++)
			if (is_same_owner(o, &a.v[i], &b.v[k], is_same_socket))
				return false;
	return a.n && b.n;
}

bool diff_cell_differs(const struct diff_entry *was, const struct diff_entry *now, size_t i,
		       bool has_other_owners)
{
	const struct cell *a = &was->cells[i], *b = &now->cells[i];

	if (a->is_there && b->is_there && a->val.kind == VAL_OWNERS)
		return has_other_owners;
	if ((a->is_there && a->val.kind == VAL_OWNERS) || (b->is_there && b->val.kind == VAL_OWNERS))
		return false; /* who cannot be seen may be the same */
	if (!a->is_there || !b->is_there)
		return a->is_there != b->is_there;
	return order_values(&a->val, &b->val) != 0;
}

/* Without knowing who holds them, another socket is at the place. */
static bool is_other_socket(const struct diff_opts *o, const struct diff_entry *was,
			    const struct diff_entry *now)
{
	bool are_known = owners_of(o, was).n && owners_of(o, now).n;

	return !are_known && by_cookie(o, was) && by_cookie(o, now) && !has_same_cookie(o, was, now);
}

bool diff_is_unknown(const struct diff_opts *o, const struct diff_entry *was, const struct diff_entry *now)
{
	/* A connection of the same cookie may have had nobody, before it was accepted or after its end. */
	return was->is_place && now->is_place && !owners_of(o, was).n != !owners_of(o, now).n &&
	       !is_other_socket(o, was, now);
}

enum diff_change diff_compare(const struct diff_opts *o, const bool *is_compared,
			      const struct diff_entry *was, const struct diff_entry *now)
{
	bool has_other_owners = diff_has_other_owners(o, was, now);

	if (was->is_place && now->is_place && (has_other_owners || is_other_socket(o, was, now)))
		return DIFF_REPLACED;
	for (size_t i = 0; i < o->n_shown; i++)
		if (is_compared[i] && diff_cell_differs(was, now, i, has_other_owners))
			return DIFF_CHANGED;
	return DIFF_SAME;
}
