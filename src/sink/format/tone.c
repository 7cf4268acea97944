/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/tone.h"

#include "base/cleanup.h"

static enum tone of_state(uint64_t state)
{
	static const uint8_t tones[] = {
		[K_TCP_ESTABLISHED] = TONE_GOOD,   [K_TCP_LISTEN] = TONE_WAITS,
		[K_TCP_SYN_SENT] = TONE_PASSING,   [K_TCP_SYN_RECV] = TONE_PASSING,
		[K_TCP_FIN_WAIT1] = TONE_PASSING,  [K_TCP_FIN_WAIT2] = TONE_PASSING,
		[K_TCP_CLOSE_WAIT] = TONE_PASSING, [K_TCP_LAST_ACK] = TONE_PASSING,
		[K_TCP_CLOSING] = TONE_PASSING,
	};

	return state < ARRAY_SIZE(tones) ? (enum tone)tones[state] : TONE_NONE;
}

/* The cell of the field @f, or NULL. */
static const struct cell *find_cell(const struct column *c, const struct cell *cells, size_t n,
				    enum field_id f)
{
	for (size_t i = 0; i < n; i++)
		if (c[i].field == f)
			return cells[i].is_there ? &cells[i] : NULL;
	return NULL;
}

bool tone_may_be(const struct column *c)
{
	const struct field *f = c->field < F_MAX ? &fields[c->field] : NULL;

	return f && (c->type == T_STATE || c->type == T_SHARE || f->limit || f->is_trouble);
}

enum tone tone_of(const struct column *c, const struct cell *cells, size_t n, size_t i)
{
	const struct val *v = &cells[i].val;
	const struct cell *limit;
	const struct field *f;

	if (!cells[i].is_there || c[i].field >= F_MAX)
		return TONE_NONE;
	f = &fields[c[i].field];
	if (v->kind == VAL_REAL)
		return c[i].type == T_SHARE && v->d > 1 ? TONE_FULL : TONE_NONE;
	if (v->kind != VAL_UINT)
		return TONE_NONE;
	if (c[i].type == T_STATE)
		return of_state(v->u);
	limit = f->limit ? find_cell(c, cells, n, (enum field_id)f->limit) : NULL;
	if (limit && v->u > limit->val.u)
		return TONE_FULL;
	return f->is_trouble && v->u ? TONE_TROUBLE : TONE_NONE;
}

const char *tone_begin(enum tone tone)
{
	static const char *const codes[] = {
		[TONE_NONE] = "",
		[TONE_GOOD] = "\033[32m",    /* green */
		[TONE_WAITS] = "\033[36m",   /* cyan */
		[TONE_PASSING] = "\033[33m", /* yellow */
		[TONE_TROUBLE] = "\033[35m", /* magenta */
		[TONE_FULL] = "\033[1;31m",  /* bold red */
		[TONE_CHANGED] = "\033[1m",  /* bold */
	};

	return codes[tone];
}

const char *tone_end(enum tone tone)
{
	return tone == TONE_NONE ? "" : "\033[0m";
}
