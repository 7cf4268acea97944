/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#pragma once

/*
 * The field registry: everything the program knows about a value of a socket.
 *
 * Whatever shows, filters, sorts or describes values reads this table; no
 * mechanism names a kernel structure.
 */

#include "model/owner.h"
#include "model/row.h"

/* What a value means; decides how it is written and what may be compared with it. */
enum type {
	T_UINT,
	T_INT,
	T_HEX,
	T_BYTES,
	T_BYTES_S,
	T_USEC,
	T_MSEC,
	T_PORT,
	T_ADDR,
	T_STATE,
	T_FAMILY,
	T_COOKIE,
	T_STR,  /* of any length */
	T_RAW,  /* bytes of any length, also none */
	T_LIST, /* elements of any number, also none: model/list.h */
	T_HWADDR,
	T_FLAG, /* present or not */
	T_OWNERS,
	T_REAL,  /* computed: an average; of a field, seconds, which lie there as microseconds */
	T_RATE,  /* computed: how many, or how many seconds, in a second */
	T_SHARE, /* computed: a part of 1; of a field, its number as a part of that of .whole */
};

/* How a value develops: decides whether a rate makes sense, and the default order. A name is no amount. */
enum sem { SEM_GAUGE, SEM_COUNTER, SEM_NAME };

struct loc { /* where a value lies: a member of a segment, or bits of one */
	uint16_t off;
	uint8_t seg;
	uint8_t size;
	uint8_t shift, bits; /* bits 0: all of it */
	bool any_len;        /* all of a segment that has no one length */
};

/*
 * Of which sockets a field may be absent although a message has its bytes: ABSENT_* (model/defs/absent.def),
 * and a bit for each.
 */
enum absent {
#define ABSENT(id, ...) ABSENT_##id,
#include "model/defs/absent.def"
	ABSENT_MAX
};

_Static_assert(ABSENT_MAX <= 32, "field.absent is 32 bits wide");

/* What those sockets are: "raw sockets". */
extern const char *const absent_texts[ABSENT_MAX];

enum { RANK_LAST = UINT8_MAX }; /* of a field without a rank, among those that have one */

struct field {
	const char *name;
	const char *help;
	const struct loc *at; /* the first one present counts; a location of size 0 ends the list */
	enum type type;
	enum sem sem;
	enum part part;
	bool has_none;
	bool push;       /* the kernel can filter on it */
	uint16_t since;  /* first kernel to have it, 0x60a for 6.10; 0: any that matters */
	uint64_t none;   /* the value by which the kernel says unknown or unlimited, when .has_none */
	uint16_t whole;  /* enum field_id; T_SHARE: what the number is a part of, which lies in the same
			    segments */
	uint8_t rank;    /* 1 is the first of those that a table has room for; 0: none before the others */
	bool is_trouble; /* a number above 0 is worth a look */
	uint16_t limit;  /* enum field_id: with a number above its own it is full; 0: nothing limits it */
	/* What follows counts for field_get() and not for field_get_sent(). */
	bool no_zero;    /* 0, as an address 0.0.0.0 or ::, says that there is none */
	bool has_given;  /* it is not there where .given is absent or 0 */
	uint16_t given;  /* enum field_id */
	uint32_t absent; /* bits 1 << ABSENT_*: of these sockets it is not there, whatever the message has */
};

enum field_id {
#define FIELD(id, ...) F_##id,
#include "model/defs/all.def"
	F_MAX
};

extern const struct field fields[F_MAX];

/* What a kind of value looks like once read. */
enum kind { VAL_UINT, VAL_INT, VAL_REAL, VAL_STR, VAL_OWNERS };

struct val {
	enum kind kind;
	union {
		uint64_t u;
		int64_t i;
		double d;
		struct owners owners;
		struct sv s; /* text, or for T_ADDR the 4 or 16 bytes of the address */
	};
};

/* The number of @v; 0 of what is none. */
static inline double val_number(const struct val *v)
{
	switch (v->kind) {
	case VAL_UINT: return (double)v->u;
	case VAL_INT: return (double)v->i;
	case VAL_REAL: return v->d;
	case VAL_STR:
	case VAL_OWNERS: break;
	}
	return 0;
}

