/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is being done, for who watches. */

#include "base/progress.h"
#include "check.h"

static const char *shown;
static uint64_t done_of, all_of;
static int n_hidden;

static void show(const char *what, uint64_t done, uint64_t all)
{
	shown = what;
	done_of = done;
	all_of = all;
}

static void hide(void)
{
	n_hidden++;
}

static const char *look(void)
{
	shown = NULL;
	progress_look();
	return shown ? shown : "nothing";
}

/* Where nobody watches it costs nothing, and nothing of it is shown to who comes later. */
static void test_unwatched(void)
{
	int work = progress_enter("early", 7);

	progress_set(work, 1);
	progress_watch(show, hide);
	CHECK_STR(look(), "nothing");
	progress_leave(work);
	CHECK(n_hidden == 0);
}

static void test_within_each_other(void)
{
	int outer = progress_enter("outer", 100), inner;

	progress_set(outer, 40);
	CHECK_STR(look(), "outer");
	CHECK(done_of == 40 && all_of == 100);
	inner = progress_enter("inner", 0);
	CHECK_STR(look(), "inner");
	CHECK(done_of == 0 && all_of == 0);
	progress_leave(inner);
	CHECK(n_hidden == 1);
	CHECK_STR(look(), "outer");
	CHECK(done_of == 40);
	progress_leave(outer);
	CHECK_STR(look(), "nothing");
}

/* More works than there is room for are done all the same. */
static void test_too_many(void)
{
	int works[20];

	for (int i = 0; i < 20; i++)
		works[i] = progress_enter("one", (uint64_t)i);
	CHECK_STR(look(), "one");
	for (int i = 20; i-- > 0;) {
		progress_set(works[i], 1);
		progress_leave(works[i]);
	}
	CHECK_STR(look(), "nothing");
}

int main(void)
{
	test_unwatched();
	test_within_each_other();
	test_too_many();
	progress_watch(NULL, NULL);
	return 0;
}
