/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "live/sample.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "family/family.h"
#include "model/tenant.h"

enum { BLOCK_LEAST = 4 * 1024, BLOCK = 256 * 1024, ORIGINS_MAX = 64, ALIGN = 8 };

/* A record: this, the message, and each segment that is not in it: an extra and its bytes; all aligned. */
struct head {
	uint64_t id;
	uint32_t msg_len;
	uint8_t family, origin; /* by number */
	uint16_t n_extra;
};

struct extra {
	uint32_t len; /* in the record; that of the segment as it was is .seg_len */
	uint16_t seg_len, seg;
};

struct block {
	struct block *next;
	uint64_t bytes[];
};

struct sample {
	size_t refs; /* atomically */
	struct block *blocks;
	size_t used, room; /* of the first block */
	size_t size;
	const struct head **row;
	size_t n, cap;
	struct seg_dump *origin; /* never moved while rows point to it: made whole at once */
	size_t n_origins;
	int64_t monotonic_us;
	uint64_t at_us;
	uint32_t selection;
	struct text scratch;
};

static const struct family *const families[] = {
#define FAMILY(n) &family_##n,
#include "model/defs/all.def"
};

/* Segments that are structures with texts elsewhere, and where these are in them. */
static const uint16_t tenant_at[] = {
#define TENANT(id, name, member, help) offsetof(struct tenant, member),
#include "model/defs/tenant.def"
};
static const uint16_t sample_at[] = { offsetof(struct seg_sample, time), offsetof(struct seg_sample, host),
				      offsetof(struct seg_sample, boot) };
static const uint16_t held_at[] = { offsetof(struct seg_held, congestion) };
static const uint16_t owner_at[] = {
#define READ(id, name, type, member, ...) offsetof(struct owner_texts, member),
#include "model/defs/part.def"
};

static const struct pointing {
	enum seg seg;
	size_t size;
	const uint16_t *at;
	size_t n;
} pointings[] = {
	{ SEG_TENANT, sizeof(struct tenant), tenant_at, ARRAY_SIZE(tenant_at) },
	{ SEG_PEER_TENANT, sizeof(struct tenant), tenant_at, ARRAY_SIZE(tenant_at) },
	{ SEG_SAMPLE, sizeof(struct seg_sample), sample_at, ARRAY_SIZE(sample_at) },
	{ SEG_HELD, sizeof(struct seg_held), held_at, ARRAY_SIZE(held_at) },
};

struct sample_texts {
	struct tenant tenant, peer_tenant;
	struct seg_sample sample;
	struct seg_held held;
	struct owners owners, peer_owners;
	struct seg_rates rates;
};

static const struct pointing *find_pointing(size_t seg)
{
	for (size_t i = 0; i < ARRAY_SIZE(pointings); i++)
		if (pointings[i].seg == seg)
			return &pointings[i];
	return NULL;
}

struct sample *sample_new(void)
{
	struct sample *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->origin = calloc(ORIGINS_MAX, sizeof(*s->origin));
	if (!s->origin) {
		free(s);
		return NULL;
	}
	s->refs = 1;
	s->size = sizeof(*s) + ORIGINS_MAX * sizeof(*s->origin);
	return s;
}

struct sample *sample_ref(struct sample *s)
{
	(void)__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

struct sample *sample_unref(struct sample *s)
{
	if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL))
		return NULL;
	while (s->blocks) {
		struct block *next = s->blocks->next;

		free(s->blocks);
		s->blocks = next;
	}
	text_done(&s->scratch);
	free(s->origin);
	free(s->row);
	free(s);
	return NULL;
}

size_t sample_len(const struct sample *s)
{
	return s->n;
}

size_t sample_size(const struct sample *s)
{
	return s->size + s->cap * sizeof(*s->row);
}

void sample_set_time(struct sample *s, int64_t monotonic_us, uint64_t at_us)
{
	s->monotonic_us = monotonic_us;
	s->at_us = at_us;
}

int64_t sample_monotonic_us(const struct sample *s)
{
	return s->monotonic_us;
}

uint64_t sample_at_us(const struct sample *s)
{
	return s->at_us;
}

void sample_set_selection(struct sample *s, uint32_t number)
{
	s->selection = number;
}

uint32_t sample_selection(const struct sample *s)
{
	return s->selection;
}

