/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Cells of a table that wait: what is taken is what was put, and long texts are kept once. */

#include "check.h"
#include "sink/format/held.h"

static void put(struct held *h, const char *text, struct held_look look, bool may_repeat)
{
	size_t start = held_open(h);

	text_str(&h->store, text);
	held_end(h, start, look, may_repeat);
}

/* Takes the next cell, which is of @width cells and has a text of its own or not. */
static void check_next(const struct held *h, struct sv *rest, const char *want, unsigned int width,
		       bool is_again)
{
	struct sv text;
	struct held_head head = held_take(h, rest, &text);

	CHECK(sv_is(text, want));
	CHECK(head.width == width && head.len == text.len);
	CHECK(head.is_again == is_again);
}

static void test_again(void)
{
	static const char name[] = "docker-0123456789.scope", wide[] = "\xe4\xb8\xad\xe6\x96\x87 units";
	struct held h = {};
	struct sv rest;

	put(&h, name, (struct held_look){}, true);
	put(&h, "short", (struct held_look){}, true);
	put(&h, "short", (struct held_look){}, true);
	CHECK(held_again(&h, sv(name), (struct held_look){ .mark = 1 }));
	put(&h, wide, (struct held_look){}, true);
	put(&h, wide, (struct held_look){ .tone = 3 }, true);
	put(&h, name, (struct held_look){}, false);
	CHECK(!held_again(&h, sv("docker-0123456780.scope"), (struct held_look){}));
	CHECK(!held_again(&h, sv("short"), (struct held_look){}));
	rest = sv_n(h.store.p, h.store.len);
	check_next(&h, &rest, name, sizeof(name) - 1, false);
	check_next(&h, &rest, "short", 5, false);
	check_next(&h, &rest, "short", 5, false);
	check_next(&h, &rest, name, sizeof(name) - 1, true);
	check_next(&h, &rest, wide, 10, false);
	check_next(&h, &rest, wide, 10, true);
	check_next(&h, &rest, name, sizeof(name) - 1, false);
	CHECK(!rest.len);
	held_done(&h);
}

/* How a cell looks is its own, whoever has the text. */
static void test_looks(void)
{
	static const char name[] = "a unit of some length";
	struct held h = {};
	struct held_head head;
	struct sv rest, text;

	put(&h, name, (struct held_look){ .tone = 2, .mark = 1 }, true);
	put(&h, name, (struct held_look){ .tone = 5, .mark = 3 }, true);
	rest = sv_n(h.store.p, h.store.len);
	head = held_take(&h, &rest, &text);
	CHECK(head.tone == 2 && head.mark == 1);
	head = held_take(&h, &rest, &text);
	CHECK(head.tone == 5 && head.mark == 3);
	held_done(&h);
}

/* What was emptied is not referred to, though its bytes are where they were. */
static void test_emptied(void)
{
	static const char name[] = "docker-0123456789.scope";
	struct held h = {};
	struct sv rest;

	put(&h, name, (struct held_look){}, true);
	held_empty(&h);
	CHECK(!held_again(&h, sv(name), (struct held_look){}));
	put(&h, "something else here", (struct held_look){}, true);
	put(&h, name, (struct held_look){}, true);
	rest = sv_n(h.store.p, h.store.len);
	check_next(&h, &rest, "something else here", 19, false);
	check_next(&h, &rest, name, sizeof(name) - 1, false);
	held_done(&h);
}

/* More texts than are remembered. */
static void test_many(void)
{
	struct held h = {};
	struct sv rest;
	char name[32];

	for (unsigned int turn = 0; turn < 3; turn++)
		for (unsigned int i = 0; i < 3 * HELD_SEEN; i++) {
			(void)snprintf(name, sizeof(name), "container-%05u-of-many", i);
			if (!held_again(&h, sv(name), (struct held_look){}))
				put(&h, name, (struct held_look){}, true);
		}
	rest = sv_n(h.store.p, h.store.len);
	for (unsigned int i = 0; i < 9 * HELD_SEEN; i++) {
		struct sv text;

		(void)snprintf(name, sizeof(name), "container-%05u-of-many", i % (3 * HELD_SEEN));
		(void)held_take(&h, &rest, &text);
		CHECK(sv_is(text, name));
	}
	CHECK(!rest.len);
	held_done(&h);
}

int main(void)
{
	test_again();
	test_looks();
	test_emptied();
	test_many();
	return 0;
}
