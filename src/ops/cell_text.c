/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/cell_text.h"

#include <errno.h>
#include <math.h>

#include "base/num.h"
#include "model/value.h"

enum { OWNERS_TOLD_MAX = 65536 };

static const char digits[] = "0123456789abcdef";

static bool is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '%' && c != ',' && c != ';' && c != '\\';
}

void cell_put_text(struct text *t, struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_plain(s.p[i])) {
			text_char(t, s.p[i]);
			continue;
		}
		text_char(t, '%');
		text_char(t, digits[(uint8_t)s.p[i] >> 4]);
		text_char(t, digits[(uint8_t)s.p[i] & 15]);
	}
}

static void put_bytes(struct text *t, struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		text_char(t, digits[(uint8_t)s.p[i] >> 4]);
		text_char(t, digits[(uint8_t)s.p[i] & 15]);
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the byte that the first two of @s are; false when they are none. */
static bool read_byte(struct sv s, struct text *ret)
{
	int high = s.len < 2 ? -1 : digit(s.p[0]), low = s.len < 2 ? -1 : digit(s.p[1]);

	if (high < 0 || low < 0)
		return false;
	text_char(ret, (char)(high << 4 | low));
	return true;
}

bool cell_read_text(struct sv word, struct text *ret)
{
	for (; word.len; word = sv_from(word, word.p[0] == '%' ? 3 : 1)) {
		if (word.p[0] == '%' ? !read_byte(sv_from(word, 1), ret) : !is_plain(word.p[0]))
			return false;
		if (word.p[0] != '%')
			text_char(ret, word.p[0]);
	}
	return true;
}

static bool is_of_bytes(const struct column *c)
{
	return c->type == T_ADDR || c->type == T_RAW || c->type == T_HWADDR || c->type == T_LIST;
}

static void put_owner(struct text *t, const struct val *v, size_t i, enum part only)
{
	bool is_first = true;

	for (enum part part = PART_NONE + 1; part < PART_MAX; part++) {
		struct val item;

		if ((only != PART_NONE && part != only) || !val_item(v, part, i, &item))
			continue;
		text_str(t, is_first ? "" : ",");
		is_first = false;
		text_str(t, part_at[part].name);
		text_char(t, '=');
		if (item.kind == VAL_STR)
			cell_put_text(t, item.s);
		else
			text_u64(t, item.u);
	}
}

static void put_real(struct text *t, double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	text_printf(t, "r%016llx", (unsigned long long)bits);
}

void cell_put(struct text *t, const struct column *column, const struct cell *c)
{
	const struct val *v = &c->val;

	if (!value_is_there(c)) {
		text_char(t, '-');
		return;
	}
	switch (v->kind) {
	case VAL_UINT: text_u64(t, v->u); return;
	case VAL_INT:
		text_char(t, 'i');
		text_i64(t, v->i);
		return;
	case VAL_REAL: put_real(t, v->d); return;
	case VAL_STR:
		text_char(t, is_of_bytes(column) ? 'x' : 's');
		if (is_of_bytes(column))
			put_bytes(t, v->s);
		else
			cell_put_text(t, v->s);
		return;
	case VAL_OWNERS:
		text_char(t, 'o');
		for (size_t i = 0; i < v->owners.n; i++) {
			text_str(t, i ? ";" : "");
			put_owner(t, v, i, column->part);
		}
		return;
	}
}

/* Whether values of @c are of @kind, and those that are bytes have a length that one can have. */
static bool can_be(const struct column *c, const struct val *v)
{
	bool is_list = c->part != PART_NONE || c->type == T_OWNERS;

	if (v->kind == VAL_OWNERS || is_list)
		return v->kind == VAL_OWNERS && is_list;
	if (c->type == T_ADDR)
		return v->kind == VAL_STR && (v->s.len == 4 || v->s.len == 16);
	if (is_of_bytes(c) || c->type == T_STR)
		return v->kind == VAL_STR;
	if (v->kind == VAL_STR)
		return false;
	return value_form(c) == FORM_NUMBER ? v->kind != VAL_REAL || isfinite(v->d) : v->kind == VAL_UINT;
}

static bool read_number(struct sv word, struct val *ret)
{
	bool is_negative = word.len > 1 && word.p[1] == '-';
	uint64_t n;

	if (word.p[0] == 'r') {
		if (!num_read_bits(sv_from(word, 1), &n))
			return false;
		ret->kind = VAL_REAL;
		memcpy(&ret->d, &n, sizeof(n));
		return true;
	}
	if (word.p[0] == 'i') {
		if (!num_read(sv_from(word, 1 + is_negative), 10, INT64_MAX, &n))
			return false;
		*ret = (struct val){ .kind = VAL_INT, .i = is_negative ? -(int64_t)n : (int64_t)n };
		return true;
	}
	*ret = (struct val){ .kind = VAL_UINT };
	return num_read(word, 10, UINT64_MAX, &ret->u);
}

static int keep_text(struct keep *k, struct text *t, struct sv *ret)
{
	const char *p = t->failed ? NULL : keep_bytes(k, t->p ? t->p : "", t->len);

	*ret = sv_n(p, t->len);
	return p ? 0 : -ENOMEM;
}

/* Sets the part of @o that @word, NAME=VALUE, is. */
static int read_part(struct sv word, struct keep *k, struct owner *o, struct owner_texts *texts)
{
	struct sv name = sv_take(&word, '='), text;
	struct text bytes = {};
	enum part part = PART_NONE + 1;
	uint64_t n;
	int r;

	while (part < PART_MAX && !sv_is(name, part_at[part].name))
		part++;
	if (part == PART_MAX || !word.p)
		return -EBADMSG;
	if (!part_at[part].is_text) {
		uint32_t small;

		if (!num_read(word, 10, UINT32_MAX, &n))
			return -EBADMSG;
		small = (uint32_t)n;
		memcpy((char *)o + part_at[part].off, &small, sizeof(small));
		return 0;
	}
	r = cell_read_text(word, &bytes) ? keep_text(k, &bytes, &text) : -EBADMSG;
	text_done(&bytes);
	if (r == 0)
		memcpy((part_at[part].is_read ? (char *)texts : (char *)o) + part_at[part].off, &text,
		       sizeof(text));
	return r;
}

static int read_owner(struct sv word, struct keep *k, struct owner *ret)
{
	struct owner_texts *texts = keep_bytes(k, &(struct owner_texts){}, sizeof(*texts));
	int r = texts ? 0 : -ENOMEM;

	*ret = (struct owner){ .fd = OWNER_NO_FD, .texts = texts };
	while (word.p && word.len && r == 0)
		r = read_part(sv_take(&word, ','), k, ret, texts);
	return r;
}

static int read_owners(struct sv word, struct keep *k, struct owners *ret)
{
	size_t n = 1, i = 0;
	struct owner *v;
	int r = 0;

	*ret = (struct owners){};
	if (!word.len)
		return 0;
	for (size_t c = 0; c < word.len; c++)
		n += word.p[c] == ';';
	if (n > OWNERS_TOLD_MAX)
		return -EBADMSG;
	v = calloc(n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (; i < n && r == 0; i++)
		r = read_owner(sv_take(&word, ';'), k, &v[i]);
	ret->v = r < 0 ? NULL : keep_bytes(k, v, n * sizeof(*v));
	ret->n = n;
	free(v);
	return r < 0 ? r : ret->v ? 0 : -ENOMEM;
}

static int read_bytes(struct sv word, struct keep *k, struct sv *ret)
{
	struct text bytes = {};
	int r = 0;

	for (; word.len && r == 0; word = sv_from(word, 2))
		r = read_byte(word, &bytes) ? 0 : -EBADMSG;
	if (r == 0)
		r = keep_text(k, &bytes, ret);
	text_done(&bytes);
	return r;
}

static int read_value(struct sv word, struct keep *k, struct val *ret)
{
	struct text bytes = {};
	int r;

	switch (word.p[0]) {
	case 'x': ret->kind = VAL_STR; return read_bytes(sv_from(word, 1), k, &ret->s);
	case 'o': ret->kind = VAL_OWNERS; return read_owners(sv_from(word, 1), k, &ret->owners);
	case 's':
		ret->kind = VAL_STR;
		r = cell_read_text(sv_from(word, 1), &bytes) ? keep_text(k, &bytes, &ret->s) : -EBADMSG;
		text_done(&bytes);
		return r;
	default: return read_number(word, ret) ? 0 : -EBADMSG;
	}
}

int cell_read(struct sv word, const struct column *column, struct keep *k, struct cell *ret)
{
	struct text again = {};
	int r;

	*ret = (struct cell){};
	if (sv_is(word, "-"))
		return 0;
	if (!word.len)
		return -EBADMSG;
	r = read_value(word, k, &ret->val);
	if (r < 0)
		return r;
	ret->is_there = true;
	if (!can_be(column, &ret->val))
		return -EBADMSG;
	cell_put(&again, column, ret);
	r = again.failed ? -ENOMEM : sv_eq(word, sv_n(again.p, again.len)) ? 0 : -EBADMSG;
	text_done(&again);
	return r;
}
