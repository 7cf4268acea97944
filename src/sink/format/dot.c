/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Who talks to whom, in the language of Graphviz. The nodes are what the first column says of a socket, which
 * is nobody's address or number, and for other machines the addresses of peers; an edge counts the
 * connections between two nodes, each once, though a connection within this host is two sockets.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "model/value.h"
#include "sink/format/dot_string.h"
#include "sink/format/formats.h"

enum { EDGES = 200, NONE = -1, FIRST_CAP = 64 };

enum node_kind {
	NODE_NAMED,  /* what the first column says */
	NODE_NOBODY, /* it says nothing: why */
	NODE_REMOTE, /* an address */
	NODE_SOCKET, /* never drawn: the name of a kind of socket */
};

struct node {
	char *name; /* as the values are, for programs */
	size_t len;
	enum node_kind kind;
	bool is_drawn;
};

struct end { /* a socket with a peer */
	uint64_t inode, peer;
	uint32_t node;
	uint32_t other; /* node to be the peer's where its socket is not listed */
	uint32_t kind;  /* node that has the name of the kind of socket */
	int direction;  /* 1: out, -1: in, 0: not known */
	bool has_peer;
};

struct edge {
	uint32_t from, to, kind;
	bool is_directed;
	uint64_t n;
};

struct vec {
	void *v;
	size_t n, cap;
};

struct dot {
	struct tabular tabular;
	struct out *out;
	uint64_t limit;   /* edges that are drawn */
	const char *list; /* what it is called; NULL: none has come */
	const struct column *columns;
	int node, netid, inode, peer, addr, direction, other, why, place; /* columns; NONE: not there */
	uint64_t at_us;
	struct vec nodes, ends, edges;
	struct hash by_name, by_inode, by_edge;
	struct hash by_mate; /* ends without an inode, by that of the other end */
	struct text text;
	bool is_open;
	int error;
};

/* Room for one more of @size bytes at the end of @v; NULL without memory. */
static void *add(struct vec *v, size_t size)
{
	if (v->n == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : FIRST_CAP;
		void *p = reallocarray(v->v, cap, size);

		if (!p)
			return NULL;
		v->v = p;
		v->cap = cap;
	}
	return (char *)v->v + v->n++ * size;
}

static struct node *node_at(const struct dot *d, size_t i)
{
	return (struct node *)d->nodes.v + i;
}

static struct end *end_at(const struct dot *d, size_t i)
{
	return (struct end *)d->ends.v + i;
}

static struct edge *edge_at(const struct dot *d, size_t i)
{
	return (struct edge *)d->edges.v + i;
}

/* In the hash tables an item is its number and one: the vectors move. */
static void *as_item(size_t i)
{
	return (void *)(uintptr_t)(i + 1);
}

static size_t from_item(const void *item)
{
	return (size_t)(uintptr_t)item - 1;
}

struct node_key {
	const struct dot *d;
	struct sv name;
	enum node_kind kind;
};

static bool is_node(const void *item, const void *key)
{
	const struct node_key *k = key;
	const struct node *n = node_at(k->d, from_item(item));

	return n->kind == k->kind && sv_eq(sv_n(n->name, n->len), k->name);
}

/* The node called @name, made where there is none. Returns 0 or -ENOMEM. */
static int find_node(struct dot *d, struct sv name, enum node_kind kind, uint32_t *ret)
{
	const struct node_key key = { d, name, kind };
	uint64_t hash = hash_bytes(name) + kind;
	void *item = hash_find(&d->by_name, hash, is_node, &key);
	struct node *n;

	if (item) {
		*ret = (uint32_t)from_item(item);
		return 0;
	}
	n = add(&d->nodes, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct node){ .name = malloc(name.len + 1), .len = name.len, .kind = kind };
	*ret = (uint32_t)(d->nodes.n - 1);
	if (!n->name || hash_put(&d->by_name, hash, as_item(*ret)) < 0)
		return -ENOMEM;
	if (name.len)
		memcpy(n->name, name.p, name.len);
	return 0;
}

static bool is_repeated(const struct column *c, const struct val *v, size_t i, const struct val *item)
{
	for (size_t k = 0; k < i; k++) {
		struct val other;

		if (val_item(v, c->part, k, &other) && other.kind == item->kind &&
		    (item->kind == VAL_STR ? sv_eq(other.s, item->s) : other.u == item->u))
			return true;
	}
	return false;
}

