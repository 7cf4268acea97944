/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/list.h"

/* clang-format off */
static const char *const states[] = {
#define IS(number, word, help) [number] = word,
#include "model/defs/state.def"
	/* clang-format on */
	[STATE_SCTP + 0] = "closed",
	[STATE_SCTP + 1] = "cookie-wait",
	[STATE_SCTP + 2] = "cookie-echoed",
	[STATE_SCTP + 3] = "established",
	[STATE_SCTP + 4] = "shutdown-pending",
	[STATE_SCTP + 5] = "shutdown-sent",
	[STATE_SCTP + 6] = "shutdown-received",
	[STATE_SCTP + 7] = "shutdown-ack-sent",
};

static const char *const families[] = {
	[AF_UNSPEC] = "unspec",   [AF_UNIX] = "unix",     [AF_INET] = "inet",   [AF_INET6] = "inet6",
	[AF_NETLINK] = "netlink", [AF_PACKET] = "packet", [K_AF_TIPC] = "tipc", [K_AF_VSOCK] = "vsock",
	[K_AF_SMC] = "smc",       [K_AF_XDP] = "xdp",
};

static const char *word(const char *const *words, size_t n, size_t i)
{
	if (i >= n)
		return NULL;
	return words[i] ? words[i] : "";
}

const char *value_state(size_t i)
{
	return word(states, ARRAY_SIZE(states), i == K_TCP_NEW_SYN_RECV ? K_TCP_SYN_RECV : i);
}

const char *value_family(size_t i)
{
	return word(families, ARRAY_SIZE(families), i);
}

struct column column_of_field(enum field_id f)
{
	return (struct column){ .name = fields[f].name,
				.field = f,
				.type = fields[f].type,
				.sem = fields[f].sem,
				.part = fields[f].part,
				.rank = fields[f].rank ? fields[f].rank : RANK_LAST,
				.prefix = { PREFIX_NONE, PREFIX_NONE } };
}

/* Identifiers of 64 bits: readers that make every number a double would make others of them. */
static bool is_long(const struct column *c)
{
	if (c->field >= F_MAX)
		return false;
	for (const struct loc *l = fields[c->field].at; l->size; l++)
		if (l->size > 4)
			return true;
	return false;
}

enum form value_form(const struct column *c)
{
	switch (c->type) {
	case T_UINT:
	case T_INT:
	case T_BYTES:
	case T_BYTES_S:
	case T_USEC:
	case T_MSEC:
	case T_PORT:
	case T_REAL:
	case T_RATE:
	case T_SHARE: return FORM_NUMBER;
	case T_HEX: return is_long(c) ? FORM_WORD : FORM_NUMBER;
	case T_ADDR:
	case T_STATE:
	case T_FAMILY:
	case T_COOKIE:
	case T_HWADDR:
	case T_RAW: return FORM_WORD;
	case T_LIST: return FORM_LIST;
	case T_STR: return FORM_TEXT;
	case T_FLAG: return FORM_TRUE;
	case T_OWNERS: return FORM_OWNERS;
	}
	return FORM_TEXT;
}

bool value_is_amount(const struct column *c)
{
	return c->part == PART_NONE && c->sem != SEM_NAME && value_form(c) == FORM_NUMBER &&
	       c->type != T_HEX && c->type != T_PORT;
}

const char *value_kind(const struct column *c)
{
	if (value_form(c) != FORM_NUMBER)
		return NULL;
	if (!value_is_amount(c))
		return "name";
	return c->sem == SEM_COUNTER ? "counter" : "gauge";
}

/* The shortest decimal that reads back as the same number. */
static void put_real(struct text *t, double d)
{
	char buf[40];

	if (d >= 0 && d < 0x1p53 && d == (double)(uint64_t)d) {
		text_u64(t, (uint64_t)d);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(buf, sizeof(buf), "%.*g", digits, d);
		if (strtod(buf, NULL) == d)
			break;
	}
	text_str(t, buf);
}

