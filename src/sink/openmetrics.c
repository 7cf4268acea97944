/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * OpenMetrics: each amount is a metric, everything else its labels. The samples
 * of a metric have to stand together, so they are kept until the end.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/formats.h"

struct metric {
	struct text name; /* of its samples; empty for what is a label */
	size_t family;    /* length of the name without what the kind of metric adds */
	struct text label;
	struct text samples;
	const char *unit;
};

struct seen { /* label sets by their hash */
	uint64_t hash, n;
};

struct openmetrics {
	struct tabular tabular;
	struct out *out;
	const char *records;
	const struct column *columns;
	size_t n;
	struct metric *metrics; /* by column, and one more for records that have no amounts */
	bool has_amounts;
	struct seen *seen;
	size_t n_seen, cap_seen;
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

static bool is_same(const struct text *a, const struct text *b)
{
	return a->len && sv_eq(sv_n(a->p, a->len), sv_n(b->p, b->len));
}

/* A column asked for twice is there once. */
static void drop_repeated(struct openmetrics *o, size_t i)
{
	struct metric *m = &o->metrics[i];

	for (size_t k = 0; k < i; k++) {
		if (is_same(&m->name, &o->metrics[k].name))
			m->name.len = 0;
		if (is_same(&m->label, &o->metrics[k].label))
			m->label.len = 0;
	}
}

static int begin(struct tabular *t, const struct column *columns, size_t n)
{
	struct openmetrics *o = (struct openmetrics *)t;
	bool is_computed = false, has_failed = false;

	o->columns = columns;
	o->metrics = calloc(n + 1, sizeof(*o->metrics));
	if (!o->metrics)
		return -ENOMEM;
	o->n = n;
	for (size_t i = 0; i < n; i++)
		is_computed |= columns[i].field >= F_MAX;
	for (size_t i = 0; i < n; i++) {
		struct metric *m = &o->metrics[i];

		if (value_is_amount(&columns[i]) && (!is_computed || columns[i].field >= F_MAX))
			name_metric(m, &columns[i]);
		else
			put_name(&m->label, columns[i].name);
		drop_repeated(o, i);
		o->has_amounts |= m->name.len > 0;
		has_failed |= m->name.failed || m->label.failed;
	}
	text_str(&o->metrics[n].name, "sockeye_");
	put_name(&o->metrics[n].name, o->records);
	o->metrics[n].family = o->metrics[n].name.len;
	text_str(&o->metrics[n].name, "_info");
	return has_failed || o->metrics[n].name.failed ? -ENOMEM : 0;
}

static void put_label(struct text *t, const struct metric *m, struct sv value)
{
	if (t->len)
		text_char(t, ',');
	text_put(t, m->label.p, m->label.len);
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
	for (size_t i = 0; i < o->n; i++) {
		if (!o->metrics[i].label.len)
			continue;
		o->value.len = 0;
		if (cells[i].is_other)
			text_str(&o->value, "\\other");
		else if (value_is_there(&cells[i]))
			value_put_line(&o->value, &o->columns[i], &cells[i].val);
		if (o->value.len)
			put_label(&o->labels, &o->metrics[i], sv_n(o->value.p, o->value.len));
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

	while (seen[i].n && seen[i].hash != hash)
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
		if (o->seen[i].n)
			*find_seen(seen, cap, o->seen[i].hash) = o->seen[i];
	free(o->seen);
	o->seen = seen;
	o->cap_seen = cap;
	return 0;
}

/* No two samples may have the same labels: the second of a kind gets one more. */
static int make_unique(struct openmetrics *o)
{
	static const char repeat[] = "repeat=\"";
	struct seen *s;

	if (2 * o->n_seen >= o->cap_seen && grow_seen(o) < 0)
		return -ENOMEM;
	s = find_seen(o->seen, o->cap_seen, hash_of(&o->labels));
	o->n_seen += !s->n;
	*s = (struct seen){ .hash = hash_of(&o->labels), .n = s->n + 1 };
	if (s->n == 1)
		return 0;
	if (o->labels.len)
		text_char(&o->labels, ',');
	text_put(&o->labels, repeat, sizeof(repeat) - 1);
	text_u64(&o->labels, s->n);
	text_char(&o->labels, '"');
	return o->labels.failed ? -ENOMEM : 0;
}

static void put_seconds(struct text *t, uint64_t v, unsigned int decimals)
{
	uint64_t unit = decimals == 6 ? 1000000 : 1000, rest = v % unit;

	text_u64(t, v / unit);
	if (rest)
		text_printf(t, ".%0*llu", (int)decimals, (unsigned long long)rest);
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

static void put_sample_name(struct openmetrics *o, struct metric *m)
{
	text_put(&m->samples, m->name.p, m->name.len);
	if (o->labels.len) {
		text_char(&m->samples, '{');
		text_put(&m->samples, o->labels.p, o->labels.len);
		text_char(&m->samples, '}');
	}
	text_char(&m->samples, ' ');
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct openmetrics *o = (struct openmetrics *)t;
	bool has_failed = make_labels(o, cells) < 0 || make_unique(o) < 0;

	for (size_t i = 0; i < o->n && !has_failed; i++) {
		struct metric *m = &o->metrics[i];

		if (!m->name.len || !value_is_there(&cells[i]))
			continue;
		put_sample_name(o, m);
		put_value(&m->samples, &o->columns[i], &cells[i].val);
		text_char(&m->samples, '\n');
		has_failed = m->samples.failed;
	}
	if (!o->has_amounts && !has_failed) {
		put_sample_name(o, &o->metrics[o->n]);
		text_put(&o->metrics[o->n].samples, "1\n", 2);
		has_failed = o->metrics[o->n].samples.failed;
	}
	o->has_failed |= has_failed;
	return has_failed ? -ENOMEM : 0;
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

static int write_metric(struct openmetrics *o, size_t i)
{
	const struct column *c = i < o->n ? &o->columns[i] : NULL;
	const struct metric *m = &o->metrics[i];
	struct sv family = sv_n(m->name.p, m->family);
	struct text *t = &o->value;

	if (!m->samples.len)
		return o->out->error;
	t->len = 0;
	put_comment(t, "# TYPE ", family, !c ? "info" : c->sem == SEM_COUNTER ? "counter" : "gauge");
	if (m->unit)
		put_comment(t, "# UNIT ", family, m->unit);
	if (c)
		put_comment(t, "# HELP ", family, c->field < F_MAX ? fields[c->field].help : c->name);
	if (t->failed)
		return -ENOMEM;
	out_write(o->out, t->p, t->len);
	out_write(o->out, m->samples.p, m->samples.len);
	return o->out->error;
}

static int end(struct tabular *t, const struct notes *notes)
{
	static const char complete[] = "# TYPE sockeye_complete gauge\n"
				       "# HELP sockeye_complete 1 when the answer is whole\n"
				       "sockeye_complete ";
	struct openmetrics *o = (struct openmetrics *)t;
	int r = o->has_failed ? -ENOMEM : 0;

	for (size_t i = 0; i <= o->n && r == 0; i++)
		r = write_metric(o, i);
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

	for (size_t i = 0; o->metrics && i <= o->n; i++) {
		text_done(&o->metrics[i].name);
		text_done(&o->metrics[i].label);
		text_done(&o->metrics[i].samples);
	}
	free(o->metrics);
	free(o->seen);
	text_done(&o->labels);
	text_done(&o->value);
	free(o);
}

static const struct tabular_ops openmetrics_ops = {
	.begin = begin, .record = record, .end = end, .flush = flush, .free = free_openmetrics
};

int openmetrics_new(const struct format_opts *opts, struct out *out, struct tabular **ret)
{
	struct openmetrics *o = malloc(sizeof(*o));

	if (!o)
		return -ENOMEM;
	*o = (struct openmetrics){ .tabular.ops = &openmetrics_ops, .out = out, .records = opts->records };
	*ret = &o->tabular;
	return 0;
}
