/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Rates: by how much counters grew between two samples. */

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "check.h"
#include "kernel/abi.h"
#include "plan/derive.h"
#include "run/sampler.h"

enum { ROUNDS = 40, SOCKETS = 5000 };

static const struct seg_dump dump = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };

struct socket_now {
	struct inet_diag_msg msg;
	struct k_tcp_info info;
	struct row row;
};

/* A connection with the cookie @cookie, none when it is UINT64_MAX. */
static void open_row(struct socket_now *s, uint64_t cookie, uint64_t bytes)
{
	*s = (struct socket_now){ .msg = { .idiag_family = AF_INET, .idiag_state = K_TCP_ESTABLISHED } };
	memcpy(s->msg.id.idiag_cookie, &cookie, sizeof(cookie));
	s->info.tcpi_bytes_sent = bytes;
	s->info.tcpi_segs_out = (uint32_t)(bytes / 100);
	s->info.tcpi_busy_time = bytes;
	row_put(&s->row, SEG_DUMP, &dump, sizeof(dump));
	row_put(&s->row, SEG_INET_MSG, &s->msg, sizeof(s->msg));
	row_put(&s->row, SEG_TCP_INFO, &s->info, sizeof(s->info));
}

static const struct fieldset *wanted(void)
{
	static struct fieldset set;

	fieldset_add(&set, F_TCP_BYTES_SENT_RATE);
	fieldset_add(&set, F_TCP_SEGS_OUT_RATE);
	fieldset_add(&set, F_TCP_BUSY_RATE);
	return &set;
}

/* The rate of bytes after a sample in which the socket has sent @bytes; -1: none. */
static double sent_rate(struct sampler *s, uint64_t cookie, uint64_t bytes)
{
	struct socket_now now;
	struct val v;

	open_row(&now, cookie, bytes);
	CHECK(!sampler_add(s, &now.row));
	return field_get(&now.row, F_TCP_BYTES_SENT_RATE, &v) ? (double)v.u : -1;
}

static void test_units(void)
{
	struct sampler *s = NULL;
	struct socket_now now;
	struct val v;

	CHECK(!sampler_begin(&s, wanted(), 1000000));
	CHECK(sent_rate(s, 7, 1000) < 0);
	CHECK(!sampler_begin(&s, wanted(), 3000000));
	open_row(&now, 7, 1301);
	CHECK(!sampler_add(s, &now.row));
	CHECK(field_get(&now.row, F_TCP_BYTES_SENT_RATE, &v) && v.kind == VAL_UINT && v.u == 151);
	CHECK(field_get(&now.row, F_TCP_SEGS_OUT_RATE, &v) && v.kind == VAL_REAL && v.d == 1.5);
	now.info.tcpi_busy_time += 1000000; /* half of the next two seconds */
	CHECK(!sampler_begin(&s, wanted(), 5000000));
	CHECK(!sampler_add(s, &now.row));
	CHECK(field_get(&now.row, F_TCP_BUSY_RATE, &v) && v.d == 0.5);
	CHECK(!field_get(&now.row, F_TCP_BYTES_ACKED_RATE, &v)); /* nobody asked */
	(void)sampler_free(s);
}

/* What is not known, or is another socket, has no rate; it has one in the sample after. */
static void test_others(void)
{
	struct sampler *s = NULL;

	CHECK(!sampler_begin(&s, wanted(), 0));
	CHECK(sent_rate(s, 1, 500) < 0);
	CHECK(sent_rate(s, UINT64_MAX, 500) < 0);
	CHECK(!sampler_begin(&s, wanted(), 1000000));
	CHECK(sent_rate(s, 1, 499) < 0); /* fell */
	CHECK(sent_rate(s, 2, 700) < 0); /* is new */
	CHECK(sent_rate(s, UINT64_MAX, 600) == 100);
	CHECK(!sampler_begin(&s, wanted(), 2000000));
	CHECK(sent_rate(s, 1, 509) == 10);
	CHECK(!sampler_begin(&s, wanted(), 3000000));
	CHECK(sent_rate(s, 2, 1700) < 0);             /* left a sample out */
	CHECK(!sampler_begin(&s, wanted(), 3000000)); /* no time went by */
	CHECK(sent_rate(s, 2, 1800) < 0);
	(void)sampler_free(s);
}

/* Each round a tenth of the sockets is replaced: those that stay keep their rate. */
static void test_churn(void)
{
	struct sampler *s = NULL;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		CHECK(!sampler_begin(&s, wanted(), (int64_t)round * 500000));
		for (uint64_t i = 0; i < SOCKETS; i++) {
			uint64_t age = (round + i) % 10, cookie = i * 1000 + round - age + 1;
			double rate = sent_rate(s, cookie, age * i);

			CHECK(round && age ? rate == (double)(2 * i) : rate < 0);
		}
	}
	(void)sampler_free(s);
}

/* Each counter has a rate, under its name; what it is made from is asked for with it. */
static void test_fields(void)
{
	struct fieldset set = {};
	size_t n = 0;

	CHECK(!fieldset_has_rates(&set));
	for (enum field_id f = 0; f < F_MAX; f++) {
		struct text name = {};

		if (fields[f].sem != SEM_COUNTER)
			continue;
		text_printf(&name, "%s_rate", fields[f].name);
		CHECK(field_find(sv_n(name.p, name.len)) == counter_rates[n].rate &&
		      counter_rates[n].counter == f);
		text_done(&name);
		n++;
	}
	CHECK(n == RATE_MAX);
	fieldset_add(&set, F_MEM_DROPS_RATE);
	CHECK(fieldset_has_rates(&set));
	derive_needs(&set);
	CHECK(fieldset_has(&set, F_MEM_DROPS) && fieldset_has(&set, F_COOKIE) &&
	      !fieldset_has(&set, F_TCP_BYTES_SENT));
}

int main(void)
{
	test_units();
	test_others();
	test_churn();
	test_fields();
	return 0;
}
