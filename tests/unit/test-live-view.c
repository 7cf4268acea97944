/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The live view without a terminal: made-up samples and keys go in, screens come out as text. */

#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "check.h"
#include "live/view.h"
#include "random.h"

enum { FLOWS_MAX = 1000, SECOND = 1000000 };

#define COLUMNS "state,local.port,tcp.bytes_sent_rate"

static struct flow {
	uint16_t port;
	uint64_t cookie, rate;
	uint8_t state;
} flows[FLOWS_MAX];
static size_t n_flows;

static struct live {
	struct arranger *arranger;
	struct lister *lister;
	struct live_model m;
	struct view *view;
	struct live_grid grid;
	int64_t now_us;
	uint32_t turn;
} live;

static void add_flow(struct sample *s, const struct flow *f)
{
	static const struct seg_dump origin = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	struct {
		struct nlmsghdr head;
		struct inet_diag_msg msg;
	} message = {
		.head = { .nlmsg_len = sizeof(message) },
		.msg = { .idiag_family = AF_INET,
			 .idiag_state = f->state,
			 .id = { .idiag_sport = htons(f->port),
				 .idiag_cookie = { (uint32_t)f->cookie, (uint32_t)(f->cookie >> 32) } } }
	};
	struct seg_rates rates;
	struct owner owner = { .pid = 7, .fd = 3, .comm = sv(f->port % 2 ? "odd\033[2J" : "even") };
	struct owners owners = { .v = &owner, .n = 1 };
	struct row row;

	for (size_t i = 0; i < ARRAY_SIZE(rates.v); i++)
		rates.v[i] = UINT64_MAX;
	rates.v[RATE_TCP_BYTES_SENT] = f->rate;
	CHECK(row_open(&row, &family_inet, &origin, &message.head) == 0);
	row_put(&row, SEG_RATES, &rates, sizeof(rates));
	row_put(&row, SEG_OWNERS, &owners, sizeof(owners));
	CHECK(sample_add(s, &row) == 0);
}

static void show(void)
{
	struct board *b;

	CHECK(arranger_make(live.arranger, live_model_holds(&live.m, live.now_us), &b) == 0);
	b->turn = live.m.ask.turn;
	live_model_board(&live.m, b);
}

/* Another sample of the flows, a second later. */
static void tick(void)
{
	struct sample *s = sample_new();

	CHECK(s);
	live.now_us += SECOND;
	sample_set_time(s, live.now_us, 0);
	for (size_t i = 0; i < n_flows; i++)
		add_flow(s, &flows[i]);
	CHECK(arranger_take(live.arranger, s, false) == 0);
	(void)sample_unref(s);
	show();
}

/* Has what is asked for arranged, as whoever runs the model does. */
static void follow_ask(void)
{
	const struct arranged_by by = { .sort = live.m.ask.sort,
					.by = live.m.ask.by,
					.select = { .tables = 1u << TABLE_TCP, .states = UINT32_MAX } };
	const struct filter_env env = {};
	struct filter *f = NULL;
	struct err e = {};
	struct sv word = sv(live.m.ask.filter ? live.m.ask.filter : "");

	if (live.turn == live.m.ask.turn)
		return;
	live.turn = live.m.ask.turn;
	if (word.len && filter_parse(&env, &word, 1, &f, &e) < 0) {
		live_model_error(&live.m, sv(e.text));
		return;
	}
	arranger_filter(live.arranger, f);
	CHECK(arranger_order(live.arranger, &by, &e) == 0);
	show();
}

static enum live_deed press(enum live_key key, uint32_t c)
{
	const struct live_event ev = { .kind = LIVE_KEY, .key = key, .c = c };
	enum live_deed deed = live_model_event(&live.m, &ev, live.now_us);

	follow_ask();
	return deed;
}

static void type(const char *s)
{
	for (; *s; s++)
		(void)press(LIVE_KEY_CHAR, (unsigned char)*s);
}

