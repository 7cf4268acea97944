/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* CSV: a line of names, then a line a record; fields quoted where they must be. There is room for one list.
 */

#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/format/formats.h"

struct csv {
	struct tabular tabular;
	struct out *out;
	bool has_header;
	struct listing l; /* the open list, or the last one */
	struct text time; /* of it, and a comma */
	struct text line, field;
};

/* Not zero if one of the bytes of @v is @c. */
static uint64_t has_byte(uint64_t v, char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	v ^= ones * (unsigned char)c;
	return (v - ones) & ~v & ones << 7;
}

static bool needs_quotes(struct sv s)
{
	size_t i = 0;
	uint64_t v;

	for (; i + sizeof(v) <= s.len; i += sizeof(v)) {
		memcpy(&v, s.p + i, sizeof(v));
		if (has_byte(v, ',') | has_byte(v, '"'))
			return true;
	}
	for (; i < s.len; i++)
		if (s.p[i] == ',' || s.p[i] == '"')
			return true;
	return s.len && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
}

static void put_quoted(struct text *t, struct sv s)
{
	text_char(t, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			text_char(t, '"');
		text_char(t, s.p[i]);
	}
	text_char(t, '"');
}

/* Puts quotes around what the line has from @start on, where they are needed. */
static void quote(struct csv *c, size_t start)
{
	struct sv s = sv_n(c->line.p + start, c->line.len - start);

	if (!s.len || !needs_quotes(s))
		return;
	c->field.len = 0;
	text_sv(&c->field, s);
	c->line.len = start;
	put_quoted(&c->line, sv_n(c->field.p, c->field.len));
}

static int write_line(struct csv *c)
{
	text_char(&c->line, '\n');
	if (c->line.failed || c->field.failed || c->time.failed)
		return -ENOMEM;
	out_write(c->out, c->line.p, c->line.len);
	c->line.len = 0;
	return c->out->error;
}

/* Of one list, or of samples of it: one header is above all of them. */
static int begin_list(struct tabular *t, const struct listing *l)
{
	struct csv *c = (struct csv *)t;
	bool is_first = !c->l.name, has_time;
	size_t start;

	if (!is_first && (strcmp(l->name, c->l.name) != 0 || l->n != c->l.n || !l->at_us != !c->l.at_us))
		return -EINVAL;
	c->l = *l;
	has_time = l->at_us && !listing_has_time(l);
	c->time.len = 0;
	if (has_time) {
		text_time(&c->time, l->at_us);
		text_char(&c->time, ',');
	}
	if (!c->has_header || !is_first)
		return c->time.failed ? -ENOMEM : 0;
	text_str(&c->line, has_time ? "time," : "");
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			text_char(&c->line, ',');
		start = c->line.len;
		text_str(&c->line, l->columns[i].name);
		quote(c, start);
	}
	return write_line(c);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct csv *c = (struct csv *)t;
	bool is_alone = c->l.n == 1 && !c->time.len; /* readers pass over an empty line */
	size_t start;

	text_put(&c->line, c->time.p, c->time.len);
	for (size_t i = 0; i < c->l.n; i++) {
		if (i)
			text_char(&c->line, ',');
		start = c->line.len;
		if (cells[i].is_other)
			text_str(&c->line, "\\other");
		else if (value_is_there(&cells[i]))
			value_put_line(&c->line, &c->l.columns[i], &cells[i].val);
		if (is_alone && c->line.len == start)
			text_str(&c->line, "\"\"");
		else
			quote(c, start);
	}
	return write_line(c);
}

static int end_list(struct tabular *t)
{
	return ((struct csv *)t)->out->error;
}

static int end(struct tabular *t, const struct notes *)
{
	const struct csv *c = (struct csv *)t;

	return c->line.failed || c->field.failed || c->time.failed ? -ENOMEM : out_flush(c->out);
}

static int flush(struct tabular *t)
{
	return out_flush(((struct csv *)t)->out);
}

static void free_csv(struct tabular *t)
{
	struct csv *c = (struct csv *)t;

	text_done(&c->time);
	text_done(&c->line);
	text_done(&c->field);
	free(c);
}

static const struct tabular_ops csv_ops = {
	.list = begin_list,
	.record = record,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_csv,
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
