/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/diagnosis.h"

#include <errno.h>
#include <math.h>

#include "base/hash.h"
#include "doctor/advice.h"
#include "model/value.h"

enum { QUIET_MAX = 2 }; /* samples in which a finding that is not seen any more is still told */

static void finding_done(struct finding *f)
{
	for (size_t i = 0; i < FINDING_TEXTS; i++)
		free(f->text[i]);
}

static void verdicts_done(struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].why);
	free(v);
}

void diagnosis_done(struct diagnosis *d)
{
	for (size_t i = 0; i < d->n; i++)
		finding_done(&d->v[i]);
	free(d->v);
	verdicts_done(d->skipped, d->n_skipped);
	verdicts_done(d->fine, d->n_fine);
	free(d->host);
	free(d->kernel);
	*d = (struct diagnosis){};
}

/* Takes what was made in @t, nothing for an empty one. Returns 0 or -ENOMEM. */
static int take_text(struct finding *f, enum finding_text what, struct text *t)
{
	text_char(t, '\0');
	if (t->failed) {
		text_done(t);
		return -ENOMEM;
	}
	if (t->len > 1)
		f->text[what] = t->p;
	else
		text_done(t);
	return 0;
}

/* The lines of which all numbers are known. */
static int put_evidence(struct finding *f, const struct scope *s)
{
	const char *rest = s->rule->evidence;
	struct text t = {};
	struct sv line;

	while ((line = rule_line(&rest)).p) {
		if (!scope_can_fill(s, line))
			continue;
		if (t.len)
			text_char(&t, '\n');
		scope_fill(s, line, &t);
	}
	return take_text(f, FINDING_EVIDENCE, &t);
}

static int fill(struct finding *f, enum finding_text what, const struct scope *s, const char *template)
{
	struct text t = {};

	if (template)
		scope_fill(s, sv(template), &t);
	return take_text(f, what, &t);
}

/* What the first of @names that the group has says, as programs read it. */
static int copy_cell(struct finding *f, enum finding_text what, const struct scope *s,
		     const char *const *names)
{
	struct text t = {};

	for (; *names && !t.len; names++) {
		const struct cell *c = scope_cell(s, *names);

		if (c && value_is_there(c))
			value_put_human(&t, &s->columns[c - s->cells], &c->val);
	}
	return take_text(f, what, &t);
}

static int copy_owner(struct finding *f, const struct scope *s)
{
	static const struct {
		enum finding_text what;
		const char *names[3];
	} parts[] = {
		{ FINDING_PROCESS, { "process.name", "any(process.name)" } },
		{ FINDING_PID, { "process.pid", "any(process.pid)" } },
		{ FINDING_UNIT, { "unit", "any(unit)" } },
		{ FINDING_CONTAINER, { "container.name", "any(container.name)" } },
		{ FINDING_USER, { "user", "any(user)" } },
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts) && r == 0; i++)
		r = copy_cell(f, parts[i].what, s, parts[i].names);
	return r;
}

/* Of what the group is known by: the keys, which stand before "count", but for numbers that change. */
static uint64_t fingerprint_of(const struct finding *f, const struct scope *s)
{
	struct text t = {};
	uint64_t h;

	text_str(&t, s->rule->id);
	if (!s->now->is_home)
		text_printf(&t, " %s", s->now->name);
	for (size_t i = 0; i < s->n && strcmp(s->columns[i].name, "count") != 0; i++) {
		const char *name = s->columns[i].name;

		if (!strcmp(name, "netns_id") || !strcmp(name, "netns") || !strcmp(name, "process.pid"))
			continue;
		text_char(&t, '\0');
		if (value_is_there(&s->cells[i]))
			value_put_line(&t, &s->columns[i], &s->cells[i].val);
	}
	h = t.failed ? f->netns : hash_bytes(sv_n(t.p, t.len));
	text_done(&t);
	return h;
}

static int copy_netns(struct finding *f, const struct scope *s)
{
	struct text t = {};

	if (!s->now->is_home)
		text_str(&t, s->now->name);
	return take_text(f, FINDING_NETNS, &t);
}

/* The command that shows it, where it is. */
static int put_next(struct finding *f, const struct scope *s)
{
	static const char begin[] = "ss ";
	struct sv next = sv(s->rule->next);
	struct text t = {};

	if (!s->now->is_home && sv_is(sv_first(next, strlen(begin)), begin)) {
		text_str(&t, "ss -N ");
		advice_put_quoted(&t, sv(s->now->name));
		text_char(&t, ' ');
		next = sv_from(next, strlen(begin));
	}
	scope_fill(s, next, &t);
	return take_text(f, FINDING_NEXT, &t);
}

static int put_advice(struct finding *f, const struct scope *s)
{
	struct text t = {};
	int r = advice_put(s, s->rule->dos, &t);

	return r < 0 ? r : take_text(f, FINDING_DO, &t);
}

static int put_command(struct finding *f, const struct scope *s)
{
	struct text t = {};

	advice_put_command(s, &t);
	return take_text(f, FINDING_COMMAND, &t);
}

