/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Taking a text apart into lines, fields and words. */

#include "base/sv.h"
#include "check.h"

static void test_take(void)
{
	struct sv rest = sv("a::b:");

	CHECK(sv_is(sv_take(&rest, ':'), "a"));
	CHECK(sv_is(sv_take(&rest, ':'), ""));
	CHECK(sv_is(sv_take(&rest, ':'), "b") && rest.p && !rest.len);
	CHECK(sv_is(sv_take(&rest, ':'), "") && !rest.p);
	CHECK(sv_is(sv_take(&rest, ':'), "") && !rest.p);
	rest = sv("no such thing");
	CHECK(sv_is(sv_take(&rest, ':'), "no such thing") && !rest.p);
}

static void test_word(void)
{
	struct sv rest = sv(" \t one\ttwo  \r\nthree\v\f ");

	CHECK(sv_is(sv_word(&rest), "one"));
	CHECK(sv_is(sv_word(&rest), "two"));
	CHECK(sv_is(sv_word(&rest), "three"));
	CHECK(rest.len == 3);
	CHECK(sv_is(sv_word(&rest), "") && !rest.len);
	CHECK(sv_is(sv_word(&rest), "") && !rest.len);
	rest = (struct sv){};
	CHECK(sv_is(sv_word(&rest), ""));
	rest = sv_n("word|behind", 4);
	CHECK(sv_is(sv_word(&rest), "word") && !rest.len);
	rest = sv("\xa0\x08 caf\xc3\xa9");
	CHECK(sv_is(sv_word(&rest), "\xa0\x08"));
	CHECK(sv_is(sv_word(&rest), "caf\xc3\xa9"));
}

int main(void)
{
	test_take();
	test_word();
	return 0;
}
