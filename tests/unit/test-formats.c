/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * What the output formats write of records made up here. With arguments it
 * writes, for other parsers to read:
 *
 *  FORMAT SEED		records of random values in any of the fields
 *  fields FORMAT PATTERN
 *  schema
 */

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "records.h"
#include "sink/format/json_text.h"
#include "sink/format/schema.h"

enum { N = 14, N_RECORDS = 3 };

static struct column columns[N];
static struct cell cells[N_RECORDS * N];
static struct notes notes;

static void set_up(void)
{
	static const enum field_id ids[N] = { F_NETID,     F_STATE,          F_SRC,      F_SPORT,
					      F_DST,       F_TCP_RTT,        F_FAMILY,   F_OWNERS,
					      F_COOKIE,    F_MARK,           F_TCP_CONG, F_PROC_SSTHRESH,
					      F_TIPC_PUBL, F_TCP_BYTES_ACKED };
	const struct cell all[N_RECORDS][N] = {
		{ str_cell("tcp"), uint_cell(K_TCP_ESTABLISHED), bytes_cell("\x0a\0\0\1", 4), uint_cell(443),
		  bytes_cell("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), uint_cell(12345),
		  uint_cell(AF_INET), owners_cell(4), uint_cell(0xffffffffffffull), uint_cell(255),
		  str_cell("a\"b\\,\t\xff\xc2\x9b\xe2\x82\xac"), int_cell(-1), bytes_cell("", 0),
		  uint_cell(UINT64_C(1) << 60) },
		{ str_cell("u_str"), uint_cell(99), absent, absent, absent, absent, uint_cell(77),
		  owners_cell(0), absent, absent, absent, absent, absent, absent },
		{ str_cell("sctp"), uint_cell(STATE_SCTP + 7), bytes_cell("\x0a\0\0\1", 4), uint_cell(0),
		  absent, uint_cell(0), uint_cell(AF_INET6), absent, uint_cell(1), uint_cell(0), str_cell(""),
		  int_cell(5), absent, uint_cell(0) },
	};

	for (size_t i = 0; i < N; i++)
		columns[i] = column_of_field(ids[i]);
	memcpy(cells, all, sizeof(all));
	notes_add(&notes, NOTE_HINT, "some \"hint\"");
	notes_add(&notes, NOTE_WARNING, "line\nbreak");
}

static struct input input(void)
{
	return (struct input){ .columns = columns, .n = N, .cells = cells, .n_records = N_RECORDS };
}

#define FIRST                                                                                             \
	"{\"netid\":\"tcp\",\"state\":\"established\",\"local\":{\"addr\":\"10.0.0.1\",\"port\":443},"    \
	"\"peer\":{\"addr\":\"fe80::1\"},\"tcp\":{\"rtt\":12345,"                                         \
	"\"cong\":\"a\\\"b\\\\,\\u0009\\udcff\\u009b\xe2\x82\xac\",\"bytes_acked\":1152921504606846976}," \
	"\"family\":\"inet\",\"process\":[{\"name\":\"nginx\",\"pid\":12,\"fd\":3},"                      \
	"{\"name\":\"nginx\",\"pid\":12,\"fd\":4},"                                                       \
	"{\"name\":\"a;\\\"b\\\\\\u000a\\udcff\",\"pid\":13,\"tid\":14,\"fd\":5},{\"pid\":15,\"fd\":6}]," \
	"\"cookie\":\"ffffffffffff\",\"mark\":255,\"proc\":{\"ssthresh\":-1},\"tipc\":{\"published\":true}}"
#define SECOND "{\"netid\":\"u_str\",\"state\":\"99\",\"family\":\"77\",\"process\":[]}"
#define THIRD                                                                                               \
	"{\"netid\":\"sctp\",\"state\":\"shutdown-ack-sent\",\"local\":{\"addr\":\"10.0.0.1\",\"port\":0}," \
	"\"tcp\":{\"rtt\":0,\"cong\":\"\",\"bytes_acked\":0},\"family\":\"inet6\",\"cookie\":\"1\","        \
	"\"mark\":0,\"proc\":{\"ssthresh\":5}}"

static void test_json(void)
{
	struct input in = input();

	CHECK_STR(written("json", &in),
		  "{\"sockets\":[\n" FIRST ",\n" SECOND ",\n" THIRD "\n],\"notes\":[],\"complete\":true}\n");
	CHECK_STR(written("ndjson", &in), FIRST "\n" SECOND "\n" THIRD "\n");
	in.n_records = 0;
	in.notes = &notes;
	in.name = "groups";
	CHECK_STR(written("json", &in),
		  "{\"groups\":[\n],\"notes\":[\n{\"level\":\"hint\",\"text\":\"some \\\"hint\\\"\"},\n"
		  "{\"level\":\"warning\",\"text\":\"line\\u000abreak\"}],\"complete\":true}\n");
	CHECK_STR(written("ndjson", &in),
		  "{\"note\":{\"level\":\"hint\",\"text\":\"some \\\"hint\\\"\"}}\n"
		  "{\"note\":{\"level\":\"warning\",\"text\":\"line\\u000abreak\"}}\n");
}

static void test_json_incomplete(void)
{
	struct notes failed = {};
	struct input in = input();

	notes_add(&failed, NOTE_ERROR, "tcp sockets: refused");
	in.n_records = 0;
	in.notes = &failed;
	CHECK_STR(written("json", &in), "{\"sockets\":[\n],\"notes\":[\n{\"level\":\"error\",\"text\":"
					"\"tcp sockets: refused\"}],\"complete\":false}\n");
	notes_done(&failed);
}

/* What a command line may ask for, and what an operation may hand on. */
static void test_json_names(void)
{
	const struct column odd[] = {
		column_of_field(F_PROC_PID),
		{ .name = "peer.addr/24", .field = F_DST, .type = T_ADDR, .prefix = { 24, 64 } },
		column_of_field(F_DST),
		column_of_field(F_PROC_NAME),
		{ .name = "sum(tcp.bytes_acked)", .field = F_MAX, .type = T_BYTES },
		{ .name = "share", .field = F_MAX, .type = T_SHARE },
		{ .name = "peer.addr",
		  .field = F_DST,
		  .type = T_ADDR,
		  .prefix = { PREFIX_NONE, PREFIX_NONE } },
		{ .name = "process.name", .field = F_PROC_NAME, .type = T_STR },
		{ .name = "peer", .field = F_MAX, .type = T_REAL },
		{ .name = "share.of", .field = F_MAX, .type = T_REAL },
	};
	const struct cell values[][ARRAY_SIZE(odd)] = {
		{ owners_cell(4), bytes_cell("\x0a\1\2\0", 4), bytes_cell("\x0a\1\2\3", 4), owners_cell(4),
		  uint_cell(7), real_cell(0.1), bytes_cell("\x0a\1\2\3", 4), str_cell("x"), real_cell(1e300),
		  real_cell(2.5) },
		{ absent, bytes_cell("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), absent, absent, absent,
		  real_cell(NAN), absent, absent, real_cell(-0.25), real_cell(INFINITY) },
		{ { .is_other = true },
		  { .is_other = true },
		  absent,
		  absent,
		  uint_cell(3),
		  real_cell(1),
		  absent,
		  absent,
		  absent,
		  absent },
	};
	struct input in = { odd, ARRAY_SIZE(odd), values[0], 3, NULL, {}, "groups", 0 };

	CHECK_STR(written("ndjson", &in),
		  "{\"process\":[{\"name\":\"nginx\",\"pid\":12},{\"name\":\"nginx\",\"pid\":12},"
		  "{\"name\":\"a;\\\"b\\\\\\u000a\\udcff\",\"pid\":13},{\"pid\":15}],"
		  "\"peer.addr/24\":\"10.1.2.0/24\",\"peer\":{\"addr\":\"10.1.2.3\"},"
		  "\"sum(tcp.bytes_acked)\":7,\"share\":0.1,\"process.name\":\"x\","
		  "\"share.of\":2.5}\n"
		  "{\"peer.addr/24\":\"fe80::/64\"}\n"
		  "{\"other\":true,\"sum(tcp.bytes_acked)\":3,\"share\":1}\n");
	in.columns = &odd[7];
	in.cells = &values[0][7];
	in.n = 1;
	in.n_records = 1;
	CHECK_STR(written("ndjson", &in), "{\"process\":{\"name\":\"x\"}}\n");
	in.columns = &odd[3];
	in.cells = &values[0][3];
	CHECK_STR(written("ndjson", &in), "{\"process\":[{\"name\":\"nginx\"},{\"name\":\"nginx\"},"
					  "{\"name\":\"a;\\\"b\\\\\\u000a\\udcff\"}]}\n");
}

/* No name of a field is both a value and the beginning of another's, but that of the owners. */
static void test_json_registry(void)
{
	struct column all[F_MAX];
	struct json_tree t;
	size_t n_parts = 0;

	for (enum field_id f = 0; f < F_MAX; f++) {
		all[f] = column_of_field(f);
		n_parts += all[f].part != PART_NONE;
	}
	CHECK(json_tree_init(&t, all, F_MAX) == 0);
	CHECK(t.n_leaves == F_MAX - n_parts);
	for (size_t i = 1; i < t.n; i++)
		CHECK(sv_find(t.items[i].name, '.') < 0 && t.items[i].name.len > 0);
	json_tree_done(&t);
}

static void test_csv(void)
{
	struct input in = input();

	in.notes = &notes;
	CHECK_STR(written("csv", &in),
		  "netid,state,local.addr,local.port,peer.addr,tcp.rtt,family,process,cookie,mark,tcp.cong,"
		  "proc.ssthresh,tipc.published,tcp.bytes_acked\n"
		  "tcp,established,10.0.0.1,443,fe80::1,12345,inet,"
		  "\"pid=12 fd=3 name=nginx;pid=12 fd=4 name=nginx;"
		  "pid=13 tid=14 fd=5 name=a\\x3b\"\"b\\\\\\x0a\\xff;pid=15 fd=6\","
		  "ffffffffffff,255,\"a\"\"b\\\\,\\x09\\xff\\xc2\\x9b\xe2\x82\xac\",-1,true,"
		  "1152921504606846976\n"
		  "u_str,99,,,,,77,,,,,,,\n"
		  "sctp,shutdown-ack-sent,10.0.0.1,0,,0,inet6,,1,0,,5,,0\n");
	in.n_records = 0;
	in.o.no_header = true;
	CHECK_STR(written("csv", &in), "");
}

/* A line that is empty would be none to readers. */
static void test_csv_of_one_column(void)
{
	const struct column mark = column_of_field(F_MARK);
	const struct cell values[] = { uint_cell(1), absent, str_cell(""), { .is_other = true } };
	struct input in = { &mark, 1, values, 4, NULL, {}, NULL, 0 };

	CHECK_STR(written("csv", &in), "mark\n1\n\"\"\n\"\"\n\\other\n");
	in.at_us = 1000001;
	CHECK_STR(written("csv", &in),
		  "time,mark\n1970-01-01T00:00:01.000001Z,1\n1970-01-01T00:00:01.000001Z,\n"
		  "1970-01-01T00:00:01.000001Z,\n1970-01-01T00:00:01.000001Z,\\other\n");
}

static void test_table(void)
{
	static const struct {
		size_t column;
		const char *header;
	} keep[] = {
		{ 0, "NETID" }, { 2, "LOCAL.ADDR" }, { 3, "LOCAL.PORT" },
		{ 5, "RTT" },   { 7, "PROCESS" },    { 8, "COOKIE" },
	};
	struct column some[ARRAY_SIZE(keep)];
	struct cell values[N_RECORDS][ARRAY_SIZE(keep)];
	struct input in = { some, ARRAY_SIZE(keep), values[0], N_RECORDS, NULL, {}, NULL, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(keep); i++) {
		some[i] = columns[keep[i].column];
		for (size_t r = 0; r < N_RECORDS; r++)
			values[r][i] = cells[r * N + keep[i].column];
	}
	CHECK_STR(written("table", &in),
		  "NETID  LOCAL.ADDR  LOCAL.PORT     RTT  PROCESS                              COOKIE\n"
		  "tcp    10.0.0.1           443  12.3ms  nginx(12),a;\"b\\.?(13/14),(15)  ffffffffffff\n"
		  "u_str  -                    -       -  -                                         -\n"
		  "sctp   10.0.0.1             0     0us  -                                         1\n");
	in.o = (struct format_opts){ .no_header = true, .is_terminal = true, .is_utf8 = true, .screen = 60 };
	CHECK_STR(written("table", &in),
		  "tcp    10.0.0.1  443  12.3ms  nginx(12),a;\"b\\\xe2\x80\xa6  ffffffffffff\n"
		  "u_str  -           -       -  -                            -\n"
		  "sctp   10.0.0.1    0     0us  -                            1\n");
	in.o.is_utf8 = false;
	in.n_records = 1;
	CHECK_STR(written("table", &in), "tcp  10.0.0.1  443  12.3ms  nginx(12),a;\"b\\...  ffffffffffff\n");
}

static void test_table_columns(void)
{
	const struct column c[] = { column_of_field(F_SPORT), column_of_field(F_DPORT),
				    column_of_field(F_TCP_CONG) };
	const struct cell values[] = { uint_cell(1),         uint_cell(2), str_cell("\xe6\xbc\xa2 x  "),
				       uint_cell(65535),     absent,       str_cell("\033[0m"),
				       { .is_other = true }, uint_cell(5), str_cell("") };
	struct input in = { c, 3, values, 3, NULL, {}, NULL, 0 };

	CHECK_STR(written("table", &in), "LOCAL.PORT  PEER.PORT  CONG\n"
					 "         1          2  \xe6\xbc\xa2 x\n"
					 "     65535          -  .[0m\n"
					 "   (other)          5  \"\"\n");
	in.o = (struct format_opts){ .no_header = true, .is_live = true };
	CHECK_STR(written("table", &in), "1  2  \xe6\xbc\xa2 x\n"
					 "65535  -  .[0m\n"
					 "(other)  5  \"\"\n");
	in.n_records = 0;
	CHECK_STR(written("table", &in), "");
}

static const char *human(const struct column *c, struct cell v)
{
	static char buf[64];
	struct text t = {};

	value_put_human(&t, c, &v.val);
	CHECK(!t.failed && t.len < sizeof(buf));
	if (t.len)
		memcpy(buf, t.p, t.len);
	buf[t.len] = '\0';
	text_done(&t);
	return buf;
}

static void test_units(void)
{
	static const struct {
		enum type type;
		uint64_t v;
		const char *want;
	} cases[] = {
		{ T_USEC, 0, "0us" },
		{ T_USEC, 850, "850us" },
		{ T_USEC, 12345, "12.3ms" },
		{ T_USEC, 999999, "1000ms" },
		{ T_USEC, 1500000, "1.5s" },
		{ T_USEC, 61000000, "1m01s" },
		{ T_MSEC, 3600000, "1h00m" },
		{ T_MSEC, 86400000 + 3600000 * 5, "1d05h" },
		{ T_MSEC, 12, "12.0ms" },
		{ T_BYTES, 0, "0B" },
		{ T_BYTES, 1023, "1023B" },
		{ T_BYTES, 1024, "1.0KiB" },
		{ T_BYTES, 4 << 20, "4.0MiB" },
		{ T_BYTES, UINT64_MAX, "16.0EiB" },
		{ T_BYTES_S, 150000000, "1.2Gbit/s" },
		{ T_BYTES_S, 1, "8bit/s" },
		{ T_HEX, 255, "0xff" },
		{ T_COOKIE, 255, "ff" },
		{ T_UINT, UINT64_MAX, "18446744073709551615" },
		{ T_STATE, K_TCP_TIME_WAIT, "time-wait" },
		{ T_FAMILY, K_AF_VSOCK, "vsock" },
	};
	struct column c = { .field = F_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		c.type = cases[i].type;
		CHECK_STR(human(&c, uint_cell(cases[i].v)), cases[i].want);
	}
	c.type = T_SHARE;
	CHECK_STR(human(&c, real_cell(0.3312)), "33.1%");
	c.type = T_REAL;
	CHECK_STR(human(&c, real_cell(2.5)), "2.5");
	c.type = T_USEC;
	CHECK_STR(human(&c, real_cell(1500.5)), "1.5ms");
	c = column_of_field(F_UNIX_NAME_RAW);
	CHECK_STR(human(&c, bytes_cell("\x01\xff", 2)), "01ff");
	c = column_of_field(F_UNIX_ICONS);
	CHECK_STR(human(&c, bytes_cell("", 0)), "");
}

static uint64_t random_state;

static uint32_t next(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33);
}

/* Bytes of which many are of those that some format has to escape. */
static struct sv random_bytes(void)
{
	static const char odd[] = "\"\\,;\n\r\t\0\x1b\x7f\xff\xc3\xa9\xed\xa0\x80{}[]= .'";
	static char pool[1 << 16];
	static size_t used;
	size_t n = next() % 20;
	char *p;

	if (used + n > sizeof(pool))
		used = 0;
	p = pool + used;
	for (size_t i = 0; i < n; i++)
		p[i] = next() % 3 ? (char)next() : odd[next() % (sizeof(odd) - 1)];
	used += n;
	return sv_n(p, n);
}

static struct cell random_cell(const struct column *c)
{
	static const uint64_t numbers[] = { 0, 1, 9, 10, 12, 99, 1000, 65535, UINT32_MAX, UINT64_MAX };
	static const char addr[16] = { 10, 0, 2, 15, 0, 1 };
	struct sv s;

	if (next() % 3 == 0)
		return absent;
	if (c->type == T_OWNERS || c->part != PART_NONE)
		return owners_cell(next() % 5);
	if (c->type == T_ADDR)
		return bytes_cell(addr, next() % 2 ? 4 : 16);
	if (c->type == T_STR || c->type == T_RAW || c->type == T_FLAG) {
		s = random_bytes();
		return bytes_cell(s.p, s.len);
	}
	if (c->type == T_INT)
		return int_cell((int32_t)next());
	return uint_cell(next() % 2 ? numbers[next() % ARRAY_SIZE(numbers)] : next());
}

static void write_random(const char *format, const char *seed)
{
	enum { RECORDS = 40 };
	static struct cell values[RECORDS * F_MAX];
	struct column some[F_MAX];
	struct input in = { .columns = some, .cells = values, .n_records = RECORDS, .notes = &notes };

	random_state = strtoull(seed, NULL, 10);
	for (enum field_id f = 0; f < F_MAX; f++)
		if (next() % 4)
			some[in.n++] = column_of_field(f);
	for (size_t i = 0; i < RECORDS * in.n; i++)
		values[i] = random_cell(&some[i % in.n]);
	write_to(1, format, &in);
}

static void write_schema(void)
{
	struct text t = {};

	CHECK(schema_put(&t) == 0);
	CHECK(fwrite(t.p, 1, t.len, stdout) == t.len);
	text_done(&t);
}

static int write_fields(int fd, const char *format, const char *pattern)
{
	const struct format_opts o = {};
	_cleanup_(tabular_freep) struct tabular *t = NULL;
	struct out out;
	int n;

	CHECK(out_init(&out, fd) == 0);
	CHECK(format_find(sv(format))->open(&o, &out, &t) == 0);
	n = fields_put(t, pattern);
	CHECK(t->ops->end(t, NULL) == 0);
	CHECK(out_done(&out) == 0);
	return n;
}

static void test_fields(void)
{
	FILE *f = tmpfile();

	CHECK(f);
	CHECK(write_fields(fileno(f), "csv", "") == F_MAX);
	CHECK(write_fields(fileno(f), "csv", "tcp.rtt*") == 2);
	CHECK(write_fields(fileno(f), "csv", "tcp.rtt") == 2);
	CHECK(write_fields(fileno(f), "csv", "tcp.rt?") == 2);
	CHECK(write_fields(fileno(f), "csv", "skmem") == 9);
	CHECK(write_fields(fileno(f), "csv", "lastsnd") == 1);
	CHECK(write_fields(fileno(f), "csv", "Recv-Q") == 3);
	CHECK(write_fields(fileno(f), "csv", "tcp-ulp") == 1);
	CHECK(write_fields(fileno(f), "csv", "sport") == 1);
	CHECK(write_fields(fileno(f), "csv", "no such field") == 0);
	(void)fclose(f);
}

static int write_for_others(char **argv)
{
	if (!strcmp(argv[1], "schema"))
		write_schema();
	else if (!strcmp(argv[1], "fields"))
		(void)write_fields(1, argv[2], argv[3]);
	else
		write_random(argv[1], argv[2]);
	return 0;
}

int main(int argc, char **argv)
{
	set_up();
	if (argc > 1) {
		int r = write_for_others(argv);

		notes_done(&notes);
		return r;
	}
	CHECK(!format_find(sv("xml")) && !format_find(sv("")));
	test_json();
	test_json_incomplete();
	test_json_names();
	test_json_registry();
	test_csv();
	test_csv_of_one_column();
	test_table();
	test_table_columns();
	test_units();
	test_fields();
	notes_done(&notes);
	return 0;
}
