/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/members.h"

#include "doctor/rule.h"
#include "sink/format/json_text.h"

void members_put_key(struct text *t, const char *key, bool *is_first)
{
	text_str(t, *is_first ? "\"" : ",\"");
	*is_first = false;
	text_str(t, key);
	text_str(t, "\":");
}

void members_put_string(struct text *t, const char *key, const char *s, bool *is_first)
{
	if (!s || !s[0])
		return;
	members_put_key(t, key, is_first);
	json_put_string(t, sv(s));
}

/* The lines of @s as strings. */
void members_put_strings(struct text *t, const char *key, const char *s, bool *is_first)
{
	bool is_first_line = true;
	struct sv line;

	members_put_key(t, key, is_first);
	text_char(t, '[');
	s = s && s[0] ? s : NULL;
	while ((line = rule_line(&s)).p) {
		text_str(t, is_first_line ? "" : ",");
		is_first_line = false;
		json_put_string(t, line);
	}
	text_char(t, ']');
}