static void put_number(struct text *t, const struct val *v)
{
	switch (v->kind) {
	case VAL_UINT: text_u64(t, v->u); return;
	case VAL_INT: text_i64(t, v->i); return;
	case VAL_REAL: put_real(t, v->d); return;
	case VAL_STR:
	case VAL_OWNERS: return;
	}
}

static void put_word(struct text *t, const char *w, uint64_t number)
{
	if (w && *w)
		text_str(t, w);
	else
		text_u64(t, number);
}

static void put_addr(struct text *t, const struct column *c, struct sv s)
{
	bool is_v6 = s.len == 16;

	if (is_v6)
		text_ipv6(t, (const uint8_t *)s.p);
	else if (s.len == 4)
		text_ipv4(t, (const uint8_t *)s.p);
	if (c->prefix[is_v6] == PREFIX_NONE || c->prefix[is_v6] == 8 * s.len)
		return;
	text_char(t, '/');
	text_u64(t, c->prefix[is_v6]);
}

static void put_bytes(struct text *t, struct sv s)
{
	char *d = text_room(t, 2 * s.len);

	if (!d)
		return;
	for (size_t i = 0; i < s.len; i++) {
		*d++ = "0123456789abcdef"[(uint8_t)s.p[i] >> 4];
		*d++ = "0123456789abcdef"[(uint8_t)s.p[i] & 15];
	}
	t->len += 2 * s.len;
}

static void put_hwaddr(struct text *t, struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (i)
			text_char(t, ':');
		put_bytes(t, sv_n(s.p + i, 1));
	}
}

void value_put_raw(struct text *t, const struct column *c, const struct val *v)
{
	if (c->type == T_FLAG) {
		text_str(t, "true");
		return;
	}
	switch (v->kind) {
	case VAL_STR:
		if (c->type == T_ADDR)
			put_addr(t, c, v->s);
		else if (c->type == T_RAW)
			put_bytes(t, v->s);
		else if (c->type == T_HWADDR)
			put_hwaddr(t, v->s);
		else
			text_sv(t, v->s);
		return;
	case VAL_UINT:
		if (c->type == T_STATE)
			put_word(t, value_state(v->u), v->u);
		else if (c->type == T_FAMILY)
			put_word(t, value_family(v->u), v->u);
		else if (value_form(c) == FORM_WORD)
			text_hex(t, v->u);
		else
			text_u64(t, v->u);
		return;
	case VAL_INT:
	case VAL_REAL: put_number(t, v); return;
	case VAL_OWNERS: return;
	}
}

/* How many bytes @s begins with that are shown as they are: most texts have no others. */
static size_t plain_start(struct sv s, const char *also)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= ' ' && s.p[n] < 0x7f && s.p[n] != '\\') {
		for (const char *a = also; *a; a++)
			if (s.p[n] == *a)
				return n;
		n++;
	}
	return n;
}

void value_put_escaped(struct text *t, struct sv s, const char *also)
{
	while (s.len) {
		uint32_t c;
		size_t n = plain_start(s, also);

		text_put(t, s.p, n);
		s = sv_from(s, n);
		if (!s.len)
			return;
		n = utf8_next(s, &c);
		if (c == UTF8_BAD || utf8_is_control(c) || (c < 0x80 && strchr(also, (int)c))) {
			for (size_t i = 0; i < n; i++) {
				text_put(t, "\\x", 2);
				put_bytes(t, sv_n(s.p + i, 1));
			}
		} else if (c == '\\') {
			text_put(t, "\\\\", 2);
		} else {
			text_put(t, s.p, n);
		}
		s = sv_from(s, n);
	}
}

static void put_pair(struct text *t, const char *name, uint64_t v)
{
	text_str(t, name);
	text_u64(t, v);
}

