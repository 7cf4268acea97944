/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is different between two lists, written as CSV. */

#include "kernel/abi.h"
#include "ops/diff.h"
#include "records.h"

enum { STATE, QUEUE, PROCESS, NETID, PORT, PEER, COOKIE, START, N };

static const struct column columns[N] = {
	[STATE] = { .name = "state", .field = F_STATE, .type = T_STATE },
	[QUEUE] = { .name = "queue", .field = F_MAX, .type = T_UINT },
	[PROCESS] = { .name = "process", .field = F_OWNERS, .type = T_OWNERS },
	[NETID] = { .name = "netid", .field = F_MAX, .type = T_STR },
	[PORT] = { .name = "port", .field = F_MAX, .type = T_PORT },
	[PEER] = { .name = "peer", .field = F_MAX, .type = T_PORT },
	[COOKIE] = { .name = "cookie", .field = F_MAX, .type = T_UINT },
	[START] = { .name = "process.start", .field = F_PROC_START, .type = T_STR, .part = PART_START },
};

/* A socket: who holds it is in the form "12" or "12,13", PIDs of programs called by their names' first
 * letters, "12n@3": a start of "3". */
struct socket {
	unsigned int state, queue, port, peer, cookie;
	const char *owners; /* NULL: nobody is seen */
};

enum { OWNERS_MAX = 8 };

static struct cell cell_of_owners(const char *s, struct owner *v, struct owner_texts *texts)
{
	struct cell c = { .val.kind = VAL_OWNERS };
	size_t n = 0;

	for (; s && *s; s += *s == ',') {
		char *end;

		v[n] = (struct owner){ .pid = (uint32_t)strtoul(s, &end, 10), .fd = 3, .comm = sv_n(end, 1) };
		s = end + 1;
		if (*s == '@') {
			texts[n].start = sv_n(s + 1, 1);
			v[n].texts = &texts[n];
			s += 2;
		}
		n++;
	}
	c.is_there = n;
	c.val.owners = (struct owners){ .v = v, .n = n };
	return c;
}

static void put_list(struct tabular *t, const struct socket *v, size_t n)
{
	const struct listing l = { .name = "sockets", .columns = columns, .n = N };

	CHECK(t->ops->list(t, &l) == 0);
	for (size_t i = 0; i < n; i++) {
		struct owner owners[OWNERS_MAX];
		struct owner_texts texts[OWNERS_MAX] = {};
		struct cell cells[N] = {};

		cells[STATE] = uint_cell(v[i].state);
		cells[QUEUE] = uint_cell(v[i].queue);
		cells[PROCESS] = cells[START] = cell_of_owners(v[i].owners, owners, texts);
		cells[NETID] = str_cell("tcp");
		if (v[i].port)
			cells[PORT] = uint_cell(v[i].port);
		if (v[i].peer)
			cells[PEER] = uint_cell(v[i].peer);
		if (v[i].cookie)
			cells[COOKIE] = uint_cell(v[i].cookie);
		CHECK(t->ops->record(t, cells) == 0);
	}
	CHECK(t->ops->list_end(t) == 0);
}

struct two {
	const struct socket *was, *now;
	size_t n_was, n_now;
	bool is_other_boot, wants_queue, has_no_owners, is_off;
	const char *sort;
	uint64_t limit; /* 0: none */
	uint64_t *ret_left_out, *ret_unknown;
};

static const char *differences(const struct two *x)
{
	static char shown[4096];
	const struct notes none = {};
	struct diff_sides sides = { .is_one_boot = !x->is_other_boot, .is_off = x->is_off, .notes = &none };
	const bool is_compared[] = {
		[STATE] = true, [QUEUE] = x->wants_queue, [PROCESS] = !x->has_no_owners
	};
	const struct diff_opts o = { .sides = &sides,
				     .columns = columns,
				     .n = N,
				     .n_shown = NETID,
				     .is_compared = is_compared,
				     .first_id = NETID,
				     .n_ids = 3,
				     .n_scope = 1,
				     .cookie = COOKIE,
				     .state = STATE,
				     .owners = x->has_no_owners ? DIFF_NO_COLUMN : START,
				     .lister = DIFF_NO_COLUMN,
				     .sort = x->sort ? sv(x->sort) : sv(""),
				     .limit = x->limit ? x->limit : UINT64_MAX };
	_cleanup_(tabular_freep) struct tabular *csv = NULL, *diff = NULL;
	struct err e;
	struct out out;
	int r;

	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("csv"))->open(&(struct format_opts){ .no_header = true }, &out, &csv) == 0);
	r = diff_new(&o, csv, &diff, &e);
	CHECK(r == 0);
	put_list(diff, x->was, x->n_was);
	put_list(diff, x->now, x->n_now);
	CHECK(diff->ops->end(diff, NULL) == 0);
	CHECK(out.len < sizeof(shown));
	for (size_t i = 0, k = 0; i <= out.len; i++)
		if (i == out.len || out.buf[i] != '\r')
			shown[k++] = i == out.len ? '\0' : out.buf[i];
	if (x->ret_left_out)
		*x->ret_left_out = sides.n_left_out;
	if (x->ret_unknown)
		*x->ret_unknown = sides.n_unknown;
	(void)out_done(&out);
	return shown;
}

