/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Charts: what they draw of samples, and what they keep from one to the next. */

#include "base/cleanup.h"
#include "base/out.h"
#include "check.h"
#include "sink/format/formats.h"
#include "sink/format/series.h"

enum { SECOND = 1000000 };

static const struct column columns[] = {
	{ .name = "state", .field = F_MAX, .type = T_STR },
	{ .name = "count", .field = F_MAX, .type = T_UINT },
	{ .name = "share", .field = F_MAX, .type = T_SHARE },
	{ .name = "sum(mem)", .field = F_MAX, .type = T_BYTES },
};

static struct cell number(double d)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_UINT, .u = (uint64_t)d } };
}

static struct cell word(const char *s)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv(s) } };
}

/* A digit each for the samples of one group, '.' where it is not there; groups are a line each. */
static const char *drawn(const struct format_opts *o, const char *format, const char *groups, bool has_sums)
{
	static char written[16384];
	_cleanup_(tabular_freep) struct tabular *t = NULL;
	struct listing l = { .name = "groups", .columns = columns, .n = has_sums ? 4 : 3 };
	size_t n = strcspn(strchr(groups, ' '), "\n") - 1;
	struct out out;

	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv(format))->open(o, &out, &t) == 0);
	for (size_t k = 0; k < n; k++) {
		l.at_us = (UINT64_C(1000000000) + 60 * k) * SECOND;
		CHECK(t->ops->list(t, &l) == 0);
		for (const char *g = groups; *g; g = strchr(g, '\n') + 1) {
			size_t len = strcspn(g, " ");
			char name[64] = "";
			struct cell cells[4];

			memcpy(name, g, len);
			if (g[len + 1 + k] == '.')
				continue;
			cells[0] = word(name);
			cells[1] = number(g[len + 1 + k] - '0');
			cells[2] = (struct cell){};
			cells[3] = number(1024 * (g[len + 1 + k] - '0'));
			CHECK(t->ops->record(t, cells) == 0);
		}
		CHECK(t->ops->list_end(t) == 0);
	}
	CHECK(t->ops->end(t, NULL) == 0);
	CHECK(!out.error && out.len < sizeof(written));
	memcpy(written, out.buf, out.len);
	written[out.len] = '\0';
	(void)out_done(&out);
	return written;
}

static void test_ascii(void)
{
	const struct format_opts o = { .screen = 33 };

	CHECK_STR(drawn(&o, "chart", "listening 12345678\n", false), "# 2001-09-09T01:46:40.000000Z  count\n"
								     "listening  now 8  min 1  max 8\n"
								     "     10 |\n"
								     "        |                     ...\n"
								     "        |                  ...###\n"
								     "        |               #########\n"
								     "        |            ############\n"
								     "        |      ...###############\n"
								     "        |   ...##################\n"
								     "      0 |########################\n"
								     "         01:46:40        01:53:40\n");
}

static void test_glyphs(void)
{
	struct format_opts o = { .screen = 33, .is_utf8 = true };
	const char *text = drawn(&o, "chart", "a 08\n", false);

	CHECK(strstr(text, "\xe2\x96\x88") && strstr(text, "\xe2\x94\x82") && !strstr(text, "\xe2\xa3\xbf"));
	o.has_braille = true;
	text = drawn(&o, "chart", "a 08\n", false);
	CHECK(strstr(text, "\xe2\xa3\xbf") && !strstr(text, "\xe2\x96\x88"));
}

/* A group that is not there has count 0, and no sum. */
static void test_absent(void)
{
	const struct format_opts o = { .screen = 33 };

	CHECK(strstr(drawn(&o, "chart", "a 22\nb 1.\n", false), "b  now 0  min 0  max 1\n"));
	CHECK(strstr(drawn(&o, "chart", "a 22\nb 1.\n", true), "b  now -  min 1.0KiB  max 1.0KiB\n"));
	CHECK(strstr(drawn(&o, "chart", "a 22\nb .1\n", false), "b  now 1  min 0  max 1\n"));
}

static void test_largest(void)
{
	const struct format_opts o = { .screen = 33, .has_limit = true, .limit = 1 };
	const char *text = drawn(&o, "chart", "small 11\nlarge 99\n", false);

	CHECK(strstr(text, "(the largest 1 of 2)") && strstr(text, "large  now 9") && !strstr(text, "small"));
}

/* Names that others chose. */
static void test_hostile(void)
{
	const struct format_opts o = { .screen = 40 };

	CHECK(!strchr(drawn(&o, "chart", "a\033[31m\xff 11\n", false), '\033'));
	CHECK(strstr(drawn(&o, "svg", "</svg><script>& 11\n", false), "&lt;/svg&gt;&lt;script&gt;&amp;"));
	CHECK(!strstr(drawn(&o, "svg", "</svg><script>& 11\n", false), "<script>"));
}

/* What was before is kept by who calls; with too many samples neighbours become one. */
static void test_kept(void)
{
	_cleanup_(series_freep) struct series_set *set = NULL;
	const struct series *one;
	double min = 0, max = 0;

	CHECK(series_new(&set) == 0);
	for (size_t k = 0; k < 3 * SERIES_POINTS; k++) {
		CHECK(series_begin(set, &columns[1], (1 + k) * SECOND, true) == 0);
		CHECK(series_put(set, sv("x"), k < SERIES_POINTS ? 10 : 30) == 0);
	}
	CHECK(set->n == 1 && set->n_points <= SERIES_POINTS && set->step == 4);
	CHECK(series_largest(set, &one, 1) == 1 && series_range(set, one, &min, &max));
	CHECK(min == 10 && max == 30 && set->at_us[0] == SECOND);
	CHECK(series_mean(set, one, 0, 6) == 10 && series_mean(set, one, 5, 6) == 30);
}

/* A clock that was set back makes no time that is before the first. */
static void test_set_back(void)
{
	static const uint64_t times[] = { 100, 101, 50, 51, 102 };
	_cleanup_(series_freep) struct series_set *set = NULL;
	const struct series *one;

	CHECK(series_new(&set) == 0);
	for (size_t k = 0; k < ARRAY_SIZE(times); k++) {
		CHECK(series_begin(set, &columns[1], times[k] * SECOND, true) == 0);
		CHECK(series_put(set, sv("x"), (double)k) == 0);
	}
	CHECK(series_largest(set, &one, 1) == 1 && set->at_us[2] == 101 * SECOND);
	CHECK(series_mean(set, one, 9, 10) == 4);
}

static void test_ceilings(void)
{
	static const struct {
		double max, plain, bytes;
	} lines[] = { { 0, 1, 1 },          { 1, 1, 1 },     { 3, 5, 5 },
		      { 10, 10, 10 },       { 11, 20, 20 },  { 999, 1000, 1000 },
		      { 1500, 2000, 2048 }, { 0.3, 0.5, 1 }, { 1e9, 1e9, 1024. * 1024 * 1000 } };
	struct series_set plain = { .value.type = T_UINT }, bytes = { .value.type = T_BYTES };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		double got = series_ceiling(&plain, lines[i].max);

		CHECK(got >= lines[i].plain * 0.999 && got <= lines[i].plain * 1.001);
		CHECK(series_ceiling(&bytes, lines[i].max) >= lines[i].max);
		CHECK(lines[i].max < 1 || series_ceiling(&bytes, lines[i].max) == lines[i].bytes);
	}
}

int main(void)
{
	test_ascii();
	test_glyphs();
	test_absent();
	test_largest();
	test_hostile();
	test_kept();
	test_set_back();
	test_ceilings();
	return 0;
}
