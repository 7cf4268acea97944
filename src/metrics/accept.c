/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <strings.h>

#include "metrics/http.h"

/* The next part of @s up to one of @ends, without blanks around it. */
static struct sv take_part(struct sv *s, const char *ends)
{
	size_t n = 0;
	struct sv part;

	while (n < s->len && !strchr(ends, s->p[n]))
		n++;
	part = sv_first(*s, n);
	*s = sv_from(*s, n < s->len ? n + 1 : n);
	while (part.len && (part.p[0] == ' ' || part.p[0] == '\t'))
		part = sv_from(part, 1);
	while (part.len && (part.p[part.len - 1] == ' ' || part.p[part.len - 1] == '\t'))
		part.len--;
	return part;
}

static bool is_word(struct sv s, const char *word)
{
	return s.len == strlen(word) && !strncasecmp(s.p, word, s.len);
}

/* "0.75" in thousandths; 1 for what is no number, as if nothing had been said. */
static unsigned int read_quality(struct sv s)
{
	unsigned int q = 0, unit = 1000;

	if (!s.len || (s.p[0] != '0' && s.p[0] != '1'))
		return 1000;
	q = s.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < s.len && unit > 1 && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		unit /= 10;
		q += (unsigned int)(s.p[i] - '0') * unit;
	}
	return q > 1000 ? 1000 : q;
}

enum page_form http_form(const char *accept)
{
	struct sv rest = sv(accept ? accept : "");
	unsigned int open = 0, text = 0;
	bool names_text = false;

	while (rest.len) {
		struct sv item = take_part(&rest, ","), type = take_part(&item, ";"), version = {};
		unsigned int quality = 1000;

		while (item.len) {
			struct sv value = take_part(&item, ";"), name = take_part(&value, "=");

			if (is_word(name, "q"))
				quality = read_quality(value);
			else if (is_word(name, "version"))
				version = value;
		}
		if (is_word(type, "application/openmetrics-text") &&
		    (!version.len || is_word(version, "1.0.0") || is_word(version, "0.0.1"))) {
			open = quality > open ? quality : open;
		} else if (is_word(type, "text/plain") || is_word(type, "text/*") || is_word(type, "*/*")) {
			names_text = true;
			text = quality > text ? quality : text;
		}
	}
	return open && (!names_text || open >= text) ? PAGE_OPENMETRICS : PAGE_TEXT;
}
