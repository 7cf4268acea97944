/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "base/cleanup.h"
#include "doctor/rule.h"
#include "model/netid.h"

/* clang-format off */
const struct rule rules[RULE_MAX] = {
#define RULE(id_, set_, name_, title_, ...) [RULE_##id_] = { .id = #id_, .set = SET_##set_, .name = (name_), .title = (title_), __VA_ARGS__ },
#include "doctor/doctor.def"
};
/* clang-format on */

static const struct {
	const char *name, *title;
} sets[SET_MAX] = {
	[SET_LISTEN] = { "listen", "Listeners" },
	[SET_CLOSING] = { "closing", "Connections that end, or should" },
	[SET_PORTS] = { "ports", "Ports, descriptors and connecting" },
	[SET_PATH] = { "path", "The path between the hosts" },
	[SET_BUFFERS] = { "buffers", "Buffers, and who limits whom" },
	[SET_MEMORY] = { "memory", "Memory" },
	[SET_OTHER] = { "other", "UDP, Unix, netlink and packet sockets" },
	[SET_HYGIENE] = { "hygiene", "Address translation, and the rest of the house" },
};

static const char *const severities[] = { [SEVERITY_NONE] = "ok",
					  [SEVERITY_INFO] = "info",
					  [SEVERITY_WARNING] = "warning",
					  [SEVERITY_CRITICAL] = "critical" };

enum rule_id rule_find(struct sv id)
{
	enum rule_id i = 0;

	while (i < RULE_MAX && !sv_is(id, rules[i].id))
		i++;
	return i;
}

const char *rule_set_name(enum rule_set set)
{
	return sets[set].name;
}

const char *rule_set_title(enum rule_set set)
{
	return sets[set].title;
}

const char *severity_name(enum severity s)
{
	return severities[s];
}

enum severity severity_find(struct sv word)
{
	for (size_t i = SEVERITY_INFO; i < ARRAY_SIZE(severities); i++)
		if (sv_is(word, severities[i]))
			return (enum severity)i;
	return SEVERITY_NONE;
}

struct sv rule_line(const char **rest)
{
	struct sv line, all;

	if (!*rest)
		return (struct sv){};
	all = sv(*rest);
	line = sv_take(&all, '\n');
	*rest = all.p && all.len ? all.p : NULL;
	return line;
}

bool rule_is_in(const char *list, const char *id)
{
	struct sv rest = list ? sv(list) : (struct sv){};

	for (struct sv word = sv_word(&rest); word.len; word = sv_word(&rest))
		if (sv_is(word, id))
			return true;
	return false;
}

static uint32_t tables_in(const char *list)
{
	struct sv rest = sv(list);
	uint32_t tables = 0;

	for (struct sv word = sv_word(&rest); word.len; word = sv_word(&rest))
		for (enum table t = 0; t < TABLE_MAX; t++)
			tables |= sv_is(word, table_names[t]) ? UINT32_C(1) << t : 0;
	return tables;
}

uint32_t rule_tables_of(const struct rule *rule)
{
	bool is_tcp = rule->filter && !strncmp(rule->filter, "netid = tcp and ", 16);

	return tables_in(rule->tables ? rule->tables : is_tcp ? "tcp" : "tcp mptcp");
}

uint32_t rule_tables(void)
{
	uint32_t tables = 0;

	for (enum rule_id i = 0; i < RULE_MAX; i++)
		tables |= rules[i].filter ? rule_tables_of(&rules[i]) : 0;
	return tables;
}
