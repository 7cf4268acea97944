/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/chosen.h"

#include <errno.h>

#include "cli/modes.h"
#include "cli/past.h"
#include "cli/port_words.h"
#include "cli/resolved.h"
#include "cli/tell.h"
#include "host/names.h"

/* The words as they are or, behind --ports, the expression that they stand for, made in @made. */
static int parse_words(struct cli *c, const struct filter_env *env, const struct sv *words, size_t n_words,
		       struct filter **ret, struct err *e)
{
	struct text made = {};
	struct sv one;
	int r = request_has(&c->q, FEATURE_PORTS) ? port_words_read(env, words, n_words, &made, e) : 0;

	one = sv_n(made.p, made.len);
	if (r >= 0)
		r = made.len ? filter_parse(env, &one, 1, ret, e) : filter_parse(env, words, n_words, ret, e);
	text_done(&made);
	return r;
}

/* Returns 0, or the exit status. */
static int parse_filter(struct cli *c, const struct selection *sel, const struct sv *words, size_t n_words,
			struct filter **ret)
{
	struct filter_env env;
	struct fieldset filtered = {};
	struct text file = {};
	struct err e;
	int r = 0;

	select_filter_env(&c->q.select, sel, &env);
	names_for_filter(c->host->names, &env);
	env.is_everywhere = c->q.want_all_netns;
	if (c->q.filter_file)
		r = filter_file_read(c->q.filter_file, &file, &e);
	if (r < 0) {
		text_done(&file);
		return tell_failure(c, EXIT_USAGE, &e);
	}
	env.file = sv_n(file.p, file.len);
	env.file_name = c->q.filter_file;
	r = parse_words(c, &env, words, n_words, ret, &e);
	text_done(&file);
	if (r == 0)
		filter_fields(*ret, &filtered);
	if (r == 0 && resolved_check(c, &filtered, &(struct fieldset){}, &e) < 0)
		return tell_failure(c, EXIT_FILTER, &e);
	if (r == 0)
		return 0;
	return tell_failure(c,
			    r == -EBADMSG                ? EXIT_FILTER
			    : r == -EDOM || r == -ENOMEM ? EXIT_FAILED
							 : EXIT_USAGE,
			    &e);
}

/* Whether there is nothing to choose from; tells what is missing. */
static bool is_nothing(const struct cli *c, const struct selection *sel, bool wants_states)
{
	struct err e;

	if (sel->tables && sel->families && sel->states)
		return false;
	(void)err_say(&e, 0, "no %s to show with such filter.",
		      !sel->tables     ? "socket tables"
		      : !sel->families ? "families"
				       : "socket states");
	(void)tell_failure(c, 0, &e);
	return !sel->tables || !sel->families || wants_states;
}

/* The overview tells what is in no table where it is about all there is. */
static bool wants_unbound(const struct cli *c, const struct chosen *x)
{
	bool is_narrowed = c->q.select.tables || c->q.select.families || c->q.select.has_query ||
			   x->has_words || request_has(&c->q, FEATURE_SELECTED) ||
			   host_has_own_tables(c->host);

	return request_has(&c->q, FEATURE_UNBOUND) ||
	       (request_has(&c->q, FEATURE_OVERVIEW) && !is_narrowed &&
		(c->past ? past_has_unbound(c->past) : c->host->is_live));
}

bool chosen_read(struct cli *c, const struct sv *words, size_t n_words, bool wants_states, struct chosen *ret,
		 int *ret_status)
{
	struct err e;
	int r = select_words(&c->q.select, words, n_words, &e);

	*ret = (struct chosen){};
	*ret_status = 0;
	if (r < 0) {
		*ret_status = tell_failure(c, EXIT_USAGE, &e);
		return false;
	}
	words += r;
	n_words -= (size_t)r;
	ret->has_words = n_words || c->q.filter_file;
	if (request_has(&c->q, FEATURE_UNBOUND) ||
	    (request_has(&c->q, FEATURE_OVERVIEW) && !c->q.select.has_mask))
		select_states(&c->q.select, STATES_ALL);
	if (request_has(&c->q, FEATURE_PORTS))
		r = port_words_select(&c->q.select, &ret->sel, &e);
	else
		select_complete(&c->q.select, &ret->sel);
	if (r < 0) {
		*ret_status = tell_failure(c, EXIT_USAGE, &e);
		return false;
	}
	if (c->past && !request_has(&c->q, FEATURE_SELECTED))
		past_narrow(c->past, &ret->sel);
	if (c->past && request_has(&c->q, FEATURE_UNBOUND))
		ret->sel.tables = 0; /* which of them the others had was found out then */
	if (wants_unbound(c, ret))
		select_unbound(&ret->sel);
	if (is_nothing(c, &ret->sel, wants_states))
		return false;
	if (c->q.show & SHOW_RESOLVE && !(c->q.show & SHOW_NUMERIC))
		names_want_programs(c->host->names);
	*ret_status = parse_filter(c, &ret->sel, words, n_words, &ret->filter);
	c->filter = ret->filter;
	return *ret_status == 0;
}

void chosen_settle(struct cli *c, struct chosen *x)
{
	filter_note(x->filter, &c->notes);
	if (filter_has_states(x->filter) && !c->q.select.has_mask)
		x->sel.states = STATES_ALL; /* those that the filter takes */
}

void chosen_done(struct chosen *x)
{
	(void)filter_free(x->filter);
}
