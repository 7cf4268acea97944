/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/formats.h"

/* clang-format off */
const struct format formats[] = {
#define FORMAT(id, full, lists, at_end, text, ...) \
	{ .name = #id, .help = (text), .is_full = (full), .has_lists = (lists), .is_at_end = (at_end), .open = id##_new, ##__VA_ARGS__ },
#include "sink/format/formats.def"
	{}
};
/* clang-format on */

const struct format *format_find(struct sv name)
{
	for (const struct format *f = formats; f->name; f++)
		if (sv_is(name, f->name))
			return f;
	return NULL;
}

/* What stands behind the last dot of a file's name. */
static struct sv ending_of(struct sv file)
{
	ptrdiff_t dot = sv_rfind(file, '.');

	return sv_from(file, dot < 0 ? file.len : (size_t)dot + 1);
}

const char *format_of_chart(struct sv file)
{
	struct sv ending = ending_of(file);
	const char *first = NULL;

	for (const struct format *f = formats; f->name; f++) {
		if (!f->is_of_time)
			continue;
		if (sv_is(ending, f->name))
			return f->name;
		first = first ? first : f->name;
	}
	return first;
}

void formats_put_names(struct text *t, const char *sep)
{
	for (const struct format *f = formats; f->name; f++) {
		text_str(t, f == formats ? "" : sep);
		text_str(t, f->name);
	}
}
