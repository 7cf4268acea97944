/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Sockets of one port, protocol and network namespace are one listener when the same process holds them, or
 * when they share their address, which the kernel allows to one user (SO_REUSEPORT; not UDP, where programs
 * that know nothing of each other may have the same). Where the processes cannot be seen, a socket of IPv4
 * and one of IPv6 are one listener when they are of the same user and cgroup, and both for everybody, both
 * for this host alone, or neither.
 */

#include "report/ports.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "ops/keep.h"
#include "report/ports_record.h"
#include "report/subflows.h"
#include "sink/project.h"

struct port_socket {
	struct cell *cell; /* by enum port_reads */
	size_t parent;     /* of the same listener, and not behind it; itself: it is the first */
	size_t next;       /* the next of the same listener; 0: it is the last */
};

struct ports {
	struct tabular tabular; /* takes the sockets */
	struct ports_opts o;
	struct subflows *subflows; /* NULL: no socket can be a subflow */
	struct sink *inner;        /* makes records of rows */
	struct sink *sink;
	struct tabular *to;
	struct port_record *record;
	struct column columns[PORT_READS];      /* the fields there are */
	const struct column *reads[PORT_READS]; /* of these; NULL: it is not read */
	size_t n_columns;
	struct keep keep;
	struct port_socket *v;
	size_t n, cap;
	size_t n_found;
	uint64_t at_us;
	bool is_open;
	int error;
};

