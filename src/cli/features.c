/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/features.h"

#include <errno.h>

#include "base/cleanup.h"
#include "doctor/form.h"
#include "model/event.h"
#include "sink/format/formats.h"

typedef unsigned __int128 features;

_Static_assert(FEATURE_MAX <= 128, "a set of features is 128 bits");

#define BIT(f) ((f) == FEATURE_NONE ? (features)0 : (features)1 << (f))

/* clang-format off */
/* The names that modes.def has for them, and for sets of them. */
#define FEATURE(id, ...) static const features id __attribute__((unused)) = BIT(FEATURE_##id);
#include "cli/modes.def"
#define SET(id, set) static const features id __attribute__((unused)) = (set);
#include "cli/modes.def"

static const struct {
	enum feature other;
	const char *text;
} instead[] = {
#define FEATURE(id, f, t) [FEATURE_##id] = { .other = FEATURE_##f, .text = (t) },
#include "cli/modes.def"
};

static const struct clash {
	features cannot;
	const char *why;
	enum feature feature;
	bool is_mode; /* .why is a sentence about it */
} clashes[] = {
#define MODE(id, f, set, text) { .feature = FEATURE_##f, .cannot = (set), .why = (text), .is_mode = true },
#define CLASH(f, set, text) { .feature = FEATURE_##f, .cannot = (set), .why = (text) },
#include "cli/modes.def"
};

static const struct {
	enum feature feature, other;
	const char *what;
} needs[] = {
#define NEED(f, g, text) { .feature = FEATURE_##f, .other = FEATURE_##g, .what = (text) },
#include "cli/modes.def"
};
/* clang-format on */

static features said(const struct request *q)
{
	features set = 0;

	for (enum feature f = 0; f < FEATURE_MAX; f++)
		set |= request_has(q, f) ? BIT(f) : 0;
	return set;
}

/* @set is not empty. */
static enum feature first_of(features set)
{
	enum feature f = 0;

	while (!(set >> f & 1))
		f++;
	return f;
}

bool request_has_records(const struct request *q)
{
	return said(q) & (COLUMNED | OVERVIEW | PORTS | UNBOUND | TRACE | DIFF | PARTIAL);
}

bool request_is_new(const struct request *q)
{
	return q->is_new_refused || said(q) & (RECORDS | OVERVIEW | PORTS | WATCH | UNBOUND | TRACE | EVERY |
					       LIVE | CAPTURE | FROM | DIFF | DOCTOR | METRICS | RULES |
					       TIMESTAMP | FIELDS | SCHEMA | PARTIAL | MERGE | HOSTS);
}

/* The summary as records, or with a time: nothing else belongs to such an answer. */
static void derive_totals(struct request *q)
{
	static const enum feature with[] = { FEATURE_FORMAT, FEATURE_EVERY, FEATURE_SINCE, FEATURE_UNTIL,
					     FEATURE_TIMESTAMP };

	for (size_t i = 0; i < ARRAY_SIZE(with) && request_has(q, FEATURE_SUMMARY); i++) {
		if (!request_has(q, with[i]))
			continue;
		q->said[FEATURE_TOTALS] = q->said[FEATURE_SUMMARY];
		q->said[FEATURE_TOTALS].with = with[i];
		return;
	}
}

/* Findings have forms of their own, and not all of those that records have. */
static void derive_form(struct request *q)
{
	const struct form *form = q->tabulate.format ? form_find(sv(q->tabulate.format)) : NULL;

	if (request_has(q, FEATURE_FORMAT) && !form)
		q->said[FEATURE_UNDIAGNOSED] = q->said[FEATURE_FORMAT];
	if (form && form->is_ours)
		q->said[FEATURE_DIAGNOSED] = q->said[FEATURE_FORMAT];
}

/* Pages are in the formats for Prometheus, and about what the doctor finds, too. */
static void derive_metrics(struct request *q)
{
	const struct format *format = q->tabulate.format ? format_find(sv(q->tabulate.format)) : NULL;

	if (request_has(q, FEATURE_DOCTOR))
		q->said[FEATURE_JUDGED] = q->said[FEATURE_DOCTOR];
	if (!request_has(q, FEATURE_METRICS))
		return;
	q->said[FEATURE_JUDGED] = q->said[FEATURE_METRICS];
	q->said[FEATURE_DOCTOR] = (struct said){};
	if (q->metrics)
		q->said[FEATURE_SERVED] = q->said[FEATURE_METRICS];
	if (request_has(q, FEATURE_FORMAT) && (!format || format->page == FORMAT_NO_PAGE))
		q->said[FEATURE_UNMEASURED] = q->said[FEATURE_FORMAT];
}

