/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * A diagnosis for people: the gravest finding in full, the others as far as a screen goes.
 */

#include "doctor/form.h"
#include "doctor/wrap.h"

enum { INDENT = 10, LINES_FULL = 14, LINES_SHORT = 2, LINES_REST = 4 };

static void put_lines(struct text *t, const char *what, const char *lines, size_t max,
		      const struct form_opts *o)
{
	wrap_put_lines(t, what, INDENT, lines, max, o->screen);
}

static void put_head(struct text *t, const struct finding *f, const struct form_opts *o)
{
	struct text title = {};

	text_str(&title, rules[f->rule].id);
	text_printf(&title, " %s", f->text[FINDING_TITLE]);
	if (f->text[FINDING_NETNS])
		text_printf(&title, " (in %s)", f->text[FINDING_NETNS]);
	if (f->text[FINDING_SINCE])
		text_printf(&title, ", %s", f->text[FINDING_SINCE]);
	if (f->is_carried)
		text_str(&title, ", until a moment ago");
	wrap_put_made(t, severity_name(f->severity), INDENT, &title, o->screen);
}

/* What follows from it, by their ids and titles. */
static void put_consequences(struct text *t, const struct diagnosis *d, const struct finding *f,
			     const struct form_opts *o)
{
	struct text list = {};

	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].explained_by == f->rule && d->v[i].netns == f->netns)
			text_printf(&list, "%s%s %s", list.len ? "; " : "", rules[d->v[i].rule].id,
				    d->v[i].text[FINDING_TITLE]);
	wrap_put_made(t, "  hence", INDENT, &list, o->screen);
}

static void put_full(struct text *t, const struct diagnosis *d, const struct finding *f,
		     const struct form_opts *o)
{
	size_t max = o->wants_all ? SIZE_MAX : 2;

	put_head(t, f, o);
	put_lines(t, "  seen", f->text[FINDING_EVIDENCE], max, o);
	put_lines(t, "  why", f->text[FINDING_CAUSE], max, o);
	put_lines(t, "  do", f->text[FINDING_DO], max, o);
	put_lines(t, "  not", f->text[FINDING_DONT], o->wants_all ? max : 1, o);
	put_lines(t, "  look", f->text[FINDING_NEXT], 1, o);
	if (o->wants_all) {
		put_lines(t, "  normal", f->text[FINDING_NORMAL], 1, o);
		put_lines(t, "  numbers", f->text[FINDING_COMMAND], max, o);
	}
	put_consequences(t, d, f, o);
	if (f->text[FINDING_SUPPRESSED])
		put_lines(t, "  quiet", f->text[FINDING_SUPPRESSED], 1, o);
}

static size_t count_lines(const struct text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		n += t->p[i] == '\n';
	return n;
}

/* Whether it is for the default view. */
static bool is_shown(const struct finding *f, const struct form_opts *o)
{
	return o->wants_all ||
	       (f->severity > SEVERITY_INFO && f->explained_by == RULE_MAX && !f->text[FINDING_SUPPRESSED]);
}

static void put_count(struct text *t, size_t n, const char *one, const char *many)
{
	if (n)
		text_printf(t, "%s%zu %s", t->len ? "; " : "", n, n == 1 ? one : many);
}

/* What is not shown, and where it is. */
static void put_end(struct text *t, const struct diagnosis *d, const struct form_opts *o, size_t n_left)
{
	size_t n[SEVERITY_CRITICAL + 1] = {}, n_quiet = 0, n_hence = 0, n_skipped = 0;
	struct text line = {}, more = {};

	for (size_t i = 0; i < d->n; i++) {
		if (d->v[i].text[FINDING_SUPPRESSED])
			n_quiet++;
		else if (d->v[i].explained_by != RULE_MAX)
			n_hence++;
		else
			n[d->v[i].severity]++;
	}
	for (size_t i = 0; i < d->n_skipped; i++)
		n_skipped += !d->skipped[i].is_wanted;
	put_count(&line, n[SEVERITY_CRITICAL], "critical", "critical");
	put_count(&line, n[SEVERITY_WARNING], "warning", "warnings");
	if (!line.len)
		text_str(&line, "nothing is wrong");
	put_count(&line, n_left, "more is not shown", "more are not shown");
	put_count(&line, n_hence, "follows from these", "follow from these");
	put_count(&line, n[SEVERITY_INFO], "for information", "for information");
	put_count(&line, n_quiet, "suppressed", "suppressed");
	put_count(&line, n_skipped, "rule could not be asked", "rules could not be asked");
	wrap_put_made(t, "", 0, &line, o->screen);
	if (!o->wants_all && (n_left || n[SEVERITY_INFO] || n_quiet || n_skipped))
		text_str(&more, "say --doctor=all to see it all");
	wrap_put_made(t, "", 0, &more, o->screen);
}

/* One in a line, or with the others of its set when there is nothing to say of it. */
static void put_verdicts(struct text *t, const char *what, const struct verdict *v, size_t n,
			 const struct form_opts *o)
{
	for (size_t i = 0; i < n; i++) {
		struct text line = {};

		if (!v[i].why[0])
			continue;
		text_printf(&line, "%s %s: %s", rules[v[i].rule].id, rules[v[i].rule].name, v[i].why);
		wrap_put_made(t, what, INDENT, &line, o->screen);
	}
	for (enum rule_set set = 0; set < SET_MAX; set++) {
		struct text line = {};

		for (size_t i = 0; i < n; i++) {
			const struct rule *r = &rules[v[i].rule];

			if (!v[i].why[0] && r->set == set)
				text_printf(&line, "%s%s %s", line.len ? ", " : "", r->id, r->name);
		}
		wrap_put_made(t, what, INDENT, &line, o->screen);
	}
}

void form_put_text(const struct diagnosis *d, const struct form_opts *o, struct text *ret)
{
	size_t n_left = 0, n_full = 0;

	if (o->has_time) {
		text_str(ret, "# ");
		text_time(ret, d->at_us);
		text_char(ret, '\n');
	}
	for (size_t i = 0; i < d->n; i++) {
		size_t lines = count_lines(ret);

		if (!is_shown(&d->v[i], o))
			continue;
		if (o->wants_all || !o->rows || !n_full || lines + LINES_FULL + LINES_REST <= o->rows) {
			put_full(ret, d, &d->v[i], o);
			n_full++;
		} else if (lines + LINES_SHORT + LINES_REST <= o->rows) {
			put_head(ret, &d->v[i], o);
		} else {
			n_left++;
		}
	}
	if (o->wants_all) {
		put_verdicts(ret, "ok", d->fine, d->n_fine, o);
		put_verdicts(ret, "skipped", d->skipped, d->n_skipped, o);
	}
	put_end(ret, d, o, n_left);
}
