/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Pages of metrics: numbers, kinds and labels in both forms. */

#include <math.h>

#include "check.h"
#include "metrics/label.h"
#include "metrics/page.h"

static bool is_page(const struct page *p, enum page_form form, const char *want)
{
	struct text t = {};
	bool is_same;

	page_put(p, form, &t);
	is_same = !t.failed && sv_is(sv_n(t.p ? t.p : "", t.len), want);
	if (!is_same)
		printf("%.*s", (int)t.len, t.p ? t.p : "");
	text_done(&t);
	return is_same;
}

static void test_forms(void)
{
	struct page p = {};

	CHECK(is_page(&p, PAGE_TEXT, ""));
	CHECK(is_page(&p, PAGE_OPENMETRICS, "# EOF\n"));
	page_add(&p, METRIC_LISTEN_DROPS, sv(""), SAMPLE_VALUE, 18446744073709551615.0);
	page_add(&p, METRIC_FOLDED, sv("a=\"b\""), SAMPLE_VALUE, 9007199254740991.0);
	page_add(&p, METRIC_DURATION, sv(""), SAMPLE_VALUE, 0.1);
	CHECK(p.n_series == 3 && page_has(&p, METRIC_FOLDED, sv("a=\"b\"")));
	CHECK(!page_has(&p, METRIC_FOLDED, sv("a=\"c\"")) && !page_has(&p, METRIC_DURATION, sv("a=\"b\"")));
	CHECK(is_page(
		&p, PAGE_OPENMETRICS,
		"# TYPE sockeye_tcp_listen_drops counter\n"
		"# HELP sockeye_tcp_listen_drops SYNs and connections that listeners dropped, for whatever "
		"reason\n"
		"sockeye_tcp_listen_drops_total 1.8446744073709552e+19\n"
		"# TYPE sockeye_scrape_duration_seconds gauge\n"
		"# UNIT sockeye_scrape_duration_seconds seconds\n"
		"# HELP sockeye_scrape_duration_seconds how long it took to make this page\n"
		"sockeye_scrape_duration_seconds 0.1\n"
		"# TYPE sockeye_series_folded gauge\n"
		"# HELP sockeye_series_folded series that have no place of their own in this page: they are "
		"in those with \\\\other, or left out\n"
		"sockeye_series_folded{a=\"b\"} 9007199254740991\n"
		"# EOF\n"));
	page_done(&p);
	CHECK(is_page(&p, PAGE_TEXT, ""));
}

/* What is of now can become less: in the text format no kind says so. */
static void test_histogram(void)
{
	struct page p = {};

	page_add(&p, METRIC_RTT, sv("le=\"+Inf\""), SAMPLE_BUCKET, 2);
	page_add(&p, METRIC_RTT, sv(""), SAMPLE_COUNT, 2);
	page_add(&p, METRIC_RTT, sv(""), SAMPLE_SUM, 0.25);
	CHECK(is_page(&p, PAGE_TEXT,
		      "# HELP sockeye_tcp_rtt_seconds smoothed round-trip times of the connections that "
		      "there are now\n"
		      "# TYPE sockeye_tcp_rtt_seconds histogram\n"
		      "sockeye_tcp_rtt_seconds_bucket{le=\"+Inf\"} 2\n"
		      "sockeye_tcp_rtt_seconds_count 2\n"
		      "sockeye_tcp_rtt_seconds_sum 0.25\n"));
	CHECK(is_page(&p, PAGE_OPENMETRICS,
		      "# TYPE sockeye_tcp_rtt_seconds gaugehistogram\n"
		      "# UNIT sockeye_tcp_rtt_seconds seconds\n"
		      "# HELP sockeye_tcp_rtt_seconds smoothed round-trip times of the connections that "
		      "there are now\n"
		      "sockeye_tcp_rtt_seconds_bucket{le=\"+Inf\"} 2\n"
		      "sockeye_tcp_rtt_seconds_gcount 2\n"
		      "sockeye_tcp_rtt_seconds_gsum 0.25\n"
		      "# EOF\n"));
	page_done(&p);
}

static void test_no_memory(void)
{
	struct page p = { .has_failed = true };
	struct text t = {};

	page_put(&p, PAGE_TEXT, &t);
	CHECK(t.failed);
	text_done(&t);
	page_done(&p);
}

static bool is_label(enum field_id f, const char *value, const char *want)
{
	const struct column c = { .name = fields[f].name, .field = f, .type = fields[f].type };
	const struct cell cell = { .is_there = value,
				   .val = { .kind = VAL_STR, .s = sv(value ? value : "") } };
	struct text t = {}, scratch = {};
	bool is_same;

	label_put(&t, "netid", sv("tcp"));
	label_put_cell(&t, &scratch, &c, &cell);
	is_same = !t.failed && sv_is(sv_n(t.p, t.len), want);
	text_done(&t);
	text_done(&scratch);
	return is_same;
}

static void test_labels(void)
{
	struct text t = {}, hostile = {};

	label_put(&hostile, "netns", sv("\x9b\"}\n\\"));
	CHECK(sv_is(sv_n(hostile.p, hostile.len), "netns=\"\\\\x9b\\\"}\\\\x0a\\\\\\\\\""));
	text_done(&hostile);
	CHECK(is_label(F_PROC_NAME, "a\"b\\\n", "netid=\"tcp\",process_name=\"a\\\"b\\\\\\\\\\\\x0a\""));
	CHECK(is_label(F_PROC_NAME, "", "netid=\"tcp\""));
	CHECK(is_label(F_PROC_NAME, NULL, "netid=\"tcp\""));
	CHECK(is_label(F_NETID, "udp", "netid=\"tcp\"")); /* none is there twice */
	label_put_state(&t, "listening");
	label_put_state(&t, "syn-recv");
	label_put_state(&t, "fin-wait-1");
	label_put_bound(&t, 1);
	label_put_bound(&t, 0.025);
	label_put_bound(&t, INFINITY);
	CHECK(sv_is(sv_n(t.p, t.len),
		    "state=\"listen\",state=\"syn_received\",state=\"fin_wait_1\",le=\"1.0\",le=\"0.025\",le="
		    "\"+Inf\""));
	text_done(&t);
}

int main(void)
{
	test_forms();
	test_histogram();
	test_no_memory();
	test_labels();
	return 0;
}
