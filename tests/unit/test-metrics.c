/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What the formats for Prometheus write of records made up here. With an argument it writes a page of one
 * group, in the format FORMAT, with every aggregate of every amount and every other field as a key, for other
 * parsers.
 */

#include <math.h>

#include "records.h"
#include "sink/format/metric_name.h"
#include "sink/format/metrics.h"

#define OWN(complete, left)                                                                                 \
	"# TYPE sockeye_records_left_out gauge\n"                                                           \
	"# HELP sockeye_records_left_out sockets, or groups of them, without samples as there would be too" \
	" many series\nsockeye_records_left_out " left "\n"                                                 \
	"# TYPE sockeye_complete gauge\n# HELP sockeye_complete 1 when the answer is whole\n"               \
	"sockeye_complete " complete "\n# EOF\n"

static void test_groups(void)
{
	const struct column grouped[] = {
		{ .name = "tcp.mss", .field = F_TCP_MSS, .type = T_BYTES },
		{ .name = "sum(tcp.busy)", .field = F_MAX, .type = T_USEC },
		{ .name = "share", .field = F_MAX, .type = T_SHARE },
		{ .name = "share", .field = F_MAX, .type = T_SHARE },
		{ .name = "count", .field = F_MAX, .type = T_UINT },
	};
	const struct cell values[] = { uint_cell(1448), uint_cell(1500000), real_cell(0.5),   real_cell(0.5),
				       uint_cell(7),    uint_cell(1448),    real_cell(2.5e6), absent,
				       absent,          uint_cell(8) };
	struct input in = { grouped, 5, values, 2, NULL, {}, "groups", 0 };
	struct notes failed = {};

	notes_add(&failed, NOTE_ERROR, "refused");
	in.notes = &failed;
	CHECK_STR(written("openmetrics", &in),
		  "# TYPE sockeye_sum_tcp_busy_seconds gauge\n# UNIT sockeye_sum_tcp_busy_seconds seconds\n"
		  "# HELP sockeye_sum_tcp_busy_seconds sum(tcp.busy): time with data to send\n"
		  "sockeye_sum_tcp_busy_seconds{tcp_mss=\"1448\"} 1.500000\n"
		  "sockeye_sum_tcp_busy_seconds{tcp_mss=\"1448\",repeat=\"2\"} 2.5\n"
		  "# TYPE sockeye_share_ratio gauge\n# UNIT sockeye_share_ratio ratio\n"
		  "# HELP sockeye_share_ratio how many sockets there are, as a share of all\n"
		  "sockeye_share_ratio{tcp_mss=\"1448\"} 0.5\n"
		  "# TYPE sockeye_sockets gauge\n# HELP sockeye_sockets how many sockets there are\n"
		  "sockeye_sockets{tcp_mss=\"1448\"} 7\n"
		  "sockeye_sockets{tcp_mss=\"1448\",repeat=\"2\"} 8\n" OWN("0", "0"));
	notes_done(&failed);
}

/* Nobody has an amount: they are counted. */
static void test_only_counted(void)
{
	const struct column netid = column_of_field(F_NETID);
	const struct cell values[] = { str_cell("tcp"), str_cell("udp"), absent, str_cell("tcp") };
	struct input in = { &netid, 1, values, 4, NULL, {}, NULL, 0 };

	CHECK_STR(written("openmetrics", &in),
		  "# TYPE sockeye_sockets gauge\n# HELP sockeye_sockets how many sockets there are\n"
		  "sockeye_sockets{netid=\"tcp\"} 2\nsockeye_sockets{netid=\"udp\"} 1\n"
		  "sockeye_sockets 1\n" OWN("1", "0"));
	in.name = "fields";
	in.at_us = 1500000;
	in.n_records = 1;
	CHECK_STR(written("openmetrics", &in),
		  "# TYPE sockeye_fields gauge\n# HELP sockeye_fields fields: how many there are\n"
		  "sockeye_fields{netid=\"tcp\"} 1 1.500000\n" OWN("1", "0"));
}

/* In the text format help and type are about the name with _total, there are no units, and times are in ms.
 */