/* What a T_STATE is: a K_TCP_* of the kernel's, or, for an SCTP association, its own number and this. */
enum { STATE_SCTP = 16 };

/* The field called @name, or F_MAX. */
enum field_id field_find(struct sv name);

/*
 * Reads @f from @row into @ret; false when it is absent: the kernel did not
 * send it, it means "unknown", or a socket of this kind, in this state, has
 * none (.absent, .given). Records, filters on fields, sorting and counting
 * see this value. A field with a .part is the list of owners; its values are
 * those of val_item().
 */
bool field_get(const struct row *row, enum field_id f, struct val *ret);

/* The same of a row of whose kind (row_kind()) @f is known not to be absent. */
bool field_get_of_kind(const struct row *row, enum field_id f, struct val *ret);

/*
 * The same as the message has it, of whatever socket: for the classic output
 * and its predicates, which show and compare what is sent.
 */
bool field_get_sent(const struct row *row, enum field_id f, struct val *ret);

/* Whether @n, a number as it lies there, says that there is no value. */
static inline bool field_is_none(const struct field *f, uint64_t n)
{
	return (f->has_none && n == f->none) || (f->no_zero && !n);
}

/* Whether @f, which has bytes in @row, is absent of its socket all the same. */
bool field_is_void(const struct row *row, enum field_id f);

/*
 * Whether a socket of @table in one of @states, bits 1 << K_TCP_*, can have @f, as far as .absent goes;
 * @is_proc: when it is read from /proc/net.
 */
bool field_can_be(enum field_id f, enum table table, uint32_t states, bool is_proc);

/* The table, the state and the source of @row: of rows with the same number the same .absent hold. */
uint32_t row_kind(const struct row *row);

/*
 * Where @row has the number by which its kind may be another than that of rows of the same dump with the same
 * segments; NULL when it takes more to tell.
 */
const struct loc *row_kind_loc(const struct row *row);

/* Whether one of @absent, bits 1 << ABSENT_*, holds of rows of @kind. */
bool absent_holds(uint32_t absent, uint32_t kind);

/* The field that is @part of each owner. */
static inline enum field_id part_field(enum part part)
{
	return (enum field_id)(F_OWNERS + (int)part);
}

/* The same of each owner of the socket at the other end. */
static inline enum field_id peer_part_field(enum part part)
{
	return (enum field_id)(F_PEER_OWNERS + (int)part);
}

/* What is compared of @f, an id of a field: of all that is known of owners their names. */
enum field_id field_key(enum field_id f);

/* The fields that only a look at other sockets tells: all that is known of the other end, and who began. */
static inline bool field_is_of_peers(enum field_id f)
{
	return f >= F_PEER_OWNERS && f <= F_DIRECTION;
}

/* Value @i of @part of the owners in @v into @ret; false when that owner has none. */
bool val_item(const struct val *v, enum part part, size_t i, struct val *ret);

/* A set of fields. */
struct fieldset {
	uint64_t w[F_MAX / 64 + 1];
};

static inline void fieldset_add(struct fieldset *s, enum field_id f)
{
	s->w[f / 64] |= UINT64_C(1) << (f % 64);
}

static inline void fieldset_add_all(struct fieldset *s, const struct fieldset *more)
{
	for (size_t i = 0; i < sizeof(s->w) / sizeof(*s->w); i++)
		s->w[i] |= more->w[i];
}
/* Adds @f and the fields that decide whether it is there. */
void fieldset_add_value(struct fieldset *s, enum field_id f);

static inline bool fieldset_has(const struct fieldset *s, enum field_id f)
{
	return s->w[f / 64] >> (f % 64) & 1;
}

/* Whether @set has owners or a part of them. */
static inline bool fieldset_has_owners(const struct fieldset *s)
{
	for (enum part part = PART_NONE; part < PART_MAX; part++)
		if (fieldset_has(s, part_field(part)))
			return true;
	return false;
}

/* Whether @set has what only a look at other sockets tells. */
static inline bool fieldset_has_peers(const struct fieldset *set)
{
	for (enum field_id f = F_PEER_OWNERS; f <= F_DIRECTION; f++)
		if (fieldset_has(set, f))
			return true;
	return false;
}

