/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* CSV: a line of names, then a line a record; fields quoted where they must be. */

#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/formats.h"

struct csv {
	struct tabular tabular;
	struct out *out;
	bool has_header;
	const struct column *columns;
	size_t n;
	struct text line, field;
};

static bool needs_quotes(struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == ',' || s.p[i] == '"')
			return true;
	return s.len && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
}

static void put_field(struct text *t, struct sv s)
{
	if (!needs_quotes(s)) {
		text_sv(t, s);
		return;
	}
	text_char(t, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			text_char(t, '"');
		text_char(t, s.p[i]);
	}
	text_char(t, '"');
}

static int write_line(struct csv *c)
{
	text_char(&c->line, '\n');
	if (c->line.failed || c->field.failed)
		return -ENOMEM;
	out_write(c->out, c->line.p, c->line.len);
	c->line.len = 0;
	return c->out->error;
}

static int begin(struct tabular *t, const struct column *columns, size_t n)
{
	struct csv *c = (struct csv *)t;

	c->columns = columns;
	c->n = n;
	if (!c->has_header)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_char(&c->line, ',');
		put_field(&c->line, sv(columns[i].name));
	}
	return write_line(c);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct csv *c = (struct csv *)t;

	for (size_t i = 0; i < c->n; i++) {
		if (i)
			text_char(&c->line, ',');
		c->field.len = 0;
		if (cells[i].is_other)
			text_str(&c->field, "\\other");
		else if (value_is_there(&cells[i]))
			value_put_line(&c->field, &c->columns[i], &cells[i].val);
		put_field(&c->line, sv_n(c->field.p, c->field.len));
	}
	return write_line(c);
}

static int end(struct tabular *t, const struct notes *)
{
	const struct csv *c = (struct csv *)t;

	return c->line.failed || c->field.failed ? -ENOMEM : out_flush(c->out);
}

static int flush(struct tabular *t)
{
	return out_flush(((struct csv *)t)->out);
}

static void free_csv(struct tabular *t)
{
	struct csv *c = (struct csv *)t;

	text_done(&c->line);
	text_done(&c->field);
	free(c);
}

static const struct tabular_ops csv_ops = {
	.begin = begin, .record = record, .end = end, .flush = flush, .free = free_csv
};

int csv_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	struct csv *c = malloc(sizeof(*c));

	if (!c)
		return -ENOMEM;
	*c = (struct csv){ .tabular.ops = &csv_ops, .out = out, .has_header = !o->no_header };
	*ret = &c->tabular;
	return 0;
}