static void test_text_format(void)
{
	const struct column two[] = { column_of_field(F_TCP_TOTAL_RETRANS), column_of_field(F_TCP_RTT) };
	const struct cell values[] = { uint_cell(5), uint_cell(12345) };
	struct input in = { two, 2, values, 1, NULL, { .query = "-ti \"a\\\n" }, NULL, 1500999 };
	static const char query[] = "{query=\"-ti \\\"a\\\\\\\\\\\\x0a\"}";
	struct text t = {};

	text_printf(
		&t,
		"# HELP sockeye_tcp_total_retrans_total segments retransmitted so far\n"
		"# TYPE sockeye_tcp_total_retrans_total counter\n"
		"sockeye_tcp_total_retrans_total%s 5 1500\n"
		"# HELP sockeye_tcp_rtt_seconds smoothed round-trip time\n"
		"# TYPE sockeye_tcp_rtt_seconds gauge\n"
		"sockeye_tcp_rtt_seconds%s 0.012345 1500\n"
		"# HELP sockeye_records_left_out sockets, or groups of them, without samples as there would "
		"be too many series\n"
		"# TYPE sockeye_records_left_out gauge\nsockeye_records_left_out%s 0\n"
		"# HELP sockeye_complete 1 when the answer is whole\n"
		"# TYPE sockeye_complete gauge\nsockeye_complete%s 1\n",
		query, query, query, query);
	text_char(&t, '\0');
	CHECK(!t.failed);
	CHECK_STR(written("prometheus", &in), t.p);
	text_done(&t);
}

/* What a label of @value becomes in a page; and whether it was told. */
static const char *labelled(const char *value, bool *ret_is_told)
{
	const struct column c[] = { column_of_field(F_UNIX_NAME), column_of_field(F_RECVQ) };
	const struct cell values[] = { str_cell(value), uint_cell(1) };
	struct notes told = {};
	struct input in = { c, 2, values, 1, &told, { .notes = &told }, NULL, 0 };
	static char label[2 * LABEL_VALUE_MAX + 64];
	const char *page = written("prometheus", &in);
	enum note kind;

	page = strstr(page, "{unix_name=\"");
	CHECK(page && sscanf(page, "{unix_name=\"%2111[^}]", label) == 1);
	*ret_is_told = notes_next(&told, NULL, &kind);
	CHECK(notes_is_whole(&told));
	notes_done(&told);
	return label;
}

static void test_long_labels(void)
{
	static const struct {
		size_t fill; /* letters before .tail, and 2,000 behind it */
		const char *tail, *end;
	} cases[] = {
		{ 1021, "", "aaa...\"" },
		{ 1020, "\xe2\x82\xac", "aaa...\"" },
		{ 1018, "\xe2\x82\xac", "aaa\xe2\x82\xac...\"" },
		{ 1018, "\t", "aaa...\"" },
		{ 1017, "\t", "aaa\\\\x09...\"" },
		{ 1020, "\\", "aaa...\"" },
		{ 1019, "\\", "aaa\\\\\\\\...\"" },
		{ 1020, "\"", "aaa\\\"...\"" },
	};
	char value[4096];
	bool is_told;

	memset(value, 'a', sizeof(value));
	value[LABEL_VALUE_MAX] = '\0';
	CHECK(strlen(labelled(value, &is_told)) == LABEL_VALUE_MAX + 1 && !is_told);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *label;

		memset(value, 'a', 3000);
		value[3000] = '\0';
		memcpy(value + cases[i].fill, cases[i].tail, strlen(cases[i].tail));
		label = labelled(value, &is_told);
		CHECK(is_told && strlen(label) > strlen(cases[i].end));
		CHECK_STR(label + strlen(label) - strlen(cases[i].end), cases[i].end);
	}
}

static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* Of so many samples, twice or not, and so many records left out. */
static void check_page(const char *page, size_t samples, size_t twos, const char *left, const char *complete)
{
	static char line[64];

	CHECK(count_of(page, "{inode=") == samples && count_of(page, "\"} 2\n") == twos);
	(void)snprintf(line, sizeof(line), "\nsockeye_records_left_out %s\n", left);
	CHECK(strstr(page, line));
	(void)snprintf(line, sizeof(line), "\nsockeye_complete %s\n", complete);
	CHECK(strstr(page, line));
}

