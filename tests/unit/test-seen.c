/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "check.h"
#include "host/proc_protocols.h"
#include "run/seen.h"

static void check_once(void)
{
	struct seen s = {};

	CHECK(!seen_before(&s, 0, 5));
	CHECK(seen_before(&s, 0, 5));
	CHECK(!seen_before(&s, 0, 6));
	CHECK(seen_before(&s, 0, 5) && seen_before(&s, 0, 6));
	CHECK(!seen_before(&s, 0, 0) && !seen_before(&s, 0, 0)); /* no cookie */
	seen_done(&s);
}

static void check_groups(void)
{
	struct seen s = {};

	CHECK(!seen_before(&s, 0, 5));
	CHECK(!seen_before(&s, 1, 5));
	CHECK(seen_before(&s, 1, 5));
	CHECK(!seen_before(&s, 1, 6));
	seen_done(&s);
	CHECK(!seen_before(&s, 1, 5));
	seen_done(&s);
}

/* More than are remembered: those beyond count as new each time, those before are still known. */
static void check_bound(void)
{
	struct seen s = {};

	for (uint64_t i = 1; i <= SEEN_MAX; i++)
		CHECK(!seen_before(&s, 7, i << 20));
	CHECK(s.cookies.n == SEEN_MAX && s.cookies.n_slots == 2 * (size_t)SEEN_MAX);
	for (uint64_t i = 1; i <= SEEN_MAX; i++)
		CHECK(seen_before(&s, 7, i << 20));
	CHECK(!seen_before(&s, 7, 3) && !seen_before(&s, 7, 3));
	CHECK(s.cookies.n_slots == 2 * (size_t)SEEN_MAX);
	seen_done(&s);
}

static void check_protocols(void)
{
	const char *root = TESTS_DIR "/golden/proc";

	CHECK(proc_protocol_sockets(root, "XDP") == 3);
	CHECK(proc_protocol_sockets(root, "NETLINK") == 12);
	CHECK(proc_protocol_sockets(root, "UDP-Lite") == -1); /* the kernel counts none of them */
	CHECK(proc_protocol_sockets(root, "XD") == -1);
	CHECK(proc_protocol_sockets("/nonexistent", "XDP") == -1);
}

int main(void)
{
	check_once();
	check_groups();
	check_bound();
	check_protocols();
	return 0;
}
