/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What a newer kernel says: kept, with where it lies, and as much of it as there is room for. */

#include <netinet/in.h>

#include "check.h"
#include "family/family.h"
#include "model/raw.h"
#include "model/value.h"
#include "nl/emit.h"

static union {
	struct nlmsghdr head;
	char bytes[8192];
} m;

/* The field "raw" of what @p, the end of the message, has. */
static const char *told(const struct family *family, const struct seg_dump *from, const char *p)
{
	static char line[4096];
	struct column c = column_of_field(F_RAW);
	struct text t = {}, all = {};
	struct row row;

	m.head.nlmsg_len = (uint32_t)(p - m.bytes);
	CHECK(row_open(&row, family, from, &m.head) == 0);
	line[0] = '\0';
	if (raw_put(&all, &row)) {
		const struct val v = { .kind = VAL_STR, .s = sv_n(all.p, all.len) };

		value_put_line(&t, &c, &v);
		CHECK(!t.failed && t.len < sizeof(line));
		memcpy(line, t.p, t.len);
		line[t.len] = '\0';
	}
	text_done(&all);
	text_done(&t);
	return line;
}

static void test_tcp(void)
{
	const struct seg_dump from = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	static uint8_t info[sizeof(struct k_tcp_info) + 4];
	char *start = m.bytes + NLMSG_HDRLEN + sizeof(struct inet_diag_msg), *p;

	for (uint8_t i = 0; i < 4; i++)
		info[sizeof(struct k_tcp_info) + i] = i + 1;
	p = emit_attr(start, K_INET_DIAG_INFO, info, sizeof(info) - 4);
	CHECK_STR(told(&family_inet, &from, p), "");
	p = emit_attr(start, K_INET_DIAG_INFO, info, sizeof(info));
	p = emit_attr(p, 99, "abc", 3);
	p = emit_attr(p, 100, NULL, 0);
	CHECK_STR(told(&family_inet, &from, p), "attr=99 len=3 bytes=616263;attr=100 len=0;"
						"attr=2 at=280 len=284 bytes=01020304");
}

static void test_nested(void)
{
	const struct seg_dump from = { .table = TABLE_TIPC };
	char inner[64], *p = emit_attr(inner, 77, "x", 1);

	p = emit_attr(m.bytes + NLMSG_HDRLEN, K_TIPC_NLA_SOCK, inner, (size_t)(p - inner));
	CHECK_STR(told(&family_tipc, &from, p), "attr=77 nest=2 len=1 bytes=78");
}

/* Neither the bytes of one nor their number grows without end. */
static void test_bounds(void)
{
	const struct seg_dump from = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	static uint8_t many[1000];
	char *start = m.bytes + NLMSG_HDRLEN + sizeof(struct inet_diag_msg), *p = start;
	const char *line = told(&family_inet, &from, emit_attr(start, 99, many, sizeof(many)));
	size_t n = 1;

	CHECK(!strncmp(line, "attr=99 len=1000 bytes=00", 25));
	CHECK(strlen(strstr(line, "bytes=")) == strlen("bytes=") + 2 * RAW_BYTES_MAX);
	for (uint16_t i = 0; i < 40; i++)
		p = emit_attr(p, (uint16_t)(200 + i), "y", 1);
	for (line = told(&family_inet, &from, p); (line = strchr(line, ';')); line++)
		n++;
	CHECK(n == ROW_UNKNOWN_MAX);
}

int main(void)
{
	test_tcp();
	test_nested();
	test_bounds();
	return 0;
}
