/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/form.h"

#include "base/utf8.h"

const struct form forms[] = {
	{ .name = "text", .help = "for people", .put = form_put_text },
	{ .name = "json", .help = "one JSON object", .put = form_put_json },
	{ .name = "ndjson", .help = "one JSON object a line", .put = form_put_ndjson },
	{ .name = "sarif",
	  .help = "SARIF 2.1.0, for tools that collect findings",
	  .put = form_put_sarif,
	  .is_ours = true },
	{ .name = "monitoring",
	  .help = "one line with performance data, for Nagios and its like",
	  .put = form_put_monitoring,
	  .is_ours = true },
	{},
};

const struct form *form_find(struct sv name)
{
	for (const struct form *f = forms; f->name; f++)
		if (sv_is(name, f->name))
			return f;
	return NULL;
}

void form_put_wrapped(struct text *t, const char *first, size_t indent, struct sv s, unsigned int screen)
{
	size_t room = screen > indent + 20 ? screen - indent : 20, at = 0;

	text_printf(t, "%-*s", (int)indent, first);
	for (struct sv word = sv_word(&s); word.len; word = sv_word(&s)) {
		size_t cells = utf8_width(word);

		if (at && at + 1 + cells > room) {
			text_printf(t, "\n%*s", (int)indent, "");
			at = 0;
		}
		if (at)
			text_char(t, ' ');
		text_sv(t, word);
		at += (at ? 1 : 0) + cells;
	}
	text_char(t, '\n');
}