/* A page has room for so many series; what has none is counted, and is not hidden. */
static void test_room(void)
{
	enum { RECORDS = 700, ALL = 4 };
	const struct column c[] = { column_of_field(F_INODE), column_of_field(F_RECVQ),
				    column_of_field(F_SENDQ), column_of_field(F_TCP_RTT) };
	static struct cell values[RECORDS * ALL];
	struct notes told = {};
	struct input in = { c, ALL, values, RECORDS, &told, { .notes = &told }, NULL, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		values[i] = uint_cell(i + 3);
	check_page(written("openmetrics", &in), 999, 0, "367", "0");
	CHECK(!notes_is_whole(&told) && strstr(told.text.p + 1, "367 records have no samples"));
	notes_done(&told);

	/* A record that takes less room is not taken in place of one before it; one without amounts is none.
	 */
	in.notes = in.o.notes = NULL;
	in.n_records = 336;
	values[334 * ALL + 2] = values[334 * ALL + 3] = absent;
	values[335 * ALL + 1] = values[335 * ALL + 2] = values[335 * ALL + 3] = absent;
	check_page(written("openmetrics", &in), 999, 0, "2", "0");
}

/* Those that are only counted take no more room when they are there again. */
static void test_room_of_counts(void)
{
	enum { RECORDS = 1500 };
	const struct column inode = column_of_field(F_INODE);
	static struct cell values[RECORDS];
	struct input in = { &inode, 1, values, RECORDS, NULL, {}, NULL, 0 };

	for (size_t i = 0; i < RECORDS; i++)
		values[i] = uint_cell(i % 999);
	check_page(written("openmetrics", &in), 999, 501, "0", "1");
	for (size_t i = 0; i < RECORDS; i++)
		values[i] = uint_cell(i % 1100);
	check_page(written("openmetrics", &in), 1000, 400, "100", "0");
}

static void test_sockets(void)
{
	const struct column c[] = { column_of_field(F_TCP_CONG), column_of_field(F_TCP_BYTES_ACKED) };
	const struct cell values[] = { str_cell("a\"b\\,\t\xff\xc2\x9b\xe2\x82\xac"), uint_cell(3) };
	struct input in = { c, 2, values, 1, NULL, {}, NULL, 0 };

	CHECK(strstr(
		written("openmetrics", &in),
		"# TYPE sockeye_tcp_bytes_acked_bytes counter\n# UNIT sockeye_tcp_bytes_acked_bytes bytes\n"
		"# HELP sockeye_tcp_bytes_acked_bytes bytes acknowledged by the peer so far\n"
		"sockeye_tcp_bytes_acked_bytes_total{"
		"tcp_cong=\"a\\\"b\\\\\\\\,\\\\x09\\\\xff\\\\xc2\\\\x9b\xe2\x82\xac\"} 3\n"));
}

/* No label of a column is one that the page adds, nor one that Prometheus keeps for itself. */
static void test_label_names(void)
{
	static const char *const taken[] = { "query", "list", "repeat", "le", "quantile", "job", "instance" };

	for (enum field_id f = 0; f < F_MAX; f++) {
		struct text t = {};

		metric_put_word(&t, fields[f].name);
		CHECK(!t.failed && t.len && t.p[0] >= 'a' && t.p[0] <= 'z');
		for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
			CHECK(!sv_eq(sv_n(t.p, t.len), sv(taken[i])));
		text_done(&t);
	}
}

static int write_forms(const char *format, const char *form)
{
	static struct column all[2 + F_MAX];
	static struct cell values[ARRAY_SIZE(all)];
	static char names[F_MAX][64];
	struct input in = { all, 2, values, 1, NULL, { .query = "a test" }, "groups", 0 };

	all[0] = (struct column){ .name = "count", .field = F_MAX, .type = T_UINT };
	all[1] = (struct column){ .name = "share", .field = F_MAX, .type = T_SHARE };
	values[0] = uint_cell(1);
	values[1] = real_cell(0.25);
	for (enum field_id f = 0; f < F_MAX; f++) {
		struct column *c = &all[in.n];

		*c = column_of_field(f);
		values[in.n++] = value_is_amount(c) ? real_cell(1.5e9) : str_cell("x");
		if (value_is_amount(c)) {
			(void)snprintf(names[f], sizeof(names[f]), "%s(%s)", form, c->name);
			*c = (struct column){ .name = names[f], .field = F_MAX, .type = c->type };
		} else {
			c->type = T_STR;
		}
	}
	write_to(1, format, &in);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return write_forms(argv[1], argv[2]);
	test_groups();
	test_only_counted();
	test_text_format();
	test_long_labels();
	test_room();
	test_room_of_counts();
	test_sockets();
	test_label_names();
	return 0;
}