static void check_screen(unsigned int width, unsigned int height, const char *want)
{
	struct text t = {};

	CHECK(live_grid_clear(&live.grid, width, height) == 0);
	CHECK(view_draw(live.view, &live.m, live.now_us, &live.grid) == 0);
	live_grid_text(&live.grid, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, want);
	text_done(&t);
}

/* Whether the screen has @what, in any line. */
static bool shows(unsigned int width, unsigned int height, const char *what)
{
	struct text t = {};
	bool has;

	CHECK(live_grid_clear(&live.grid, width, height) == 0);
	CHECK(view_draw(live.view, &live.m, live.now_us, &live.grid) == 0);
	live_grid_text(&live.grid, &t);
	text_char(&t, '\0');
	has = strstr(t.p, what);
	text_done(&t);
	return has;
}

static void begin(size_t n, const char *sort)
{
	const struct live_about about = {
		.command = "ss -t", .subject = "box", .sort = sort, .has_tcp = true, .can_kill = true
	};
	struct live_ask ask = { .sort = sort ? strdup(sort) : NULL,
				.columns = strdup(COLUMNS),
				.every_us = SECOND };
	const struct lister_opts lo = { .columns = COLUMNS,
					.select = { .tables = 1u << TABLE_TCP, .states = UINT32_MAX } };
	struct err e = {};

	live = (struct live){ .arranger = arranger_new(), .view = view_new(), .now_us = 100 * SECOND };
	CHECK(live.arranger && live.view);
	CHECK(live_model_init(&live.m, &about, &ask) == 0);
	CHECK(lister_new(&lo, &live.lister, &e) == 0);
	live.m.lister = live.lister;
	n_flows = n;
	for (size_t i = 0; i < n; i++)
		flows[i] = (struct flow){ .port = (uint16_t)(1000 + i),
					  .cookie = 77 + i,
					  .rate = 1000 * (i + 1),
					  .state = K_TCP_ESTABLISHED };
	{
		struct sample *s = sample_new();

		sample_set_time(s, live.now_us, 0);
		for (size_t i = 0; i < n_flows; i++)
			add_flow(s, &flows[i]);
		CHECK(arranger_take(live.arranger, s, true) == 0);
		(void)sample_unref(s);
	}
	follow_ask();
}

static void end(void)
{
	(void)view_free(live.view);
	live_grid_done(&live.grid);
	live_model_done(&live.m);
	(void)lister_free(live.lister);
	(void)arranger_free(live.arranger);
}

static void check_table(void)
{
	begin(3, "tcp.bytes_sent_rate");
	check_screen(64, 9,
		     "ss --live  box  every 1 s\n"
		     "sockets 3  established 3  +0 -0\n"
		     "  STATE        LOCAL.PORT        SENTv\n"
		     "  established        1002  24.0kbit/s\n"
		     "  established        1001  16.0kbit/s\n"
		     "  established        1000   8.0kbit/s\n"
		     "\n"
		     "\n"
		     "/ filter  b group  s sort  r reverse  c columns  p pause  f find\n");
	(void)press(LIVE_KEY_DOWN, 0);
	(void)press(LIVE_KEY_DOWN, 0);
	live.now_us += 3 * SECOND;
	n_flows = 2;          /* the first one in the list ends */
	flows[1].port = 2000; /* another socket in the place of the one in the middle */
	flows[1].cookie = 99;
	tick();
	check_screen(64, 9,
		     "ss --live  box  every 1 s\n"
		     "sockets 2  established 2  +1 -2\n"
		     "  STATE        LOCAL.PORT        SENTv\n"
		     " -established        1002  24.0kbit/s\n"
		     ">-established        1001  16.0kbit/s\n"
		     " +established        2000  16.0kbit/s\n"
		     "  established        1000   8.0kbit/s\n"
		     "\n"
		     "/ filter  Enter open  b group  s sort  r reverse  c columns\n");
	for (int i = 0; i < 4; i++)
		tick();
	check_screen(64, 9,
		     "ss --live  box  every 1 s\n"
		     "sockets 2  established 2  +0 -0\n"
		     "  STATE        LOCAL.PORT        SENTv\n"
		     "  established        2000  16.0kbit/s\n"
		     "> established        1000   8.0kbit/s\n"
		     "\n"
		     "\n"
		     "\n"
		     "/ filter  Enter open  b group  s sort  r reverse  c columns\n");
	CHECK(press(LIVE_KEY_CHAR, 'q') == DEED_QUIT);
	end();
}

