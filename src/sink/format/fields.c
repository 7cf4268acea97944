/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The list of fields, itself records for any output. */

#include <errno.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "model/value.h"
#include "sink/classic/words.h"
#include "sink/format/schema.h"

/* clang-format off */
static const char *const seg_names[SEG_MAX] = {
#define SEG(id, type, ask) #id,
#include "model/defs/all.def"
};
/* clang-format on */

const char *field_type_name(enum field_id f)
{
	switch (fields[f].type) {
	case T_UINT:
	case T_INT:
	case T_BYTES:
	case T_BYTES_S: return "integer";
	case T_HEX: return "hex";
	case T_USEC:
	case T_MSEC: return "time";
	case T_PORT: return "port";
	case T_ADDR: return "address";
	case T_STATE: return "state";
	case T_FAMILY: return "family";
	case T_COOKIE: return "cookie";
	case T_STR: return "text";
	case T_RAW: return "bytes";
	case T_LIST: return "list";
	case T_HWADDR: return "address";
	case T_FLAG: return "flag";
	case T_OWNERS: return "processes";
	case T_REAL:
	case T_RATE:
	case T_SHARE: return "number";
	}
	return "text";
}

/* The segments in which the field can lie, each once. */
static void put_source(struct text *t, enum field_id f)
{
	const struct loc *all = fields[f].at;

	for (const struct loc *l = all; l->size; l++) {
		const struct loc *same = all;

		while (same->seg != l->seg)
			same++;
		if (same != l)
			continue;
		if (l != all)
			text_char(t, ',');
		text_str(t, seg_names[l->seg]);
	}
}

/* As `~` of a filter: a pattern fits all of it, a text without wildcards a part; in upper or lower case. */
static bool matches(const char *name, const char *pattern)
{
	return glob_is_wild(sv(pattern)) ? glob_match(sv(pattern), sv(name))
					 : glob_find(sv(pattern), sv(name));
}

enum { C_NAME, C_TYPE, C_UNIT, C_KIND, C_HELP, C_SINCE, C_SOURCE, C_MAX };

static struct cell text_cell(const char *s)
{
	struct cell c = { .is_there = s && *s };

	c.val = (struct val){ .kind = VAL_STR, .s = sv(s ? s : "") };
	return c;
}

static int put_field(struct tabular *to, enum field_id f, struct text *t)
{
	const struct column c = column_of_field(f);
	struct cell cells[C_MAX];
	size_t source;

	t->len = 0;
	field_put_since(t, f);
	text_char(t, '\0');
	source = t->len;
	put_source(t, f);
	text_char(t, '\0');
	if (t->failed)
		return -ENOMEM;
	cells[C_NAME] = text_cell(c.name);
	cells[C_TYPE] = text_cell(field_type_name(f));
	cells[C_UNIT] = text_cell(value_unit(&c));
	cells[C_KIND] = text_cell(value_kind(&c));
	cells[C_HELP] = text_cell(fields[f].help);
	cells[C_SINCE] = text_cell(t->p);
	cells[C_SOURCE] = text_cell(t->p + source);
	return to->ops->record(to, cells);
}

/* By its name, or by a word of the classic text that shows it. */
static bool is_meant(enum field_id f, const char *pattern)
{
	return matches(fields[f].name, pattern) || classic_word_is(pattern, f);
}

bool fields_has(const char *pattern)
{
	for (enum field_id f = 0; f < F_MAX; f++)
		if (is_meant(f, pattern))
			return true;
	return false;
}

int fields_put(struct tabular *to, const char *pattern)
{
	static const struct column columns[C_MAX] = {
		[C_NAME] = { .name = "name", .field = F_MAX, .type = T_STR, .rank = 1, .least = 32 },
		[C_TYPE] = { .name = "type", .field = F_MAX, .type = T_STR, .rank = 3 },
		[C_UNIT] = { .name = "unit", .field = F_MAX, .type = T_STR, .rank = 4 },
		[C_KIND] = { .name = "kind", .field = F_MAX, .type = T_STR, .rank = 5, .leave = LEAVE_EMPTY },
		[C_HELP] = { .name = "help", .field = F_MAX, .type = T_STR, .rank = 2, .least = 40 },
		[C_SINCE] = { .name = "since",
			      .field = F_MAX,
			      .type = T_STR,
			      .rank = 6,
			      .leave = LEAVE_EMPTY },
		[C_SOURCE] = { .name = "source", .field = F_MAX, .type = T_STR, .rank = 7 },
	};
	struct text t = {};
	const struct listing l = { .name = "fields", .columns = columns, .n = C_MAX };
	int r = to->ops->list(to, &l), end, n = 0;

	for (enum field_id f = 0; f < F_MAX && r >= 0; f++) {
		if (!is_meant(f, pattern))
			continue;
		n++;
		r = put_field(to, f, &t);
	}
	text_done(&t);
	end = to->ops->list_end(to);
	if (r >= 0 || r == -ECANCELED)
		r = end;
	return r < 0 ? r : n;
}
