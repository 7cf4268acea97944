/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/scope.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"
#include "model/value.h"

static bool find_column(const struct scope *s, struct sv name, size_t *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!sv_is(name, s->columns[i].name))
			continue;
		*ret = i;
		return true;
	}
	return false;
}

const struct cell *scope_cell(const struct scope *s, const char *name)
{
	size_t i;

	return find_column(s, sv(name), &i) ? &s->cells[i] : NULL;
}

/* Times in seconds. */
static double number_of(const struct column *c, const struct cell *cell)
{
	double v;
	uint64_t n;

	if (!value_is_there(cell))
		return NAN;
	if (cell->val.kind == VAL_STR)
		return num_read(cell->val.s, 10, UINT64_MAX, &n) ? (double)n : NAN;
	v = val_number(&cell->val);
	return c->type == T_USEC ? v / 1e6 : c->type == T_MSEC ? v / 1e3 : v;
}

static double elapsed(const struct scope *s)
{
	return s->before && s->now->at_us > s->before->at_us
		       ? (double)(s->now->at_us - s->before->at_us) / 1e6
		       : NAN;
}

/* What stands between the parentheses of "function(...)"; .p is NULL: it is not that. */
static struct sv argument_of(struct sv name, const char *function)
{
	size_t n = strlen(function);

	if (!sv_eq(sv_first(name, n), sv(function)) || name.len < n + 2 || name.p[n] != '(' ||
	    name.p[name.len - 1] != ')')
		return (struct sv){};
	return sv_n(name.p + n + 1, name.len - n - 2);
}

static double counted(const struct reading *r, struct sv name)
{
	double v;

	return r && reading_number(r, name, &v) ? v : NAN;
}

/* By how much a counter grew. One that fell began anew. */
static double grown(const struct scope *s, struct sv name)
{
	double now = counted(s->now, name), before = counted(s->before, name);

	return now >= before ? now - before : now < before ? now : NAN;
}

/* Whether @port is in net.ipv4.ip_local_reserved_ports, "8080,9000-9010". */
static double is_reserved(const struct scope *s, struct sv arg)
{
	double port = scope_number(s, arg);
	struct sv rest =
		s->now ? reading_setting(s->now, sv("net.ipv4.ip_local_reserved_ports")) : (struct sv){};

	while (rest.p && rest.len) {
		struct sv to = sv_take(&rest, ','), from = sv_take(&to, '-');
		uint64_t lo, hi;

		if (!num_read(from, 10, UINT16_MAX, &lo))
			continue;
		hi = lo;
		if (to.p)
			(void)num_read(to, 10, UINT16_MAX, &hi);
		if (port >= (double)lo && port <= (double)hi)
			return 1;
	}
	return 0;
}

double scope_number(const struct scope *s, struct sv name)
{
	struct sv arg;
	size_t i;
	double v;

	if (find_column(s, name, &i))
		return number_of(&s->columns[i], &s->cells[i]);
	if (name.len && name.p[0] == '$')
		return limit_number(limits_find(s->limits, s->rule, sv_from(name, 1)), &v) ? v : NAN;
	if (sv_is(name, "elapsed"))
		return elapsed(s);
	if (sv_is(name, "page"))
		return (double)sysconf(_SC_PAGESIZE);
	if ((arg = argument_of(name, "delta")).p)
		return grown(s, arg);
	if ((arg = argument_of(name, "rate")).p)
		return grown(s, arg) / elapsed(s);
	if ((arg = argument_of(name, "reserved")).p)
		return is_reserved(s, arg);
	if ((arg = argument_of(name, "configured")).p)
		return s->now ? reading_is_configured(s->now, arg) : NAN;
	return counted(s->now, name);
}

bool scope_knows(const struct scope *s, struct sv name)
{
	struct sv arg = argument_of(name, "delta");
	size_t i;

	if (!arg.p)
		arg = argument_of(name, "rate");
	if (find_column(s, name, &i) || sv_is(name, "elapsed") || sv_is(name, "page"))
		return true;
	if (name.len && name.p[0] == '$')
		return limits_find(s->limits, s->rule, sv_from(name, 1)).p;
	if (arg.p)
		return reading_is_counter(arg);
	if (argument_of(name, "reserved").p || argument_of(name, "configured").p)
		return true;
	return sv_find(name, '.') > 0 && sv_find(name, '(') < 0;
}

static void put_number(struct text *t, double v)
{
	if (isnan(v))
		text_str(t, "?");
	else if (fabs(v) < 1e15 && (double)(int64_t)v == v)
		text_i64(t, (int64_t)v);
	else
		text_printf(t, fabs(v) < 1 ? "%.3g" : "%.1f", v);
}

