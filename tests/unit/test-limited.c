/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What holds up sending, by tcp_info. */

#include "check.h"
#include "model/limited.h"

enum { NO_WINDOW = offsetof(struct k_tcp_info, tcpi_snd_wnd) }; /* as long as it was before Linux 5.4 */

static const struct {
	const char *word;
	struct k_tcp_info ti;
	size_t len; /* 0: all of it */
} cases[] = {
	{ "app", { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_snd_wnd = 65535 }, 0 },
	{ "app", { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_snd_wnd = 65535, .tcpi_unacked = 9 }, 0 },
	{ "app", { .tcpi_ca_state = 4 }, 0 }, /* of what was lost nothing is left */
	{ "cwnd",
	  { .tcpi_snd_cwnd = 10, .tcpi_snd_mss = 1000, .tcpi_snd_wnd = 65535, .tcpi_unacked = 10 },
	  0 },
	{ "cwnd",
	  { .tcpi_snd_cwnd = 10,
	    .tcpi_snd_mss = 1000,
	    .tcpi_snd_wnd = 65535,
	    .tcpi_unacked = 12,
	    .tcpi_sacked = 2,
	    .tcpi_notsent_bytes = 1 },
	  0 },
	{ "network",
	  { .tcpi_snd_cwnd = 10,
	    .tcpi_snd_mss = 1000,
	    .tcpi_snd_wnd = 65535,
	    .tcpi_unacked = 12,
	    .tcpi_sacked = 3,
	    .tcpi_notsent_bytes = 1 },
	  0 },
	{ "network", { .tcpi_ca_state = 3, .tcpi_snd_cwnd = 10, .tcpi_unacked = 10 }, 0 },
	{ "network", { .tcpi_retransmits = 1, .tcpi_snd_cwnd = 1, .tcpi_unacked = 1 }, 0 },
	{ "rwnd",
	  { .tcpi_snd_cwnd = 99,
	    .tcpi_snd_mss = 1000,
	    .tcpi_snd_wnd = 10999,
	    .tcpi_unacked = 10,
	    .tcpi_notsent_bytes = 1 },
	  0 },
	{ "network",
	  { .tcpi_snd_cwnd = 99,
	    .tcpi_snd_mss = 1000,
	    .tcpi_snd_wnd = 11000,
	    .tcpi_unacked = 10,
	    .tcpi_notsent_bytes = 1 },
	  0 },
	{ "rwnd",
	  { .tcpi_snd_mss = 1000, .tcpi_snd_cwnd = 9, .tcpi_notsent_bytes = 1 },
	  0 }, /* a window of 0 */
	{ "rwnd",
	  { .tcpi_snd_cwnd = 99,
	    .tcpi_unacked = 1,
	    .tcpi_notsent_bytes = 1,
	    .tcpi_busy_time = 9,
	    .tcpi_rwnd_limited = 5 },
	  NO_WINDOW },
	{ "network",
	  { .tcpi_snd_cwnd = 99,
	    .tcpi_unacked = 1,
	    .tcpi_notsent_bytes = 1,
	    .tcpi_busy_time = 10,
	    .tcpi_rwnd_limited = 5 },
	  NO_WINDOW },
	{ "sndbuf",
	  { .tcpi_snd_cwnd = 99, .tcpi_unacked = 1, .tcpi_busy_time = 10, .tcpi_sndbuf_limited = 6 },
	  0 },
	{ NULL, {}, offsetof(struct k_tcp_info, tcpi_notsent_bytes) },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct row row = {};
		const char *word;

		row_put(&row, SEG_TCP_INFO, &cases[i].ti, cases[i].len ? cases[i].len : sizeof(cases[i].ti));
		word = limited_by(&row);
		CHECK(!word == !cases[i].word);
		CHECK_STR(word ? word : "", cases[i].word ? cases[i].word : "");
	}
	return 0;
}