/* What the cell says, different values of a list once; nothing when it is absent. */
static void put_name(struct text *t, const struct column *c, const struct cell *cell)
{
	struct column one = *c;
	size_t start = t->len;
	struct val v;

	if (!value_is_there(cell))
		return;
	if (cell->val.kind != VAL_OWNERS) {
		value_put_raw(t, c, &cell->val);
		return;
	}
	if (one.part == PART_NONE)
		one.part = PART_NAME;
	for (size_t i = 0; i < cell->val.owners.n; i++) {
		if (!val_item(&cell->val, one.part, i, &v) || is_repeated(&one, &cell->val, i, &v))
			continue;
		text_str(t, t->len > start ? "," : "");
		if (v.kind == VAL_STR)
			text_sv(t, v.s);
		else
			text_u64(t, v.u);
	}
}

/* The node of the cell in column @i, or one of nobody that is called @otherwise. */
static int node_of(struct dot *d, int i, const struct cell *cells, enum node_kind kind, const char *otherwise,
		   uint32_t *ret)
{
	d->text.len = 0;
	if (i != NONE)
		put_name(&d->text, &d->columns[i], &cells[i]);
	if (!d->text.len && kind == NODE_NAMED)
		kind = NODE_NOBODY;
	if (!d->text.len)
		text_str(&d->text, otherwise);
	if (d->text.failed)
		return -ENOMEM;
	return find_node(d, sv_n(d->text.p, d->text.len), kind, ret);
}

static uint64_t number(const struct cell *cells, int i)
{
	return i != NONE && cells[i].is_there ? cells[i].val.u : 0;
}

static bool is_there(const struct cell *cells, int i)
{
	return i != NONE && value_is_there(&cells[i]);
}

static int direction_of(const struct cell *cells, int i)
{
	if (!is_there(cells, i))
		return 0;
	return sv_is(cells[i].val.s, "out") ? 1 : -1;
}

/* What the first column says of the socket or, where it says nothing, why nobody holds it. */
static int own_node(struct dot *d, const struct cell *cells, uint32_t *ret)
{
	struct text why = {};
	int r;

	if (is_there(cells, d->why))
		text_printf(&why, "(%.*s)", SV_ARG(cells[d->why].val.s));
	else
		text_str(&why, "(not known)");
	text_char(&why, '\0');
	r = why.failed ? -ENOMEM : node_of(d, d->node, cells, NODE_NAMED, why.p, ret);
	text_done(&why);
	return r;
}

static bool is_item(const void *, const void *)
{
	return true;
}

static int take(struct dot *d, const struct cell *cells)
{
	struct end e = { .inode = number(cells, d->inode),
			 .peer = number(cells, d->peer),
			 .direction = direction_of(cells, d->direction) };
	bool is_here = !e.peer && is_there(cells, d->place); /* of no process: no socket is made of it yet */
	bool is_elsewhere = !e.peer && !is_here && is_there(cells, d->addr);
	struct hash *index = e.inode ? &d->by_inode : &d->by_mate;
	uint64_t key = hash_u64(e.inode ? e.inode : e.peer);
	struct end *kept;
	int r;

	e.has_peer = e.peer || is_here || is_elsewhere;
	if (d->node == NONE || (!e.has_peer && !e.inode))
		return 0;
	r = own_node(d, cells, &e.node);
	r = r < 0 ? r : node_of(d, d->netid, cells, NODE_SOCKET, "sockets", &e.kind);
	if (r == 0 && is_elsewhere)
		r = node_of(d, d->addr, cells, NODE_REMOTE, "", &e.other);
	else if (r == 0)
		r = node_of(d, d->other, cells, NODE_NAMED, "(not listed)", &e.other);
	kept = r < 0 ? NULL : add(&d->ends, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = e;
	if ((!e.inode && !e.peer) || hash_find(index, key, is_item, NULL))
		return 0;
	return hash_put(index, key, as_item(d->ends.n - 1));
}

static int find_column(const struct listing *l, enum field_id f)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->columns[i].field == f)
			return (int)i;
	return NONE;
}

static bool is_of_edges(enum field_id f)
{
	return f == F_NETID || f == F_INODE || f == F_PEER_INODE || f == F_DST || f == F_DIRECTION ||
	       f == F_OWNER_WHY || f == F_PEER_NETNS_ID || f >= F_MAX;
}

/* The field of the other end that is what @f is of this one; F_MAX: none. */
static enum field_id peer_field(enum field_id f)
{
	if (f >= F_OWNERS && f < F_OWNERS + PART_MAX)
		return peer_part_field((enum part)(f - F_OWNERS));
	return f == F_NETNS ? F_PEER_NETNS : F_MAX;
}

