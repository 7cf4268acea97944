/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/kernel_types.h"

#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	KIND_ENUM64 = 19, /* Linux 6.0, not in older headers */
	KIND_LAST = KIND_ENUM64,
	MARK_EVERY = 64, /* types, of which the first one's place is known */
	FROM_SLOTS = 1 << 12,
	NAMES_MAX = FROM_SLOTS / 2,
	ALIASES_MAX = 64, /* one behind the other */
};

/* The kernel's bytes. */
struct whole {
	const uint8_t *types, *strings;
	size_t types_len, strings_len;
	struct text marks; /* uint32_t: where each MARK_EVERYth type begins */
	uint32_t n;        /* types are 1 to .n */
};

struct cut {
	struct whole w;
	struct kernel_names *names;
	uint16_t at[FROM_SLOTS]; /* by .from: 1 + index into .names, 0: free */
	uint32_t *now;           /* for each of the kernel's types its number here; 0: not here */
	struct text types, strings;
	struct text id; /* as in struct kernel_types; so it is the list of what is to be put, too */
};

static uint32_t kind_of(const struct btf_type *t)
{
	return t->info >> 24 & 0x1f;
}

static uint32_t hash(const char *s, size_t len)
{
	uint32_t h = (uint32_t)len;

	if (len)
		h = h * 31 + ((uint32_t)(uint8_t)s[0] << 16 | (uint32_t)(uint8_t)s[len / 2] << 8 |
			      (uint8_t)s[len - 1]);
	return h * 2654435761u >> 8;
}

static struct kernel_name *find_name(const struct kernel_names *s, const char *name, size_t len)
{
	size_t i = hash(name, len) & (s->slots - 1);

	while (s->v[i].name && (s->v[i].len != len || memcmp(s->v[i].name, name, len) != 0))
		i = (i + 1) & (s->slots - 1);
	return &s->v[i];
}

static int grow_names(struct kernel_names *s)
{
	struct kernel_names more = { .n = s->n, .slots = s->slots ? s->slots * 4 : 256 };

	more.v = calloc(more.slots, sizeof(*more.v));
	if (!more.v)
		return -ENOMEM;
	for (size_t i = 0; i < s->slots; i++)
		if (s->v[i].name)
			*find_name(&more, s->v[i].name, s->v[i].len) = s->v[i];
	free(s->v);
	*s = more;
	return 0;
}

int kernel_names_add(struct kernel_names *s, const char *name)
{
	const char *flavour = strstr(name, "___");
	size_t len = flavour ? (size_t)(flavour - name) : strlen(name);
	struct kernel_name *slot;

	if (!len)
		return 0;
	if (s->n * 4 >= s->slots && grow_names(s) < 0)
		return -ENOMEM;
	slot = find_name(s, name, len);
	if (slot->name)
		return 0;
	*slot = (struct kernel_name){ .name = name, .len = (uint32_t)len };
	s->n++;
	return 0;
}

void kernel_names_done(struct kernel_names *s)
{
	free(s->v);
	*s = (struct kernel_names){};
}

struct kernel_name *kernel_names_find(const struct kernel_names *s, const char *name)
{
	struct kernel_name *n = s->slots ? find_name(s, name, strlen(name)) : NULL;

	return n && n->name ? n : NULL;
}

/* Finds the sections in the file. */
static int find_sections(struct whole *w, const uint8_t *p, size_t len)
{
	struct btf_header h;
	size_t room;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, p, sizeof(h));
	if (h.magic != BTF_MAGIC || h.version != BTF_VERSION || h.hdr_len < sizeof(h) || h.hdr_len > len)
		return -EBADMSG;
	room = len - h.hdr_len;
	if (h.type_off > room || h.type_len > room - h.type_off || h.str_off > room ||
	    h.str_len > room - h.str_off)
		return -EBADMSG;
	w->types = p + h.hdr_len + h.type_off;
	w->types_len = h.type_len;
	w->strings = p + h.hdr_len + h.str_off;
	w->strings_len = h.str_len;
	return h.str_len && !w->strings[0] && !w->strings[h.str_len - 1] ? 0 : -EBADMSG;
}

static uint16_t *find_from(struct cut *c, uint32_t from)
{
	uint32_t i = (from * 2654435761u) >> 20;

	while (c->at[i] && c->names->v[c->at[i] - 1].from != from)
		i = (i + 1) % FROM_SLOTS;
	return &c->at[i];
}