#define TWO(a, b, ...)             \
	differences(&(struct two){ \
		.was = (a), .n_was = ARRAY_SIZE(a), .now = (b), .n_now = ARRAY_SIZE(b), __VA_ARGS__ })

#define L K_TCP_LISTEN
#define E K_TCP_ESTABLISHED

static void test_listeners(void)
{
	const struct socket was[] = { { L, 0, 80, 0, 1, "10n@1,11n@1" },
				      { L, 0, 22, 0, 2, "5s@1" },
				      { L, 0, 25, 0, 3, "6m@1" },
				      { L, 0, 53, 0, 4, "7d@1" } };
	const struct socket now[] = { { L, 0, 53, 0, 9, "77d@4" }, /* started anew, under the same name */
				      { L, 7, 80, 0, 1, "10n@1,12n@3" }, /* one worker did, and some wait */
				      { L, 0, 443, 0, 8, "10n@1" },
				      { L, 0, 22, 0, 7, "5s@1" } }; /* closed and opened by the same */

	CHECK_STR(TWO(was, was), "");
	CHECK_STR(TWO(was, now), "closed,listening,0,pid=6 fd=3 name=m,,\n"
				 "replaced,listening,0,pid=77 fd=3 name=d,,pid=7 fd=3 name=d\n"
				 "opened,listening,0,pid=10 fd=3 name=n,,\n");
	/* PIDs of another boot mean nothing, names do. */
	CHECK_STR(TWO(was, now, .is_other_boot = true), "closed,listening,0,pid=6 fd=3 name=m,,\n"
							"opened,listening,0,pid=10 fd=3 name=n,,\n");
	/* Where nobody is seen, it is another socket. */
	CHECK_STR(TWO(was, now, .has_no_owners = true), "replaced,listening,0,pid=5 fd=3 name=s,\n"
							"closed,listening,0,pid=6 fd=3 name=m,\n"
							"replaced,listening,0,pid=77 fd=3 name=d,\n"
							"opened,listening,0,pid=10 fd=3 name=n,\n");
	CHECK_STR(TWO(was, now, .is_off = true), "");
}

/* A socket may be handed on, and here processes are seen on one side. */
static void test_unknown(void)
{
	const struct socket was[] = { { L, 0, 80, 0, 1, NULL }, { L, 0, 81, 0, 2, NULL } };
	const struct socket now[] = { { L, 0, 80, 0, 1, "9x" }, { L, 0, 81, 0, 2, NULL } };
	uint64_t unknown;

	CHECK_STR(TWO(was, now, .ret_unknown = &unknown), "");
	CHECK(unknown == 1);
	CHECK_STR(TWO(was, now, .has_no_owners = true, .ret_unknown = &unknown), "");
	CHECK(unknown == 0);
	CHECK_STR(TWO(was, now, .is_other_boot = true, .ret_unknown = &unknown), "");
	CHECK(unknown == 1);
}

static void test_same_pid(void)
{
	const struct socket was[] = { { L, 0, 80, 0, 1, "1n@1" },
				      { L, 0, 81, 0, 2, "1n@1" },
				      { L, 0, 82, 0, 3, "1n" },
				      { L, 0, 83, 0, 4, NULL } };
	const struct socket now[] = { { L, 0, 80, 0, 5, "1n@2" }, /* of a container that started anew */
				      { L, 0, 81, 0, 2,
					"1m@2" }, /* the same socket: the process has another name */
				      { L, 0, 82, 0, 6, "1n" },
				      { L, 0, 83, 0, 4, "9x@1" } }; /* who held it was not seen */

	CHECK_STR(TWO(was, now), "replaced,listening,0,pid=1 fd=3 name=n,,pid=1 fd=3 name=n\n");
}

