/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/wrap.h"

#include "base/utf8.h"
#include "doctor/rule.h"

void wrap_put(struct text *t, const char *first, size_t indent, struct sv s, unsigned int screen)
{
	size_t room = screen > indent + 20 ? screen - indent : 20, at = 0;

	text_printf(t, "%-*s", (int)indent, first);
	for (struct sv word = sv_word(&s); word.len; word = sv_word(&s)) {
		size_t start, cells = utf8_width(word);

		if (at && at + 1 + cells > room) {
			text_printf(t, "\n%*s", (int)indent, "");
			at = 0;
		}
		if (at)
			text_char(t, ' ');
		start = t->len;
		text_sv(t, word);
		utf8_make_safe_from(t, start); /* a recording may hold anything */
		at += (at ? 1 : 0) + cells;
	}
	text_char(t, '\n');
}

void wrap_put_made(struct text *t, const char *first, size_t indent, struct text *made, unsigned int screen)
{
	if (made->failed)
		text_fail(t);
	else if (made->len)
		wrap_put(t, first, indent, sv_n(made->p, made->len), screen);
	text_done(made);
}

void wrap_put_lines(struct text *t, const char *first, size_t indent, const char *lines, size_t max,
		    unsigned int screen)
{
	struct sv line;

	for (size_t i = 0; i < max && (line = rule_line(&lines)).p; i++)
		wrap_put(t, i ? "" : first, indent, line, screen);
}
