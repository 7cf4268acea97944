/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "metrics/label.h"

#include <math.h>
#include <stdio.h>

#include "model/value.h"
#include "sink/format/metric_name.h"

void label_put(struct text *t, const char *name, struct sv value)
{
	struct text safe = {};

	value_put_escaped(&safe, value, "");
	if (safe.failed)
		text_fail(t);
	else
		(void)metric_put_label(t, sv(name), sv_n(safe.p ? safe.p : "", safe.len));
	text_done(&safe);
}

void label_put_state(struct text *t, const char *word)
{
	static const char *const others[][2] = { { "listening", "listen" }, { "syn-recv", "syn_received" } };
	char s[32];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(word, others[i][0]))
			word = others[i][1];
	for (; word[n] && n < sizeof(s); n++)
		s[n] = word[n] == '-' ? '_' : word[n];
	label_put(t, "state", sv_n(s, n));
}

static bool has_label(const struct text *t, struct sv name)
{
	for (size_t i = 0; i + name.len + 2 <= t->len; i++)
		if ((!i || t->p[i - 1] == ',') && !memcmp(t->p + i, name.p, name.len) &&
		    !memcmp(t->p + i + name.len, "=\"", 2))
			return true;
	return false;
}

void label_put_cell(struct text *t, struct text *scratch, const struct column *c, const struct cell *cell)
{
	size_t name;
	struct sv label, value = sv("\\other");

	if (cell && !value_is_there(cell))
		return;
	scratch->len = 0;
	metric_put_word(scratch, c->name);
	name = scratch->len;
	if (cell)
		value_put_line(scratch, c, &cell->val);
	if (scratch->failed)
		return;
	label = sv_n(scratch->p, name);
	if (has_label(t, label))
		return;
	if (cell)
		value = sv_n(scratch->p + name, scratch->len - name);
	if (cell && c->field == F_STATE) {
		text_char(scratch, '\0');
		if (!scratch->failed)
			label_put_state(t, scratch->p + name);
	} else if (value.len) {
		(void)metric_put_label(t, label, value);
	}
}

void label_put_bound(struct text *t, double bound)
{
	char s[32];

	/* OpenMetrics wants a canonical number: one that shows that it is no integer. */
	if (isinf(bound))
		(void)snprintf(s, sizeof(s), "+Inf");
	else
		(void)snprintf(s, sizeof(s), bound == (double)(int64_t)bound ? "%.1f" : "%g", bound);
	label_put(t, "le", sv(s));
}