/* What follows from several options, or from an argument. */
static void derive(struct request *q)
{
	const struct format *format = q->tabulate.format ? format_find(sv(q->tabulate.format)) : NULL;

	if (request_has(q, FEATURE_LIMIT) && (request_has(q, FEATURE_BY) || request_has(q, FEATURE_SORT))) {
		q->said[FEATURE_RANKED] = q->said[FEATURE_LIMIT];
		q->said[FEATURE_RANKED].with = request_has(q, FEATURE_BY) ? FEATURE_BY : FEATURE_SORT;
	}
	derive_totals(q);
	/* What is recorded then is no machine. */
	if (request_has(q, FEATURE_REDACT) && request_has(q, FEATURE_FROM) &&
	    request_has(q, FEATURE_CAPTURE)) {
		q->said[FEATURE_COPY] = q->said[FEATURE_CAPTURE];
		q->said[FEATURE_CAPTURE] = (struct said){};
	}
	/* What is wrong shows in what is in memory; a file grows whatever is found. */
	if (request_has(q, FEATURE_DOCTOR) && request_has(q, FEATURE_CAPTURE) &&
	    !request_has(q, FEATURE_FLIGHT))
		q->said[FEATURE_UNWATCHED] = q->said[FEATURE_CAPTURE];
	/* A recording has nothing of what -E tells by itself. */
	if (request_has(q, FEATURE_EVENTS) &&
	    (request_has(q, FEATURE_FROM) || request_has(q, FEATURE_CAPTURE))) {
		q->said[FEATURE_TRACE] = q->said[FEATURE_EVENTS];
		q->said[FEATURE_EVENTS] = (struct said){};
		q->events = EVENTS_ALL;
	}
	if (request_has(q, FEATURE_TRACE) && request_has(q, FEATURE_EVERY) && !request_has(q, FEATURE_BY) &&
	    !request_has(q, FEATURE_CAPTURE))
		q->said[FEATURE_PACED] = q->said[FEATURE_EVERY];
	if (q->watch > WATCH_EXISTS)
		q->said[FEATURE_AWAITED] = q->said[FEATURE_WATCH];
	if (q->source == SOURCE_PROC)
		q->said[FEATURE_AS_TEXT] = q->said[FEATURE_SOURCE];
	derive_form(q);
	derive_metrics(q);
	if (format && !format->has_lists)
		q->said[FEATURE_ONE_LIST] = q->said[FEATURE_FORMAT];
	if (format && format->is_graph)
		q->said[FEATURE_GRAPH] = q->said[FEATURE_FORMAT];
	if (format && format->is_of_time) {
		q->said[FEATURE_OF_TIME] = q->said[FEATURE_FORMAT];
		q->want_time = true;
	}
	if (format && format->is_at_end)
		q->said[FEATURE_AT_END] = q->said[FEATURE_FORMAT];
}

void said_put(const struct said *s, bool has_arg, struct text *t)
{
	if (s->is_letter)
		text_printf(t, "-%c", s->def->letter);
	else
		text_printf(t, "--%s", s->def->name);
	if (has_arg && s->arg)
		text_printf(t, "%c%s", s->is_letter ? ' ' : '=', s->arg);
}

/* An argument that is one of few words is part of the name. */
static void put_name(struct text *t, const struct request *q, enum feature f)
{
	const struct said *s = &q->said[f];

	said_put(s,
		 (s->def->arg && strchr(s->def->arg, '|')) || s->def->id == OPTION_FORMAT ||
			 f == FEATURE_OVERVIEW || f == FEATURE_ALL_NETNS || f == FEATURE_TRACE,
		 t);
	if (s->with != FEATURE_NONE) {
		text_str(t, " with ");
		said_put(&q->said[s->with], false, t);
	}
}

/* Whether iproute2's ss has no such thing; --summary=full and "-N all" are arguments that it does not
 * know, as is the list of --events.
 */
static bool is_ours(const struct request *q, enum feature f)
{
	return q->said[f].def->is_ours || f == FEATURE_OVERVIEW || f == FEATURE_ALL_NETNS ||
	       f == FEATURE_TRACE;
}

static int refuse(struct request *q, const struct clash *rule, enum feature other, struct err *e)
{
	bool has_instead = instead[other].text && rule->feature != instead[other].other &&
			   !(rule->cannot & BIT(instead[other].other));
	struct text a = {}, b = {};

	put_name(&a, q, rule->feature);
	put_name(&b, q, other);
	q->is_new_refused |= is_ours(q, rule->feature) || is_ours(q, other);
	(void)err_say(e, 0, "%.*s and %.*s do not go together: %.*s%s%s%s%s", (int)a.len, a.p, (int)b.len,
		      b.p, rule->is_mode ? (int)a.len : 0, a.p, rule->is_mode ? " " : "", rule->why,
		      has_instead ? "; " : "", has_instead ? instead[other].text : "");
	text_done(&a);
	text_done(&b);
	return -EINVAL;
}

static int refuse_alone(struct request *q, enum feature f, const char *what, struct err *e)
{
	struct text t = {};

	put_name(&t, q, f);
	q->is_new_refused |= is_ours(q, f);
	(void)err_say(e, 0, "%.*s is for %s", (int)t.len, t.p, what);
	text_done(&t);
	return -EINVAL;
}

int modes_check(struct request *q, struct err *e)
{
	features all;

	derive(q);
	all = said(q);
	for (size_t i = 0; i < ARRAY_SIZE(clashes); i++) {
		features cannot = all & BIT(clashes[i].feature) ? all & clashes[i].cannot : 0;

		if (cannot)
			return refuse(q, &clashes[i], first_of(cannot), e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (all & BIT(needs[i].feature) && !(all & BIT(needs[i].other)))
			return refuse_alone(q, needs[i].feature, needs[i].what, e);
	return 0;
}
