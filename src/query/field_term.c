/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "query/field_term.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/num.h"
#include "query/naming.h"
#include "query/operand.h"
#include "query/quantity.h"

/* Names that stand for numbers. */
static const struct {
	enum field_id field;
	enum filter_name kind;
	const char *error;
} named[] = {
	{ F_UID, FILTER_NAME_USER, "no such user" },
	{ F_IFINDEX, FILTER_NAME_DEVICE, "no such interface" },
	{ F_CGROUP, FILTER_NAME_CGROUP, "no such cgroup" },
	{ F_PACKET_PROTO, FILTER_NAME_ETHERTYPE, "not a protocol: use a number, or a name like ip or arp" },
	{ F_NETLINK_PROTO, FILTER_NAME_NETLINK, "not a netlink protocol: use a number, or a name like rtnl" },
};

static const struct {
	const char *name;
	uint8_t af;
} family_names[] = {
	{ "inet", AF_INET },       { "inet6", AF_INET6 },   { "unix", AF_UNIX },   { "packet", AF_PACKET },
	{ "netlink", AF_NETLINK }, { "vsock", K_AF_VSOCK }, { "tipc", K_AF_TIPC }, { "xdp", K_AF_XDP },
	{ "link", AF_PACKET },     { "ipv4", AF_INET },     { "ipv6", AF_INET6 },
};

static int bad(const struct field_term *t, const struct token *at, struct sv part, const char *what)
{
	return lex_fail(t->lx, at, part, t->e, -EBADMSG, "%s", what);
}

static const char *allowed(const struct field *field)
{
	switch (field->type) {
	case T_ADDR: return "addresses can be =, != or in";
	case T_STATE: return "states can be =, != or in";
	case T_FAMILY: return "families can be =, != or in";
	case T_STR: return "text can be =, !=, ~, !~ or in";
	case T_RAW:
	case T_LIST:
	case T_FLAG: return "it is there or not: write has and its name";
	default: return "numbers can be =, !=, <, <=, >, >= or in";
	}
}

static bool fits(enum type type, enum lex_kind rel)
{
	switch (type) {
	case T_RAW:
	case T_LIST:
	case T_FLAG:
	case T_REAL:
	case T_OWNERS: return false;
	case T_ADDR:
	case T_STATE:
	case T_FAMILY: return rel == LEX_EQ || rel == LEX_NE || rel == LEX_IN;
	case T_STR: return rel == LEX_EQ || rel == LEX_NE || rel >= LEX_LIKE;
	default: return rel != LEX_LIKE && rel != LEX_UNLIKE;
	}
}

bool field_term_fits(enum field_id f, enum lex_kind rel)
{
	return fits(fields[field_key(f)].type, rel);
}

int field_term_unknown(const struct lexer *lx, const struct token *name, const char *what, struct err *e)
{
	struct text t = {};
	int r;

	naming_put_remedy(name->text, &t);
	text_char(&t, '\0');
	r = t.failed ? err_sys(e, -ENOMEM, "parsing the filter")
		     : lex_fail(lx, name, name->text, e, -EBADMSG, "%s: %s", what, t.p);
	text_done(&t);
	return r;
}

int field_term_check(struct field_term *t)
{
	enum lex_kind rel = (enum lex_kind)t->rel->kind;
	struct sv name = t->name->text;

	t->other = F_MAX;
	if (!naming_either(name, &t->field, &t->other)) {
		t->field = naming_find(name);
		t->other = F_MAX;
	}
	if (t->field == F_MAX)
		return field_term_unknown(
			t->lx, t->name,
			rel == LEX_HAS ? "no field of this name" : "neither a predicate nor a field", t->e);
	if (rel == LEX_HAS)
		return 0;
	t->field = field_key(t->field);
	if (!fits(fields[t->field].type, rel))
		return bad(t, t->rel, t->rel->text, allowed(&fields[t->field]));
	return 0;
}

static struct leaf leaf_of(const struct field_term *t, enum field_id f, enum test test)
{
	return (struct leaf){
		.test = (uint8_t)test,
		.word = LEX_FIELD,
		.rel = t->rel->kind,
		.is_dst = f == F_DST || f == F_DPORT,
		.is_unknown = test != TEST_HAS,
		.families = naming_families(f),
		.number = FILTER_ANY,
		.first = FILTER_ANY,
		.field = f,
		.source = f,
		.with = F_MAX,
		.guard = F_MAX,
		.pair = { F_MAX, F_MAX },
	};
}

static struct leaf new_leaf(const struct field_term *t, enum test test)
{
	return leaf_of(t, t->field, test);
}

struct leaf field_term_has(const struct field_term *t)
{
	return new_leaf(t, TEST_HAS);
}

