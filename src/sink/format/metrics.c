/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * A page for Prometheus: each amount is a metric, everything else its labels. All lists make one page, in
 * which the samples of a metric have to stand together, and of those the ones with the same labels: so they
 * are kept until the end.
 */
#include "sink/format/metrics.h"

#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/format/label_set.h"
#include "sink/format/metric_name.h"

struct point {           /* a sample of a list that has a time, or of a metric that counts records */
	uint64_t labels; /* the number of its label set */
	size_t at, len;  /* in .samples */
	size_t tail;     /* length of what is behind the count */
	uint64_t count;  /* 0: .samples has the value */
};

struct metric {
	struct metric_name name;
	struct text samples;
	struct point *points; /* in the order in which they came; none when there is no need */
	size_t n_points, cap_points;
};

enum { NO_METRIC = UINT32_MAX };

struct use {               /* what a column of the open list becomes */
	struct text label; /* empty when it is no label */
	uint32_t metric;   /* NO_METRIC when it is none */
};

struct page {
	struct tabular tabular;
	struct out *out;
	struct format_opts o;
	struct text common; /* labels of all samples */
	struct listing l;
	struct use *uses; /* by column */
	size_t n_uses;
	struct metric *metrics;
	size_t n_metrics, cap_metrics;
	struct label_sets sets;
	uint64_t run;      /* grows with the time of the lists */
	uint64_t n_series; /* in the page */
	uint64_t left_out; /* records without samples as there was no room for them */
	struct text stamp; /* the time of the list behind a blank */
	struct text labels, value;
	uint32_t tally; /* the metric that counts records, as they have no amounts, or NO_METRIC */
	bool is_text;   /* Prometheus' text format, and not OpenMetrics */
	bool is_full;   /* there was no room for a series */
	bool is_cut;    /* a label is */
	bool has_failed;
};

static bool is_same(const struct text *a, const struct text *b)
{
	return a->p && b->p && a->len && sv_eq(sv_n(a->p, a->len), sv_n(b->p, b->len));
}

static void metric_done(struct metric *m)
{
	metric_name_done(&m->name);
	text_done(&m->samples);
	free(m->points);
}

/* The metric called as @m, which it takes. Returns 0 or -ENOMEM. */
static int take_metric(struct page *p, struct metric *m, uint32_t *ret)
{
	struct metric *all = p->metrics;
	size_t i = 0, cap = p->cap_metrics ? 2 * p->cap_metrics : 16;

	while (i < p->n_metrics && !is_same(&m->name.sample, &all[i].name.sample))
		i++;
	if (i == p->n_metrics && i == p->cap_metrics && (all = reallocarray(all, cap, sizeof(*all)))) {
		p->metrics = all;
		p->cap_metrics = cap;
	}
	if (metric_name_has_failed(&m->name) || !all) {
		metric_done(m);
		return -ENOMEM;
	}
	if (i < p->n_metrics)
		metric_done(m);
	else
		all[p->n_metrics++] = *m;
	*ret = (uint32_t)i;
	return 0;
}

static void forget_uses(struct page *p)
{
	for (size_t i = 0; i < p->n_uses; i++)
		text_done(&p->uses[i].label);
	free(p->uses);
	p->uses = NULL;
	p->n_uses = 0;
}

/* What column @i becomes; one asked for twice is there once. */
static int make_use(struct page *p, const struct listing *l, size_t i, bool is_computed)
{
	const struct column *c = &l->columns[i];
	struct use *use = &p->uses[i];
	struct metric m = {};

	*use = (struct use){ .metric = NO_METRIC };
	if (!value_is_amount(c) || (is_computed && c->field < F_MAX)) {
		metric_put_word(&use->label, c->name);
		for (size_t k = 0; k < i; k++)
			if (is_same(&use->label, &p->uses[k].label))
				use->label.len = 0;
		return use->label.failed ? -ENOMEM : 0;
	}
	metric_name_column(c, &m.name);
	if (take_metric(p, &m, &use->metric) < 0)
		return -ENOMEM;
	for (size_t k = 0; k < i; k++)
		if (p->uses[k].metric == use->metric)
			use->metric = NO_METRIC;
	return 0;
}

