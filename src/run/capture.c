/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/capture.h"

#include <errno.h>
#include <linux/netlink.h>

#include "host/kept.h"
#include "host/names.h"
#include "host/recorded_nat.h"
#include "host/recorded_table.h"
#include "host/recorded_unbound.h"
#include "nl/home.h"
#include "run/capture_facts.h"
#include "run/capture_held.h"
#include "run/run.h"
#include "run/unseen.h"
#include "sink/sink.h"

struct capture {
	struct sink sink; /* first: rows come here */
	struct capture_opts o;
	struct plan_opts po;
	struct plan *plan;
	struct session *session;
	struct capture_facts facts;
	struct notes *notes;             /* of the sample at hand */
	size_t n_of_places;              /* bytes of them that are about which network namespaces there are */
	uint32_t netns;                  /* whose files are read */
	const struct capture_held *held; /* what happened before it; NULL: nobody follows */
	const struct notes *held_notes;
	struct text blind; /* why processes may be hidden in the sample at hand; empty: none is */
	bool has_told_blind, has_told_unbound;
};

static struct capture *of_sink(struct sink *s)
{
	return (struct capture *)s;
}

/* All that the kernel tells comes along; what others know has to be asked for. */
void capture_fields(bool wants_cmdline, struct fieldset *ret)
{
	static const enum field_id parts[] = {
#define PART(id, ...) F_PROC_##id,
#include "model/defs/part.def"
	};

	fieldset_add(ret, F_OWNERS);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if ((wants_cmdline || parts[i] != F_PROC_CMDLINE) && parts[i] != F_PROC_UNBOUND)
			fieldset_add(ret, parts[i]);
	fieldset_add(ret, F_NETNS_ID);
	fieldset_add(ret, F_COOKIE);
	fieldset_add(ret, F_CGROUP);
}

static void add_fields(const struct sink *s, struct fieldset *set)
{
	const struct capture_opts *o = &((const struct capture *)s)->o;

	capture_fields(o->wants_cmdline, set);
	if (o->plan->select.tables >> TABLE_UNBOUND & 1)
		fieldset_add(set, F_PROC_UNBOUND);
}

/* What a socket is known by from sample to sample: where no cookie tells, by its ends. */
static uint64_t key_of(const struct row *row, uint32_t table, uint32_t netns)
{
	struct {
		uint64_t place, inode, ports;
		uint8_t addr[2][16];
	} ends = { .place = (uint64_t)netns << 32 | table };
	struct val v;

	if (field_get(row, F_COOKIE, &v)) {
		ends.inode = v.u;
		ends.ports = field_u64(row, F_STATE, 0) == K_TCP_TIME_WAIT;
		return hash_bytes(sv_n(&ends, sizeof(ends)));
	}
	ends.inode = field_u64(row, F_INODE, 0);
	ends.ports = field_u64(row, F_SPORT, 0) << 16 | field_u64(row, F_DPORT, 0);
	if (field_get_sent(row, F_SRC, &v) && v.s.len <= sizeof(ends.addr[0]))
		memcpy(ends.addr[0], v.s.p, v.s.len);
	if (field_get_sent(row, F_DST, &v) && v.s.len <= sizeof(ends.addr[1]))
		memcpy(ends.addr[1], v.s.p, v.s.len);
	return hash_bytes(sv_n(&ends, sizeof(ends)));
}

static void put_made(struct capture *c, enum fact kind, const struct fact_key *key)
{
	const struct text *t = &c->facts.value;

	if (t->failed)
		c->facts.error = -ENOMEM;
	else
		capture_put(&c->facts, kind, fact_key_sv(key), sv_n(t->p ? t->p : "", t->len));
}

/* No message, for it was made here. */
static void take_unbound(struct capture *c, const struct row *row)
{
	struct fact_key key;
	struct seg_unbound u;

	memcpy(&u, row->seg[SEG_UNBOUND_MSG], sizeof(u));
	key = fact_key_u32(u.inode);
	c->facts.value.len = 0;
	recorded_unbound_put(&c->facts.value, &u);
	put_made(c, FACT_UNBOUND, &key);
	capture_row(&c->facts, row);
}

static int take_row(struct sink *s, const struct row *row)
{
	struct capture *c = of_sink(s);
	struct store_message m = { .msg = row->msg, .netns = (uint32_t)field_u64(row, F_NETNS_ID, 0) };
	int r;

	if (row_has(row, SEG_UNBOUND_MSG)) {
		take_unbound(c, row);
		return c->facts.error;
	}
	m.table = recorded_table((enum table)row_dump(row)->table);
	if (row_dump(row)->is_proc)
		m.table |= FACT_TABLE_IS_TEXT;
	m.key = key_of(row, m.table, m.netns);
	r = store_put(c->o.writer, &m);
	if (r < 0 && !c->facts.error)
		c->facts.error = r;
	capture_row(&c->facts, row);
	return c->facts.error;
}

static int end(struct sink *s)
{
	return of_sink(s)->facts.error;
}

static int nothing(struct sink *)
{
	return 0;
}