/* Flows of much the same rate, which is another one each second, do not run about. */
static void check_still(void)
{
	uint64_t order[FLOWS_MAX], selected;
	size_t swaps = 0;

	begin(FLOWS_MAX, "tcp.bytes_sent_rate");
	for (int i = 0; i < 5; i++) {
		for (size_t k = 0; k < n_flows; k++) {
			flows[k].cookie = 5000 + k;
			flows[k].rate = 90000 + pick(20000);
		}
		tick();
	}
	(void)press(LIVE_KEY_DOWN, 0);
	live.now_us += 3 * SECOND;
	selected = live.m.selected;
	CHECK(selected);
	for (size_t k = 0; k < 20; k++)
		order[k] = live.m.board->v[k].id;
	for (int i = 0; i < 60; i++) {
		for (size_t k = 0; k < n_flows; k++)
			flows[k].rate = 90000 + pick(20000);
		tick();
		for (size_t k = 0; k < 20; k++) {
			swaps += order[k] != live.m.board->v[k].id;
			order[k] = live.m.board->v[k].id;
		}
		CHECK(live.m.selected == selected);
	}
	CHECK(swaps <= 60 / 5);
	end();
}

static void check_groups(void)
{
	struct text t = {};

	begin(4, NULL);
	type("bprocess.name");
	(void)press(LIVE_KEY_ENTER, 0);
	CHECK(shows(80, 20, "PROCESS"));
	CHECK(shows(80, 20, "2 groups of 4"));
	CHECK(shows(80, 20, "odd.[2J"));
	(void)press(LIVE_KEY_HOME, 0);
	(void)press(LIVE_KEY_ENTER, 0);
	CHECK(!live.m.ask.by && live.m.n_trail == 1);
	CHECK(shows(80, 20, "process.name > $ ss -t"));
	CHECK(shows(80, 20, "shown 2"));
	live_model_command(&live.m, &t);
	text_char(&t, '\0');
	CHECK(strstr(t.p, "--columns=" COLUMNS " 'process.name = \""));
	text_done(&t);
	(void)press(LIVE_KEY_ESCAPE, 0);
	CHECK(live.m.ask.by && !live.m.ask.filter && !live.m.n_trail);
	CHECK(shows(80, 20, "2 groups of 4"));
	(void)press(LIVE_KEY_ESCAPE, 0);
	CHECK(!live.m.ask.by);
	end();
}

/* While a filter is typed the last good one counts, and what is wrong is told with its place. */
static void check_filter(void)
{
	begin(4, NULL);
	type("/sport = 1001");
	CHECK(shows(80, 20, "filter: sport = 1001"));
	CHECK(shows(80, 20, "shown 1"));
	type(" and sport =");
	CHECK(shows(80, 20, "shown 1"));
	CHECK(live.m.error.len);
	CHECK(shows(80, 20, "^"));
	(void)press(LIVE_KEY_ENTER, 0);
	CHECK(live.m.box_kind == BOX_FILTER);
	(void)press(LIVE_KEY_ESCAPE, 0);
	CHECK(live.m.box_kind == BOX_NONE);
	CHECK(shows(80, 20, "shown 4"));
	end();
}