/* Those of @parts that @o has: "pid=1 fd=3". */
static void put_owner_parts(struct text *t, const struct owner *o, size_t start, uint32_t parts)
{
	const struct val v = { .kind = VAL_OWNERS, .owners = { .v = o, .n = 1 } };

	for (; parts; parts &= parts - 1) {
		enum part part = (enum part)__builtin_ctz(parts);
		struct val item;

		if (!val_item(&v, part, 0, &item))
			continue;
		if (t->len > start)
			text_char(t, ' ');
		text_str(t, part_at[part].name);
		text_char(t, '=');
		if (item.kind == VAL_STR)
			value_put_escaped(t, item.s, ";");
		else
			text_u64(t, item.u);
	}
}

static void put_owner_line(struct text *t, const struct owner *o)
{
	size_t start = t->len;

	put_owner_parts(t, o, start, PARTS_TOLD & ~PARTS_TOLD_TEXTS);
	put_owner_parts(t, o, start, PARTS_TOLD_TEXTS); /* last, as a blank in a text is no end */
}

/* One element of a list: its value, or "addr=10.0.0.1 prefix_len=24". */
static void put_element_line(struct text *t, enum field_id f, struct sv bytes, size_t i)
{
	size_t start = t->len;

	for (size_t part = 0; part < list_n_parts(f); part++) {
		struct column c = list_part(f, part);
		struct val v;

		if (!list_get(f, bytes, i, part, &v))
			continue;
		if (t->len > start)
			text_char(t, ' ');
		if (c.name) {
			text_str(t, c.name);
			text_char(t, '=');
		}
		if (value_form(&c) == FORM_TEXT)
			value_put_escaped(t, v.s, "; ");
		else
			value_put_raw(t, &c, &v);
	}
}

static void put_list_line(struct text *t, enum field_id f, struct sv bytes, char sep)
{
	for (size_t i = 0, n = list_len(f, bytes); i < n; i++) {
		if (i)
			text_char(t, sep);
		put_element_line(t, f, bytes, i);
	}
}

void value_put_line(struct text *t, const struct column *c, const struct val *v)
{
	struct val item;
	size_t n = 0;

	if (c->type == T_LIST) {
		put_list_line(t, c->field, v->s, ';');
		return;
	}
	if (v->kind != VAL_OWNERS) {
		if (value_form(c) == FORM_TEXT && v->kind == VAL_STR)
			value_put_escaped(t, v->s, "");
		else
			value_put_raw(t, c, v);
		return;
	}
	for (size_t i = 0; i < v->owners.n; i++) {
		if (c->part != PART_NONE && !val_item(v, c->part, i, &item))
			continue;
		if (n++)
			text_char(t, ';');
		if (c->part == PART_NONE)
			put_owner_line(t, &v->owners.v[i]);
		else if (item.kind == VAL_STR)
			value_put_escaped(t, item.s, ";");
		else
			put_number(t, &item);
	}
}

/* Three digits or so: "4.2", "12.3", "123"; as a whole number what is one. */
static void put_rounded(struct text *t, double d)
{
	if (d >= 99.95 || d <= -99.95)
		text_printf(t, "%.0f", d);
	else
		text_printf(t, "%.1f", d);
}

static void put_scaled(struct text *t, double d, double step, const char *const *units)
{
	size_t i = 0;

	while (units[i + 1] && (d >= step || d <= -step)) {
		d /= step;
		i++;
	}
	if (!i && d == (double)(int64_t)d)
		text_i64(t, (int64_t)d);
	else
		put_rounded(t, d);
	text_str(t, units[i]);
}

static void put_two(struct text *t, uint64_t seconds, uint64_t large, const char *const *units)
{
	text_u64(t, seconds / large);
	text_str(t, units[0]);
	text_printf(t, "%02u", (unsigned int)(seconds % large / (large > 3600 ? 3600 : large / 60)));
	text_str(t, units[1]);
}

static void put_duration(struct text *t, double us)
{
	static const char *const units[] = { "us", "ms", "s", NULL };
	uint64_t s = us < 1e18 ? (uint64_t)(us / 1e6) : 0;

	if (s < 60)
		put_scaled(t, us, 1000, units);
	else if (s < 3600)
		put_two(t, s, 60, (const char *const[]){ "m", "s" });
	else if (s < 86400)
		put_two(t, s, 3600, (const char *const[]){ "h", "m" });
	else
		put_two(t, s, 86400, (const char *const[]){ "d", "h" });
}