static const struct sink_ops sink_ops = {
	.fields = add_fields, .row = take_row, .end = end, .flush = nothing
};

static int keep_file(void *ctx, const char *path, struct sv contents)
{
	struct capture *c = ctx;
	const struct fact_key key = fact_key_named(c->netns, path);

	capture_put(&c->facts, FACT_FILE, fact_key_sv(&key), contents);
	return c->facts.error;
}

static int keep_iface(void *ctx, uint32_t ifindex, struct sv name)
{
	struct capture *c = ctx;
	struct fact_key key = fact_key_u32(c->netns);

	fact_key_add(&key, ifindex, 4);
	capture_put(&c->facts, FACT_IFACE, fact_key_sv(&key), name);
	return c->facts.error;
}

static void put_place(struct capture *c, size_t order, struct sv name, int64_t n_tcp)
{
	const struct fact_key key = fact_key_u32(c->netns);
	struct text *t = &c->facts.value;

	t->len = 0;
	fact_add(t, PLACE_NAME, name);
	fact_add_u64(t, PLACE_ORDER, order);
	fact_add_u64(t, PLACE_N_TCP, (uint64_t)(n_tcp + 1));
	put_made(c, FACT_PLACE, &key);
}

/* Which addresses it has for its own, by which the other ends of connections are found. */
static void keep_locals(struct capture *c, const struct place *p)
{
	struct locals l = {};
	struct err e;
	int r = host_find_locals(c->o.host, p, c->netns, &l, &e);

	for (size_t i = 0; r >= 0 && i < l.n; i++) {
		struct fact_key key = fact_key_u32(c->netns);

		fact_key_add_word(&key, sv_n(l.v[i].addr, sizeof(l.v[i].addr)));
		fact_key_add(&key, l.v[i].bits, 1);
		capture_put(&c->facts, FACT_LOCAL, fact_key_sv(&key), sv(""));
	}
	locals_done(&l);
}

/* What the other ends of connections have whose addresses are changed on the way. */
static void keep_nat(struct capture *c, const struct place *p)
{
	const struct fact_key of = fact_key_u32(c->netns);
	const struct nat_pair *at = NULL;
	struct tuple one, other;
	struct nat nat = {};
	struct err e;
	int r = host_find_nat(c->o.host, p, &nat, &e);

	capture_put(&c->facts, FACT_NAT_READ, fact_key_sv(&of), sv(r < 0 ? e.text : ""));
	while (r >= 0 && nat_next(&nat, &at, &one, &other)) {
		const struct fact_key key = recorded_nat_key(c->netns, &one);

		c->facts.value.len = 0;
		recorded_nat_put(&c->facts.value, &other);
		put_made(c, FACT_NAT, &key);
	}
	nat_done(&nat);
}

static void keep_place(struct capture *c, const struct places *all, const struct place *p)
{
	static const struct kept_ops ops = { .file = keep_file, .iface = keep_iface };

	(void)kept_read(c->o.host, all, p, &ops, c);
	keep_locals(c, p);
	if (c->o.wants_nat)
		keep_nat(c, p);
}

/* Before the sockets are asked for. */
static void see(void *ctx, struct host *h, const struct places *all)
{
	struct capture *c = ctx;

	c->n_of_places = all ? c->notes->text.len : 0;
	for (size_t i = 0; all && i < all->n; i++) {
		c->netns = all->v[i].ino;
		put_place(c, i, sv(all->v[i].name), all->v[i].n_tcp);
		keep_place(c, all, &all->v[i]);
	}
	if (!all) {
		struct text name = {};

		c->netns = host_here(h);
		h->output->netns(h->output->ctx, &name, c->netns);
		put_place(c, 0, sv_n(name.p ? name.p : "", name.len), -1);
		text_done(&name);
		keep_place(c, NULL, NULL);
	}
	capture_machine(&c->facts, c->notes);
}

static void answered(void *ctx, const struct run *r, const struct question *q, int k, const struct err *e)
{
	struct capture *c = ctx;
	const struct dump *d = &q->step.dump;
	struct fact_key key = fact_key_u32(q->place ? q->place->ino : host_here(c->o.host));
	struct text *t = &c->facts.value;

	fact_key_add(&key, recorded_table((enum table)d->origin.table), 4);
	fact_key_add(&key, d->af, 1);
	fact_key_add(&key, d->states, 4);
	t->len = 0;
	if (r->refused) {
		fact_add_u64(t, ANSWER_REFUSED, r->refusal == REFUSAL_TABLE ? ANSWER_NO_TABLE : ANSWER_ERROR);
		fact_add(t, ANSWER_WHY, sv(r->refused_why.text));
	}
	if (k < 0)
		fact_add(t, ANSWER_FAILED, sv(e->text));
	put_made(c, FACT_ANSWER, &key);
}

static void ending(void *ctx, const struct run *r)
{
	struct capture *c = ctx;
	struct text *why = &c->blind;

	capture_put_number(&c->facts, FACT_MACHINE, "sight", context_sight(r->in.context));
	if (r->unbound)
		capture_put_number(&c->facts, FACT_MACHINE, "unbound.untold", unbound_untold(r->unbound));
	why->len = 0;
	context_put_blind(r->in.context, why);
	capture_put_word(&c->facts, FACT_MACHINE, "sight.why", sv_n(why->p ? why->p : "", why->len));
}