/* "[::1]:443"; "*:80" where the group is of a port at whatever address */
static void put_endpoint(const struct scope *s, struct sv side, struct text *t)
{
	char name[32];
	struct text addr = {};
	const struct cell *c;
	struct sv text;
	size_t i;

	(void)snprintf(name, sizeof(name), "%.*s.addr", SV_ARG(side));
	if (find_column(s, sv(name), &i) && value_is_there(&s->cells[i]))
		value_put_human(&addr, &s->columns[i], &s->cells[i].val);
	text = sv_n(addr.p ? addr.p : "", addr.len);
	if (!text.len)
		text_char(t, '*');
	else if (sv_find(text, ':') >= 0 && text.p[0] != '[')
		text_printf(t, "[%.*s]", SV_ARG(text));
	else
		text_sv(t, text);
	if (addr.failed)
		text_fail(t);
	text_done(&addr);
	(void)snprintf(name, sizeof(name), "%.*s.port", SV_ARG(side));
	c = scope_cell(s, name);
	if (c && value_is_there(c)) {
		text_char(t, ':');
		text_u64(t, c->val.u);
	}
}

/* Appends the text of the first of @names that the group has; false: it has none. */
static bool put_first(const struct scope *s, const char *const *names, struct text *t)
{
	for (; *names; names++) {
		size_t i;

		if (!find_column(s, sv(*names), &i) || !value_is_there(&s->cells[i]))
			continue;
		value_put_human(t, &s->columns[i], &s->cells[i].val);
		return true;
	}
	return false;
}

/* "nginx (pid 812, nginx.service)" */
static void put_owner(const struct scope *s, struct text *t)
{
	static const char *const names[] = { "process.name", "any(process.name)", NULL };
	static const char *const pids[] = { "process.pid", "any(process.pid)", NULL };
	static const char *const units[] = { "any(container.name)", "any(unit)", NULL };
	struct text pid = {}, unit = {};
	bool has_name = put_first(s, names, t), has_pid = put_first(s, pids, &pid),
	     has_unit = put_first(s, units, &unit);

	if (!has_name)
		text_str(t, has_unit ? "somebody" : "a process that is not seen");
	if (has_pid || has_unit)
		text_str(t, " (");
	if (has_pid)
		text_printf(t, "pid %.*s%s", (int)pid.len, pid.p, has_unit ? ", " : "");
	if (has_unit)
		text_sv(t, sv_n(unit.p, unit.len));
	if (has_pid || has_unit)
		text_char(t, ')');
	if (pid.failed || unit.failed)
		text_fail(t);
	text_done(&pid);
	text_done(&unit);
}

void scope_put(const struct scope *s, struct sv name, struct text *ret)
{
	size_t i;

	if (sv_is(name, "local") || sv_is(name, "peer")) {
		put_endpoint(s, name, ret);
	} else if (sv_is(name, "owner")) {
		put_owner(s, ret);
	} else if (find_column(s, name, &i)) {
		if (value_is_there(&s->cells[i]))
			value_put_human(ret, &s->columns[i], &s->cells[i].val);
		else
			text_char(ret, '-');
	} else if (name.len && name.p[0] == '$') {
		limits_put(s->limits, s->rule, name, ret);
	} else {
		struct sv setting = s->now ? reading_setting(s->now, name) : (struct sv){};

		if (setting.p)
			text_sv(ret, setting);
		else
			put_number(ret, scope_number(s, name));
	}
}

/* Takes what stands in the next braces off @text; .p is NULL when there are no more. @ret_before: what stands
 * in front of them, or all. */
static struct sv next_name(struct sv *text, struct sv *ret_before)
{
	ptrdiff_t open = sv_find(*text, '{'), close;
	struct sv name;

	*ret_before = open < 0 ? *text : sv_first(*text, (size_t)open);
	if (open < 0)
		return (struct sv){};
	name = sv_from(*text, (size_t)open + 1);
	close = sv_find(name, '}');
	name = sv_first(name, close < 0 ? name.len : (size_t)close);
	*text = sv_from(*text, ret_before->len + name.len + 2);
	return name;
}

/* Of a group a value may be absent, which is told. */
static bool is_known(const struct scope *s, struct sv name)
{
	static const char *const words[] = { "local", "peer", "owner" };
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		if (sv_is(name, words[k]))
			return true;
	return find_column(s, name, &i) || name.p[0] == '$' || !isnan(scope_number(s, name)) ||
	       (s->now && reading_setting(s->now, name).p);
}

bool scope_can_fill(const struct scope *s, struct sv text)
{
	struct sv name, unused;

	while ((name = next_name(&text, &unused)).p)
		if (!is_known(s, name))
			return false;
	return true;
}

void scope_fill(const struct scope *s, struct sv text, struct text *ret)
{
	struct sv name, before;

	while ((name = next_name(&text, &before)).p) {
		text_sv(ret, before);
		scope_put(s, name, ret);
	}
	text_sv(ret, before);
}