static void put_human_number(struct text *t, const struct column *c, const struct val *v)
{
	static const char *const bytes[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", NULL };
	static const char *const rates[] = {
		"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", NULL
	};

	double d = val_number(v);

	if (d < 0 && (c->type == T_BYTES || c->type == T_BYTES_S || c->type == T_USEC || c->type == T_MSEC)) {
		text_char(t, '-');
		d = -d;
	}
	switch (c->type) {
	case T_BYTES: put_scaled(t, d, 1024, bytes); return;
	case T_BYTES_S: put_scaled(t, d * 8, 1000, rates); return;
	case T_USEC: put_duration(t, d); return;
	case T_MSEC: put_duration(t, d * 1000); return;
	case T_SHARE: text_printf(t, "%.1f%%", val_number(v) * 100); return;
	default: break;
	}
	if (v->kind == VAL_REAL)
		text_printf(t, "%.6g", v->d);
	else
		put_number(t, v);
}

static void put_human_text(struct text *t, struct sv s)
{
	if (!s.len)
		text_str(t, "\"\"");
	utf8_put_safe(t, s, "");
}

static void put_human_item(struct text *t, const struct column *c, const struct val *v)
{
	enum form form = value_form(c);

	if (c->type == T_FLAG)
		text_str(t, "yes");
	else if (c->type == T_LIST)
		put_list_line(t, c->field, v->s, ',');
	else if (v->kind == VAL_STR && form == FORM_TEXT)
		put_human_text(t, v->s);
	else if (c->type == T_HEX || c->type == T_COOKIE) {
		text_str(t, c->type == T_HEX ? "0x" : "");
		text_hex(t, v->u);
	} else if (form == FORM_NUMBER)
		put_human_number(t, c, v);
	else
		value_put_raw(t, c, v);
}

static void put_human_owner(struct text *t, const struct owner *o)
{
	utf8_put_safe(t, o->comm, "");
	text_char(t, '(');
	text_u64(t, o->pid);
	if (o->tid && o->tid != o->pid)
		put_pair(t, "/", o->tid);
	text_char(t, ')');
}

/* Whether the owner before @i would look the same. */
static bool is_again(const struct owners *o, const struct column *c, size_t i, const struct val *item)
{
	const struct owner *a = i ? &o->v[i - 1] : NULL, *b = &o->v[i];
	struct val before;

	if (!a)
		return false;
	if (c->part == PART_NONE)
		return a->pid == b->pid && a->tid == b->tid && sv_eq(a->comm, b->comm);
	if (!val_item(&(struct val){ .kind = VAL_OWNERS, .owners = *o }, c->part, i - 1, &before))
		return false;
	return item->kind == VAL_STR ? sv_eq(item->s, before.s) : item->u == before.u;
}

void value_put_human(struct text *t, const struct column *c, const struct val *v)
{
	struct val item;
	size_t n = 0;

	if (v->kind != VAL_OWNERS) {
		put_human_item(t, c, v);
		return;
	}
	for (size_t i = 0; i < v->owners.n; i++) {
		if (c->part != PART_NONE && !val_item(v, c->part, i, &item))
			continue;
		if (is_again(&v->owners, c, i, &item))
			continue;
		if (n++)
			text_char(t, ',');
		if (c->part == PART_NONE)
			put_human_owner(t, &v->owners.v[i]);
		else
			put_human_item(t, c, &item);
	}
}

const char *value_unit(const struct column *c)
{
	switch (c->type) {
	case T_USEC: return "us";
	case T_MSEC: return "ms";
	case T_BYTES: return "bytes";
	case T_BYTES_S: return "bytes/s";
	case T_RATE: return "1/s";
	case T_SHARE: return "1";
	default: return NULL;
	}
}
