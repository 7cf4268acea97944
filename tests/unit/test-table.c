/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What a table has room for: columns, the note of those it has not, cuts, and colour. */

#include <sys/socket.h>

#include "records.h"

static struct cell ipv4(const char *bytes)
{
	return bytes_cell(bytes, 4);
}

static struct cell ipv6(void)
{
	return bytes_cell("\x20\x01\x0d\xb8\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06", 16);
}

static struct format_opts screen(unsigned int cells)
{
	return (struct format_opts){ .is_terminal = true, .is_utf8 = true, .screen = cells };
}

/* By rank, and among equals in their order; the rest is counted behind the headers. */
static void test_columns_that_fit(void)
{
	const struct column c[] = { column_of_field(F_TCP_RTO), column_of_field(F_STATE),
				    column_of_field(F_TCP_RTT), column_of_field(F_TCP_CWND),
				    column_of_field(F_TCP_UNACKED) };
	const struct cell values[] = { uint_cell(204000), uint_cell(K_TCP_ESTABLISHED), uint_cell(28),
				       uint_cell(10), uint_cell(0) };
	const struct {
		unsigned int screen;
		const char *want;
	} cases[] = {
		{ 0, "  RTO  STATE         RTT  CWND  UNACKED\n204ms  established  28us    10        0\n" },
		{ 39, "  RTO  STATE         RTT  CWND  UNACKED\n204ms  established  28us    10        0\n" },
		{ 38, "STATE         RTT  CWND  UNACKED  (+1)\nestablished  28us    10        0\n" },
		{ 29, "STATE         RTT  CWND  (+2)\nestablished  28us    10\n" },
		{ 28, "STATE         RTT  (+3)\nestablished  28us\n" },
		{ 12, "STATE  (+4)\nestablished\n" },
		{ 1, "STATE  (+4)\nestablished\n" },
	};
	struct input in = { c, ARRAY_SIZE(c), values, 1, NULL, {}, NULL, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		in.o = screen(cases[i].screen);
		CHECK_STR(written("table", &in), cases[i].want);
		in.o.is_terminal = false; /* COLUMNS says as much */
		CHECK_STR(written("table", &in), cases[i].want);
	}
}

static void test_note(void)
{
	struct column c[12];
	struct cell values[ARRAY_SIZE(c)];
	struct input in = { c, ARRAY_SIZE(c), values, 1, NULL, screen(60), NULL, 0 };
	const char *text;

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		c[i] = column_of_field(F_TCP_CONG);
		c[i].name = (const char *const[]){ "aa", "bb", "cc", "dd", "ee", "ff",
						   "gg", "hh", "ii", "jj", "kk", "ll" }[i];
		values[i] = str_cell("sixteen cells ok");
	}
	text = written("table", &in);
	CHECK_STR(text, "AA                BB  (+10: -j)\n"
			"sixteen cells ok  sixteen cells ok\n");
	in.o.no_header = true;
	CHECK_STR(written("table", &in), "sixteen cells ok  sixteen cells ok  sixteen cells ok\n");
}

/* Columns that nobody named, and that say nothing. */
static void test_left_out(void)
{
	struct column c[] = { column_of_field(F_NETID), column_of_field(F_IFACE), column_of_field(F_SPORT) };
	const struct cell values[] = { str_cell("tcp"), absent, uint_cell(1),
				       str_cell("tcp"), absent, uint_cell(2) };
	struct input in = { c, 3, values, 2, NULL, {}, NULL, 0 };

	c[0].leave = LEAVE_ALWAYS;
	c[1].leave = LEAVE_EMPTY;
	CHECK_STR(written("table", &in),
		  "NETID  IFACE  LOCAL.PORT\ntcp    -               1\ntcp    -               2\n");
	in.o = screen(0);
	CHECK_STR(written("table", &in), "LOCAL.PORT\n         1\n         2\n");
	in.o.is_live = true; /* the next may have one */
	CHECK_STR(written("table", &in), "IFACE  LOCAL.PORT\n-               1\n-               2\n");
	in.n_records = 0;
	CHECK_STR(written("table", &in), "IFACE  LOCAL.PORT\n");
	c[2].leave = LEAVE_ALWAYS;
	c[1].leave = LEAVE_ALWAYS;
	in.n_records = 1;
	in.o.is_live = false;
	CHECK_STR(written("table", &in), "NETID\ntcp\n");
}

static void test_pairs(void)
{
	struct column c[] = { column_of_field(F_SRC), column_of_field(F_SPORT), column_of_field(F_DST),
			      column_of_field(F_DPORT) };
	const struct cell values[] = {
		ipv4("\x0a\0\0\x01"), uint_cell(80), absent, absent,       ipv6(), uint_cell(65535),
		ipv4("\x0a\0\0\x02"), absent,        absent, uint_cell(7), ipv6(), uint_cell(1)
	};
	struct input in = { c, 4, values, 3, NULL, {}, NULL, 0 };

	c[0].pair = "local";
	c[2].pair = "peer";
	CHECK_STR(written("table", &in), "LOCAL                         PEER\n"
					 "10.0.0.1:80                   -\n"
					 "[2001:db8:1:2:3:4:5:6]:65535  10.0.0.2:*\n"
					 "*:7                           [2001:db8:1:2:3:4:5:6]:1\n");
	in.o = screen(46); /* the address is cut, and not the port */
	CHECK_STR(written("table", &in), "LOCAL                    PEER\n"
					 "10.0.0.1:80              -\n"
					 "[2001:db8:1:2:3:\xe2\x80\xa6:65535  10.0.0.2:*\n"
					 "*:7                      [2001:db8:1:2:3:4:\xe2\x80\xa6:1\n");
}

/* Colour stands around the text and not around the blanks; what it says is in the text as well. */
static void test_tones(void)
{
	const struct column c[] = { column_of_field(F_STATE), column_of_field(F_ACCEPT_QUEUE),
				    column_of_field(F_ACCEPT_LIMIT), column_of_field(F_TCP_RETRANS) };
	const struct cell values[] = {
		uint_cell(K_TCP_LISTEN), uint_cell(129), uint_cell(128), absent,
		uint_cell(K_TCP_LISTEN), uint_cell(128), uint_cell(128), absent,
		uint_cell(K_TCP_CLOSE),  absent,         absent,         uint_cell(3)
	};
	struct input in = { c, 4, values, 3, NULL, {}, NULL, 0 };

	CHECK_STR(written("table", &in), "STATE      QUEUE  LIMIT  RETRANS\n"
					 "listening   129!    128        -\n"
					 "listening    128    128        -\n"
					 "closed         -      -        3\n");
	in.o.has_color = true;
	CHECK_STR(written("table", &in), "STATE      QUEUE  LIMIT  RETRANS\n"
					 "\033[36mlistening\033[0m   \033[1;31m129!\033[0m    128        -\n"
					 "\033[36mlistening\033[0m    128    128        -\n"
					 "closed         -      -        \033[35m3\033[0m\n");
}

int main(void)
{
	test_columns_that_fit();
	test_note();
	test_left_out();
	test_pairs();
	test_tones();
	return 0;
}
