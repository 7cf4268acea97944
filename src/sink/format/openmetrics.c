/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * OpenMetrics: each amount is a metric, everything else its labels. All lists
 * make one page, in which the samples of a metric have to stand together, and
 * of those the ones with the same labels: so they are kept until the end.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/format/formats.h"

struct point {           /* a sample of a list that has a time */
	uint64_t labels; /* the number of its label set */
	size_t at, len;  /* in .samples */
};

struct metric {
	struct text name;               /* of its samples */
	size_t family;                  /* length of the name without what the kind of metric adds */
	const char *kind, *unit, *help; /* the last two may be NULL */
	struct text samples;
	struct point *points; /* in the order in which they came; none when there is no time */
	size_t n_points, cap_points;
};

enum { NO_METRIC = UINT32_MAX };

struct use {               /* what a column of the open list becomes */
	struct text label; /* empty when it is no label */
	uint32_t metric;   /* NO_METRIC when it is none */
};

struct seen {              /* label sets by their hash */
	uint64_t hash, id; /* from 1 */
	uint64_t n, run;   /* how often it was there in the run of lists .run */
};

struct openmetrics {
	struct tabular tabular;
	struct out *out;
	bool has_lists; /* samples tell theirs */
	struct listing l;
	struct use *uses; /* by column */
	size_t n_uses;
	uint32_t info; /* the metric of records that have no amounts, or NO_METRIC */
	struct metric *metrics;
	size_t n_metrics, cap_metrics;
	struct seen *seen;
	size_t n_seen, cap_seen;
	uint64_t run;      /* grows with the time of the lists */
	struct text stamp; /* the time of the list behind a blank */
	struct text labels, value;
	bool has_failed;
};

static const char *unit_of(const struct column *c)
{
	switch (c->type) {
	case T_USEC:
	case T_MSEC: return "seconds";
	case T_BYTES: return "bytes";
	case T_BYTES_S: return "bytes_per_second";
	case T_SHARE: return "ratio";
	default: return NULL;
	}
}

/* Letters, digits and single underscores. */
static void put_name(struct text *t, const char *name)
{
	size_t start = t->len;

	for (; *name && !t->failed; name++) {
		bool is_word = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
			       (*name >= '0' && *name <= '9');

		if (is_word)
			text_char(t, *name);
		else if (t->len > start && t->p[t->len - 1] != '_')
			text_char(t, '_');
	}
	while (t->len > start && t->p[t->len - 1] == '_')
		t->len--;
}

static bool ends_with(const struct text *t, const char *unit)
{
	size_t n = strlen(unit);

	return t->len > n && t->p[t->len - n - 1] == '_' && !memcmp(t->p + t->len - n, unit, n);
}

static void name_metric(struct metric *m, const struct column *c)
{
	m->unit = unit_of(c);
	m->kind = c->sem == SEM_COUNTER ? "counter" : "gauge";
	m->help = c->field < F_MAX ? fields[c->field].help : c->name;
	text_str(&m->name, "sockeye_");
	put_name(&m->name, c->name);
	if (m->unit && !m->name.failed && !ends_with(&m->name, m->unit)) {
		text_char(&m->name, '_');
		text_str(&m->name, m->unit);
	}
	m->family = m->name.len;
	if (c->sem == SEM_COUNTER)
		text_str(&m->name, "_total");
}

static void name_info(struct metric *m, const char *records)
{
	m->kind = "info";
	text_str(&m->name, "sockeye_");
	put_name(&m->name, records);
	m->family = m->name.len;
	text_str(&m->name, "_info");
}

static bool is_same(const struct text *a, const struct text *b)
{
	return a->p && b->p && a->len && sv_eq(sv_n(a->p, a->len), sv_n(b->p, b->len));
}

static void metric_done(struct metric *m)
{
	text_done(&m->name);
	text_done(&m->samples);
	free(m->points);
}

/* The metric called as @m, which it takes. Returns 0 or -ENOMEM. */
static int take_metric(struct openmetrics *o, struct metric *m, uint32_t *ret)
{
	struct metric *all = o->metrics;
	size_t i = 0, cap = o->cap_metrics ? 2 * o->cap_metrics : 16;

	while (i < o->n_metrics && !is_same(&m->name, &all[i].name))
		i++;
	if (i == o->n_metrics && i == o->cap_metrics && (all = reallocarray(all, cap, sizeof(*all)))) {
		o->metrics = all;
		o->cap_metrics = cap;
	}
	if (m->name.failed || !all) {
		metric_done(m);
		return -ENOMEM;
	}
	if (i < o->n_metrics)
		metric_done(m);
	else
		all[o->n_metrics++] = *m;
	*ret = (uint32_t)i;
	return 0;
}

static void forget_uses(struct openmetrics *o)
{
	for (size_t i = 0; i < o->n_uses; i++)
		text_done(&o->uses[i].label);
	free(o->uses);
	o->uses = NULL;
	o->n_uses = 0;
}

