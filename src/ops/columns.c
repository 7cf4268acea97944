/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "ops/columns.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/num.h"
#include "model/value.h"
#include "ops/aggregate.h"
#include "query/naming.h"

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

static int refuse(struct sv name, const char *option, struct err *e)
{
	struct text t = {};
	int r;

	naming_put_remedy(name, &t);
	text_char(&t, '\0');
	if (t.failed)
		r = err_sys(e, -ENOMEM, "%s", option);
	else if (!name.len)
		r = err_say(e, -EINVAL,
			    "%s: a field is missing before, between or behind the commas; a list with blanks "
			    "in it "
			    "stands between quotation marks",
			    option);
	else
		r = err_say(e, -EINVAL, "%s: there is no field \"%.*s\": %s", option, SV_ARG(name), t.p);
	text_done(&t);
	return r;
}

/* Rates, which need samples, are what a pattern says only if it ends like one. */
static int add_pattern(struct columns *c, struct sv pattern, const char *option, struct err *e)
{
	bool wants_rates = sv_is(sv_from(pattern, pattern.len < 5 ? 0 : pattern.len - 5), "_rate");
	size_t before = c->n;
	int r = 0;

	for (enum field_id f = 0; f < F_MAX && r == 0; f++)
		if ((wants_rates || fields[f].at->seg != SEG_RATES) &&
		    glob_match(pattern, sv(fields[f].name)))
			r = columns_add(c, f, e);
	if (r == 0 && c->n == before)
		return err_say(e, -EINVAL, "%s: no field fits \"%.*s\": ss --fields lists them", option,
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

/* The address and the port that @word is short for. */
static int add_pair(struct columns *c, struct sv word, enum field_id addr, enum field_id port, struct err *e)
{
	size_t at = c->n;
	int r = columns_add(c, addr, e);

	if (r == 0)
		r = columns_add(c, port, e);
	if (r == 0)
		c->v[at].pair = keep_name(c, word, e);
	return r < 0 || c->v[at].pair ? r : -ENOMEM;
}

/* Takes the bits that count in @word, and a name that tells them. */
static int add_prefix(struct columns *c, struct sv word, struct sv bits, const char *option, struct err *e)
{
	struct column *col = &c->v[c->n - 1];
	struct text full = {};

	if (col->type != T_ADDR || !read_prefix(bits, col))
		return err_say(e, -EINVAL, "%s: \"%.*s\" is no address with the bits that count, as in %s/24",
			       option, SV_ARG(word), col->type == T_ADDR ? col->name : "peer.addr");
	naming_put_full(word, &full);
	col->name = full.failed ? NULL : keep_name(c, sv_n(full.p, full.len), e);
	text_done(&full);
	return col->name ? 0 : -ENOMEM;
}

/* Takes " as NAME" off the end of @word; false when it is not there. */
static bool take_alias(struct sv *word, struct sv *ret)
{
	for (size_t i = word->len; i-- > 4;) {
		struct sv as = sv_n(word->p + i - 4, 4);

		if (sv_is_blank(as.p[0]) && as.p[1] == 'a' && as.p[2] == 's' && sv_is_blank(as.p[3])) {
			*ret = sv_trim(sv_from(*word, i));
			*word = sv_trim(sv_first(*word, i - 4));
			return true;
		}
	}
	return false;
}

/* Whether @s can be the name that a column is given: no more than a word, and no field's name. */
static bool is_free(struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] == '_' || (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		      (i && s.p[i] >= '0' && s.p[i] <= '9')))
			return false;
	return s.len && naming_find(s) == F_MAX && !naming_is_of_groups(s);
}

/* The name that @alias is, kept; NULL after a failure, with detail. */
static const char *keep_alias(struct columns *c, struct sv alias, const char *option, struct err *e)
{
	if (is_free(alias))
		return keep_name(c, alias, e);
	(void)err_say(e, -EINVAL,
		      "%s: a column cannot be called \"%.*s\": letters, figures and _ make a name, and those "
		      "of fields "
		      "are taken",
		      option, SV_ARG(alias));
	return NULL;
}

/* Adds what @word names; with @is_key as the one value that is compared. */
static int add_named(struct columns *c, struct sv word, bool is_key, const char *option, struct err *e)
{
	ptrdiff_t slash = sv_find(word, '/');
	struct sv name = slash < 0 ? word : sv_first(word, (size_t)slash);
	enum field_id f = naming_find(name), addr, port;
	int r;

	if (sv_find(word, '*') >= 0)
		return add_pattern(c, word, option, e);
	if (f == F_MAX)
		return refuse(name, option, e);
	if (!is_key && slash < 0 && naming_pair(name, &addr, &port))
		return add_pair(c, word, addr, port, e);
	r = columns_add(c, f, e);
	return r < 0 || slash < 0 ? r : add_prefix(c, word, sv_from(word, (size_t)slash + 1), option, e);
}

/* The same, also of "NAME as ALIAS". */
static int add_word(struct columns *c, struct sv word, bool is_key, const char *option, struct err *e)
{
	size_t at = c->n;
	struct sv alias;
	int r;

	if (!take_alias(&word, &alias))
		return add_named(c, word, is_key, option, e);
	r = add_named(c, word, is_key, option, e);
	if (r < 0)
		return r;
	if (c->n != at + 1)
		return err_say(e, -EINVAL, "%s: \"%.*s\" is more than one column, and \"%.*s\" one name",
			       option, SV_ARG(word), SV_ARG(alias));
	c->v[at].name = keep_alias(c, alias, option, e);
	return c->v[at].name ? 0 : -EINVAL;
}

/* The next word of a list; false when there is none left. */
static bool next_word(struct sv *list, struct sv *ret)
{
	if (!list->p)
		return false;
	*ret = sv_trim(sv_take(list, ','));
	return true;
}