static void forget(struct dot *d)
{
	for (size_t i = 0; i < d->nodes.n; i++)
		free(node_at(d, i)->name);
	d->nodes.n = d->ends.n = d->edges.n = 0;
	hash_clear(&d->by_name);
	hash_clear(&d->by_inode);
	hash_clear(&d->by_mate);
	hash_clear(&d->by_edge);
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct dot *d = (struct dot *)t;

	if (d->list && strcmp(d->list, l->name) != 0)
		return -EINVAL;
	forget(d);
	d->list = l->name;
	d->columns = l->columns;
	d->at_us = l->at_us;
	d->netid = find_column(l, F_NETID);
	d->inode = find_column(l, F_INODE);
	d->peer = find_column(l, F_PEER_INODE);
	d->addr = find_column(l, F_DST);
	d->direction = find_column(l, F_DIRECTION);
	d->why = find_column(l, F_OWNER_WHY);
	d->place = find_column(l, F_PEER_NETNS_ID);
	d->node = d->other = NONE;
	for (size_t i = 0; i < l->n && d->node == NONE; i++)
		if (!is_of_edges(l->columns[i].field) || (i == 0 && l->columns[i].field == F_OWNER_WHY))
			d->node = (int)i;
	if (d->node != NONE && peer_field(l->columns[d->node].field) != F_MAX)
		d->other = find_column(l, peer_field(l->columns[d->node].field));
	d->is_open = true;
	return 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct dot *d = (struct dot *)t;

	if (d->error == 0)
		d->error = take(d, cells);
	return d->error;
}

struct edge_key {
	const struct dot *d;
	struct edge e;
};

static bool is_edge(const void *item, const void *key)
{
	const struct edge_key *k = key;
	const struct edge *e = edge_at(k->d, from_item(item));

	return e->from == k->e.from && e->to == k->e.to && e->kind == k->e.kind &&
	       e->is_directed == k->e.is_directed;
}

static int count_edge(struct dot *d, struct edge e)
{
	uint64_t parts[2] = { (uint64_t)e.from << 32 | e.to, (uint64_t)e.kind << 1 | e.is_directed };
	uint64_t hash = hash_bytes(sv_n((const char *)parts, sizeof(parts)));
	const struct edge_key key = { d, e };
	void *item = hash_find(&d->by_edge, hash, is_edge, &key);
	struct edge *made;

	if (item) {
		edge_at(d, from_item(item))->n++;
		return 0;
	}
	made = add(&d->edges, sizeof(*made));
	if (!made)
		return -ENOMEM;
	e.n = 1;
	*made = e;
	return hash_put(&d->by_edge, hash, as_item(d->edges.n - 1));
}

/* Counts the connection of end @i, unless the other end does. */
static int count_end(struct dot *d, size_t i)
{
	const struct end *e = end_at(d, i);
	void *item = e->peer ? hash_find(&d->by_inode, hash_u64(e->peer), is_item, NULL) : NULL;
	const struct end *mate = item ? end_at(d, from_item(item)) : NULL;
	struct edge edge = { .from = e->node, .to = mate ? mate->node : e->other, .kind = e->kind };
	int direction = e->direction;
	bool is_mutual = mate && mate->peer == e->inode;

	if (!e->has_peer || (is_mutual && e->peer < e->inode) ||
	    (!e->peer && e->inode && hash_find(&d->by_mate, hash_u64(e->inode), is_item, NULL)))
		return 0;
	if (!direction && is_mutual)
		direction = -mate->direction;
	if (!direction && mate && !is_mutual) /* many may send to a socket that is connected to nobody */
		direction = 1;
	if (direction < 0 || (!direction && edge.from > edge.to)) {
		uint32_t from = edge.from;

		edge.from = edge.to;
		edge.to = from;
	}
	edge.is_directed = direction;
	return count_edge(d, edge);
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to != y->to ? (x->to < y->to ? -1 : 1) : x->kind < y->kind ? -1 : 1;
}

static void put_node(struct dot *d, uint32_t i)
{
	static const char *const styles[] = {
		[NODE_NOBODY] = " style=dotted", [NODE_REMOTE] = " shape=ellipse style=dashed"
	};
	struct node *n = node_at(d, i);
	struct text *t = &d->text;

	if (n->is_drawn)
		return;
	n->is_drawn = true;
	text_printf(t, "\tn%u [label=", i);
	dot_put_string(t, sv_n(n->name, n->len));
	text_str(t, styles[n->kind] ? styles[n->kind] : "");
	text_str(t, "];\n");
}