static void check_keys(void)
{
	begin(50, NULL);
	CHECK(press(LIVE_KEY_CHAR, 'y') == DEED_COPY);
	live_model_notes(&live.m, sv("ss: a process hides\nmore\n"), false);
	CHECK(shows(80, 20, "INCOMPLETE") && shows(80, 20, "\nss: a process hides\n") &&
	      shows(40, 10, "INCOMPLETE"));
	live_model_notes(&live.m, sv(""), true);
	CHECK(!shows(80, 20, "INCOMPLETE"));
	(void)press(LIVE_KEY_CHAR, '?');
	CHECK(shows(80, 24, "Keys now"));
	CHECK(shows(80, 24, "(n)"));
	(void)press(LIVE_KEY_ESCAPE, 0);
	CHECK(live.m.page == PAGE_MAIN);
	(void)press(LIVE_KEY_CHAR, 'p');
	tick();
	CHECK(shows(80, 12, "PAUSED") && live.m.next);
	(void)press(LIVE_KEY_CHAR, 'p');
	CHECK(!live.m.next);
	type("f1033");
	(void)press(LIVE_KEY_ENTER, 0);
	CHECK(live.m.at == 33 && shows(80, 12, ">"));
	type("c");
	CHECK(shows(80, 12, ">[ ]"));
	(void)press(LIVE_KEY_CHAR, ' ');
	CHECK(!strncmp(live.m.ask.columns, COLUMNS ",", strlen(COLUMNS) + 1));
	(void)press(LIVE_KEY_ESCAPE, 0);
	(void)press(LIVE_KEY_ENTER, 0);
	CHECK(live.m.page == PAGE_DETAILS && live.m.ask.wants_all);
	CHECK(shows(80, 24, "local.port"));
	CHECK(shows(80, 24, "even") || shows(80, 24, "odd.[2J"));
	end();
}

/* Nothing is destroyed before its number has been typed. */
static void check_kill(void)
{
	struct text t = {};

	begin(4, NULL);
	(void)press(LIVE_KEY_DOWN, 0);
	CHECK(press(LIVE_KEY_CHAR, 'k') == DEED_NONE && live.m.page == PAGE_MAIN);
	CHECK(press(LIVE_KEY_F0 + 9, 0) == DEED_KILL_COUNT && live.m.kill_is_one);
	live_model_filter(&live.m, true, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, "cookie = 0x4d");
	text_done(&t);
	CHECK(press(LIVE_KEY_ENTER, 0) == DEED_NONE);
	live_model_count(&live.m, 1);
	CHECK(press(LIVE_KEY_ENTER, 0) == DEED_NONE);
	CHECK(press(LIVE_KEY_TAB, 0) == DEED_KILL_COUNT && !live.m.kill_is_one);
	live_model_count(&live.m, 4);
	type("1");
	CHECK(press(LIVE_KEY_ENTER, 0) == DEED_NONE);
	(void)press(LIVE_KEY_BACKSPACE, 0);
	type("4");
	CHECK(shows(80, 20, "to do it, type that number  4"));
	CHECK(press(LIVE_KEY_ENTER, 0) == DEED_KILL);
	CHECK(press(LIVE_KEY_ENTER, 0) == DEED_NONE);
	live_model_account(&live.m, sv("ss: 3 sockets destroyed, 1 was gone\n"));
	CHECK(shows(80, 20, "3 sockets destroyed, 1 was gone"));
	(void)press(LIVE_KEY_ESCAPE, 0);
	CHECK(live.m.page == PAGE_MAIN);
	end();
}

/* Any size is drawn within it, whatever is open. */
static void check_sizes(void)
{
	begin(50, "tcp.bytes_sent_rate");
	for (unsigned int page = 0; page < 5; page++) {
		if (page)
			(void)press(LIVE_KEY_CHAR, (uint32_t) "x?cb/"[page]);
		for (unsigned int width = 1; width < 130; width += 7)
			for (unsigned int height = 1; height < 30; height++)
				(void)shows(width, height, "");
		(void)press(LIVE_KEY_ESCAPE, 0);
	}
	CHECK(shows(40, 10, "LOCAL.PORT"));
	end();
}

int main(void)
{
	check_table();
	check_still();
	check_groups();
	check_filter();
	check_keys();
	check_kill();
	check_sizes();
	return 0;
}