/* The number of the dump @d, among those there are; ORIGINS_MAX: there are too many. */
static size_t number_origin(struct sample *s, const struct seg_dump *d)
{
	size_t i = s->n_origins;

	while (i && memcmp(&s->origin[i - 1], d, sizeof(*d)) != 0)
		i--;
	if (i)
		return i - 1;
	if (s->n_origins == ORIGINS_MAX)
		return ORIGINS_MAX;
	s->origin[s->n_origins] = *d;
	return s->n_origins++;
}

static void align(struct text *t)
{
	static const char zeros[ALIGN];

	text_put(t, zeros, -t->len % ALIGN);
}

static void put_text(struct text *t, struct sv s)
{
	uint32_t len = s.p ? (uint32_t)s.len : UINT32_MAX;

	text_put(t, &len, sizeof(len));
	if (s.p)
		text_sv(t, s);
}

static void put_owners(struct text *t, const void *seg)
{
	struct owners o;

	memcpy(&o, seg, sizeof(o));
	for (size_t i = 0; i < o.n; i++) {
		const struct owner *v = &o.v[i];
		uint32_t numbers[] = { v->pid, v->tid, v->fd, v->holder, v->texts != NULL };

		text_put(t, numbers, sizeof(numbers));
		put_text(t, v->comm);
		for (size_t k = 0; v->texts && k < ARRAY_SIZE(owner_at); k++) {
			struct sv s;

			memcpy(&s, (const char *)v->texts + owner_at[k], sizeof(s));
			put_text(t, s);
		}
	}
}

static void put_pointing(struct text *t, const struct pointing *p, const uint8_t *seg)
{
	text_put(t, seg, p->size);
	for (size_t i = 0; i < p->n; i++) {
		struct sv s;

		memcpy(&s, seg + p->at[i], sizeof(s));
		put_text(t, s);
	}
}

/* Few rates are asked for: those that are known, each with its number. */
struct known_rate {
	uint64_t v;
	uint64_t i;
};

static void put_rates(struct text *t, const void *seg)
{
	struct seg_rates rates;

	memcpy(&rates, seg, sizeof(rates));
	for (size_t i = 0; i < RATE_MAX; i++)
		if (rates.v[i] != UINT64_MAX)
			text_put(t, &(struct known_rate){ rates.v[i], i }, sizeof(struct known_rate));
}

static void put_extra(struct text *t, const struct row *row, size_t seg)
{
	struct extra x = { .seg = (uint16_t)seg, .seg_len = row->len[seg] };
	const struct pointing *p = find_pointing(seg);
	size_t at = t->len;

	text_put(t, &x, sizeof(x));
	if (seg == SEG_OWNERS || seg == SEG_PEER_OWNERS)
		put_owners(t, row->seg[seg]);
	else if (seg == SEG_RATES)
		put_rates(t, row->seg[seg]);
	else if (p && row->len[seg] >= p->size)
		put_pointing(t, p, row->seg[seg]);
	else if (!p)
		text_put(t, row->seg[seg], row->len[seg]);
	if (t->failed)
		return;
	x.len = (uint32_t)(t->len - at - sizeof(x));
	memcpy(t->p + at, &x, sizeof(x));
	align(t);
}

/* Whether the segment lies in the message, and will be found there again. */
static bool is_inside(const struct row *row, size_t seg)
{
	const uint8_t *from = (const uint8_t *)row->msg, *p = row->seg[seg];

	return p >= from && p < from + row->msg->nlmsg_len;
}

static int add_block(struct sample *s, size_t n)
{
	/* As large as all that there are together, so that few sockets take little. */
	size_t room = s->size < BLOCK_LEAST ? BLOCK_LEAST : s->size < BLOCK ? s->size : BLOCK;
	struct block *b;

	room = room < n ? n : room;
	b = malloc(sizeof(*b) + room);

	if (!b)
		return -ENOMEM;
	b->next = s->blocks;
	s->blocks = b;
	s->used = 0;
	s->room = room;
	s->size += sizeof(*b) + room;
	return 0;
}

static int keep(struct sample *s)
{
	const struct text *t = &s->scratch;
	char *to;

	if (t->failed)
		return -ENOMEM;
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		const struct head **row = reallocarray(s->row, cap, sizeof(*row));

		if (!row)
			return -ENOMEM;
		s->row = row;
		s->cap = cap;
	}
	if ((!s->blocks || s->room - s->used < t->len) && add_block(s, t->len) < 0)
		return -ENOMEM;
	to = (char *)s->blocks->bytes + s->used;
	memcpy(to, t->p, t->len);
	s->used += t->len;
	s->row[s->n++] = (const void *)to;
	return 0;
}