/* What column @i becomes; one asked for twice is there once. */
static int make_use(struct openmetrics *o, const struct listing *l, size_t i, bool is_computed)
{
	const struct column *c = &l->columns[i];
	struct use *use = &o->uses[i];
	struct metric m = {};

	*use = (struct use){ .metric = NO_METRIC };
	if (!value_is_amount(c) || (is_computed && c->field < F_MAX)) {
		put_name(&use->label, c->name);
		for (size_t k = 0; k < i; k++)
			if (is_same(&use->label, &o->uses[k].label))
				use->label.len = 0;
		return use->label.failed ? -ENOMEM : 0;
	}
	name_metric(&m, c);
	if (take_metric(o, &m, &use->metric) < 0)
		return -ENOMEM;
	for (size_t k = 0; k < i; k++)
		if (o->uses[k].metric == use->metric)
			use->metric = NO_METRIC;
	return 0;
}

static int make_uses(struct openmetrics *o, const struct listing *l)
{
	bool is_computed = false, has_amounts = false;
	struct metric info = {};
	int r = 0;

	forget_uses(o);
	o->uses = calloc(l->n + 1, sizeof(*o->uses));
	if (!o->uses)
		return -ENOMEM;
	o->n_uses = l->n;
	for (size_t i = 0; i < l->n; i++)
		is_computed |= l->columns[i].field >= F_MAX;
	for (size_t i = 0; i < l->n && r == 0; i++) {
		r = make_use(o, l, i, is_computed);
		has_amounts |= o->uses[i].metric != NO_METRIC;
	}
	o->info = NO_METRIC;
	if (r < 0 || has_amounts)
		return r;
	name_info(&info, l->name);
	return take_metric(o, &info, &o->info);
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
	struct openmetrics *o = (struct openmetrics *)t;
	bool is_same_list =
		o->uses && l->columns == o->l.columns && l->n == o->l.n && !strcmp(l->name, o->l.name);

	if (!is_same_list && make_uses(o, l) < 0) {
		forget_uses(o);
		o->l = (struct listing){};
		o->has_failed = true;
		return -ENOMEM;
	}
	o->run += l->at_us != o->l.at_us;
	o->l = *l;
	o->stamp.len = 0;
	if (l->at_us) {
		text_char(&o->stamp, ' ');
		put_seconds(&o->stamp, l->at_us, 6);
	}
	o->has_failed |= o->stamp.failed;
	return o->has_failed ? -ENOMEM : 0;
}

static void put_label(struct text *t, struct sv label, struct sv value)
{
	if (t->len)
		text_char(t, ',');
	text_sv(t, label);
	text_put(t, "=\"", 2);
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			text_char(t, '\\');
		text_char(t, value.p[i]);
	}
	text_char(t, '"');
}

static int make_labels(struct openmetrics *o, const struct cell *cells)
{
	o->labels.len = 0;
	if (o->has_lists)
		put_label(&o->labels, sv("list"), sv(o->l.name));
	for (size_t i = 0; i < o->l.n; i++) {
		const struct text *label = &o->uses[i].label;

		if (!label->len)
			continue;
		o->value.len = 0;
		if (cells[i].is_other)
			text_str(&o->value, "\\other");
		else if (value_is_there(&cells[i]))
			value_put_line(&o->value, &o->l.columns[i], &cells[i].val);
		if (o->value.len)
			put_label(&o->labels, sv_n(label->p, label->len), sv_n(o->value.p, o->value.len));
	}
	return o->labels.failed || o->value.failed ? -ENOMEM : 0;
}

static uint64_t hash_of(const struct text *t)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < t->len; i++)
		h = (h ^ (uint8_t)t->p[i]) * 0x100000001b3;
	return h;
}

static struct seen *find_seen(struct seen *seen, size_t cap, uint64_t hash)
{
	size_t i = hash & (cap - 1);