static int make_uses(struct page *p, const struct listing *l)
{
	bool is_computed = false, has_amounts = false;
	struct metric tally = {};
	int r = 0;

	forget_uses(p);
	p->uses = calloc(l->n + 1, sizeof(*p->uses));
	if (!p->uses)
		return -ENOMEM;
	p->n_uses = l->n;
	for (size_t i = 0; i < l->n; i++)
		is_computed |= l->columns[i].field >= F_MAX;
	for (size_t i = 0; i < l->n && r == 0; i++) {
		r = make_use(p, l, i, is_computed);
		has_amounts |= p->uses[i].metric != NO_METRIC;
	}
	p->tally = NO_METRIC;
	if (r < 0 || has_amounts)
		return r;
	metric_name_records(l->name, &tally.name);
	return take_metric(p, &tally, &p->tally);
}

static void put_seconds(struct text *t, uint64_t v, unsigned int decimals)
{
	uint64_t unit = decimals == 6 ? 1000000 : 1000, rest = v % unit;

	text_u64(t, v / unit);
	if (rest)
		text_printf(t, ".%0*llu", (int)decimals, (unsigned long long)rest);
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct page *p = (struct page *)t;
	bool is_same_list =
		p->uses && l->columns == p->l.columns && l->n == p->l.n && !strcmp(l->name, p->l.name);

	if (!is_same_list && make_uses(p, l) < 0) {
		forget_uses(p);
		p->l = (struct listing){};
		p->has_failed = true;
		return -ENOMEM;
	}
	p->run += l->at_us != p->l.at_us;
	p->l = *l;
	p->stamp.len = 0;
	if (l->at_us) {
		text_char(&p->stamp, ' ');
		if (p->is_text)
			text_u64(&p->stamp, l->at_us / 1000);
		else
			put_seconds(&p->stamp, l->at_us, 6);
	}
	p->has_failed |= p->stamp.failed;
	return p->has_failed ? -ENOMEM : 0;
}

static int make_labels(struct page *p, const struct cell *cells)
{
	p->labels.len = 0;
	text_put(&p->labels, p->common.p, p->common.len);
	if (p->o.has_lists)
		(void)metric_put_label(&p->labels, sv("list"), sv(p->l.name));
	for (size_t i = 0; i < p->l.n; i++) {
		const struct text *label = &p->uses[i].label;

		if (!label->len)
			continue;
		p->value.len = 0;
		if (cells[i].is_other)
			text_str(&p->value, "\\other");
		else if (value_is_there(&cells[i]))
			value_put_line(&p->value, &p->l.columns[i], &cells[i].val);
		if (p->value.len)
			p->is_cut |= metric_put_label(&p->labels, sv_n(label->p, label->len),
						      sv_n(p->value.p, p->value.len));
	}
	return p->labels.failed || p->value.failed ? -ENOMEM : 0;
}

/* What is known of the labels at hand, NULL where they are new and there is no room. Returns 0 or -ENOMEM. */
static int see_labels(struct page *p, struct label_set **ret)
{
	const struct sv labels = sv_n(p->labels.p, p->labels.len);

	*ret = NULL;
	if (p->is_full && !label_set_is_known(&p->sets, labels))
		return 0;
	*ret = label_set_see(&p->sets, labels, p->run);
	return *ret ? 0 : -ENOMEM;
}

/* As see_labels(). No two samples of one time may have the same labels: the second of a kind gets one more.
 */
static int make_unique(struct page *p, struct label_set **ret)
{
	static const char repeat[] = "repeat=\"";
	int r = see_labels(p, ret);

	if (r < 0 || !*ret || (*ret)->n == 1)
		return r;
	if (p->labels.len)
		text_char(&p->labels, ',');
	text_put(&p->labels, repeat, sizeof(repeat) - 1);
	text_u64(&p->labels, (*ret)->n);
	text_char(&p->labels, '"');
	return p->labels.failed ? -ENOMEM : see_labels(p, ret);
}

/* Whether @n series of @set have room in the page; if not so, the record that they are of is left out. */
static bool take_room(struct page *p, struct label_set *set, uint64_t n)
{
	uint64_t more = set && n > set->n_series ? n - set->n_series : 0;

	p->is_full |= !set || p->n_series + more > METRICS_SERIES_MAX;
	if (!set || (more && p->is_full)) {
		p->left_out++;
		return false;
	}
	p->n_series += more;
	set->n_series += more;
	return true;
}

static void put_value(struct text *t, const struct column *c, const struct val *v)
{
	bool is_time = c->type == T_USEC || c->type == T_MSEC;
	struct val seconds = *v;

	if (is_time && v->kind == VAL_UINT) {
		put_seconds(t, v->u, c->type == T_USEC ? 6 : 3);
		return;
	}
	if (is_time && v->kind == VAL_REAL)
		seconds.d /= c->type == T_USEC ? 1e6 : 1e3;
	value_put_raw(t, c, &seconds);
}