static int add_one(struct field_term *t, const struct leaf *l)
{
	return t->add(t, l, 1);
}

/* Users and interfaces are compared by number, which is what their names are made from. */
static void set_source(struct leaf *l)
{
	if (l->field == F_USER) {
		l->source = F_UID;
		l->guard = F_INODE;
	} else if (l->field == F_IFACE) {
		l->source = l->guard = F_IFINDEX;
	}
}

static bool is_figures(struct sv s)
{
	uint64_t unused;

	return num_read(s, 10, UINT64_MAX, &unused) || (s.len > 2 && num_read(s, 16, UINT64_MAX, &unused) &&
							s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X'));
}

static const char *port_number(const struct field_term *t, struct sv s, struct quantity *ret)
{
	int64_t v = 0;
	int r;

	if (is_figures(s))
		return quantity_read(T_UINT, s, sv(""), ret) || ret->n > UINT16_MAX
			       ? "not a port: they are 0 to 65535"
			       : NULL;
	r = !s.len || sv_is(s, "*") || sv_find(s, '-') == 0 ? -ENOENT : operand_port(t->env, s, &v);
	*ret = (struct quantity){ (uint64_t)v, true };
	return r == -ENOTUNIQ ? "an ambiguous port: several have this name, use a number"
	       : r            ? "not a port: use a number or a service name"
			      : NULL;
}

static const char *named_number(const struct field_term *t, enum field_id source, struct sv s,
				struct quantity *ret)
{
	*ret = (struct quantity){ .is_exact = true };
	if (fields[source].type == T_FAMILY) {
		for (size_t i = 0; i < ARRAY_SIZE(family_names); i++) {
			if (sv_is(s, family_names[i].name)) {
				ret->n = family_names[i].af;
				return NULL;
			}
		}
		return "not a family: use inet, inet6, unix, packet, netlink, vsock, tipc or xdp";
	}
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		int64_t v = 0;

		if (named[i].field != source)
			continue;
		if (!s.len || operand_name(t->env, named[i].kind, s, &v))
			return named[i].error;
		ret->n = (uint64_t)v;
		return NULL;
	}
	return quantity_error(fields[source].type);
}

/* Reads the number that @s stands for; returns what is wrong with it, or NULL. */
static const char *read_number(const struct field_term *t, enum field_id source, struct sv s, struct sv like,
			       struct quantity *ret)
{
	enum type type = fields[source].type;
	int r;

	if (t->field != source && s.len && !named_number(t, source, s, ret)) /* the name before the number */
		return NULL;
	if (type == T_PORT)
		return port_number(t, s, ret);
	if (type == T_COOKIE && sv_is(sv_first(s, 3), "sk:")) {
		*ret = (struct quantity){ .is_exact = true };
		return num_read(sv_from(s, 3), 16, UINT64_MAX, &ret->n) ? NULL : "not a cookie";
	}
	r = quantity_read(type, s, like, ret);
	return !r ? NULL : r == -ERANGE ? "the number is too large" : named_number(t, source, s, ret);
}

/* "@s" or "LO-HI". A name may have dashes, so all of it is tried first. */
static const char *read_range(const struct field_term *t, enum field_id source, struct sv s,
			      struct quantity *lo, struct quantity *hi)
{
	const char *error = read_number(t, source, s, sv(""), lo);

	*hi = *lo;
	if (!error || t->rel->kind != LEX_IN)
		return error;
	for (size_t i = 1; i + 1 < s.len; i++) {
		struct sv first = sv_first(s, i), last = sv_from(s, i + 1);

		if (s.p[i] == '-' && !read_number(t, source, first, last, lo) &&
		    !read_number(t, source, last, sv(""), hi))
			return hi->n < lo->n ? "the range ends before it begins" : NULL;
	}
	return error;
}

static void set_empty(struct leaf *l)
{
	l->rel = LEX_LT;
	l->lo = 1;
	l->hi = 0;
}

/* The numbers that are @l->rel to those from @lo to @hi, which are rounded down where not exact. */
static void set_bounds(struct leaf *l, const struct quantity *lo, const struct quantity *hi)
{
	bool is_odd = !lo->is_exact;

	if (l->rel == LEX_NE)
		l->rel = LEX_EQ; /* of which the negation is taken */
	l->lo = 0;
	l->hi = UINT64_MAX;
	switch (l->rel) {
	case LEX_GT:
	case LEX_GE:
		if (__builtin_add_overflow(lo->n, (uint64_t)(is_odd || l->rel == LEX_GT), &l->lo))
			set_empty(l);
		break;
	case LEX_LT:
	case LEX_LE:
		if (__builtin_sub_overflow(hi->n, (uint64_t)(!is_odd && l->rel == LEX_LT), &l->hi))
			set_empty(l);
		break;
	default:
		l->lo = lo->n + is_odd;
		l->hi = hi->n;
		if (l->lo > l->hi || (is_odd && !l->lo))
			set_empty(l);
	}
	/* Printed in whole numbers, above 1.5 is at least 2. */
	if (is_odd && l->rel == LEX_GT)
		l->rel = LEX_GE;
	else if (is_odd && l->rel == LEX_LT)
		l->rel = LEX_LE;
	else if (l->rel == LEX_IN && l->lo == l->hi)
		l->rel = LEX_EQ;
}

