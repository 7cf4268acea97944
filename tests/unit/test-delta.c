/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* delta(): by how much groups changed since the sample before. */

#include <errno.h>

#include "ops/columns.h"
#include "ops/delta.h"
#include "ops/having.h"
#include "records.h"

/* The CSV of a sample of records, each a user and two digits of a queue: "a10 b05"; the next one goes on from
 * it. */
static const char *sample(struct deltas *deltas, const char *by, const char *having, uint64_t limit,
			  const char *records)
{
	static char written[4096];
	_cleanup_(tabular_freep) struct tabular *csv = NULL;
	struct group_opts o = { .limit = limit, .deltas = deltas, .sort = sv("user") };
	struct columns c = {};
	struct group *g;
	struct tabular *t;
	struct err e;
	struct out out;

	if (having)
		o.having = sv(having);
	CHECK(columns_parse_by(&c, sv(by), "--by", &o, &e) == 0);
	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("csv"))->open(&(struct format_opts){ .no_header = true }, &out, &csv) == 0);
	CHECK(group_new(&o, c.v, csv, &g, &e) == 0);
	t = group_tabular(g);
	CHECK(t->ops->list(t, &(struct listing){ .name = "sockets", .columns = c.v, .n = c.n }) == 0);
	for (const char *p = records; *p; p += 3 + (p[3] == ' ')) {
		struct cell cells[COLUMNS_MAX] = { bytes_cell(p, 1) };

		for (size_t i = 1; i < c.n; i++)
			cells[i] =
				p[1] == '-' ? absent : uint_cell((uint64_t)(10 * (p[1] - '0') + p[2] - '0'));
		CHECK(t->ops->record(t, cells) == 0);
	}
	CHECK(t->ops->end(t, NULL) == 0);
	CHECK(out.len < sizeof(written));
	memcpy(written, out.buf, out.len);
	written[out.len] = '\0';
	(void)out_done(&out);
	(void)tabular_free(t);
	columns_done(&c);
	return written;
}

static void test_samples(void)
{
	static const char by[] = "user,delta(count),delta(sum(recvq)),delta(max(recvq)),delta(avg(recvq))";
	static const struct {
		const char *records, *csv;
	} samples[] = {
		{ "a10 b05 b07", "a,1,0.3333333333333333,,,,\nb,2,0.6666666666666666,,,,\n" }, /* the first */
		{ "a10 b05 b07", "a,1,0.3333333333333333,0,0,0,0\nb,2,0.6666666666666666,0,0,0,0\n" },
		{ "a12 a01 b05", "a,2,0.6666666666666666,1,3,2,-3.5\nb,1,0.3333333333333333,-1,-7,-2,-1\n" },
		{ "c09 b05",
		  "b,1,0.5,0,0,0,0\nc,1,0.5,1,9,,\n" }, /* one that was not there had none, and no largest */
		{ "c-- b05", "b,1,0.5,0,0,0,0\nc,1,0.5,0,,,\n" }, /* a value that nobody has */
		{ "c02 b05",
		  "b,1,0.5,0,0,0,0\nc,1,0.5,0,,,\n" }, /* and that was not there to be compared with */
		{ "", "" },
		{ "b05", "b,1,1,1,5,,\n" },
	};
	struct deltas *deltas = deltas_new();

	CHECK(deltas);
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		CHECK_STR(sample(deltas, by, NULL, UINT64_MAX, samples[i].records), samples[i].csv);
	(void)deltas_free(deltas);
}

/* The group of all others has the sum of what changed in them. */
static void test_others(void)
{
	static const char by[] = "user,delta(count),delta(sum(recvq)),delta(max(recvq))";
	struct deltas *deltas = deltas_new();

	CHECK_STR(sample(deltas, by, NULL, 1, "a10 b05 c07"),
		  "a,1,0.3333333333333333,,,\n\\other,2,0.6666666666666666,,,\n");
	CHECK_STR(sample(deltas, by, NULL, 1, "a10 b05 b01 d09"), "a,1,0.25,0,0,0\n\\other,3,0.75,2,10,\n");
	(void)deltas_free(deltas);
}

static void test_having(void)
{
	static const char by[] = "user,delta(count) as grown,delta(sum(recvq))";
	struct deltas *deltas = deltas_new();

	CHECK_STR(sample(deltas, by, "delta(sum(recvq)) < 0 or grown >= 1", UINT64_MAX, "a10 b05 c07"), "");
	CHECK_STR(sample(deltas, by, "delta(sum(recvq)) < 0 or grown >= 1", UINT64_MAX, "a10 a01 b04 c07"),
		  "a,2,0.5,1,1\nb,1,0.25,0,-1\n");
	(void)deltas_free(deltas);
}

/* What is no delta, and one without another sample. */
static void test_refused(void)
{
	static const struct {
		const char *by, *said;
	} wrong[] = {
		{ "user,delta(coun)", "nor delta()" },
		{ "user,delta(delta(count))", "nor delta()" },
		{ "user,delta()", "nor delta()" },
		{ "user,delta(recvq)", "nor delta()" },
		{ "user,delta(sum(user))", "is no number" },
		{ "user,delta(sum(recvq)", "nor delta()" },
		{ "user,delta(count)", "say how often with --every" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct group_opts o = { .limit = 1 };
		struct columns c = {};
		struct written {
			struct tabular t;
		} none = {};
		struct group *g = NULL;
		struct err e;
		int r = columns_parse_by(&c, sv(wrong[i].by), "--by", &o, &e);

		if (r == 0)
			r = group_new(&o, c.v, &none.t, &g, &e);
		CHECK(r == -EINVAL);
		if (!strstr(e.text, wrong[i].said))
			CHECK_STR(e.text, wrong[i].said);
		columns_done(&c);
	}
}

/* In units, with the sign in front. */
static void test_units(void)
{
	const struct column bytes = { .type = T_BYTES }, usec = { .type = T_USEC };
	const struct cell less = int_cell(-2048), more = int_cell(2048), late = int_cell(-90 * 1000000);
	struct text t = {};

	value_put_human(&t, &bytes, &less.val);
	text_char(&t, ' ');
	value_put_human(&t, &bytes, &more.val);
	text_char(&t, ' ');
	value_put_human(&t, &usec, &late.val);
	text_char(&t, '\0');
	CHECK_STR(t.p, "-2.0KiB 2.0KiB -1m30s");
	text_done(&t);
}

int main(void)
{
	test_samples();
	test_others();
	test_having();
	test_refused();
	test_units();
	return 0;
}