static int add_point(struct metric *m, struct point p)
{
	size_t cap = m->cap_points ? 2 * m->cap_points : 16;
	struct point *points = m->points;

	if (m->n_points == m->cap_points) {
		points = reallocarray(points, cap, sizeof(*points));
		if (!points)
			return -ENOMEM;
		m->points = points;
		m->cap_points = cap;
	}
	points[m->n_points++] = p;
	return 0;
}

/* A sample of the labels at hand up to its value; returns where it begins. */
static size_t begin_sample(const struct page *p, struct metric *m)
{
	size_t start = m->samples.len;

	text_put(&m->samples, m->name.sample.p, m->name.sample.len);
	if (p->labels.len) {
		text_char(&m->samples, '{');
		text_put(&m->samples, p->labels.p, p->labels.len);
		text_char(&m->samples, '}');
	}
	text_char(&m->samples, ' ');
	return start;
}

/* A sample of the labels at hand, which are number @labels. */
static int put_sample(struct page *p, struct metric *m, uint64_t labels, const struct column *c,
		      const struct val *v)
{
	struct text *t = &m->samples;
	size_t start = begin_sample(p, m);

	put_value(t, c, v);
	text_put(t, p->stamp.p, p->stamp.len);
	text_char(t, '\n');
	if (t->failed)
		return -ENOMEM;
	return p->l.at_us
		       ? add_point(m, (struct point){ .labels = labels, .at = start, .len = t->len - start })
		       : 0;
}

/* A record without amounts is one more of those with its labels. */
static int count_record(struct page *p)
{
	struct metric *m = &p->metrics[p->tally];
	struct point point = { .count = 1 };
	struct label_set *set;
	int r = see_labels(p, &set);

	if (r < 0)
		return r;
	if (set && set->n > 1 && set->n_series) {
		m->points[set->point].count++;
		return 0;
	}
	if (!take_room(p, set, 1))
		return 0;
	set->point = m->n_points;
	point.labels = set->id;
	point.at = begin_sample(p, m);
	point.len = m->samples.len - point.at;
	point.tail = p->stamp.len + 1;
	text_put(&m->samples, p->stamp.p, p->stamp.len);
	text_char(&m->samples, '\n');
	return m->samples.failed ? -ENOMEM : add_point(m, point);
}

static int put_record(struct page *p, const struct cell *cells)
{
	struct label_set *set = NULL;
	uint64_t n = 0;
	int r = 0;

	for (size_t i = 0; i < p->l.n; i++)
		n += p->uses[i].metric != NO_METRIC && value_is_there(&cells[i]);
	if (!n)
		return 0;
	if (!p->is_full || p->l.at_us) /* else it is new, whatever its labels are */
		r = make_labels(p, cells) < 0 ? -ENOMEM : make_unique(p, &set);
	if (r < 0 || !take_room(p, set, n))
		return r;
	for (size_t i = 0; i < p->l.n && r == 0; i++)
		if (p->uses[i].metric != NO_METRIC && value_is_there(&cells[i]))
			r = put_sample(p, &p->metrics[p->uses[i].metric], set->id, &p->l.columns[i],
				       &cells[i].val);
	return r;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct page *p = (struct page *)t;
	int r;

	if (p->tally == NO_METRIC)
		r = put_record(p, cells);
	else
		r = make_labels(p, cells) < 0 ? -ENOMEM : count_record(p);
	p->has_failed |= r < 0;
	return r;
}

/* What stands above the samples of @n. */
static int write_head(struct page *p, const struct metric_name *n)
{
	p->value.len = 0;
	metric_name_put_head(n, p->is_text, &p->value);
	if (p->value.failed)
		return -ENOMEM;
	out_write(p->out, p->value.p, p->value.len);
	return p->out->error;
}

static int compare(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->labels != y->labels)
		return x->labels > y->labels ? 1 : -1;
	return x->at > y->at ? 1 : -1;
}

static int write_point(struct page *p, const struct metric *m, const struct point *at)
{
	const char *start = m->samples.p + at->at;

	out_write(p->out, start, at->len);
	if (!at->count)
		return p->out->error;
	p->value.len = 0;
	text_u64(&p->value, at->count);
	if (p->value.failed)
		return -ENOMEM;
	out_write(p->out, p->value.p, p->value.len);
	out_write(p->out, start + at->len, at->tail);
	return p->out->error;
}