/* The name at the place @from of the kernel's strings; NULL when it is none of those wanted. */
static struct kernel_name *name_at(struct cut *c, uint32_t from)
{
	uint16_t at = *find_from(c, from);

	return at ? &c->names->v[at - 1] : NULL;
}

/* Finds where the kernel has the names. */
static void find_names(struct cut *c)
{
	const char *all = (const char *)c->w.strings, *p = all + 1, *end = all + c->w.strings_len;

	while (p < end && c->names->n) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		size_t len = (size_t)(nul - p);
		struct kernel_name *n = find_name(c->names, p, len);

		if (n->name && !n->from) {
			n->from = (uint32_t)(p - all);
			*find_from(c, n->from) = (uint16_t)(n - c->names->v + 1);
		}
		p += len + 1;
	}
}

/* How many bytes of a type follow its head; -1 when we do not know. */
static int64_t tail_of(const struct btf_type *t)
{
	uint32_t n = BTF_INFO_VLEN(t->info);

	switch (kind_of(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG: return 4;
	case BTF_KIND_ARRAY: return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case KIND_ENUM64: return (int64_t)n * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO: return (int64_t)n * 8;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG: return 0;
	default: return -1;
	}
}

/* Reads the head of the type that begins at *@at, and goes to the next. Returns its tail, or NULL. */
static const uint8_t *read_type(const struct whole *w, size_t *at, struct btf_type *ret)
{
	const uint8_t *tail = w->types + *at + sizeof(*ret);
	int64_t len;

	if (w->types_len - *at < sizeof(*ret))
		return NULL;
	memcpy(ret, w->types + *at, sizeof(*ret));
	*at += sizeof(*ret);
	len = tail_of(ret);
	if (len < 0 || (size_t)len > w->types_len - *at)
		return NULL;
	*at += (size_t)len;
	return tail;
}

static void put_u32(struct text *t, uint32_t v)
{
	text_put(t, &v, sizeof(v));
}

static uint32_t get_u32(const struct text *t, size_t i)
{
	uint32_t v;

	memcpy(&v, t->p + i * sizeof(v), sizeof(v));
	return v;
}

/* Lists the types and functions that are named. */
static int find_types(struct cut *c)
{
	struct whole *w = &c->w;
	struct kernel_name *n;
	struct btf_type t;

	put_u32(&c->id, 0);
	for (size_t at = 0; at < w->types_len;) {
		if (w->n++ % MARK_EVERY == 0)
			put_u32(&w->marks, (uint32_t)at);
		if (!read_type(w, &at, &t))
			return -EBADMSG;
		n = t.name_off ? name_at(c, t.name_off) : NULL;
		if (!n)
			continue;
		switch (kind_of(&t)) {
		case BTF_KIND_FUNC: n->target = w->n; break;
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case KIND_ENUM64: put_u32(&c->id, w->n); break;
		case BTF_KIND_TYPEDEF:
			n->target = w->n;
			put_u32(&c->id, w->n);
			break;
		default: break;
		}
	}
	return w->marks.failed || c->id.failed ? -ENOMEM : 0;
}

/* The kernel's type number @id. Returns its tail, or NULL when there is none. */
static const uint8_t *get_type(const struct whole *w, uint32_t id, struct btf_type *ret)
{
	const uint8_t *tail = NULL;
	size_t at;

	if (!id || id > w->n)
		return NULL;
	at = get_u32(&w->marks, (id - 1) / MARK_EVERY);
	for (uint32_t i = (id - 1) / MARK_EVERY * MARK_EVERY; i < id; i++)
		tail = read_type(w, &at, ret);
	return tail;
}

/* The number here of the kernel's type @id, without the names it goes by; 0 (void) when it is not needed. */
static uint32_t keep_type(struct cut *c, uint32_t id)
{
	struct btf_type t;

	for (int i = 0; i < ALIASES_MAX && get_type(&c->w, id, &t); i++) {
		switch (kind_of(&t)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG: id = t.type; continue;
		case BTF_KIND_FUNC:
		case BTF_KIND_FUNC_PROTO:
		case BTF_KIND_VAR:
		case BTF_KIND_DATASEC:
		case BTF_KIND_DECL_TAG: return 0;
		default: break;
		}
		if (!c->now[id]) {
			c->now[id] = (uint32_t)(c->id.len / sizeof(uint32_t));
			put_u32(&c->id, id);
		}
		return c->now[id];
	}
	return 0;
}

/* Where our strings have what the kernel's have at @from; 0, which is no name, when it is not wanted. */
static uint32_t keep_name(struct cut *c, uint32_t from)
{
	struct kernel_name *n = from ? name_at(c, from) : NULL;

	if (!n)
		return 0;
	if (!n->to) {
		n->to = (uint32_t)c->strings.len;
		text_put(&c->strings, n->name, n->len);
		text_char(&c->strings, '\0');
	}
	return n->to;
}

/* Puts the named members of the @n at @p, and those without a name, which may have named ones. Returns how
 * many. */
static uint32_t put_members(struct cut *c, const uint8_t *p, uint32_t n)
{
	struct btf_member m;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		memcpy(&m, p + i * sizeof(m), sizeof(m));
		if (m.name_off && !name_at(c, m.name_off))
			continue;
		m.name_off = keep_name(c, m.name_off);
		m.type = keep_type(c, m.type);
		text_put(&c->types, &m, sizeof(m));
		kept++;
	}
	return kept;
}

