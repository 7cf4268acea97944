/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/order.h"

#include <errno.h>

#include "model/value.h"
#include "query/naming.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int order_bytes(struct sv a, struct sv b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : COMPARE(a.len, b.len);
}

/* Highest pid first is how owners lie: the first one stands for all. */
static int order_owners(struct owners a, struct owners b)
{
	int r;

	if (!a.n || !b.n)
		return COMPARE(a.n, b.n);
	r = order_bytes(a.v[0].comm, b.v[0].comm);
	if (r)
		return r;
	if (a.v[0].pid != b.v[0].pid)
		return COMPARE(a.v[0].pid, b.v[0].pid);
	return COMPARE(a.v[0].fd, b.v[0].fd);
}

int order_values(const struct val *a, const struct val *b)
{
	if (a->kind != b->kind)
		return COMPARE(a->kind, b->kind);
	switch (a->kind) {
	case VAL_UINT: return COMPARE(a->u, b->u);
	case VAL_INT: return COMPARE(a->i, b->i);
	case VAL_REAL: return COMPARE(a->d, b->d);
	/* An IPv4 address is shorter than an IPv6 one, and comes first. */
	case VAL_STR: return order_bytes(a->s, b->s);
	case VAL_OWNERS: return order_owners(a->owners, b->owners);
	}
	return 0;
}

static int order_cells(const struct order_key *k, const struct cell *a, const struct cell *b)
{
	const struct cell *x = &a[k->column], *y = &b[k->column];
	int r;

	if (!x->is_there || !y->is_there)
		return COMPARE(y->is_there, x->is_there);
	r = order_values(&x->val, &y->val);
	return k->is_descending ? -r : r;
}

int order_compare(const struct order *o, const struct cell *a, const struct cell *b)
{
	int r = 0;

	for (size_t i = 0; i < o->n && !r; i++)
		r = order_cells(&o->key[i], a, b);
	return r;
}

/* The sign in front of a name: "-tcp.rtt". */
static bool has_sign(struct sv word)
{
	return word.len && (word.p[0] == '-' || word.p[0] == '+');
}

struct sv order_name(struct sv word)
{
	struct sv name = sv_from(word, has_sign(word));
	ptrdiff_t colon = sv_rfind(name, ':');

	return colon < 0 ? name : sv_first(name, (size_t)colon);
}

bool order_find(struct sv name, const struct column *columns, size_t n, size_t *ret)
{
	struct text full = {};

	/* As it was given before as it is understood: "share" is of groups, whichever field ends so. */
	for (*ret = 0; *ret < n; ++*ret)
		if (sv_is(name, columns[*ret].name))
			return true;
	*ret = 0;
	naming_put_full(name, &full);
	while (*ret < n && !(full.len && sv_is(sv_n(full.p, full.len), columns[*ret].name)))
		++*ret;
	text_done(&full);
	return *ret < n;
}

bool order_find_key(struct sv name, const struct column *columns, size_t n, size_t *ret)
{
	enum field_id f = naming_find(name);

	if (order_find(name, columns, n, ret))
		return true;
	for (*ret = 0; f != F_MAX && *ret < n; ++*ret)
		if (columns[*ret].field == f || columns[*ret].field == field_key(f))
			return true;
	return false;
}

static int refuse(struct sv name, const struct column *columns, size_t n, struct err *e)
{
	struct text t = {};
	int r;

	for (size_t i = 0; i < n; i++)
		text_printf(&t, "%s%s", i ? ", " : "", columns[i].name);
	text_char(&t, '\0');
	r = t.failed ? err_sys(e, -ENOMEM, "--sort")
		     : err_say(e, -EINVAL, "--sort: there is no column \"%.*s\" to sort by, but %s",
			       SV_ARG(name), t.p);
	text_done(&t);
	return r;
}

/* Reads one "COLUMN[:asc|:desc]", or with a sign in front. */
static int one_key(struct sv word, const struct column *columns, size_t n, struct order_key *ret,
		   struct err *e)
{
	ptrdiff_t colon = sv_rfind(word, ':');
	struct sv name = order_name(word), direction = colon < 0 ? sv("") : sv_from(word, (size_t)colon + 1);

	if (!order_find_key(name, columns, n, &ret->column))
		return refuse(name, columns, n, e);
	ret->is_descending = value_is_amount(&columns[ret->column]);
	if (has_sign(word))
		ret->is_descending = word.p[0] == '-';
	if (colon < 0)
		return 0;
	if (has_sign(word))
		return err_say(e, -EINVAL, "--sort: \"%.*s\" has two directions: %s%.*s is enough",
			       SV_ARG(word), word.p[0] == '-' ? "-" : "+", SV_ARG(name));
	ret->is_descending = sv_is(direction, "desc");
	if (ret->is_descending || sv_is(direction, "asc"))
		return 0;
	return err_say(e, -EINVAL, "--sort: \"%.*s\" is no direction: asc or desc", SV_ARG(direction));
}

int order_parse(struct sv list, const struct column *columns, size_t n, struct order *ret, struct err *e)
{
	*ret = (struct order){};
	do {
		struct sv word = sv_trim(sv_take(&list, ','));
		int r;

		if (ret->n == ORDER_KEYS_MAX)
			return err_say(e, -EINVAL, "--sort: more than %d columns to sort by", ORDER_KEYS_MAX);
		r = one_key(word, columns, n, &ret->key[ret->n], e);
		if (r < 0)
			return r;
		ret->n++;
	} while (list.p);
	return 0;
}
