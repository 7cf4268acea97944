/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is JSON and what is not, and texts found in it. */

#include "base/cleanup.h"
#include "base/json.h"
#include "check.h"

static void test_validity(void)
{
	static const struct {
		const char *doc;
		bool is_json;
	} cases[] = {
		{ "{}", true },
		{ "[]", true },
		{ " [ ] ", true },
		{ "0", true },
		{ "-0", true },
		{ "12.5e-3", true },
		{ "1E+2", true },
		{ "true", true },
		{ "null", true },
		{ "\"\"", true },
		{ "\"\\u0041\\ud83d\\ude00\\n\\/\"", true },
		{ "[1,[2,{\"a\":[]}],{}]", true },
		{ "{\"a\":1,\"b\":{\"c\":[1,2]}}\n", true },
		{ "", false },
		{ " ", false },
		{ "{", false },
		{ "[", false },
		{ "]", false },
		{ "[1,]", false },
		{ "[,1]", false },
		{ "[1 2]", false },
		{ "[1]]", false },
		{ "{}{}", false },
		{ "{\"a\"}", false },
		{ "{\"a\":}", false },
		{ "{\"a\":1,}", false },
		{ "{a:1}", false },
		{ "{1:1}", false },
		{ "{\"a\":1]", false },
		{ "[1}", false },
		{ "01", false },
		{ "1.", false },
		{ ".5", false },
		{ "1e", false },
		{ "+1", false },
		{ "-", false },
		{ "nul", false },
		{ "nulll", false },
		{ "\"", false },
		{ "\"\\\"", false },
		{ "\"\\x\"", false },
		{ "\"\\u12\"", false },
		{ "\"\\u12g4\"", false },
		{ "\"\\ud800\"", false },
		{ "\"\\ud800\\u0041\"", false },
		{ "\"\\udc00\"", false },
		{ "\"a\nb\"", false },
		{ "'a'", false },
		{ "[1,\f2]", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct json j = json_of(sv(cases[i].doc));

		json_skip(&j);
		if (json_end(&j) != cases[i].is_json) {
			fprintf(stderr, "%s\n", cases[i].doc);
			abort();
		}
	}
}

static void test_depth(void)
{
	struct text t = {};

	for (int depth = JSON_DEPTH; depth <= JSON_DEPTH + 1; depth++) {
		struct json j;

		t.len = 0;
		for (int i = 0; i < depth; i++)
			text_char(&t, '[');
		for (int i = 0; i < depth; i++)
			text_char(&t, ']');
		j = json_of(sv_n(t.p, t.len));
		json_skip(&j);
		CHECK(json_end(&j) == (depth == JSON_DEPTH));
	}
	text_done(&t);
}

static void test_nul(void)
{
	static const char doc[] = "[1]\0[2]";
	struct json j = json_of(sv_n(doc, sizeof(doc) - 1));

	json_skip(&j);
	CHECK(!json_end(&j));
	j = json_of(sv_n("\0", 1));
	json_skip(&j);
	CHECK(!json_end(&j));
}

static void test_reading(void)
{
	struct json j = json_of(sv(
		"{\"ID\":\"x\",\"skip\":[{\"Name\":\"no\"}],\"Na\\u006de\":\"/w\\u00e9b\\ud83d\\ude00\\t\","
		"\"n\":[\"a\",1,\"b\"],\"last\":{\"deep\":{}}}"));
	struct text key = {}, name = {}, all = {};

	CHECK(json_enter(&j, '{'));
	while (json_key(&j, &key)) {
		if (sv_is(sv_n(key.p, key.len), "Name")) {
			CHECK(json_text(&j, &name));
		} else if (sv_is(sv_n(key.p, key.len), "n")) {
			CHECK(json_enter(&j, '['));
			while (json_item(&j))
				if (!json_text(&j, &all))
					text_char(&all, '-');
		} else {
			json_skip(&j);
		}
	}
	CHECK(json_end(&j));
	CHECK(sv_is(sv_n(name.p, name.len), "/w\303\251b\360\237\230\200\t"));
	CHECK(sv_is(sv_n(all.p, all.len), "a-b"));
	j = json_of(sv("[1]"));
	CHECK(!json_enter(&j, '{') && json_end(&j));
	j = json_of(sv("[1]"));
	CHECK(json_enter(&j, '[') && !json_key(&j, &key) && j.failed && !json_end(&j));
	j = json_of(sv("1"));
	CHECK(!json_item(&j) && j.failed);
	text_done(&key);
	text_done(&name);
	text_done(&all);
}

int main(void)
{
	test_validity();
	test_depth();
	test_nul();
	test_reading();
	return 0;
}
