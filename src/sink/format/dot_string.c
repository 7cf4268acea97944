/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/dot_string.h"

#include "base/cleanup.h"
#include "base/utf8.h"

enum { LABEL_MAX = 80 };

void dot_put_string(struct text *t, struct sv s)
{
	_cleanup_(text_done) struct text safe = {};
	size_t n = 0;

	utf8_put_safe(&safe, s, "");
	t->failed |= safe.failed;
	s = sv_n(safe.p, safe.len);
	text_char(t, '"');
	while (s.len && n++ < LABEL_MAX) {
		uint32_t c;
		struct sv one = sv_first(s, utf8_next(s, &c));

		if (c == '&')
			text_str(t, "&amp;");
		else if (c == '"' || c == '\\')
			text_printf(t, "\\%c", (char)c);
		else
			text_sv(t, one);
		s = sv_from(s, one.len);
	}
	text_str(t, s.len ? "...\"" : "\"");
}