int columns_parse(struct columns *c, struct sv list, const char *option, struct err *e)
{
	struct sv word;
	int r = 0;

	while (r == 0 && next_word(&list, &word))
		r = add_word(c, word, false, option, e);
	return r;
}

void columns_named(struct sv list, struct fieldset *set)
{
	struct sv word, unused;

	while (next_word(&list, &word)) {
		struct sv name;
		enum field_id f, addr, port;
		ptrdiff_t slash;

		(void)take_alias(&word, &unused);
		slash = sv_find(word, '/');
		name = slash < 0 ? word : sv_first(word, (size_t)slash);
		f = naming_find(name);
		if (f < F_MAX)
			fieldset_add(set, f);
		if (naming_pair(name, &addr, &port))
			fieldset_add(set, port);
	}
}

/* Reads the argument of an aggregate, the column that it is taken of. */
static int add_argument(struct columns *c, struct sv word, struct sv field, enum aggregate what,
			const char *option, struct err *e)
{
	struct sv function = sv_first(word, (size_t)sv_find(word, '('));
	int r = sv_find(field, '*') >= 0 ? -EINVAL : add_word(c, field, true, option, e);

	if (r == 0 && (aggregate_takes_names(what) || value_is_amount(&c->v[c->n - 1])))
		return 0;
	if (r < 0 && naming_find(field) == F_MAX && sv_find(field, '*') < 0)
		return r;
	return err_say(e, -EINVAL, "%s: \"%.*s\" is no %s to take %.*s of", option, SV_ARG(field),
		       aggregate_takes_names(what) ? "field" : "number", SV_ARG(function));
}

static int add_aggregate(struct columns *c, struct sv word, const char *option, struct group_opts *group,
			 struct err *e)
{
	struct aggregate_column *a = &group->aggregates[group->n_aggregates];
	struct text full = {};
	struct sv field, alias = {};
	bool has_alias = take_alias(&word, &alias);
	int r;

	if (group->n_aggregates == GROUP_AGGREGATES_MAX)
		return err_say(e, -E2BIG, "%s: more than %d aggregates", option, GROUP_AGGREGATES_MAX);
	if (!aggregate_parse(word, a, &field))
		return err_say(e, -EINVAL,
			       "%s: \"%.*s\" is none of sum(), min(), max(), avg(), distinct(), any(), p1() "
			       "to p100(), nor delta() of "
			       "one or of count",
			       option, SV_ARG(word));
	field = sv_trim(field);
	r = a->what == AGGREGATE_COUNT ? 0 : add_argument(c, word, field, a->what, option, e);
	if (r < 0)
		return r;
	a->column = a->what == AGGREGATE_COUNT ? 0 : c->n - 1;
	group->n_aggregates++;
	if (has_alias) {
		a->name = keep_alias(c, alias, option, e);
		return a->name ? 0 : -EINVAL;
	}
	naming_put_full(word, &full);
	a->name = full.failed ? NULL : keep_name(c, sv_n(full.p, full.len), e);
	text_done(&full);
	return a->name ? 0 : -ENOMEM;
}

static int add_key(struct columns *c, struct sv word, const char *option, struct group_opts *group,
		   struct err *e)
{
	struct column *col;
	int r;

	if (group->n_aggregates)
		return err_say(e, -EINVAL, "%s: \"%.*s\" must come before sum() and its like", option,
			       SV_ARG(word));
	r = add_word(c, word, true, option, e);
	for (; r == 0 && group->n_keys < c->n; group->n_keys++) {
		col = &c->v[group->n_keys];
		if (col->type == T_OWNERS) /* nothing can be grouped by all of them */
			*col = column_of_field(field_key(col->field));
		if (col->type == T_ADDR && col->prefix[0] == PREFIX_NONE)
			memcpy(col->prefix, (const uint8_t[]){ 32, 128 }, 2);
	}
	if (r == 0 && group->n_keys > GROUP_KEYS_MAX)
		return err_say(e, -E2BIG, "%s: more than %d fields", option, GROUP_KEYS_MAX);
	return r;
}

int columns_parse_by(struct columns *c, struct sv list, const char *option, struct group_opts *group,
		     struct err *e)
{
	struct sv word;
	int r = 0;

	while (r == 0 && next_word(&list, &word)) {
		if (sv_find(word, '(') >= 0)
			r = add_aggregate(c, word, option, group, e);
		else if (!naming_is_of_groups(word)) /* which they have anyway */
			r = add_key(c, word, option, group, e);
	}
	return r;
}

int columns_parse_more(struct columns *c, struct sv list, const char *option, struct group_opts *group,
		       struct err *e)
{
	struct sv word;
	size_t at;
	int r = 0;

	while (r == 0 && next_word(&list, &word)) {
		if (sv_find(word, '(') >= 0)
			r = add_aggregate(c, word, option, group, e);
		else if (!naming_is_of_groups(word) && !order_find_key(word, c->v, group->n_keys, &at))
			r = naming_find(word) == F_MAX ? refuse(word, option, e)
						       : err_say(e, -EINVAL,
								 "%s: groups have no \"%.*s\": say sum(%.*s) "
								 "or its like, or group by "
								 "it, too, with --by",
								 option, SV_ARG(word), SV_ARG(word));
	}
	return r;
}

int columns_add_sorted(struct columns *c, struct sv list, struct err *e)
{
	struct sv word;
	size_t at;
	int r = 0;

	while (r == 0 && next_word(&list, &word)) {
		struct sv name = order_name(word);

		if (!order_find(name, c->v, c->n, &at))
			r = add_word(c, name, true, "--sort", e);
	}
	return r;
}