static const char *const names[PORT_READS] = {
#define READS(id, name) [PORT_##id] = name,
#define OFFERS READS
#include "report/ports.def"
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_texts(const struct cell *a, const struct cell *b)
{
	size_t n = a->val.s.len < b->val.s.len ? a->val.s.len : b->val.s.len;
	int r;

	if (!a->is_there || !b->is_there)
		return a->is_there - b->is_there;
	r = n ? memcmp(a->val.s.p, b->val.s.p, n) : 0;
	return r ? r : compare_numbers(a->val.s.len, b->val.s.len);
}

static uint64_t number(const struct cell *c)
{
	return c->is_there ? c->val.u : 0;
}

/* By port, protocol and network namespace. */
static int compare_places(const struct cell *a, const struct cell *b)
{
	int r = compare_numbers(number(&a[PORT_PORT]), number(&b[PORT_PORT]));

	r = r ? r : compare_texts(&a[PORT_PROTOCOL], &b[PORT_PROTOCOL]);
	return r ? r : compare_texts(&a[PORT_NETNS], &b[PORT_NETNS]);
}

/* Further by address and user. */
static int compare_bindings(const struct cell *a, const struct cell *b)
{
	int r = compare_places(a, b);

	r = r ? r : compare_numbers(number(&a[PORT_FAMILY]), number(&b[PORT_FAMILY]));
	r = r ? r : compare_texts(&a[PORT_ADDR], &b[PORT_ADDR]);
	r = r ? r : compare_texts(&a[PORT_IFACE], &b[PORT_IFACE]);
	r = r ? r : compare_numbers(number(&a[PORT_V6ONLY]), number(&b[PORT_V6ONLY]));
	return r ? r : compare_numbers(number(&a[PORT_UID]), number(&b[PORT_UID]));
}

static int compare_sockets(const void *a, const void *b)
{
	const struct port_socket *x = a, *y = b;
	int r = compare_bindings(x->cell, y->cell);

	return r ? r : compare_numbers(number(&x->cell[PORT_INODE]), number(&y->cell[PORT_INODE]));
}

static size_t find_first(struct ports *p, size_t i)
{
	while (p->v[i].parent != i) {
		p->v[i].parent = p->v[p->v[i].parent].parent;
		i = p->v[i].parent;
	}
	return i;
}

static void join(struct ports *p, size_t a, size_t b)
{
	a = find_first(p, a);
	b = find_first(p, b);
	if (a < b)
		p->v[b].parent = a;
	else
		p->v[a].parent = b;
}

/* By what a socket may belong with another. */
struct bond {
	uint64_t key[4];
	size_t i;
};

static int compare_bonds(const void *a, const void *b)
{
	const struct bond *x = a, *y = b;

	for (size_t k = 0; k < ARRAY_SIZE(x->key); k++)
		if (x->key[k] != y->key[k])
			return compare_numbers(x->key[k], y->key[k]);
	return compare_numbers(x->i, y->i);
}

static size_t n_owners(const struct port_socket *s)
{
	const struct cell *c = &s->cell[PORT_OWNERS];

	return c->is_there ? c->val.owners.n : 0;
}

/* The bonds of socket @i behind @to, which has room. Returns how many there are. */
static size_t put_bonds(const struct ports *p, size_t i, struct bond *to)
{
	const struct port_socket *s = &p->v[i];
	const struct cell *addr = &s->cell[PORT_ADDR];
	size_t n = n_owners(s);

	for (size_t k = 0; k < n; k++)
		to[k] = (struct bond){ { 1, s->cell[PORT_OWNERS].val.owners.v[k].pid }, i };
	if (n)
		return n;
	*to = (struct bond){ { 0, number(&s->cell[PORT_UID]), number(&s->cell[PORT_CGROUP]),
			       port_is_any(addr)        ? 0
			       : port_is_loopback(addr) ? 1
							: 2 },
			     i };
	return 1;
}

/* Whether the two, neighbours in the order of bonds, are of one listener. */
static bool is_bond(const struct ports *p, const struct bond *a, const struct bond *b)
{
	const struct cell *x = p->v[a->i].cell, *y = p->v[b->i].cell;

	if (memcmp(a->key, b->key, sizeof(a->key)) != 0)
		return false;
	return a->key[0] || number(&x[PORT_FAMILY]) != number(&y[PORT_FAMILY]);
}

/* Joins what belongs together of the @n sockets from @from on, all of one port, protocol and namespace. */
static int join_place(struct ports *p, size_t from, size_t n)
{
	_cleanup_free_ struct bond *bonds = NULL;
	size_t n_bonds = 0;

	for (size_t i = from; i < from + n; i++)
		n_bonds += n_owners(&p->v[i]) ? n_owners(&p->v[i]) : 1;
	bonds = calloc(n_bonds, sizeof(*bonds));
	if (!bonds)
		return -ENOMEM;
	n_bonds = 0;
	for (size_t i = from; i < from + n; i++)
		n_bonds += put_bonds(p, i, bonds + n_bonds);
	qsort(bonds, n_bonds, sizeof(*bonds), compare_bonds);
	for (size_t i = 1; i < n_bonds; i++)
		if (is_bond(p, &bonds[i - 1], &bonds[i]))
			join(p, bonds[i - 1].i, bonds[i].i);
	return 0;
}

static bool is_udp(const struct cell *cells)
{
	return sv_is(cells[PORT_PROTOCOL].val.s, "udp");
}

static int join_all(struct ports *p)
{
	int r = 0;

	for (size_t i = 0; i < p->n; i++)
		p->v[i].parent = i;
	for (size_t i = 1; i < p->n; i++)
		if (!compare_bindings(p->v[i - 1].cell, p->v[i].cell) && !is_udp(p->v[i].cell))
			join(p, i - 1, i);
	for (size_t from = 0, to = 1; from < p->n && r == 0; from = to++) {
		while (to < p->n && !compare_places(p->v[from].cell, p->v[to].cell))
			to++;
		if (to - from > 1)
			r = join_place(p, from, to - from);
	}
	return r;
}

/* Chains the sockets of each listener, in their order. */
static int chain_all(struct ports *p)
{
	_cleanup_free_ size_t *last = calloc(p->n + 1, sizeof(*last));

	if (!last)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++) {
		size_t first = find_first(p, i);

		p->v[i].next = 0;
		if (first != i)
			p->v[last[first]].next = i;
		last[first] = i;
	}
	return 0;
}

static int put_all(struct ports *p)
{
	_cleanup_free_ const struct cell **cells = calloc(p->n + 1, sizeof(*cells));
	int r = cells ? 0 : -ENOMEM;

	for (size_t i = 0; i < p->n && r == 0; i++) {
		struct listener_sockets l = { .v = cells };

		if (p->v[i].parent != i)
			continue;
		for (size_t k = i; l.n == 0 || k; k = p->v[k].next)
			cells[l.n++] = p->v[k].cell;
		r = port_record_put(p->record, &l);
		p->n_found++;
	}
	return r == -ECANCELED ? 0 : r;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct ports *p = (struct ports *)t;

	p->at_us = l->at_us;
	p->is_open = true;
	p->n = p->n_found = 0;
	return 0;
}

