/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * One line for monitoring plugins: a word, what is wrong, and behind a bar the performance data
 * 'label'=value, by the guidelines of the Monitoring Plugins project.
 */

#include "base/utf8.h"
#include "doctor/form.h"

/* The bar separates, and quotes enclose. */
static void put_plain(struct text *t, const char *s)
{
	for (; *s; s++)
		text_char(t, *s == '|' || *s == '\n' ? '/' : *s);
}

void form_put_monitoring(const struct diagnosis *d, const struct form_opts *o, struct text *ret)
{
	static const char *const words[] = { "OK", "OK", "WARNING", "CRITICAL" };
	size_t n[SEVERITY_CRITICAL + 1] = {}, n_told = 0, start = ret->len;

	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].text[FINDING_SUPPRESSED] && d->v[i].explained_by == RULE_MAX)
			n[d->v[i].severity]++;
	text_printf(ret, "SOCKETS %s",
		    o->notes && !notes_is_whole(o->notes) && diagnosis_worst(d) < SEVERITY_WARNING
			    ? "UNKNOWN"
			    : words[diagnosis_worst(d)]);
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		if (f->severity < SEVERITY_WARNING || f->text[FINDING_SUPPRESSED] ||
		    f->explained_by != RULE_MAX)
			continue;
		text_printf(ret, "%s%s ", n_told++ ? "; " : " - ", rules[f->rule].id);
		put_plain(ret, f->text[FINDING_TITLE]);
	}
	utf8_make_safe_from(ret, start);
	if (!n_told)
		text_str(ret, " - nothing is wrong");
	text_printf(ret, " | critical=%zu;;0;0 warning=%zu;0;;0 info=%zu;;;0 skipped=%zu;;;0\n",
		    n[SEVERITY_CRITICAL], n[SEVERITY_WARNING], n[SEVERITY_INFO], d->n_skipped);
}
