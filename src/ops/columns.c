/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/columns.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/num.h"
#include "model/value.h"
#include "ops/aggregate.h"

void columns_done(struct columns *c)
{
	for (size_t i = 0; i < c->n_names; i++)
		free(c->name[i]);
	*c = (struct columns){};
}

/* A copy of @s that lasts as long as the columns. */
static const char *keep_name(struct columns *c, struct sv s, struct err *e)
{
	char *name = c->n_names < COLUMNS_MAX ? strndup(s.p, s.len) : NULL;

	if (!name) {
		(void)err_sys(e, -ENOMEM, "column names");
		return NULL;
	}
	c->name[c->n_names++] = name;
	return name;
}

int columns_add(struct columns *c, enum field_id f, struct err *e)
{
	if (c->n == COLUMNS_MAX)
		return err_say(e, -E2BIG, "more than %d columns", COLUMNS_MAX);
	c->v[c->n++] = column_of_field(f);
	return 0;
}

static int add_pattern(struct columns *c, struct sv pattern, const char *option, struct err *e)
{
	size_t before = c->n;
	int r = 0;

	for (enum field_id f = 0; f < F_MAX && r == 0; f++)
		if (glob_match(pattern, sv(fields[f].name)))
			r = columns_add(c, f, e);
	if (r == 0 && c->n == before)
		return err_say(e, -EINVAL, "%s: no field fits \"%.*s\": see ss --fields", option,
			       SV_ARG(pattern));
	return r;
}

/* Reads "24", "64" or "24/64" into the prefix lengths of @col. */
static bool read_prefix(struct sv s, struct column *col)
{
	ptrdiff_t slash = sv_find(s, '/');
	uint64_t first, second;

	if (!num_read(slash < 0 ? s : sv_first(s, (size_t)slash), 10, 128, &first))
		return false;
	col->prefix[0] = 32;
	col->prefix[1] = 128;
	if (slash < 0) {
		col->prefix[first > 32] = (uint8_t)first;
		return true;
	}
	if (first > 32 || !num_read(sv_from(s, (size_t)slash + 1), 10, 128, &second))
		return false;
	col->prefix[0] = (uint8_t)first;
	col->prefix[1] = (uint8_t)second;
	return true;
}

static int add_word(struct columns *c, struct sv word, const char *option, struct err *e)
{
	ptrdiff_t slash = sv_find(word, '/');
	struct sv name = slash < 0 ? word : sv_first(word, (size_t)slash);
	enum field_id f = field_find(name);
	struct column *col;
	int r;

	if (sv_find(word, '*') >= 0)
		return add_pattern(c, word, option, e);
	if (f == F_MAX)
		return err_say(e, -EINVAL, "%s: there is no field \"%.*s\": see ss --fields", option,
			       SV_ARG(name));
	r = columns_add(c, f, e);
	if (r < 0 || slash < 0)
		return r;
	col = &c->v[c->n - 1];
	if (col->type != T_ADDR || !read_prefix(sv_from(word, (size_t)slash + 1), col))
		return err_say(e, -EINVAL, "%s: \"%.*s\" is no address with the bits that count, as in %s/24",
			       option, SV_ARG(word), col->type == T_ADDR ? col->name : "peer.addr");
	col->name = keep_name(c, word, e);
	return col->name ? 0 : -ENOMEM;
}

/* The next word of a list; false when there is none left. */
static bool next_word(struct sv *list, struct sv *ret)
{
	if (!list->p)
		return false;
	*ret = sv_take(list, ',');
	return true;
}

int columns_parse(struct columns *c, struct sv list, const char *option, struct err *e)
{
	struct sv word;
	int r = 0;

	while (r == 0 && next_word(&list, &word))
		r = add_word(c, word, option, e);
	return r;
}