static void put_type(struct cut *c, uint32_t id)
{
	size_t at = c->types.len;
	struct btf_array a;
	struct btf_type t = {};
	const uint8_t *tail = get_type(&c->w, id, &t);
	uint32_t n = BTF_INFO_VLEN(t.info);

	t.name_off = keep_name(c, t.name_off);
	t.info &= ~(uint32_t)BTF_MAX_VLEN;
	text_put(&c->types, &t, sizeof(t));
	switch (kind_of(&t)) {
	case BTF_KIND_INT: text_put(&c->types, tail, sizeof(uint32_t)); break;
	case BTF_KIND_PTR: t.type = 0; break;
	case BTF_KIND_TYPEDEF: t.type = keep_type(c, t.type); break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: t.info |= put_members(c, tail, n); break;
	case BTF_KIND_ARRAY:
		memcpy(&a, tail, sizeof(a));
		a.type = keep_type(c, a.type);
		a.index_type = keep_type(c, a.index_type);
		text_put(&c->types, &a, sizeof(a));
		break;
	default: break;
	}
	if (!c->types.failed)
		memcpy(c->types.p + at, &t, sizeof(t));
}

/* Puts the listed types, and what they lead to behind them. */
static int put_types(struct cut *c)
{
	c->now = calloc((size_t)c->w.n + 1, sizeof(*c->now));
	if (!c->now)
		return -ENOMEM;
	for (size_t i = 1; i < c->id.len / sizeof(uint32_t); i++)
		c->now[get_u32(&c->id, i)] = (uint32_t)i;
	text_char(&c->strings, '\0');
	for (size_t i = 1; i < c->id.len / sizeof(uint32_t) && !c->id.failed; i++)
		put_type(c, get_u32(&c->id, i));
	return c->id.failed || c->types.failed || c->strings.failed ? -ENOMEM : 0;
}

static int join(struct cut *c, struct kernel_types *ret)
{
	const struct btf_header h = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(h),
		.type_len = (uint32_t)c->types.len,
		.str_off = (uint32_t)c->types.len,
		.str_len = (uint32_t)c->strings.len,
	};

	text_put(&ret->bytes, &h, sizeof(h));
	text_put(&ret->bytes, c->types.p, c->types.len);
	text_put(&ret->bytes, c->strings.p, c->strings.len);
	ret->id = c->id;
	c->id = (struct text){};
	return ret->bytes.failed ? -ENOMEM : 0;
}

int kernel_types_cut(const void *btf, size_t len, struct kernel_names *s, struct kernel_types *ret)
{
	_cleanup_free_ struct cut *c = calloc(1, sizeof(*c));
	int r;

	*ret = (struct kernel_types){};
	if (!c)
		return -ENOMEM;
	if (s->n > NAMES_MAX)
		return -E2BIG;
	c->names = s;
	r = find_sections(&c->w, btf, len);
	if (!r) {
		find_names(c);
		r = find_types(c);
	}
	if (!r)
		r = put_types(c);
	if (!r)
		r = join(c, ret);
	text_done(&c->w.marks);
	text_done(&c->types);
	text_done(&c->strings);
	text_done(&c->id);
	free(c->now);
	if (r < 0)
		kernel_types_done(ret);
	return r;
}

void kernel_types_done(struct kernel_types *t)
{
	text_done(&t->bytes);
	text_done(&t->id);
}

uint32_t kernel_types_id(const struct kernel_types *t, uint32_t type)
{
	return type < t->id.len / sizeof(uint32_t) ? get_u32(&t->id, type) : 0;
}