/* Several listeners of one port: who leaves and who comes is told, and the others are left alone. */
static void test_shared_port(void)
{
	const struct socket was[] = { { L, 0, 80, 0, 1, "1a" },
				      { L, 0, 80, 0, 2, "2a" },
				      { L, 0, 80, 0, 3, "3a" } };
	const struct socket fewer[] = { { L, 0, 80, 0, 3, "3a" }, { L, 0, 80, 0, 1, "1a" } };
	const struct socket others[] = { { L, 0, 80, 0, 3, "3a" },
					 { L, 0, 80, 0, 7, "7a" },
					 { L, 0, 80, 0, 9, "2a" } };

	CHECK_STR(TWO(was, fewer), "closed,listening,0,pid=2 fd=3 name=a,,\n");
	CHECK_STR(TWO(fewer, was), "opened,listening,0,pid=2 fd=3 name=a,,\n");
	CHECK_STR(TWO(was, others), "replaced,listening,0,pid=7 fd=3 name=a,,pid=1 fd=3 name=a\n");
	CHECK_STR(TWO(was, others, .is_other_boot = true), "");
}

static void test_connections(void)
{
	const struct socket was[] = { { E, 10, 40000, 80, 1, "5c" },
				      { E, 0, 40001, 80, 2, "5c" },
				      { E, 0, 40002, 80, 3, "5c" } };
	const struct socket now[] = { { K_TCP_CLOSE_WAIT, 30, 40000, 80, 1, "5c" }, /* as its cookie says */
				      { K_TCP_TIME_WAIT, 0, 40001, 80, 8, NULL },   /* has another one then */
				      { E, 0, 40002, 80, 9, "5c" } }; /* as had the next of these addresses */

	CHECK_STR(TWO(was, now), "changed,close-wait,30,pid=5 fd=3 name=c,established,\n"
				 "changed,time-wait,0,,established,\n"
				 "closed,established,0,pid=5 fd=3 name=c,,\n"
				 "opened,established,0,pid=5 fd=3 name=c,,\n");
	CHECK_STR(TWO(was, now, .wants_queue = true, .sort = "-delta.queue", .limit = 1),
		  "changed,close-wait,30,pid=5 fd=3 name=c,established,10,,20\n");
	CHECK_STR(TWO(was, now, .sort = "change,queue", .limit = 2),
		  "changed,close-wait,30,pid=5 fd=3 name=c,established,\n"
		  "changed,time-wait,0,,established,\n");
	/* Of another boot only addresses say which is which. */
	CHECK_STR(TWO(was, now, .is_other_boot = true),
		  "changed,close-wait,30,pid=5 fd=3 name=c,established,\n"
		  "changed,time-wait,0,,established,\n");
}

static void test_nowhere(void)
{
	const struct socket was[] = { { E, 0, 0, 0, 1, "5c" }, { E, 0, 0, 0, 2, "5c" } };
	const struct socket now[] = { { E, 0, 0, 0, 2, "5c" } };
	uint64_t left_out;

	CHECK_STR(TWO(was, now, .ret_left_out = &left_out), "closed,established,0,pid=5 fd=3 name=c,,\n");
	CHECK(left_out == 0);
	CHECK_STR(TWO(was, now, .is_other_boot = true, .ret_left_out = &left_out), "");
	CHECK(left_out == 3);
}

/* Whatever the order is in which they come, that in which they are told is the same. */
static void test_order(void)
{
	struct socket was[64], now[64];
	char first[4096];

	for (unsigned int round = 0; round < 50; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(was); i++) {
			unsigned int k = (i * 37 + round * 11) % ARRAY_SIZE(was),
				     m = (i * 29 + round * 5) % ARRAY_SIZE(now);

			was[k] = (struct socket){ L, 0, 1 + i, 0, 1 + i, i % 3 ? "1a@1" : "2b@1" };
			now[m] = (struct socket){ L, 0, 17 + i, 0, 200 + i, i % 5 ? "1a@1" : "2b@1" };
		}
		if (round == 0)
			(void)strcpy(first, TWO(was, now));
		CHECK_STR(TWO(was, now), first);
	}
	CHECK(strlen(first) > 1000);
}

static void test_errors(void)
{
	struct diff_sides sides = {};
	const bool is_compared[NETID] = {};
	const struct diff_opts o = { .sides = &sides,
				     .columns = columns,
				     .n = N,
				     .n_shown = NETID,
				     .is_compared = is_compared,
				     .sort = sv("nothing"),
				     .limit = UINT64_MAX };
	_cleanup_(tabular_freep) struct tabular *csv = NULL, *diff = NULL;
	struct err e;
	struct out out;

	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("csv"))->open(&(struct format_opts){}, &out, &csv) == 0);
	CHECK(diff_new(&o, csv, &diff, &e) < 0);
	CHECK(strstr(e.text, "no column \"nothing\""));
	(void)out_done(&out);
}

int main(void)
{
	test_listeners();
	test_unknown();
	test_same_pid();
	test_shared_port();
	test_connections();
	test_nowhere();
	test_order();
	test_errors();
	return 0;
}