void columns_named(struct sv list, struct fieldset *set)
{
	struct sv word;

	while (next_word(&list, &word)) {
		ptrdiff_t slash = sv_find(word, '/');
		enum field_id f = field_find(slash < 0 ? word : sv_first(word, (size_t)slash));

		if (f < F_MAX)
			fieldset_add(set, f);
	}
}

static size_t find_column(const struct columns *c, struct sv name)
{
	size_t i = 0;

	while (i < c->n && !sv_is(name, c->v[i].name))
		i++;
	return i;
}

static int add_aggregate(struct columns *c, struct sv word, const char *option, struct group_opts *group,
			 struct err *e)
{
	struct aggregate_column *a = &group->aggregates[group->n_aggregates];
	struct sv field;
	int r;

	if (group->n_aggregates == GROUP_AGGREGATES_MAX)
		return err_say(e, -E2BIG, "%s: more than %d aggregates", option, GROUP_AGGREGATES_MAX);
	if (!aggregate_parse(word, a, &field))
		return err_say(e, -EINVAL,
			       "%s: \"%.*s\" is none of sum(), min(), max(), avg(), p1() to p100()", option,
			       SV_ARG(word));
	r = field_find(field) == F_MAX || sv_find(field, '*') >= 0 ? -EINVAL : add_word(c, field, option, e);
	if (r < 0 && r != -EINVAL)
		return r;
	if (r < 0 || !value_is_amount(&c->v[c->n - 1]))
		return err_say(e, -EINVAL, "%s: \"%.*s\" is no number to take %.*s of", option, SV_ARG(field),
			       SV_ARG(sv_first(word, (size_t)(field.p - word.p - 1))));
	a->column = c->n - 1;
	a->name = keep_name(c, word, e);
	group->n_aggregates++;
	return a->name ? 0 : -ENOMEM;
}

/* Nothing can be grouped by all of an owner. */
static int refuse_owners(struct sv word, const char *option, struct err *e)
{
	struct text t = {};
	int r;

	for (enum part part = 1; part < PART_MAX; part++) {
		text_str(&t, part == 1 ? "" : part + 1 < PART_MAX ? ", " : " or ");
		text_str(&t, fields[part_field(part)].name);
	}
	text_char(&t, '\0');
	r = t.failed ? err_sys(e, -ENOMEM, "%s", option)
		     : err_say(e, -EINVAL, "%s: say which part of \"%.*s\": %s", option, SV_ARG(word), t.p);
	text_done(&t);
	return r;
}

int columns_parse_by(struct columns *c, struct sv list, const char *option, struct group_opts *group,
		     struct err *e)
{
	struct sv word;
	int r = 0;

	while (r == 0 && next_word(&list, &word)) {
		if (sv_find(word, '(') >= 0) {
			r = add_aggregate(c, word, option, group, e);
			continue;
		}
		if (group->n_aggregates)
			return err_say(e, -EINVAL, "%s: \"%.*s\" must come before sum() and its like", option,
				       SV_ARG(word));
		r = add_word(c, word, option, e);
		if (r == 0 && c->v[c->n - 1].type == T_ADDR && c->v[c->n - 1].prefix[0] == PREFIX_NONE)
			memcpy(c->v[c->n - 1].prefix, (const uint8_t[]){ 32, 128 }, 2);
		if (r == 0 && c->v[c->n - 1].type == T_OWNERS)
			return refuse_owners(word, option, e);
		group->n_keys = c->n;
		if (r == 0 && group->n_keys > GROUP_KEYS_MAX)
			return err_say(e, -E2BIG, "%s: more than %d fields", option, GROUP_KEYS_MAX);
	}
	return r;
}

int columns_add_sorted(struct columns *c, struct sv list, struct err *e)
{
	struct sv word;
	int r = 0;

	while (r == 0 && next_word(&list, &word)) {
		ptrdiff_t colon = sv_rfind(word, ':');
		struct sv name = colon < 0 ? word : sv_first(word, (size_t)colon);

		if (find_column(c, name) == c->n)
			r = add_word(c, name, "--sort", e);
	}
	return r;
}
