/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/metric_name.h"

#include "base/utf8.h"

static const char *unit_of(const struct column *c)
{
	switch (c->type) {
	case T_USEC:
	case T_MSEC: return "seconds";
	case T_BYTES: return "bytes";
	case T_BYTES_S: return "bytes_per_second";
	case T_RATE: return "per_second";
	case T_SHARE: return "ratio";
	default: return NULL;
	}
}

void metric_put_word(struct text *t, const char *name)
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

/* The columns that group by itself adds; both are told of in the same words wherever they come from. */
static const struct {
	const char *column, *word, *help;
} counts[] = {
	{ "count", "sockets", "how many sockets there are" },
	{ "share", "share", "how many sockets there are, as a share of all" },
};

/* The help of the field in "sum(tcp.rtt)", behind all of the name. */
static void put_help(struct text *t, const struct column *c)
{
	struct sv name = sv(c->name);
	ptrdiff_t open = sv_find(name, '(');
	enum field_id f = c->field;

	if (f >= F_MAX && open >= 0)
		f = field_find(sv_n(name.p + open + 1, name.len - (size_t)open - 2));
	if (c->field >= F_MAX)
		text_sv(t, name);
	if (c->field >= F_MAX && f < F_MAX)
		text_str(t, ": ");
	if (f < F_MAX)
		text_str(t, fields[f].help);
}

static void name_amount(struct metric_name *n, const struct column *c, const char *word, const char *help)
{
	static const char *const taken[] = { "total", "count", "sum",
					     "bucket" }; /* by other kinds of metrics */

	*n = (struct metric_name){ .kind = c->sem == SEM_COUNTER ? "counter" : "gauge", .unit = unit_of(c) };
	text_str(&n->sample, "sockeye_");
	metric_put_word(&n->sample, word);
	if (n->unit && !n->sample.failed && !ends_with(&n->sample, n->unit)) {
		text_char(&n->sample, '_');
		text_str(&n->sample, n->unit);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken) && c->sem != SEM_COUNTER && !n->sample.failed;
	     i++)
		if (ends_with(&n->sample, taken[i]))
			text_str(&n->sample, "_now");
	n->family = n->sample.len;
	if (c->sem == SEM_COUNTER)
		text_str(&n->sample, "_total");
	if (help)
		text_str(&n->help, help);
	else
		put_help(&n->help, c);
}

void metric_name_column(const struct column *c, struct metric_name *ret)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts) && c->field >= F_MAX; i++) {
		if (strcmp(c->name, counts[i].column) != 0)
			continue;
		name_amount(ret, c, counts[i].word, counts[i].help);
		return;
	}
	name_amount(ret, c, c->name, NULL);
}

void metric_name_records(const char *records, struct metric_name *ret)
{
	const struct column c = { .name = records, .field = F_MAX, .type = T_UINT };
	bool are_sockets = !strcmp(records, counts[0].word);

	name_amount(ret, &c, records, are_sockets ? counts[0].help : NULL);
	if (!are_sockets)
		text_str(&ret->help, ": how many there are");
}

void metric_name_done(struct metric_name *n)
{
	text_done(&n->sample);
	text_done(&n->help);
}

bool metric_name_has_failed(const struct metric_name *n)
{
	return n->sample.failed || n->help.failed;
}

/* OpenMetrics escapes quotation marks in help, and the text format does not. */
static void put_comment(struct text *t, bool is_text, const char *what, struct sv name, struct sv text)
{
	text_str(t, what);
	text_sv(t, name);
	text_char(t, ' ');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\\' || (text.p[i] == '"' && !is_text))
			text_char(t, '\\');
		text_char(t, text.p[i]);
	}
	text_char(t, '\n');
}

void metric_name_put_head(const struct metric_name *n, bool is_text, struct text *ret)
{
	struct sv family = sv_n(n->sample.p, is_text ? n->sample.len : n->family);
	struct sv help = sv_n(n->help.p, n->help.len);

	if (is_text)
		put_comment(ret, is_text, "# HELP ", family, help);
	put_comment(ret, is_text, "# TYPE ", family, sv(n->kind));
	if (n->unit && !is_text)
		put_comment(ret, is_text, "# UNIT ", family, sv(n->unit));
	if (!is_text)
		put_comment(ret, is_text, "# HELP ", family, help);
}

/* The bytes of what comes first in @s: a character, or one that is escaped. */
static size_t first_part(struct sv s)
{
	uint32_t c;
	size_t n = utf8_next(s, &c);

	if (c != '\\' || s.len < 2)
		return n;
	return s.p[1] == 'x' && s.len >= 4 ? 4 : 2;
}

/* As many whole parts of @s as fit @max bytes. */
static struct sv cut(struct sv s, size_t max)
{
	size_t len = 0;

	while (len < s.len) {
		size_t n = first_part(sv_from(s, len));

		if (len + n > max)
			break;
		len += n;
	}
	return sv_first(s, len);
}

bool metric_put_label(struct text *t, struct sv label, struct sv value)
{
	static const char sign[] = "...";
	bool is_cut = value.len > LABEL_VALUE_MAX;

	if (is_cut)
		value = cut(value, LABEL_VALUE_MAX - strlen(sign));
	if (t->len)
		text_char(t, ',');
	text_sv(t, label);
	text_put(t, "=\"", 2);
	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			text_char(t, '\\');
		text_char(t, value.p[i]);
	}
	text_str(t, is_cut ? sign : "");
	text_char(t, '"');
	return is_cut;
}