static void put_edge(struct dot *d, const struct edge *e)
{
	const struct node *kind = node_at(d, e->kind);
	struct text *t = &d->text, label = {};

	put_node(d, e->from);
	put_node(d, e->to);
	text_printf(&label, "%.*s %llu", (int)kind->len, kind->name, (unsigned long long)e->n);
	text_printf(t, "\tn%u -> n%u [label=", e->from, e->to);
	dot_put_string(t, sv_n(label.p, label.len));
	text_str(t, e->is_directed ? "];\n" : " dir=none];\n");
	t->failed |= label.failed;
	text_done(&label);
}

/* What is not drawn is counted. */
static void put_title(struct dot *d, size_t n_shown)
{
	struct text *t = &d->text, label = {};
	uint64_t n = 0, left = 0;

	for (size_t i = 0; i < d->edges.n; i++) {
		n += edge_at(d, i)->n;
		left += i < n_shown ? 0 : edge_at(d, i)->n;
	}
	text_printf(&label, "%llu connections", (unsigned long long)n);
	if (n_shown < d->edges.n)
		text_printf(&label, "; %llu on %zu more edges are not drawn", (unsigned long long)left,
			    d->edges.n - n_shown);
	if (d->at_us) {
		text_str(&label, "; ");
		text_time(&label, d->at_us);
	}
	text_str(t, "\tgraph [rankdir=LR label=");
	dot_put_string(t, sv_n(label.p, label.len));
	text_str(t, "];\n\tnode [shape=box];\n");
	t->failed |= label.failed;
	text_done(&label);
}

static int write_text(struct dot *d)
{
	if (d->text.failed)
		return -ENOMEM;
	out_write(d->out, d->text.p, d->text.len);
	d->text.len = 0;
	return d->out->error;
}

static int draw(struct dot *d)
{
	size_t n_shown;
	int r = d->error;

	for (size_t i = 0; i < d->ends.n && r == 0; i++)
		r = count_end(d, i);
	if (r < 0)
		return r;
	if (d->edges.n)
		qsort(d->edges.v, d->edges.n, sizeof(struct edge), compare_edges);
	n_shown = d->limit < d->edges.n ? (size_t)d->limit : d->edges.n;
	d->text.len = 0;
	text_str(&d->text, "digraph sockets {\n");
	put_title(d, n_shown);
	for (size_t i = 0; i < n_shown; i++)
		put_edge(d, edge_at(d, i));
	text_str(&d->text, "}\n");
	return write_text(d);
}

static int end_list(struct tabular *t)
{
	struct dot *d = (struct dot *)t;

	d->is_open = false;
	d->error = draw(d);
	forget(d);
	return d->error;
}

/* Remarks stand behind the graph, a line each. */
static void put_notes(struct text *t, const struct notes *notes)
{
	const char *note = NULL;
	enum note kind;

	while (notes && (note = notes_next(notes, note, &kind))) {
		text_str(t, kind == NOTE_ERROR  ? "// error: "
			    : kind == NOTE_HINT ? "// hint: "
						: "// warning: ");
		utf8_put_safe(t, sv(note), "");
		text_char(t, '\n');
	}
	if (notes && !notes_is_whole(notes))
		text_str(t, "// not complete\n");
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct dot *d = (struct dot *)t;
	int r = d->is_open ? end_list(t) : d->error;

	if (r < 0)
		return r;
	put_notes(&d->text, notes);
	r = write_text(d);
	return r < 0 ? r : out_flush(d->out);
}

static int flush(struct tabular *t)
{
	return out_flush(((struct dot *)t)->out);
}

static void free_dot(struct tabular *t)
{
	struct dot *d = (struct dot *)t;

	forget(d);
	hash_done(&d->by_name);
	hash_done(&d->by_inode);
	hash_done(&d->by_mate);
	hash_done(&d->by_edge);
	free(d->nodes.v);
	free(d->ends.v);
	free(d->edges.v);
	text_done(&d->text);
	free(d);
}

static const struct tabular_ops dot_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_dot,
};

int dot_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	struct dot *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->tabular.ops = &dot_ops;
	d->out = out;
	d->limit = o->has_limit ? o->limit : EDGES;
	*ret = &d->tabular;
	return 0;
}