static int write_metric(struct page *p, struct metric *m)
{
	int r = m->samples.len ? write_head(p, &m->name) : 0;

	if (r < 0)
		return r;
	if (m->n_points)
		qsort(m->points, m->n_points, sizeof(*m->points), compare);
	else
		out_write(p->out, m->samples.p, m->samples.len);
	for (size_t i = 0; i < m->n_points && r == 0; i++)
		r = write_point(p, m, &m->points[i]);
	return r < 0 ? r : p->out->error;
}

/* A metric about the answer, which has a sample whatever is in it. */
static int write_own(struct page *p, const char *name, const char *help, uint64_t value)
{
	struct metric m = { .name = { .kind = "gauge" } };
	int r = -ENOMEM;

	text_str(&m.name.sample, name);
	text_str(&m.name.help, help);
	m.name.family = m.name.sample.len;
	p->labels.len = 0;
	text_put(&p->labels, p->common.p, p->common.len);
	(void)begin_sample(p, &m);
	text_u64(&m.samples, value);
	text_char(&m.samples, '\n');
	if (!metric_name_has_failed(&m.name) && !m.samples.failed && !p->labels.failed)
		r = write_metric(p, &m);
	metric_done(&m);
	return r;
}

/* Nothing is held back for a list of its own. */
static int end_list(struct tabular *t)
{
	return ((struct page *)t)->out->error;
}

/* What the page itself leaves out. */
static void tell_notes(const struct page *p)
{
	if (!p->o.notes)
		return;
	if (p->left_out) {
		notes_add(
			p->o.notes, NOTE_WARNING,
			"%llu records have no samples, as a page for Prometheus has at most %d series; count "
			"with --by, choose with --columns or --limit, or take --format=ndjson",
			(unsigned long long)p->left_out, METRICS_SERIES_MAX);
		p->o.notes->is_partial = true;
	}
	if (p->is_cut)
		notes_add(p->o.notes, NOTE_WARNING,
			  "labels longer than %d bytes are cut, and end with \"...\"; --format=ndjson has "
			  "all of them",
			  LABEL_VALUE_MAX);
}

static int end(struct tabular *t, const struct notes *notes)
{
	struct page *p = (struct page *)t;
	int r = p->has_failed || p->common.failed ? -ENOMEM : 0;
	bool is_whole;

	tell_notes(p);
	is_whole = !p->left_out && (!notes || notes_is_whole(notes));
	for (size_t i = 0; i < p->n_metrics && r == 0; i++)
		r = write_metric(p, &p->metrics[i]);
	if (r == 0)
		r = write_own(p, "sockeye_records_left_out",
			      "sockets, or groups of them, without samples as there would be too many series",
			      p->left_out);
	if (r == 0)
		r = write_own(p, "sockeye_complete", "1 when the answer is whole", is_whole);
	if (r < 0)
		return r;
	if (!p->is_text)
		out_write(p->out, "# EOF\n", 6);
	return out_flush(p->out);
}

/* A metric is complete at the end only. */
static int flush(struct tabular *t)
{
	return ((struct page *)t)->out->error;
}

static void free_page(struct tabular *t)
{
	struct page *p = (struct page *)t;

	for (size_t i = 0; i < p->n_metrics; i++)
		metric_done(&p->metrics[i]);
	forget_uses(p);
	free(p->metrics);
	label_sets_done(&p->sets);
	text_done(&p->common);
	text_done(&p->stamp);
	text_done(&p->labels);
	text_done(&p->value);
	free(p);
}

static const struct tabular_ops page_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_page,
};

/* Pages of other questions stand beside this one, and none of their samples may be the same. */
static void put_query(struct page *p)
{
	if (!p->o.query)
		return;
	value_put_escaped(&p->value, sv(p->o.query), "");
	p->common.failed |= p->value.failed;
	(void)metric_put_label(&p->common, sv("query"), sv_n(p->value.p, p->value.len));
}

int metrics_make(const struct format_opts *o, struct out *out, bool is_text, struct tabular **ret)
{
	struct page *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	*p = (struct page){ .tabular.ops = &page_ops,
			    .out = out,
			    .o = *o,
			    .is_text = is_text,
			    .run = 1,
			    .tally = NO_METRIC };
	put_query(p);
	*ret = &p->tabular;
	return 0;
}
