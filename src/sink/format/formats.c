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

void formats_put_names(struct text *t, const char *sep)
{
	for (const struct format *f = formats; f->name; f++) {
		text_str(t, f == formats ? "" : sep);
		text_str(t, f->name);
	}
}
