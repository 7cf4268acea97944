/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What any operand may be made of: numbers and names; and what is said of one that makes no sense. */

#include <errno.h>

#include "base/num.h"
#include "query/operand.h"

bool operand_int(struct sv s, int64_t min, int64_t max, int64_t *ret)
{
	bool is_negative = s.len && s.p[0] == '-';
	uint64_t v;

	if (s.len && (s.p[0] == '-' || s.p[0] == '+'))
		s = sv_from(s, 1);
	if (!num_read(s, 0, (uint64_t)INT64_MAX, &v))
		return false;
	if ((is_negative ? -(int64_t)v : (int64_t)v) < min || (is_negative ? -(int64_t)v : (int64_t)v) > max)
		return false;
	*ret = is_negative ? -(int64_t)v : (int64_t)v;
	return true;
}

int operand_name(const struct filter_env *env, enum filter_name kind, struct sv name, int64_t *ret)
{
	const struct filter_names *names = env->names;
	uint64_t v;
	int r;

	if (!names || !names->number)
		return -ENOENT;
	r = names->number(env->ctx, kind, name, &v);
	if (!r)
		*ret = (int64_t)v;
	return r;
}

int operand_bad(const struct operand *op, struct sv part, const char *what)
{
	return lex_fail(op->lx, op->pred->token, part, op->e, -EDOM, "%s", what);
}
