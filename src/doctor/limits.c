/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/limits.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/num.h"
#include "query/quantity.h"

enum { FILE_MAX = 1 << 20 };

static const char severity[] = "severity"; /* the one name that each rule has */

struct limit {
	enum rule_id rule;
	struct sv name, value;
};

void limits_done(struct limits *l)
{
	free(l->v);
	free(l->file);
	*l = (struct limits){};
}

void limits_set_ports(struct limits *l, struct sv range)
{
	struct sv lo = sv_word(&range), hi = sv_word(&range);
	uint64_t from, to;

	if (num_read(lo, 10, UINT16_MAX, &from) && num_read(hi, 10, UINT16_MAX, &to) && from <= to)
		(void)snprintf(l->ports, sizeof(l->ports), "%llu-%llu", (unsigned long long)from,
			       (unsigned long long)to);
}

bool limit_number(struct sv s, double *ret)
{
	static const struct {
		enum type type;
		double one;
	} types[] = { { T_RATE, 0 }, { T_USEC, 1e6 }, { T_SHARE, 0 }, { T_BYTES, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		enum type type = types[i].type;
		struct quantity q;

		if (quantity_read(type, s, sv(""), &q) < 0)
			continue;
		*ret = (double)q.n / (types[i].one > 0 ? types[i].one : (double)quantity_one(type));
		return true;
	}
	return false;
}

/* In the entry of the rule. */
static struct sv find_default(const struct rule *rule, struct sv name)
{
	struct sv rest = rule->limits ? sv(rule->limits) : (struct sv){};

	for (struct sv word = sv_word(&rest); word.len; word = sv_word(&rest))
		if (sv_eq(sv_take(&word, '='), name))
			return word;
	return (struct sv){};
}

struct sv limits_find(const struct limits *l, const struct rule *rule, struct sv name)
{
	for (size_t i = l ? l->n : 0; i-- > 0;)
		if (&rules[l->v[i].rule] == rule && sv_eq(l->v[i].name, name))
			return l->v[i].value;
	if (l && l->ports[0] && sv_is(name, "ports"))
		return sv(l->ports);
	return find_default(rule, name);
}

enum severity limits_severity(const struct limits *l, const struct rule *rule)
{
	struct sv word = limits_find(l, rule, sv(severity));

	return word.p ? severity_find(word) : SEVERITY_NONE;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

void limits_put(const struct limits *l, const struct rule *rule, struct sv s, struct text *ret)
{
	while (s.len) {
		ptrdiff_t at = sv_find(s, '$');
		struct sv name, value;

		text_sv(ret, at < 0 ? s : sv_first(s, (size_t)at));
		if (at < 0)
			return;
		s = sv_from(s, (size_t)at + 1);
		for (name = sv_first(s, 0); name.len < s.len && is_name(s.p[name.len]);)
			name.len++;
		s = sv_from(s, name.len);
		value = limits_find(l, rule, name);
		if (value.p)
			text_sv(ret, value);
		else
			text_printf(ret, "$%.*s", SV_ARG(name));
	}
}

static int refuse(const char *path, size_t line, struct sv what, const char *why, struct err *e)
{
	return err_say(e, -EINVAL, "%s, line %zu: \"%.*s\" %s", path, line, SV_ARG(what), why);
}

/* Reads "ID.NAME = VALUE". */
static int read_line(struct limits *l, const char *path, size_t n, struct sv line, struct err *e)
{
	struct sv value = line, name = sv_trim(sv_take(&value, '=')), id;
	struct limit limit, *v;
	double unused;

	limit.name = name;
	id = sv_take(&limit.name, '.');
	limit.rule = rule_find(id);
	limit.value = sv_trim(value);
	if (!value.p || !limit.name.p)
		return refuse(path, n, line, "is not like CLS01.count = 50", e);
	if (limit.rule == RULE_MAX)
		return refuse(path, n, id, "is no rule; ss --rules lists them", e);
	if (sv_is(limit.name, severity) && severity_find(limit.value) == SEVERITY_NONE)
		return refuse(path, n, limit.value, "is none of info, warning, critical", e);
	if (!sv_is(limit.name, severity) && !find_default(&rules[limit.rule], limit.name).p)
		return refuse(path, n, name, "is no limit of that rule; ss --rules=ID tells which it has", e);
	if (!sv_is(limit.name, severity) && !limit_number(limit.value, &unused))
		return refuse(path, n, limit.value,
			      "is none of a number, a time as 60s, a share as 10%, a size as 1M", e);
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return err_sys(e, -ENOMEM, "%s", path);
	l->v = v;
	l->v[l->n++] = limit;
	return 0;
}

int limits_read(struct limits *l, const char *path, struct err *e)
{
	struct text t = {};
	struct sv rest;
	int r = file_read(path, FILE_MAX, &t);

	l->file = t.p;
	if (r < 0)
		return err_sys(e, r, "%s", path);
	rest = sv_n(t.p, t.len);
	for (size_t n = 1; rest.len && r == 0; n++) {
		struct sv line = sv_take(&rest, '\n');

		line = sv_trim(sv_take(&line, '#'));
		if (line.len)
			r = read_line(l, path, n, line, e);
	}
	return r;
}