static int make(struct finding *f, const struct scope *s)
{
	const struct {
		enum finding_text what;
		const char *template;
	} texts[] = {
		{ FINDING_TITLE, s->rule->title },
		{ FINDING_CAUSE, s->rule->cause },
		{ FINDING_DONT, s->rule->donts },
		{ FINDING_NORMAL, s->rule->normal },
	};
	const struct cell *count = scope_cell(s, "count");
	int r = copy_netns(f, s);

	f->netns = s->now->is_home ? 0 : s->now->netns;
	f->fingerprint = fingerprint_of(f, s);
	f->size = count && count->is_there ? val_number(&count->val) : 1;
	for (size_t i = 0; i < ARRAY_SIZE(texts) && r == 0; i++)
		r = fill(f, texts[i].what, s, texts[i].template);
	if (r == 0)
		r = put_evidence(f, s);
	if (r == 0)
		r = put_next(f, s);
	if (r == 0)
		r = put_advice(f, s);
	if (r == 0)
		r = put_command(f, s);
	return r < 0 ? r : copy_owner(f, s);
}

static struct finding *add_room(struct diagnosis *d)
{
	struct finding *v = reallocarray(d->v, d->n + 1, sizeof(*v));

	if (v)
		d->v = v;
	return v ? &v[d->n] : NULL;
}

static size_t count_of(const struct diagnosis *d, enum rule_id rule)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].rule == rule;
	return n;
}

int diagnosis_add(struct diagnosis *d, const struct scope *s, enum severity severity)
{
	enum rule_id rule = (enum rule_id)(s->rule - rules);
	struct finding *f;
	int r;

	if (count_of(d, rule) == FINDINGS_MAX) {
		d->n_more[rule]++;
		return 0;
	}
	f = add_room(d);
	if (!f)
		return -ENOMEM;
	*f = (struct finding){ .rule = rule, .severity = severity, .explained_by = RULE_MAX };
	r = make(f, s);
	if (r < 0)
		finding_done(f);
	else
		d->n++;
	return r;
}

static int add_verdict(struct verdict **v, size_t *n, enum rule_id rule, struct sv why)
{
	struct verdict *grown = reallocarray(*v, *n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*v = grown;
	grown[*n] = (struct verdict){ .rule = rule, .why = strndup(why.p, why.len) };
	if (!grown[*n].why)
		return -ENOMEM;
	++*n;
	return 0;
}

int diagnosis_skip(struct diagnosis *d, enum rule_id rule, struct sv why, bool is_wanted)
{
	int r = add_verdict(&d->skipped, &d->n_skipped, rule, why);

	if (r == 0)
		d->skipped[d->n_skipped - 1].is_wanted = is_wanted;
	return r;
}

int diagnosis_fine(struct diagnosis *d, enum rule_id rule, struct sv why)
{
	return add_verdict(&d->fine, &d->n_fine, rule, why);
}

/* Whether there is one in the network namespace of @f that explains it. */
static enum rule_id find_cause(const struct diagnosis *d, const struct finding *f)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *of = &d->v[i];

		if (of->rule != f->rule && of->netns == f->netns && of->severity > SEVERITY_INFO &&
		    rule_is_in(rules[of->rule].explains, rules[f->rule].id))
			return of->rule;
	}
	return RULE_MAX;
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if ((x->explained_by == RULE_MAX) != (y->explained_by == RULE_MAX))
		return x->explained_by == RULE_MAX ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->fingerprint < y->fingerprint ? -1 : x->fingerprint > y->fingerprint;
}

void diagnosis_settle(struct diagnosis *d)
{
	for (size_t i = 0; i < d->n; i++)
		d->v[i].explained_by = find_cause(d, &d->v[i]);
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), compare);
}

const struct finding *diagnosis_find(const struct diagnosis *d, const struct finding *f)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].rule == f->rule && d->v[i].fingerprint == f->fingerprint)
			return &d->v[i];
	return NULL;
}

int diagnosis_carry(struct diagnosis *d, struct diagnosis *last)
{
	for (size_t i = 0; i < last->n; i++) {
		struct finding *old = &last->v[i], *f;

		if (old->n_quiet == QUIET_MAX || diagnosis_find(d, old))
			continue;
		f = add_room(d);
		if (!f)
			return -ENOMEM;
		*f = *old;
		f->is_carried = true;
		f->n_quiet++;
		memset(old->text, 0, sizeof(old->text));
		d->n++;
	}
	return 0;
}

int diagnosis_compare(struct diagnosis *d, const struct diagnosis *base, struct sv when)
{
	for (size_t i = 0; i < d->n; i++) {
		struct finding *f = &d->v[i];

		if (diagnosis_find(base, f) || f->text[FINDING_SINCE])
			continue;
		f->text[FINDING_SINCE] = strndup(when.p, when.len);
		if (!f->text[FINDING_SINCE])
			return -ENOMEM;
	}
	return 0;
}

enum severity diagnosis_worst(const struct diagnosis *d)
{
	enum severity worst = SEVERITY_NONE;

	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].text[FINDING_SUPPRESSED] && d->v[i].severity > worst)
			worst = d->v[i].severity;
	return worst;
}
