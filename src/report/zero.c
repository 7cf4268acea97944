/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/zero.h"

#include <errno.h>
#include <linux/inet_diag.h>

#include "model/limited.h"
#include "model/netid.h"
#include "model/state.h"
#include "model/value.h"

enum { WORDS_MAX = 32 };

static const char *const directions[] = { "in", "out", NULL };

static struct cell number(uint64_t n)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_UINT, .u = n } };
}

static struct cell word(const char *s)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv(s) } };
}

static size_t put_list(const char *const *list, struct cell *ret)
{
	size_t n = 0;

	for (; list[n]; n++)
		ret[n] = word(list[n]);
	return n;
}

/* The values that @f can have; 0: they are not known before. */
static size_t words_of(enum field_id f, const struct selection *sel, struct cell ret[WORDS_MAX])
{
	size_t n = 0;

	switch (f) {
	case F_STATE:
		for (unsigned int st = K_TCP_ESTABLISHED; st <= K_TCP_CLOSING; st++)
			if (sel->states >> st & 1)
				ret[n++] = number(st);
		return n;
	case F_FAMILY:
		for (size_t i = 0; i < 64 && value_family(i); i++)
			if (sel->families >> i & 1 && *value_family(i))
				ret[n++] = number(i);
		return n;
	case F_NETID:
		for (enum table t = 0; t < TABLE_MAX; t++)
			for (size_t i = 0; sel->tables >> t & 1 && netid_word(t, i); i++)
				ret[n++] = word(netid_word(t, i));
		return n;
	case F_DIRECTION: return put_list(directions, ret);
	case F_TCP_LIMITED_BY: return put_list(limited_words, ret);
	default: return 0;
	}
}

struct adding {
	struct group *g;
	const struct column *columns;
	size_t n;
	const struct selection *sel;
	struct cell at[GROUP_KEYS_MAX]; /* a word for each key */
};

/* Goes through the words of key @i and of those behind it. */
static int add_from(struct adding *a, size_t i, struct err *e)
{
	struct cell words[WORDS_MAX];
	size_t n_words;
	int r = 0;

	if (i == a->n)
		return group_fix(a->g, a->at);
	n_words = words_of(a->columns[i].field, a->sel, words);
	if (!n_words)
		return err_say(e, -EINVAL,
			       "--zero: what %s can be is not known before; it is of state, family, netid, "
			       "direction and "
			       "tcp.limited_by",
			       a->columns[i].name);
	for (size_t k = 0; k < n_words && r == 0; k++) {
		a->at[i] = words[k];
		r = add_from(a, i + 1, e);
	}
	return r;
}

int zero_add(struct group *g, const struct column *columns, size_t n, const struct selection *sel,
	     struct err *e)
{
	struct adding a = { .g = g, .columns = columns, .n = n, .sel = sel };

	return add_from(&a, 0, e);
}