uint64_t row_identity(const struct row *row)
{
	static const enum field_id ends[] = { F_NETID, F_SRC, F_SPORT, F_DST, F_DPORT, F_INODE };
	uint64_t id = hash_u64(field_u64(row, F_NETNS_ID, 0) + ((uint64_t)row_dump(row)->table << 32));
	struct val v;

	if (field_get(row, F_COOKIE, &v) && v.u)
		return (id ^ hash_u64(v.u)) | 1;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (field_get(row, ends[i], &v))
			id = hash_u64(id ^ (v.kind == VAL_STR ? hash_bytes(v.s) : v.u + i));
	return id | 1;
}

uint64_t sample_identity(const struct sample *s, size_t i)
{
	return s->row[i]->id;
}

int sample_add(struct sample *s, const struct row *row)
{
	struct head head = { .id = row_identity(row), .msg_len = row->msg->nlmsg_len };
	struct text *t = &s->scratch;
	size_t family = 0, origin = number_origin(s, row_dump(row));

	while (family < ARRAY_SIZE(families) && !row_has(row, (enum seg)families[family]->msg))
		family++;
	if (family == ARRAY_SIZE(families) || origin == ORIGINS_MAX || row_has(row, SEG_UNBOUND_MSG))
		return -EBADMSG;
	head.family = (uint8_t)family;
	head.origin = (uint8_t)origin;
	t->len = 0;
	text_put(t, &head, sizeof(head));
	text_put(t, row->msg, head.msg_len);
	align(t);
	for (size_t w = 0; w < ARRAY_SIZE(row->have.w); w++) {
		for (uint64_t bits = row->have.w[w]; bits; bits &= bits - 1) {
			size_t seg = w * 64 + (size_t)__builtin_ctzll(bits);

			if (seg == SEG_DUMP || is_inside(row, seg))
				continue;
			put_extra(t, row, seg);
			head.n_extra++;
		}
	}
	if (t->p)
		memcpy(t->p, &head, sizeof(head));
	return keep(s);
}

static const char *take_text(const char *p, struct sv *ret)
{
	uint32_t len;

	memcpy(&len, p, sizeof(len));
	p += sizeof(len);
	*ret = len == UINT32_MAX ? (struct sv){} : sv_n(p, len);
	return len == UINT32_MAX ? p : p + len;
}

