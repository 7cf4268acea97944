/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "doctor/listed.h"

#include "base/cleanup.h"
#include "doctor/limits.h"
#include "doctor/members.h"
#include "doctor/wrap.h"
#include "sink/format/json_text.h"

enum { INDENT = 10 };

/* With a blank behind each comma, where a line may end. */
static void put_list(struct text *t, const char *what, const char *list, unsigned int screen)
{
	struct text spaced = {};

	for (const char *s = list ? list : ""; *s; s++) {
		text_char(&spaced, *s);
		if (*s == ',')
			text_char(&spaced, ' ');
	}
	wrap_put_made(t, what, INDENT, &spaced, screen);
}

static void put_limits(struct text *t, const struct rule *r, unsigned int screen)
{
	struct sv rest = r->limits ? sv(r->limits) : (struct sv){};
	struct text line = {};

	for (struct sv w = sv_word(&rest); w.len; w = sv_word(&rest)) {
		struct sv name = sv_take(&w, '=');

		if (sv_is(name, "ports")) /* what the kernel says, not who calls */
			continue;
		text_printf(&line, "%s%s.%.*s = %.*s", line.len ? ", " : "", r->id, SV_ARG(name),
			    SV_ARG(limits_find(NULL, r, name)));
	}
	wrap_put_made(t, "limits", INDENT, &line, screen);
}

static void put_rule(struct text *t, const struct rule *r, unsigned int screen)
{
	const struct {
		const char *what, *text;
	} before[] = { { "meaning", r->meaning }, { "about", rule_set_title(r->set) } },
	  after[] = { { "info", r->info }, { "warning", r->warning }, { "critical", r->critical } },
	  last[] = { { "why", r->cause },     { "not", r->donts },       { "normal", r->normal },
		     { "kernel", r->kernel }, { "sources", r->sources }, { "explains", r->explains } };

	wrap_put(t, r->id, INDENT, sv(r->name), screen);
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		wrap_put_lines(t, before[i].what, INDENT, before[i].text, SIZE_MAX, screen);
	put_list(t, "sockets", r->filter, screen);
	put_list(t, "groups", r->by, screen);
	for (size_t i = 0; i < ARRAY_SIZE(after); i++)
		wrap_put_lines(t, after[i].what, INDENT, after[i].text, SIZE_MAX, screen);
	put_limits(t, r, screen);
	for (size_t i = 0; i < ARRAY_SIZE(last); i++)
		if (last[i].text && last[i].text[0])
			wrap_put_lines(t, last[i].what, INDENT, last[i].text, SIZE_MAX, screen);
}

void listed_put(const bool *wanted, bool is_long, unsigned int screen, struct text *ret)
{
	bool is_first = true;

	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		if (!wanted[i])
			continue;
		text_str(ret, is_long && !is_first ? "\n" : "");
		is_first = false;
		if (is_long)
			put_rule(ret, &rules[i], screen);
		else
			wrap_put(ret, rules[i].id, INDENT, sv(rules[i].name), screen);
	}
}

static void put_limits_json(struct text *t, const struct rule *r, bool *is_first)
{
	struct sv rest = r->limits ? sv(r->limits) : (struct sv){};
	bool is_first_limit = true;

	members_put_key(t, "limits", is_first);
	text_char(t, '{');
	for (struct sv w = sv_word(&rest); w.len; w = sv_word(&rest)) {
		struct sv name = sv_take(&w, '=');

		if (sv_is(name, "ports"))
			continue;
		text_str(t, is_first_limit ? "" : ",");
		is_first_limit = false;
		json_put_string(t, name);
		text_char(t, ':');
		json_put_string(t, limits_find(NULL, r, name));
	}
	text_char(t, '}');
}

static void put_rule_json(struct text *t, const struct rule *r)
{
	const struct {
		const char *key, *text;
	} keys[] = { { "id", r->id },           { "set", rule_set_name(r->set) },
		     { "name", r->name },       { "filter", r->filter },
		     { "by", r->by },           { "info", r->info },
		     { "warning", r->warning }, { "critical", r->critical },
		     { "meaning", r->meaning }, { "cause", r->cause },
		     { "normal", r->normal },   { "kernel", r->kernel },
		     { "sources", r->sources } };
	bool is_first = true;

	text_char(t, '{');
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		members_put_string(t, keys[k].key, keys[k].text, &is_first);
	put_limits_json(t, r, &is_first);
	text_char(t, '}');
}

static void put_all(const bool *wanted, const char *between, const char *behind, struct text *ret)
{
	bool is_first = true;

	for (enum rule_id i = 0; i < RULE_MAX; i++) {
		if (!wanted[i])
			continue;
		text_str(ret, is_first ? "" : between);
		is_first = false;
		put_rule_json(ret, &rules[i]);
		text_str(ret, behind);
	}
}

void listed_put_json(const bool *wanted, bool, unsigned int, struct text *ret)
{
	text_str(ret, "{\"rules\":[\n");
	put_all(wanted, ",\n", "", ret);
	text_str(ret, "\n]}\n");
}

void listed_put_ndjson(const bool *wanted, bool, unsigned int, struct text *ret)
{
	put_all(wanted, "", "\n", ret);
}
