/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Signs in rows of the classic text. */

#include "base/cleanup.h"
#include "check.h"
#include "sink/classic/grid.h"
#include "sink/classic/marked.h"

/* A row with some cells, as grid_pack() makes it. */
static struct sv packed(struct text *t, const char *state, const char *recvq, const char *port,
			const char *extra)
{
	enum { ENABLED = (1u << COL_MAX) - 1 - (1u << COL_NETNS) - (1u << COL_NETID) };
	struct grid g;
	struct out out;

	CHECK(out_init_memory(&out) == 0);
	grid_init(&g, &out, ENABLED);
	grid_row(&g);
	text_str(grid_cell(&g, COL_STATE), state);
	text_str(grid_cell(&g, COL_RECVQ), recvq);
	text_str(grid_cell(&g, COL_LOCAL), "10.0.0.1:");
	text_str(grid_cell(&g, COL_LOCAL_PORT), port);
	text_str(grid_cell(&g, COL_EXTRA), extra);
	grid_pack(&g, t);
	grid_done(&g);
	(void)out_done(&out);
	return sv_n(t->p, t->len);
}

/* The cells of a row with signs, a bar between them. */
static const char *signs(struct sv was, struct sv now, enum mark m)
{
	static char shown[512];
	uint32_t enabled = (1u << COL_MAX) - 1 - (1u << COL_NETNS) - (1u << COL_NETID);
	struct text t = {};
	size_t at, n = 0;

	marked_put(enabled, was, now, m, &t);
	CHECK(!t.failed && t.p[0] == COL_EXTRA);
	at = 1 + COL_MAX * sizeof(uint32_t);
	for (enum column c = 0; c < COL_MAX; c++) {
		uint32_t len;

		memcpy(&len, t.p + 1 + c * sizeof(len), sizeof(len));
		memcpy(shown + n, t.p + at, len);
		n += len;
		at += len;
		if (len)
			shown[n++] = '|';
	}
	CHECK(at == t.len);
	shown[n] = '\0';
	text_done(&t);
	return shown;
}

static void test_classic(void)
{
	struct text a = {}, b = {};
	const struct sv was = packed(&a, "ESTAB", "0     ", "22", "\n\t cubic rtt:1/2 send 5bps cwnd:10");
	const struct sv now =
		packed(&b, "ESTAB", "12    ", "23", "\n\t cubic rtt:1/2 send 6bps lost:1 cwnd:10 ");

	CHECK_STR(signs((struct sv){}, was, MARK_NONE),
		  "  ESTAB|0     |10.0.0.1:|22|\n\t cubic rtt:1/2 send 5bps cwnd:10|");
	CHECK_STR(signs((struct sv){}, was, MARK_NEW),
		  "+ ESTAB|0     |10.0.0.1:|22|\n\t cubic rtt:1/2 send 5bps cwnd:10|");
	CHECK_STR(signs((struct sv){}, was, MARK_GONE),
		  "- ESTAB|0     |10.0.0.1:|22|\n\t cubic rtt:1/2 send 5bps cwnd:10|");
	CHECK_STR(signs(was, was, MARK_NONE),
		  "  ESTAB|0     |10.0.0.1:|22|\n\t cubic rtt:1/2 send 5bps cwnd:10|");
	CHECK_STR(signs(was, now, MARK_NONE),
		  "  ESTAB|12*   |10.0.0.1:|23*|\n\t cubic rtt:1/2 send 6bps* lost:1* cwnd:10 |");
	text_done(&a);
	text_done(&b);
}

int main(void)
{
	test_classic();
	return 0;
}
