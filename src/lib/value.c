/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The values of a row. */

#include <errno.h>
#include <limits.h>

#include "lib/lib.h"
#include "model/value.h"

enum sockeye_type lib_type(const struct column *c)
{
	switch (c->type) {
	case T_UINT:
	case T_HEX:
	case T_BYTES:
	case T_BYTES_S:
	case T_USEC:
	case T_MSEC:
	case T_PORT:
	case T_COOKIE: return SOCKEYE_UINT;
	case T_INT: return SOCKEYE_INT;
	case T_STATE:
	case T_FAMILY: return SOCKEYE_WORD;
	case T_STR: return SOCKEYE_STR;
	case T_RAW: return SOCKEYE_BYTES;
	case T_ADDR: return SOCKEYE_ADDR;
	case T_FLAG: return SOCKEYE_FLAG;
	case T_REAL:
	case T_RATE:
	case T_SHARE: return SOCKEYE_REAL;
	case T_LIST:
	case T_HWADDR:
	case T_OWNERS: break;
	}
	return SOCKEYE_OTHER;
}

/* The column of a group that @f is, or as many as there are. */
static size_t key_of(const sockeye_row *row, enum field_id f)
{
	size_t i = 0;

	while (i < row->n_columns && row->columns[i].field != f)
		i++;
	return i;
}

/* All values of @f, and what they are. Returns 0, -EINVAL or -ENODATA. */
static int get_all(const sockeye_row *row, sockeye_field f, struct column *ret_column, struct val *ret)
{
	size_t i;

	if (f >= F_MAX)
		return -EINVAL;
	if (row->row) {
		if (!fieldset_has(row->want, (enum field_id)f))
			return -EINVAL;
		*ret_column = column_of_field((enum field_id)f);
		return field_get(row->row, (enum field_id)f, ret) ? 0 : -ENODATA;
	}
	i = key_of(row, (enum field_id)f);
	if (i == row->n_columns)
		return -EINVAL;
	if (!row->cells[i].is_there)
		return -ENODATA;
	*ret_column = row->columns[i];
	*ret = row->cells[i].val;
	return 0;
}

/* Value @i of @f, which is then no list. */
static int get_one(const sockeye_row *row, sockeye_field f, size_t i, enum sockeye_type *ret_type,
		   struct val *ret)
{
	struct column c;
	struct val all;
	int r = get_all(row, f, &c, &all);

	if (r < 0)
		return r;
	*ret_type = lib_type(&c);
	*ret = all;
	if (i >= (all.kind == VAL_OWNERS ? all.owners.n : 1))
		return -ERANGE;
	if (all.kind != VAL_OWNERS)
		return 0;
	if (c.part == PART_NONE)
		return -EDOM;
	return val_item(&all, c.part, i, ret) ? 0 : -ENODATA;
}

int sockeye_get_length(const sockeye_row *row, sockeye_field f, size_t *ret)
{
	struct column c;
	struct val all;
	int r = get_all(row, f, &c, &all);

	if (r < 0)
		return r;
	*ret = all.kind == VAL_OWNERS ? all.owners.n : 1;
	return 0;
}

/* A number: VAL_UINT, VAL_INT or VAL_REAL. */
static int get_number(const sockeye_row *row, sockeye_field f, size_t i, struct val *ret)
{
	enum sockeye_type type;
	int r = get_one(row, f, i, &type, ret);

	if (r < 0)
		return r;
	if (type == SOCKEYE_FLAG)
		*ret = (struct val){ .kind = VAL_UINT, .u = 1 };
	return ret->kind == VAL_STR || ret->kind == VAL_OWNERS ? -EDOM : 0;
}

int sockeye_get_u64(const sockeye_row *row, sockeye_field f, size_t i, uint64_t *ret)
{
	struct val v;
	int r = get_number(row, f, i, &v);

	if (r < 0)
		return r;
	if (v.kind == VAL_REAL)
		return -EDOM;
	if (v.kind == VAL_INT && v.i < 0)
		return -EOVERFLOW;
	*ret = v.kind == VAL_INT ? (uint64_t)v.i : v.u;
	return 0;
}

int sockeye_get_i64(const sockeye_row *row, sockeye_field f, size_t i, int64_t *ret)
{
	struct val v;
	int r = get_number(row, f, i, &v);

	if (r < 0)
		return r;
	if (v.kind == VAL_REAL)
		return -EDOM;
	if (v.kind == VAL_UINT && v.u > INT64_MAX)
		return -EOVERFLOW;
	*ret = v.kind == VAL_INT ? v.i : (int64_t)v.u;
	return 0;
}

int sockeye_get_double(const sockeye_row *row, sockeye_field f, size_t i, double *ret)
{
	struct val v;
	int r = get_number(row, f, i, &v);

	if (r < 0)
		return r;
	*ret = v.kind == VAL_REAL ? v.d : v.kind == VAL_INT ? (double)v.i : (double)v.u;
	return 0;
}

int sockeye_get_str(const sockeye_row *row, sockeye_field f, size_t i, const char **ret, size_t *ret_len)
{
	enum sockeye_type type;
	struct val v;
	int r = get_one(row, f, i, &type, &v);

	if (r < 0)
		return r;
	if (type == SOCKEYE_WORD) {
		const char *word = fields[f].type == T_STATE ? value_state(v.u) : value_family(v.u);

		if (!word || !*word)
			return -ENODATA;
		v = (struct val){ .kind = VAL_STR, .s = sv(word) };
	}
	if (v.kind != VAL_STR || type == SOCKEYE_FLAG)
		return -EDOM;
	*ret = v.s.p ? v.s.p : "";
	*ret_len = v.s.len;
	return 0;
}

/* Not in the middle of a character. */
static size_t cut(struct sv s, size_t n)
{
	if (n >= s.len)
		return s.len;
	while (n && (s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

int sockeye_format(const sockeye_row *row, sockeye_field f, unsigned int form, char *buf, size_t cap)
{
	struct text *t = row->scratch;
	struct column c;
	struct val all;
	int r = get_all(row, f, &c, &all);

	if (r < 0)
		return r;
	if (form > SOCKEYE_HUMAN)
		return -EINVAL;
	t->len = 0;
	if (form == SOCKEYE_HUMAN)
		value_put_human(t, &c, &all);
	else
		value_put_line(t, &c, &all);
	if (t->failed || t->len > INT_MAX) {
		text_done(t);
		*t = (struct text){};
		return -ENOMEM;
	}
	if (cap) {
		size_t n = cut(sv_n(t->p, t->len), cap - 1);

		if (n)
			memcpy(buf, t->p, n);
		buf[n] = '\0';
	}
	return (int)t->len;
}