static void keep_notes(struct capture *c)
{
	const char *note = NULL;
	enum note kind;
	uint32_t n = 0;

	while (!c->notes->text.failed && (note = notes_next(c->notes, note, &kind))) {
		const struct fact_key key = fact_key_u32(n++);
		struct text *t = &c->facts.value;

		t->len = 0;
		fact_add_u64(t, NOTED_KIND, (uint64_t)kind);
		fact_add(t, NOTED_TEXT, sv(note));
		fact_add_u64(t, NOTED_OF_PLACES, (size_t)(note - c->notes->text.p) < c->n_of_places);
		put_made(c, FACT_NOTE, &key);
	}
}

static int take(struct capture *c, struct err *e)
{
	const struct store_time at = { .wall_us = host_now_us(c->o.host),
				       .monotonic_us = host_monotonic_us(c->o.host) };
	int r = store_begin(c->o.writer, at, e);

	if (r < 0)
		return r;
	capture_facts_begin(&c->facts);
	for (size_t i = 0; i < c->o.n_words; i++)
		capture_put_word(&c->facts, FACT_MAKING, c->o.words[i].word, c->o.words[i].text);
	capture_put_number(&c->facts, FACT_MAKING, "version", FACT_VERSION);
	r = c->held ? capture_held_put(c->held, c->o.writer, c->held_notes) : 0;
	if (r < 0)
		return err_sys(e, r, "events cannot be kept");
	e->text[0] = '\0';
	r = session_run(c->session, c->plan, &c->sink, c->notes, e);
	r = r < 0 ? r : home_check(e);
	keep_notes(c);
	r = r < 0 ? r : c->facts.error;
	if (r < 0)
		return e->text[0] ? r : err_sys(e, r, "the sample cannot be kept");
	return store_end(c->o.writer, e);
}

void capture_hold(struct capture *c, const struct capture_held *held, const struct notes *notes)
{
	c->held = held;
	c->held_notes = notes;
}

/* That of some sockets it will never be known who held them: once, for nobody may be there to see a hint. */
static void tell_blind(struct capture *c, struct notes *notes)
{
	if (!(c->session->unseen >> UNSEEN_OWNERS & 1))
		return;
	notes->is_partial = true;
	if (!c->has_told_blind)
		notes_add(notes, NOTE_WARNING, "who holds some of the sockets is not recorded: %.*s",
			  (int)c->blind.len, c->blind.p ? c->blind.p : "");
	c->has_told_blind = true;
}

/* The same of what is in no table, which only those tell that hold it. */
static void tell_unbound(struct capture *c, struct notes *notes)
{
	if (!(c->po.select.tables >> TABLE_UNBOUND & 1) || !c->blind.len)
		return;
	notes->is_partial = true;
	if (!c->has_told_unbound)
		notes_add(notes, NOTE_WARNING, "not all sockets that are in no table are recorded: %.*s",
			  (int)c->blind.len, c->blind.p);
	c->has_told_unbound = true;
}

int capture_take(struct capture *c, struct notes *notes, struct err *e)
{
	struct notes own = {};
	int r;

	c->notes = &own;
	r = take(c, e);
	own.is_partial = false; /* that is the sample's, which tells who asks it */
	notes_join(&own, notes);
	if (r >= 0)
		tell_blind(c, notes);
	if (r >= 0)
		tell_unbound(c, notes);
	c->notes = NULL;
	names_tell(c->o.host->names, notes);
	notes_done(&own);
	return r;
}

struct capture *capture_free(struct capture *c)
{
	if (!c)
		return NULL;
	(void)session_free(c->session);
	(void)plan_free(c->plan);
	capture_facts_done(&c->facts);
	text_done(&c->blind);
	free(c);
	return NULL;
}

int capture_new(const struct capture_opts *o, struct capture **ret, struct err *e)
{
	static const struct watcher watcher = { .answered = answered, .ending = ending };
	const struct session_opts so = { /* a walk by BPF makes messages of its own */
					 .source = o->source == SOURCE_AUTO ? SOURCE_NETLINK : o->source,
					 .is_everywhere = o->is_everywhere,
					 .is_kernel_only = o->source == SOURCE_NETLINK,
					 .see = see
	};
	_cleanup_(capture_freep) struct capture *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return err_sys(e, -ENOMEM, "the recording");
	c->sink.ops = &sink_ops;
	c->o = *o;
	c->facts.host = o->host;
	c->facts.writer = o->writer;
	c->po = *o->plan;
	c->po.wants_all = true;
	add_fields(&c->sink, &c->po.fields);
	r = plan_new(&c->po, &c->plan);
	if (r >= 0)
		r = session_new(o->host, &so, &c->session);
	if (r < 0)
		return err_sys(e, r, "the recording");
	c->session->watcher = &watcher;
	c->session->see_ctx = c;
	*ret = take_ptr(c);
	return 0;
}
