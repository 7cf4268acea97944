/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sink/format/metric_name.h"

void page_add(struct page *p, enum metric_id id, struct sv labels, enum page_part part, double value)
{
	struct page_family *f = &p->families[id];

	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 8;
		struct page_sample *v = reallocarray(f->v, cap, sizeof(*v));

		if (!v) {
			p->has_failed = true;
			return;
		}
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n++] = (struct page_sample){
		.label = p->labels.len, .label_len = labels.len, .part = part, .value = value
	};
	p->n_series++;
	text_sv(&p->labels, labels);
}

bool page_has(const struct page *p, enum metric_id id, struct sv labels)
{
	const struct page_family *f = &p->families[id];

	for (size_t i = 0; i < f->n && !p->labels.failed; i++)
		if (sv_eq(sv_n(p->labels.p + f->v[i].label, f->v[i].label_len), labels))
			return true;
	return false;
}

/* Whole numbers as such, others so that reading them gives the same. */
static void put_number(struct text *t, double v)
{
	char s[32];

	if (v >= 0 && v < 9007199254740992.0 && v == (double)(uint64_t)v) {
		text_u64(t, (uint64_t)v);
		return;
	}
	for (int digits = 6; digits <= 17; digits++) {
		(void)snprintf(s, sizeof(s), "%.*g", digits, v);
		if (strtod(s, NULL) == v)
			break;
	}
	text_str(t, s);
}

/* What lives now can become less: OpenMetrics has a kind for that, and the text format has none. */
static const char *kind_of(const struct metric *f, enum page_form form)
{
	switch (f->kind) {
	case METRIC_COUNTER: return "counter";
	case METRIC_HISTOGRAM: return form == PAGE_OPENMETRICS ? "gaugehistogram" : "histogram";
	case METRIC_GAUGE: break;
	}
	return "gauge";
}

static const char *suffix_of(enum page_part part, enum page_form form)
{
	switch (part) {
	case SAMPLE_BUCKET: return "_bucket";
	case SAMPLE_SUM: return form == PAGE_OPENMETRICS ? "_gsum" : "_sum";
	case SAMPLE_COUNT: return form == PAGE_OPENMETRICS ? "_gcount" : "_count";
	case SAMPLE_VALUE: break;
	}
	return "";
}

static void make_name(const struct metric *f, enum page_form form, struct metric_name *ret)
{
	*ret = (struct metric_name){ .kind = kind_of(f, form), .unit = f->unit };
	text_printf(&ret->sample, "sockeye_%s%s%s", f->name, f->unit ? "_" : "", f->unit ? f->unit : "");
	ret->family = ret->sample.len;
	if (f->kind == METRIC_COUNTER)
		text_str(&ret->sample, "_total");
	text_str(&ret->help, f->help);
}

static void put_family(const struct page *p, enum metric_id id, enum page_form form, struct text *ret)
{
	const struct page_family *f = &p->families[id];
	struct metric_name name;

	if (!f->n)
		return;
	make_name(&metrics[id], form, &name);
	metric_name_put_head(&name, form == PAGE_TEXT, ret);
	for (size_t i = 0; i < f->n; i++) {
		const struct page_sample *s = &f->v[i];

		text_put(ret, name.sample.p, name.sample.len);
		text_str(ret, suffix_of(s->part, form));
		if (s->label_len) {
			text_char(ret, '{');
			text_put(ret, p->labels.p + s->label, s->label_len);
			text_char(ret, '}');
		}
		text_char(ret, ' ');
		put_number(ret, s->value);
		text_char(ret, '\n');
	}
	if (metric_name_has_failed(&name))
		text_fail(ret);
	metric_name_done(&name);
}

void page_put(const struct page *p, enum page_form form, struct text *ret)
{
	if (p->has_failed || p->labels.failed) {
		text_fail(ret);
		return;
	}
	for (enum metric_id id = 0; id < METRIC_MAX; id++)
		put_family(p, id, form, ret);
	if (form == PAGE_OPENMETRICS)
		text_str(ret, "# EOF\n");
}

void page_done(struct page *p)
{
	for (enum metric_id id = 0; id < METRIC_MAX; id++)
		free(p->families[id].v);
	text_done(&p->labels);
	*p = (struct page){};
}

const char *page_media_type(enum page_form form)
{
	return form == PAGE_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
					: "text/plain; version=0.0.4; charset=utf-8";
}
