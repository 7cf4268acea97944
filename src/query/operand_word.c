/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What any operand may be made of: numbers and names; and what is said of one that makes no sense. */

#include <errno.h>

#include "base/num.h"
#include "query/naming.h"
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

bool operand_ifindex(const struct operand *op, struct sv s, int64_t *ret)
{
	if (!operand_name(op->env, FILTER_NAME_DEVICE, s, ret))
		return true;
	if (sv_is(sv_first(s, 2), "if") && s.len > 2 && s.p[2] != '+' && s.p[2] != '-')
		s = sv_from(s, 2);
	return operand_int(s, 0, UINT32_MAX, ret);
}

struct leaf operand_leaf(enum lex_kind word)
{
	return (struct leaf){
		.word = (uint8_t)word,
		.number = FILTER_ANY,
		.first = FILTER_ANY,
		.field = F_MAX,
		.source = F_MAX,
		.with = F_MAX,
		.guard = F_MAX,
		.pair = { F_MAX, F_MAX },
	};
}

/* Makes @l the test for an interface of this name, whatever its number is where the socket lives. */
static void set_device_name(struct leaf *l, struct sv name)
{
	l->test = TEST_EQUAL;
	l->word = LEX_FIELD;
	l->rel = LEX_EQ;
	l->families = naming_families(F_IFACE);
	l->field = l->source = F_IFACE;
	l->text = name;
}

int operand_device(const struct operand *op, struct leaf *l, struct sv text)
{
	int64_t number;

	if (op->env->is_everywhere && !operand_int(text, 0, UINT32_MAX, &number)) {
		set_device_name(l, text);
		return 0;
	}
	l->test = TEST_DEV;
	l->families = UINT64_MAX;
	l->text = text;
	return operand_ifindex(op, text, &l->number) ? 0 : operand_bad(op, text, "no such device");
}
