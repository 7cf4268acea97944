/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What stands behind --ports, word by word, and what it becomes. */

#include <errno.h>

#include "base/cleanup.h"
#include "check.h"
#include "cli/port_words.h"

/* Services: "http" is 80 of both, "dual" differs, "talk" is of UDP alone. */
static int number(void *, enum filter_name kind, struct sv name, uint64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t tcp, udp;
	} services[] = { { "http", 80, 80 }, { "dual", 100, 200 }, { "talk", 0, 517 } };

	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		*ret = kind == FILTER_NAME_TCP_PORT ? services[i].tcp : services[i].udp;
		if (sv_is(name, services[i].name) && *ret)
			return 0;
	}
	return -ENOENT;
}

#define NAMED(name) "(process.name = \"" name "\" or process.full_name ~ \"* [[]" name "]\")"

static const struct {
	const char *words;   /* with '\n' between */
	const char *becomes; /* NULL: it is refused */
	const char *why;     /* a part of what is said then */
} rows[] = {
	{ "80", "(local.port in {80-80})", NULL },
	{ "0", "(local.port in {0-0})", NULL },
	{ "65535", "(local.port in {65535-65535})", NULL },
	{ "80\n443", "(local.port in {80-80} or local.port in {443-443})", NULL },
	{ "80-90", "(local.port in {80-90})", NULL },
	{ "80,443,8000-8099", "(local.port in {80-80,443-443,8000-8099})", NULL },
	{ "http", "(local.port in {80,80})", NULL },
	{ "dual", "(local.port in {100,200})", NULL },
	{ "talk", "(local.port in {517})", NULL },
	{ "nginx", NAMED("nginx"), NULL },
	{ "nginx\n80\nhttp",
	  "(process.name = \"nginx\" or process.full_name ~ \"* [[]nginx]\" or local.port in {80-80} or "
	  "local.port in {80,80})",
	  NULL },
	{ "php*",
	  "(process.name ~ \"php*\" or process.full_name ~ \"php*\" or process.full_name ~ \"* [[]php*]\")",
	  NULL },
	{ "fifteen-bytes-x", NAMED("fifteen-bytes-x"), NULL },
	{ "a-name-of-more-than-fifteen-bytes",
	  "(process.full_name = \"a-name-of-more-than-fifteen-bytes\" or process.full_name ~ \"* "
	  "[[]a-name-of-more-than-fifteen-bytes]\")",
	  NULL },
	{ "a\\b", "(process.name = \"a\\\\b\" or process.full_name ~ \"* [[]a\\\\\\\\b]\")", NULL },
	{ "7z", NAMED("7z"), NULL },
	{ "x-1", NAMED("x-1"), NULL },
	/* names of fields and words of filters, where no operator follows */
	{ "user", NAMED("user"), NULL },
	{ "has", NAMED("has"), NULL },
	{ "uid\nuser",
	  "(process.name = \"uid\" or process.full_name ~ \"* [[]uid]\" or process.name = \"user\" or "
	  "process.full_name ~ \"* [[]user]\")",
	  NULL },
	/* expressions, which are left as they are */
	{ "", "", NULL },
	{ "sport < 1024", "", NULL },
	{ "sport\n=\n80", "", NULL },
	{ "sport=80", "", NULL },
	{ "( sport = 80 )", "", NULL },
	{ "!\nsport\n80", "", NULL },
	{ "not\nsport\n80", "", NULL },
	{ "src\n10.0.0.1", "", NULL },
	{ "has\ncgroup", "", NULL },
	{ "uid\n=\n0", "", NULL },
	{ "uid\n>0", "", NULL },
	{ "user\nin\nroot,daemon", "", NULL },
	{ "process.name ~ ngin", "", NULL },
	{ "autobound", "", NULL },
	{ "state\n=\nlistening", "", NULL },
	{ "65536", NULL, "\"65536\" is no port" },
	{ "80-", NULL, "\"80-\" is no range" },
	{ "80-70000", NULL, "\"80-70000\" is no range" },
	{ "80-90-100", NULL, "no range" },
	{ "90-80", NULL, "empty range" },
	{ "80,", NULL, "\"80,\" is no port" },
	{ ",", NULL, "\",\" is no port" },
	{ "80\nsport=443", NULL, "\"80\" is a port or a process, and \"sport=443\" begins an expression" },
	{ "nginx\nor\nsport\n=\n80", NULL, "\"or\" begins an expression" },
};

static void check(size_t i)
{
	static const struct filter_names names = { .number = number };
	const struct filter_env env = { .names = &names };
	struct sv words[8], rest = sv(rows[i].words);
	struct text t = {};
	struct err e = {};
	size_t n = 0;
	int r;

	while (rest.p && rows[i].words[0] && n < ARRAY_SIZE(words))
		words[n++] = sv_take(&rest, '\n');
	r = port_words_read(&env, words, n, &t, &e);
	if (rows[i].becomes ? r || !sv_is(sv_n(t.p ? t.p : "", t.len), rows[i].becomes)
			    : r != -EINVAL || !strstr(e.text, rows[i].why)) {
		fprintf(stderr, "%s: %d %.*s %s\n", rows[i].words, r, (int)t.len, t.p ? t.p : "", e.text);
		abort();
	}
	text_done(&t);
}

/* Whose ports: those named, or TCP's and UDP's. */
static void check_selection(void)
{
	static const uint32_t tcp = 1u << TABLE_TCP, udp = 1u << TABLE_UDP;
	struct selection sel;
	struct select s = {};
	struct err e;

	CHECK(port_words_select(&s, &sel, &e) == 0 && sel.tables == (tcp | udp));
	CHECK(sel.states == (STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE)));
	s = (struct select){};
	select_family(&s, AF_INET6);
	CHECK(port_words_select(&s, &sel, &e) == 0 && sel.tables == (tcp | udp) &&
	      sel.families == UINT64_C(1) << AF_INET6);
	s = (struct select){};
	select_table(&s, tcp);
	select_states(&s, STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE));
	CHECK(port_words_select(&s, &sel, &e) == 0 && sel.tables == tcp);
	select_states(&s, STATES_ALL);
	CHECK(port_words_select(&s, &sel, &e) == -EINVAL && strstr(e.text, "leave other states out"));
	s = (struct select){};
	select_family(&s, AF_UNIX);
	CHECK(port_words_select(&s, &sel, &e) == -EINVAL && strstr(e.text, "what has ports"));
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(i);
	check_selection();
	return 0;
}