/* Whether @set has what is the same of all rows of a sample. */
static inline bool fieldset_has_sample(const struct fieldset *set)
{
	return fieldset_has(set, F_TIME) || fieldset_has(set, F_HOST) || fieldset_has(set, F_BOOT) ||
	       fieldset_has(set, F_MONOTONIC);
}

/* Whether @set has something of the socket at the other end: all of that but who began. */
static inline bool fieldset_has_peer_ends(const struct fieldset *set)
{
	for (enum field_id f = F_PEER_OWNERS; f < F_DIRECTION; f++)
		if (fieldset_has(set, f))
			return true;
	return false;
}

/* Fields that only the socket itself tells, as bits. */
#define HELD_BIT(id) (1u << (F_##id - F_OPT_NODELAY))

_Static_assert(F_PAYLOAD_NEXT - F_OPT_NODELAY < 32, "sets of them are 32 bits wide");

/* Those that @set has: bits HELD_BIT(). */
static inline uint32_t fieldset_held(const struct fieldset *set)
{
	uint32_t bits = 0;

	for (enum field_id f = F_OPT_NODELAY; f <= F_PAYLOAD_NEXT; f++)
		bits |= fieldset_has(set, f) ? 1u << (f - F_OPT_NODELAY) : 0;
	return bits;
}

/* Whether @set has owners of the socket at the other end, or a part of them. */
static inline bool fieldset_has_peer_owners(const struct fieldset *set)
{
	for (enum part part = PART_NONE; part < PART_MAX; part++)
		if (fieldset_has(set, peer_part_field(part)))
			return true;
	return false;
}

/* The counters, and what they grow by. */
struct counter_rate {
	enum field_id counter, rate;
};
extern const struct counter_rate counter_rates[RATE_MAX];

/* Whether @set has a rate. */
bool fieldset_has_rates(const struct fieldset *set);

/* What to ask the kernel for so that a segment may be present: ASK_* (model/segment.h), by enum seg. */
extern const uint64_t seg_ask[SEG_MAX];

/* The number of @size bytes at @p, in native byte order; 0 for a size that no number has. */
static inline uint64_t field_load(const uint8_t *p, unsigned int size)
{
	uint16_t h;
	uint32_t w;
	uint64_t d;

	switch (size) {
	case 1: return *p;
	case 2: memcpy(&h, p, sizeof(h)); return h;
	case 4: memcpy(&w, p, sizeof(w)); return w;
	case 8: memcpy(&d, p, sizeof(d)); return d;
	default: return 0;
	}
}

/* Whether @row has something at @l. */
static inline bool field_is_at(const struct row *row, const struct loc *l)
{
	return row_has(row, (enum seg)l->seg) && (l->any_len || row->len[l->seg] >= l->off + l->size);
}

/* Where @f lies in @row, or NULL when it is absent. */
static inline const struct loc *field_find_loc(const struct row *row, enum field_id f)
{
	for (const struct loc *l = fields[f].at; l->size; l++)
		if (field_is_at(row, l))
			return l;
	return NULL;
}

/* The raw number at a location: native byte order, but for ports; of what has no one length, its length. */
static inline uint64_t field_raw(const struct row *row, const struct loc *l)
{
	uint64_t v;

	if (l->any_len)
		return row->len[l->seg];
	v = field_load(row->seg[l->seg] + l->off, l->size);
	return l->bits ? v >> l->shift & ((UINT64_C(1) << l->bits) - 1) : v;
}

/* What a filter compares in place of a share, which is no whole number: how many of so many parts. */
enum { SHARE_ONE = 1000000000 };

/* What a T_RATE lies there in: so many parts are one in a second. */
enum { RATE_ONE = 1000 };

/*
 * Sets *@ret to the share @f of @row in parts of SHARE_ONE, rounded down; false when its .whole is absent.
 * Both are numbers of 32 bits. A limit of 0 lets one pass: a whole of 0 counts as a half.
 */
bool field_share(const struct row *row, enum field_id f, uint64_t *ret);

/* The number in @f, as the kernel sent it (also one that means "unknown"); @absent when it sent none. */
static inline uint64_t field_u64(const struct row *row, enum field_id f, uint64_t absent)
{
	const struct loc *l = field_find_loc(row, f);

	return l ? field_raw(row, l) : absent;
}