/* As one of the kernel's tests, where it has one for this. */
static void set_kernel_test(struct leaf *l)
{
	if (l->lo != l->hi || l->rel != LEX_EQ || l->lo > INT64_MAX)
		return;
	l->number = (int64_t)l->lo;
	if (l->field == F_CGROUP)
		l->test = TEST_CGROUP;
	else if (l->source == F_IFINDEX && l->lo <= UINT32_MAX)
		l->test = TEST_DEV;
	if (l->field != F_MARK || l->lo > UINT32_MAX)
		return;
	l->test = TEST_MARK;
	l->mark = (uint32_t)l->lo;
	l->mask = UINT32_MAX;
}

static int add_ports(struct field_term *t, struct leaf *l)
{
	struct leaf both[2];

	if (l->lo > UINT16_MAX)
		set_empty(l);
	if (l->lo > l->hi || l->hi == UINT64_MAX || !l->lo || l->lo == l->hi) {
		bool is_least = l->hi == UINT64_MAX;

		l->test = l->lo == l->hi ? TEST_INET : TEST_ORDER;
		l->number = (int64_t)(is_least ? l->lo : l->hi);
		if (l->lo > l->hi)
			l->number = -1;
		l->is_least = is_least;
		l->is_not_zero = l->number > 0 && (is_least || l->test == TEST_INET);
		l->pair.second = l->test == TEST_ORDER ? l->source : F_MAX;
		l->rel = l->test == TEST_INET ? LEX_EQ : is_least ? LEX_GE : LEX_LE;
		return add_one(t, l);
	}
	l->test = TEST_ORDER;
	l->pair.second = l->source;
	both[0] = both[1] = *l;
	both[0].is_least = true;
	both[0].is_not_zero = true;
	both[0].rel = LEX_GE;
	both[0].number = (int64_t)l->lo;
	both[1].rel = LEX_LE;
	both[1].number = (int64_t)l->hi;
	return t->add(t, both, ARRAY_SIZE(both));
}

/* Adds the comparison with the field that @v names. */
static int add_fields(struct field_term *t, const struct token *v, enum field_id with)
{
	struct leaf l = new_leaf(t, TEST_FIELDS);

	if (quantity_scale(fields[with].type, fields[t->field].type) < 0)
		return bad(t, v, v->text,
			   "another kind of number, or none: only what counts the same can be compared");
	l.with = with;
	l.families &= naming_families(with);
	if (l.rel == LEX_NE)
		l.rel = LEX_EQ; /* of which the negation is taken */
	return add_one(t, &l);
}

static int add_number(struct field_term *t, const struct token *v)
{
	struct leaf l = new_leaf(t, TEST_NUMBER);
	struct quantity lo, hi;
	enum field_id with;
	const char *error;

	set_source(&l);
	error = read_range(t, l.source, v->text, &lo, &hi);
	with = error && t->rel->kind != LEX_IN ? naming_find(v->text) : F_MAX;
	if (with < F_MAX)
		return add_fields(t, v, with);
	if (error)
		return bad(t, v, v->text, error);
	set_bounds(&l, &lo, &hi);
	if (l.source != l.field && l.rel == LEX_EQ && v->text.len)
		l.text = v->text;
	if (fields[l.source].type == T_PORT)
		return add_ports(t, &l);
	set_kernel_test(&l);
	return add_one(t, &l);
}

static int add_mark(struct field_term *t, const struct token *v)
{
	struct leaf l = new_leaf(t, TEST_MARK);
	ptrdiff_t slash = sv_find(v->text, '/');
	struct quantity mark, mask;

	if (slash < 0)
		return add_number(t, v);
	if (t->rel->kind != LEX_EQ && t->rel->kind != LEX_NE && t->rel->kind != LEX_IN)
		return bad(t, t->rel, t->rel->text, "a mark with a mask can be =, != or in");
	if (quantity_read(T_HEX, sv_first(v->text, (size_t)slash), sv(""), &mark) || mark.n > UINT32_MAX ||
	    quantity_read(T_HEX, sv_from(v->text, (size_t)slash + 1), sv(""), &mask) || mask.n > UINT32_MAX)
		return bad(t, v, v->text, "not a mark: use MARK or MARK/MASK");
	l.mark = (uint32_t)mark.n;
	l.mask = (uint32_t)mask.n;
	return add_one(t, &l);
}

