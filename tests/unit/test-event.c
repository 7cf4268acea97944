/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Which events are asked for, and which columns are shown of them. */

#include <errno.h>

#include "check.h"
#include "cli/event_columns.h"
#include "model/event.h"
#include "ops/columns.h"
#include "sink/classic/classic.h"

static uint32_t parsed(const char *list)
{
	uint32_t kinds = 0;
	struct err e;

	CHECK(event_parse(list, &kinds, &e) == 0);
	return kinds;
}

static void test_lists(void)
{
	const uint32_t close = 1u << EVENT_CLOSE, existing = 1u << EVENT_EXISTING;

	CHECK(parsed("close") == close);
	CHECK(parsed("close, reset") == (close | 1u << EVENT_RESET));
	CHECK(parsed("close,close") == close);
	CHECK(parsed("existing") == existing);
	/* What begins is not whole without what has begun. */
	CHECK(parsed("open") == (1u << EVENT_OPEN | existing));
	CHECK(parsed("accept,close") == (1u << EVENT_ACCEPT | close | existing));
	CHECK(parsed("all") == (1u << EVENT_LOST) - 1);
}

static void test_what_is_none(void)
{
	static const char *const lists[] = { "", ",", "close,", "lost", "Close", "closes", "all,nothing" };
	uint32_t kinds;
	struct err e;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		CHECK(event_parse(lists[i], &kinds, &e) == -EINVAL);
	CHECK(event_parse("closes", &kinds, &e) == -EINVAL && strstr(e.text, "\"closes\"") &&
	      strstr(e.text, "did you mean close?"));
}

/* Each choice is a list that --columns takes, and begins with when and what. */
static void test_columns(void)
{
	static const uint32_t shows[] = { 0,
					  SHOW_INFO,
					  SHOW_DETAIL,
					  SHOW_INFO | SHOW_MEM | SHOW_TIMER,
					  SHOW_CGROUP,
					  SHOW_CGROUP | SHOW_DETAIL,
					  SHOW_SOCKOPT | SHOW_TOS };

	for (size_t i = 0; i < 2 * sizeof(shows) / sizeof(*shows); i++) {
		struct text t = {};
		struct columns c = {};
		struct err e;

		event_columns_put(&t, shows[i / 2], i % 2);
		CHECK(!t.failed && !strncmp(t.p, "time,event,", 11) && t.p[t.len - 1] == '\0');
		CHECK(columns_parse(&c, sv(t.p), "--columns", &e) == 0);
		for (size_t a = 0; a < c.n; a++)
			for (size_t b = 0; b < a; b++)
				CHECK(c.v[a].field != c.v[b].field);
		CHECK(!strstr(t.p, "tcp.*") == !(shows[i / 2] & SHOW_INFO));
		columns_done(&c);
		text_done(&t);
	}
}

int main(void)
{
	test_lists();
	test_what_is_none();
	test_columns();
	return 0;
}