	while (seen[i].id && seen[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &seen[i];
}

static int grow_seen(struct openmetrics *o)
{
	size_t cap = o->cap_seen ? 2 * o->cap_seen : 256;
	struct seen *seen = calloc(cap, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < o->cap_seen; i++)
		if (o->seen[i].id)
			*find_seen(seen, cap, o->seen[i].hash) = o->seen[i];
	free(o->seen);
	o->seen = seen;
	o->cap_seen = cap;
	return 0;
}

/* What is known of the labels at hand; NULL when memory ran out. */
static struct seen *see_labels(struct openmetrics *o)
{
	uint64_t hash = hash_of(&o->labels);
	struct seen *s;

	if (2 * o->n_seen >= o->cap_seen && grow_seen(o) < 0)
		return NULL;
	s = find_seen(o->seen, o->cap_seen, hash);
	if (!s->id)
		*s = (struct seen){ .hash = hash, .id = ++o->n_seen };
	if (s->run != o->run)
		s->n = 0;
	s->run = o->run;
	s->n++;
	return s;
}

/* No two samples of one time may have the same labels: the second of a kind gets one more. Returns their
 * number, 0 when memory ran out. */
static uint64_t make_unique(struct openmetrics *o)
{
	static const char repeat[] = "repeat=\"";
	struct seen *s = see_labels(o);

	if (!s || s->n == 1)
		return s ? s->id : 0;
	if (o->labels.len)
		text_char(&o->labels, ',');
	text_put(&o->labels, repeat, sizeof(repeat) - 1);
	text_u64(&o->labels, s->n);
	text_char(&o->labels, '"');
	if (o->labels.failed)
		return 0;
	s = o->l.at_us ? see_labels(o) : s; /* only points are put in order by it */
	return s ? s->id : 0;
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

/* A sample of the labels at hand, which are number @labels; 1 where there is no @cell. */
static int put_sample(struct openmetrics *o, struct metric *m, uint64_t labels, const struct column *c,
		      const struct cell *cell)
{
	struct text *t = &m->samples;
	size_t start = t->len;

	text_put(t, m->name.p, m->name.len);
	if (o->labels.len) {
		text_char(t, '{');
		text_put(t, o->labels.p, o->labels.len);
		text_char(t, '}');
	}
	text_char(t, ' ');
	if (cell)
		put_value(t, c, &cell->val);
	else
		text_char(t, '1');
	text_put(t, o->stamp.p, o->stamp.len);
	text_char(t, '\n');
	if (t->failed)
		return -ENOMEM;
	return o->l.at_us ? add_point(m, (struct point){ labels, start, t->len - start }) : 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct openmetrics *o = (struct openmetrics *)t;
	uint64_t labels = make_labels(o, cells) < 0 ? 0 : make_unique(o);
	int r = labels ? 0 : -ENOMEM;

	for (size_t i = 0; i < o->l.n && r == 0; i++)
		if (o->uses[i].metric != NO_METRIC && value_is_there(&cells[i]))
			r = put_sample(o, &o->metrics[o->uses[i].metric], labels, &o->l.columns[i],
				       &cells[i]);
	if (o->info != NO_METRIC && r == 0)
		r = put_sample(o, &o->metrics[o->info], labels, NULL, NULL);
	o->has_failed |= r < 0;
	return r;
}

static void put_comment(struct text *t, const char *what, struct sv family, const char *text)
{
	text_str(t, what);
	text_sv(t, family);
	text_char(t, ' ');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			text_char(t, '\\');
		text_char(t, *text);
	}
	text_char(t, '\n');
}

static int compare(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->labels != y->labels)
		return x->labels > y->labels ? 1 : -1;
	return x->at > y->at ? 1 : -1;
}

static int write_metric(struct openmetrics *o, struct metric *m)
{
	struct sv family = sv_n(m->name.p, m->family);
	struct text *t = &o->value;

	if (!m->samples.len)
		return o->out->error;
	t->len = 0;
	put_comment(t, "# TYPE ", family, m->kind);
	if (m->unit)
		put_comment(t, "# UNIT ", family, m->unit);
	if (m->help)
		put_comment(t, "# HELP ", family, m->help);
	if (t->failed)
		return -ENOMEM;
	out_write(o->out, t->p, t->len);
	if (m->n_points)
		qsort(m->points, m->n_points, sizeof(*m->points), compare);
	else
		out_write(o->out, m->samples.p, m->samples.len);
	for (size_t i = 0; i < m->n_points; i++)
		out_write(o->out, m->samples.p + m->points[i].at, m->points[i].len);
	return o->out->error;
}

/* Nothing is held back for a list of its own. */
static int end_list(struct tabular *t)
{
	return ((struct openmetrics *)t)->out->error;
}

static int end(struct tabular *t, const struct notes *notes)
{
	static const char complete[] = "# TYPE sockeye_complete gauge\n"
				       "# HELP sockeye_complete 1 when the answer is whole\n"
				       "sockeye_complete ";
	struct openmetrics *o = (struct openmetrics *)t;
	int r = o->has_failed ? -ENOMEM : 0;

	for (size_t i = 0; i < o->n_metrics && r == 0; i++)
		r = write_metric(o, &o->metrics[i]);
	if (r < 0)
		return r;
	out_write(o->out, complete, sizeof(complete) - 1);
	out_write(o->out, notes && !notes_is_whole(notes) ? "0\n" : "1\n", 2);
	out_write(o->out, "# EOF\n", 6);
	return out_flush(o->out);
}

/* A metric is complete at the end only. */
static int flush(struct tabular *t)
{
	return ((struct openmetrics *)t)->out->error;
}

static void free_openmetrics(struct tabular *t)
{
	struct openmetrics *o = (struct openmetrics *)t;

	for (size_t i = 0; i < o->n_metrics; i++)
		metric_done(&o->metrics[i]);
	forget_uses(o);
	free(o->metrics);
	text_done(&o->stamp);
	free(o->seen);
	text_done(&o->labels);
	text_done(&o->value);
	free(o);
}

static const struct tabular_ops openmetrics_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_openmetrics,
};

int openmetrics_new(const struct format_opts *opts, struct out *out, struct tabular **ret)
{
	struct openmetrics *o = malloc(sizeof(*o));

	if (!o)
		return -ENOMEM;
	*o = (struct openmetrics){
		.tabular.ops = &openmetrics_ops, .out = out, .has_lists = opts->has_lists, .info = NO_METRIC
	};
	*ret = &o->tabular;
	return 0;
}