/* The test for the interface called @name behind an address. */
static const char *read_iface(const struct field_term *t, struct sv name, struct leaf *ret)
{
	int64_t number = 0;

	*ret = leaf_of(t, F_IFACE, t->env->is_everywhere ? TEST_EQUAL : TEST_DEV);
	ret->text = name;
	ret->rel = LEX_EQ;
	if (t->env->is_everywhere)
		return NULL;
	if (operand_name(t->env, FILTER_NAME_DEVICE, name, &number))
		return "no such interface";
	set_source(ret);
	ret->number = number;
	ret->lo = ret->hi = (uint64_t)number;
	return NULL;
}

/* An address as it is shown: with an interface, a port, or both behind it. */
static int add_shown(struct field_term *t, const struct token *v, const struct endpoint *at)
{
	struct leaf all[3] = { new_leaf(t, TEST_INET) };
	struct quantity port;
	const char *error = NULL;
	size_t n = 1;

	if (at->device.p)
		error = read_iface(t, at->device, &all[n++]);
	if (error)
		return bad(t, v, at->device, error);
	if (at->port.len && !sv_is(at->port, "*")) {
		error = port_number(t, at->port, &port);
		all[n] = leaf_of(t, t->field == F_SRC ? F_SPORT : F_DPORT, TEST_INET);
		all[n].rel = LEX_EQ;
		all[n++].number = (int64_t)port.n;
	}
	if (error)
		return bad(t, v, at->port, error);
	if (!operand_endpoint_addr(at, &all[0]))
		return bad(t, v, at->host, "not an address");
	return t->add(t, all, n);
}

/* Whether one of the first @n bits is set. */
static bool has_bits(const uint8_t addr[16], unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (addr[i / 8] >> (7 - i % 8) & 1)
			return true;
	return false;
}

static int add_addr(struct field_term *t, const struct token *v)
{
	struct leaf l = new_leaf(t, TEST_INET);
	struct endpoint at;

	if (operand_addr(v->text, &l)) {
		l.is_not_zero = has_bits(l.addr, l.prefix_len);
		return add_one(t, &l);
	}
	if (operand_shown(v->text, &at) && operand_endpoint_addr(&at, &l))
		return add_shown(t, v, &at);
	return bad(
		t, v, v->text,
		"not an address: use figures, like 10.0.0.1, 10.0.0.0/8 or fe80::/10 (names are for src and "
		"dst)");
}

static int add_text(struct field_term *t, const struct token *v)
{
	bool is_like = t->rel->kind == LEX_LIKE || t->rel->kind == LEX_UNLIKE;
	struct leaf l = new_leaf(t, is_like ? TEST_LIKE : TEST_EQUAL);

	l.text = v->text;
	l.is_part = is_like && l.text.len && !glob_is_wild(l.text);
	return add_one(t, &l);
}

static int refuse_state(const struct field_term *t, const struct token *v)
{
	struct text names = {};
	int r;

	state_put_names(&names);
	text_char(&names, '\0');
	r = names.failed ? err_sys(t->e, -ENOMEM, "parsing the filter")
			 : lex_fail(t->lx, v, v->text, t->e, -EBADMSG, "not a state: use %s", names.p);
	text_done(&names);
	return r;
}

static int add_states(struct field_term *t)
{
	struct leaf l = new_leaf(t, TEST_STATE);

	for (size_t i = 0; i < t->n_values; i++) {
		uint32_t mask;

		if (!state_find(t->values[i].text, &mask))
			return refuse_state(t, &t->values[i]);
		l.mask |= mask;
		l.names_bound |= mask == STATE(K_TCP_BOUND_INACTIVE);
	}
	return add_one(t, &l);
}

int field_term_parse(struct field_term *t)
{
	enum type type = fields[t->field].type;
	int (*add)(struct field_term *, const struct token *) = add_number;
	bool is_like = t->rel->kind == LEX_LIKE || t->rel->kind == LEX_UNLIKE;
	int r = 0;

	if (t->rel->kind == LEX_HAS) {
		const struct leaf l = field_term_has(t);

		return add_one(t, &l);
	}
	if (type == T_STATE)
		return add_states(t);
	if (type == T_ADDR)
		add = add_addr;
	else if (t->field == F_MARK)
		add = add_mark;
	else if (type == T_STR &&
		 (is_like || (t->field != F_USER && (t->field != F_IFACE || t->env->is_everywhere))))
		add = add_text;
	for (size_t i = 0; i < t->n_values && !r; i++)
		r = add(t, &t->values[i]);
	return r;
}