static int add(struct ports *p, const struct cell *cells)
{
	struct port_socket *s;

	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;

		s = reallocarray(p->v, cap, sizeof(*s));
		if (!s)
			return -ENOMEM;
		p->v = s;
		p->cap = cap;
	}
	s = &p->v[p->n];
	s->cell = keep_bytes(&p->keep, (struct cell[PORT_READS]){}, PORT_READS * sizeof(*s->cell));
	for (size_t id = 0; s->cell && id < PORT_READS; id++) {
		if (!p->reads[id])
			continue;
		s->cell[id] = cells[p->reads[id] - p->columns];
		if (keep_cell(&p->keep, &s->cell[id]) < 0)
			return -ENOMEM;
	}
	p->n += s->cell != NULL;
	return s->cell ? 0 : -ENOMEM;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct ports *p = (struct ports *)t;

	if (p->error == 0 && cells[p->reads[PORT_PORT] - p->columns].is_there)
		p->error = add(p, cells);
	return p->error;
}

static int hand_on(struct ports *p)
{
	int r = p->error < 0 ? p->error : port_record_begin(p->record, p->at_us);

	if (r < 0)
		return r;
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), compare_sockets);
	r = join_all(p);
	r = r < 0 ? r : chain_all(p);
	return r < 0 ? r : put_all(p);
}

static int end_list(struct tabular *t)
{
	struct ports *p = (struct ports *)t;
	int k;

	p->is_open = false;
	p->error = hand_on(p);
	p->n = 0;
	keep_done(&p->keep);
	k = p->to->ops->list_end(p->to);
	return p->error < 0 ? p->error : k;
}

static int flush(struct tabular *t)
{
	struct ports *p = (struct ports *)t;

	return p->to->ops->flush(p->to);
}

static const struct tabular_ops ports_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.flush = flush,
};

int ports_end(struct ports *p, const struct notes *notes)
{
	struct notes all;
	int k;

	if (p->is_open)
		(void)end_list(&p->tabular); /* what fails is remembered */
	all = notes_of_end(notes, p->error);
	k = p->to->ops->end(p->to, &all);
	return p->error < 0 ? p->error : k;
}

struct sink *ports_sink(struct ports *p)
{
	return p->sink;
}

void ports_needs(const struct ports *p, struct fieldset *keys, struct fieldset *named)
{
	static const enum port_reads decide[] = { PORT_NETNS, PORT_PROTOCOL, PORT_PORT, PORT_ADDR };

	for (size_t i = 0; i < ARRAY_SIZE(decide); i++)
		if (p->reads[decide[i]])
			fieldset_add(keys, p->reads[decide[i]]->field);
	for (size_t i = 0; i < p->n_columns; i++)
		if (p->columns[i].type == T_OWNERS || p->columns[i].part != PART_NONE)
			fieldset_add(named, p->columns[i].field);
}

size_t ports_found(const struct ports *p)
{
	return p->n_found;
}

struct ports *ports_free(struct ports *p)
{
	if (!p)
		return NULL;
	(void)project_free(p->inner);
	(void)subflows_free(p->subflows);
	(void)port_record_free(p->record);
	keep_done(&p->keep);
	free(p->v);
	free(p);
	return NULL;
}

/* What is only looked for in all network namespaces. */
static bool is_of_all(size_t id)
{
	return id == PORT_NETNS || id == PORT_BEHIND || id == PORT_BEHIND_ID;
}

/* Which fields are read: those there are. */
static void choose_fields(struct ports *p)
{
	for (size_t id = 0; id < PORT_READS; id++) {
		enum field_id f = field_find(sv(names[id]));

		if (f == F_MAX || (is_of_all(id) && !p->o.is_everywhere))
			continue;
		p->columns[p->n_columns] = column_of_field(f);
		p->columns[p->n_columns].tells_why = id == PORT_OWNERS && p->o.is_for_people;
		p->reads[id] = &p->columns[p->n_columns++];
	}
}

int ports_new(const struct ports_opts *o, struct tabular *to, struct ports **ret)
{
	_cleanup_(ports_freep) struct ports *p = calloc(1, sizeof(*p));
	struct listing l = {};
	int r;

	if (!p)
		return -ENOMEM;
	p->tabular.ops = &ports_ops;
	p->o = *o;
	p->to = to;
	choose_fields(p);
	l.columns = p->columns;
	l.n = p->n_columns;
	r = port_record_new(o, p->reads, to, &p->record);
	r = r < 0 ? r : project_new(&l, NULL, &p->tabular, &p->inner);
	if (r >= 0 && o->has_subflows)
		r = subflows_new(NULL, &p->subflows);
	if (r < 0)
		return r;
	p->sink = p->subflows ? subflows_wrap(p->subflows, p->inner) : p->inner;
	p->sink->is_retained = true;
	*ret = take_ptr(p);
	return 0;
}
