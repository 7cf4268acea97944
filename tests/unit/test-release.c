/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What only the kernel's version tells. */

#include <linux/netlink.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "check.h"
#include "family/family.h"
#include "host/release.h"

static struct {
	struct nlmsghdr head;
	struct inet_diag_msg msg;
	struct nlattr attr;
	uint8_t info[sizeof(struct k_tcp_info)];
} m;

static void check_read(void)
{
	CHECK(release_read(sv("6.10.3-amd64")) == 0x60a);
	CHECK(release_read(sv("6.18.44+deb13-cloud-amd64")) == 0x612);
	CHECK(release_read(sv("7.0-rc1")) == 0x700 && release_read(sv("5.4")) == 0x504);
	CHECK(release_read(sv("255.255.1")) == 0xffff);
	CHECK(!release_read(sv("")) && !release_read(sv("6")) && !release_read(sv("6.")) &&
	      !release_read(sv(".6")));
	CHECK(!release_read(sv("6.256.1")) && !release_read(sv("256.1")) && !release_read(sv("six.1")) &&
	      !release_read(sv("-6.1")));
	CHECK(release_running() >= 0x300);
}

/* The row of a socket with @last_bytes at the end of its tcp_info, cut by @cut bytes, from kernel @kernel. */
static struct row open_row(const uint8_t last_bytes[4], uint16_t cut, uint16_t kernel)
{
	static struct seg_dump origin;
	struct row row;

	origin = (struct seg_dump){ .table = TABLE_TCP, .protocol = IPPROTO_TCP, .kernel = kernel };
	m.head.nlmsg_len = (uint32_t)(sizeof(m) - cut);
	m.attr.nla_type = K_INET_DIAG_INFO;
	m.attr.nla_len = (uint16_t)(sizeof(m.attr) + sizeof(m.info) - cut);
	memcpy(m.info + offsetof(struct k_tcp_info, tcpi_accecn), last_bytes, 4);
	CHECK(!row_open(&row, &family_inet, &origin, &m.head));
	return row;
}

static bool has(const struct row *row, enum field_id f)
{
	struct val v;

	return field_get(row, f, &v);
}

static void check_accecn(void)
{
	static const uint8_t bits[4] = { 2 | 1 << 2 | 9 << 4, 0xff, 0xff, 0xff };
	struct k_tcp_accecn_6_18 halves = { .fail_mode = 6, .opt_seen = 3 };
	uint8_t old[4];
	struct row row;

	memcpy(old, &halves, sizeof(old));
	row = open_row(bits, 0, 0x700);
	CHECK(field_u64(&row, F_TCP_ECN_MODE, 99) == 2 && field_u64(&row, F_TCP_ACCECN_SEEN, 99) == 1 &&
	      field_u64(&row, F_TCP_ACCECN_FAIL, 99) == 9);
	for (uint16_t kernel = 0x612; kernel <= 0x613; kernel++) {
		row = open_row(old, 0, kernel);
		CHECK(!has(&row, F_TCP_ECN_MODE) && field_u64(&row, F_TCP_ACCECN_SEEN, 99) == 3 &&
		      field_u64(&row, F_TCP_ACCECN_FAIL, 99) == 6);
	}
}

static void check_accecn_unknown(void)
{
	static const uint8_t bytes[4] = { 1, 1, 1, 1 };
	static const uint16_t kernels[] = { 0, 0x504, 0x611 };
	struct row row;

	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		row = open_row(bytes, 0, kernels[i]);
		CHECK(has(&row, F_TCP_RECEIVED_CEB));
		CHECK(!has(&row, F_TCP_ECN_MODE) && !has(&row, F_TCP_ACCECN_SEEN) &&
		      !has(&row, F_TCP_ACCECN_FAIL));
	}
	row = open_row(bytes, sizeof(bytes), 0x700);
	CHECK(has(&row, F_TCP_RECEIVED_CEB));
	CHECK(!has(&row, F_TCP_ECN_MODE) && !has(&row, F_TCP_ACCECN_SEEN) && !has(&row, F_TCP_ACCECN_FAIL));
}

static void check_ask(void)
{
	struct fieldset set = {};

	fieldset_add(&set, F_TCP_ECN_MODE);
	CHECK(family_ask(&family_inet, &set) == ASK_INET(K_INET_DIAG_INFO));
}

int main(void)
{
	check_read();
	check_accecn();
	check_accecn_unknown();
	check_ask();
	return 0;
}