static int make_room(struct sample_row *r, size_t n)
{
	struct owner_texts *texts;
	struct owner *owner;

	if (n <= r->n_owner)
		return 0;
	n = n < 64 ? 64 : n;
	owner = reallocarray(r->owner, n, sizeof(*owner));
	if (!owner)
		return -ENOMEM;
	r->owner = owner;
	texts = reallocarray(r->owner_texts, n, sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	r->owner_texts = texts;
	r->n_owner = n;
	return 0;
}

/* Where owners lie in the record: those of both ends are opened at once. */
struct lying {
	const char *p[2], *end[2];
	size_t n[2];
};

static size_t count_owners(const char *p, const char *end)
{
	size_t n = 0;

	for (; p < end; n++) {
		uint32_t numbers[5];
		struct sv s;

		memcpy(numbers, p, sizeof(numbers));
		p = take_text(p + sizeof(numbers), &s);
		for (size_t k = 0; numbers[4] && k < ARRAY_SIZE(owner_at); k++)
			p = take_text(p, &s);
	}
	return n;
}

static void open_owners(struct sample_row *r, size_t first, const char *p, const char *end)
{
	for (size_t i = first; p < end; i++) {
		struct owner *o = &r->owner[i];
		uint32_t numbers[5];

		memcpy(numbers, p, sizeof(numbers));
		*o = (struct owner){
			.pid = numbers[0], .tid = numbers[1], .fd = numbers[2], .holder = numbers[3]
		};
		p = take_text(p + sizeof(numbers), &o->comm);
		if (numbers[4])
			o->texts = &r->owner_texts[i];
		for (size_t k = 0; numbers[4] && k < ARRAY_SIZE(owner_at); k++) {
			struct sv s;

			p = take_text(p, &s);
			memcpy((char *)&r->owner_texts[i] + owner_at[k], &s, sizeof(s));
		}
	}
}

static int put_all_owners(struct sample_row *r, const struct lying *l)
{
	struct owners *to[] = { &r->texts->owners, &r->texts->peer_owners };
	const enum seg segs[] = { SEG_OWNERS, SEG_PEER_OWNERS };
	size_t first = 0;

	if (make_room(r, l->n[0] + l->n[1]) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		if (!l->p[i])
			continue;
		open_owners(r, first, l->p[i], l->end[i]);
		*to[i] = (struct owners){ .v = l->n[i] ? r->owner + first : NULL, .n = l->n[i] };
		first += l->n[i];
		row_put(&r->row, segs[i], to[i], sizeof(*to[i]));
	}
	return 0;
}

static void open_rates(struct sample_row *r, const char *p, size_t len)
{
	struct seg_rates *rates = &r->texts->rates;

	memset(rates, 0xff, sizeof(*rates));
	for (size_t at = 0; at + sizeof(struct known_rate) <= len; at += sizeof(struct known_rate)) {
		struct known_rate known;

		memcpy(&known, p + at, sizeof(known));
		rates->v[known.i] = known.v;
	}
	row_put(&r->row, SEG_RATES, rates, sizeof(*rates));
}

static void open_pointing(struct sample_row *r, const struct pointing *p, const char *from)
{
	struct sample_texts *t = r->texts;
	char *to = p->seg == SEG_TENANT        ? (char *)&t->tenant
		   : p->seg == SEG_PEER_TENANT ? (char *)&t->peer_tenant
		   : p->seg == SEG_SAMPLE      ? (char *)&t->sample
					       : (char *)&t->held;

	memcpy(to, from, p->size);
	from += p->size;
	for (size_t i = 0; i < p->n; i++) {
		struct sv s;

		from = take_text(from, &s);
		memcpy(to + p->at[i], &s, sizeof(s));
	}
	row_put(&r->row, p->seg, to, p->size);
}

void sample_row_done(struct sample_row *r)
{
	free(r->texts);
	free(r->owner);
	free(r->owner_texts);
	*r = (struct sample_row){};
}

const struct row *sample_open(const struct sample *s, size_t i, struct sample_row *r)
{
	const struct head *head = s->row[i];
	const char *p = (const char *)(head + 1);
	struct lying lying = {};

	if (!r->texts && !(r->texts = malloc(sizeof(*r->texts))))
		return NULL;
	(void)row_open(&r->row, families[head->family], &s->origin[head->origin], (const void *)p);
	p += (head->msg_len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	for (size_t k = 0; k < head->n_extra; k++) {
		const struct pointing *pointing;
		size_t is_peer;
		struct extra x;

		memcpy(&x, p, sizeof(x));
		p += sizeof(x);
		pointing = find_pointing(x.seg);
		is_peer = x.seg == SEG_PEER_OWNERS;
		if (x.seg == SEG_OWNERS || is_peer) {
			lying.p[is_peer] = p;
			lying.end[is_peer] = p + x.len;
			lying.n[is_peer] = count_owners(p, p + x.len);
		} else if (x.seg == SEG_RATES) {
			open_rates(r, p, x.len);
		} else if (pointing && x.len) {
			open_pointing(r, pointing, p);
		} else if (!pointing) {
			row_put(&r->row, (enum seg)x.seg, p, x.seg_len);
		}
		p += ((sizeof(x) + x.len + ALIGN - 1) & ~(size_t)(ALIGN - 1)) - sizeof(x);
	}
	if ((lying.p[0] || lying.p[1]) && put_all_owners(r, &lying) < 0)
		return NULL;
	return &r->row;
}

bool sample_has_same(const struct sample *a, const struct sample *b)
{
	uint64_t x = 0, y = 0;

	for (size_t i = 0; i < a->n; i++)
		x += a->row[i]->id;
	for (size_t i = 0; i < b->n; i++)
		y += b->row[i]->id;
	return a->n == b->n && x == y;
}

static void fields_kept(const struct sink *sink, struct fieldset *set)
{
	const struct sampling *s = (const struct sampling *)sink;

	fieldset_add_all(set, &s->fields);
}

static int take_row(struct sink *sink, const struct row *row)
{
	struct sampling *s = (struct sampling *)sink;
	int r = sample_add(s->to, row);

	if (r == -ENOMEM)
		s->error = r;
	return s->error;
}

static int end(struct sink *sink)
{
	return ((struct sampling *)sink)->error;
}

static int flush(struct sink *)
{
	return 0;
}

static const struct sink_ops sampling_ops = {
	.fields = fields_kept, .row = take_row, .end = end, .flush = flush
};

void sampling_init(struct sampling *s)
{
	*s = (struct sampling){ .sink = { .ops = &sampling_ops, .is_retained = true } };
}
