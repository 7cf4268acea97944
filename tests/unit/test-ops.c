/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Sorting, the first of many, and counting, on records written out as text. */

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "ops/columns.h"
#include "ops/sort.h"

struct written { /* the end of the chain */
	struct tabular tabular;
	const struct column *columns;
	size_t n;
	struct text text;
	uint64_t room; /* records it takes */
	bool is_open;
};

static int begin(struct tabular *t, const struct listing *l)
{
	struct written *w = (struct written *)t;

	assert(!w->is_open);
	w->is_open = true;
	w->columns = l->columns;
	w->n = l->n;
	if (!l->at_us)
		return 0;
	text_str(&w->text, l->name);
	text_char(&w->text, ' ');
	text_u64(&w->text, l->at_us);
	text_char(&w->text, '\n');
	return 0;
}

static int list_end(struct tabular *t)
{
	struct written *w = (struct written *)t;

	assert(w->is_open);
	w->is_open = false;
	return 0;
}

static void put(struct text *t, enum type type, const struct cell *c)
{
	if (c->is_other)
		text_str(t, "others");
	else if (!c->is_there)
		text_char(t, '-');
	else if (c->val.kind == VAL_UINT)
		text_u64(t, c->val.u);
	else if (c->val.kind == VAL_REAL)
		text_printf(t, "%.3g", c->val.d);
	else if (type == T_ADDR)
		text_ipv4(t, (const uint8_t *)c->val.s.p);
	else if (c->val.kind == VAL_STR)
		text_sv(t, c->val.s);
	else
		text_u64(t, c->val.owners.n);
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct written *w = (struct written *)t;

	if (!w->room)
		return -EPIPE;
	w->room--;
	for (size_t i = 0; i < w->n; i++) {
		if (i)
			text_char(&w->text, ' ');
		put(&w->text, w->columns[i].type, &cells[i]);
	}
	text_char(&w->text, '\n');
	return 0;
}

static int end(struct tabular *t, const struct notes *)
{
	assert(!((struct written *)t)->is_open);
	text_str(&((struct written *)t)->text, "end\n");
	return ((struct written *)t)->room ? 0 : -EPIPE;
}

static int flush(struct tabular *)
{
	return 0;
}

static void done(struct tabular *t)
{
	text_done(&((struct written *)t)->text);
}

static const struct tabular_ops written_ops = {
	.list = begin, .record = record, .list_end = list_end, .end = end, .flush = flush, .free = done
};

static struct written written(void)
{
	return (struct written){ .tabular.ops = &written_ops, .room = UINT64_MAX };
}

static void check(struct written *w, const char *expected)
{
	text_char(&w->text, '\0');
	assert(!w->text.failed);
	if (strcmp(w->text.p, expected)) {
		(void)fprintf(stderr, "expected:\n%sgot:\n%s", expected, w->text.p);
		assert(!"the same");
	}
	done(&w->tabular);
}

static struct cell number(uint64_t u)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_UINT, .u = u } };
}

static struct cell string(const char *s)
{
	return (struct cell){ .is_there = true, .val = { .kind = VAL_STR, .s = sv(s) } };
}

static const struct cell absent;

static struct columns parse(const char *list)
{
	struct columns c = {};
	struct err e;

	assert(columns_parse(&c, sv(list), "--columns", &e) == 0);
	return c;
}

/* Runs uid and user of a few sockets through sorting by @by. */
static void check_sorted(const char *by, uint64_t limit, const char *expected)
{
	static const uint64_t uids[] = { 7, 3, 7, 12, 1 };
	static const char *const users[] = { "gina", "carl", "anna", "xaver", NULL };
	struct columns c = parse("recvq,user");
	struct sort_opts o = { .n_shown = 2, .limit = limit };
	struct written w = written();
	struct tabular *t;
	struct err e;
	int r = 0;

	assert(!*by || order_parse(sv(by), c.v, c.n, &o.order, &e) == 0);
	assert(sort_new(&o, &w.tabular, &t) == 0);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(uids) && r == 0; i++) {
		char *copy = users[i] ? strdup(users[i]) : NULL; /* what a row points to does not last */
		struct cell cells[] = { number(uids[i]), copy ? string(copy) : absent };

		r = t->ops->record(t, cells);
		if (copy)
			memset(copy, '!', strlen(copy));
		free(copy);
	}
	assert(r == 0 || r == -ECANCELED);
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	check(&w, expected);
	columns_done(&c);
}

static void test_sort(void)
{
	check_sorted("", UINT64_MAX, "7 gina\n3 carl\n7 anna\n12 xaver\n1 -\nend\n");
	check_sorted("", 2, "7 gina\n3 carl\nend\n");
	check_sorted("recvq", UINT64_MAX, "12 xaver\n7 gina\n7 anna\n3 carl\n1 -\nend\n");
	check_sorted("recvq:asc", 2, "1 -\n3 carl\nend\n");
	check_sorted("user", UINT64_MAX, "7 anna\n3 carl\n7 gina\n12 xaver\n1 -\nend\n");
	check_sorted("user:desc", UINT64_MAX, "12 xaver\n7 gina\n3 carl\n7 anna\n1 -\nend\n");
	check_sorted("recvq,user", 3, "12 xaver\n7 anna\n7 gina\nend\n");
	check_sorted("recvq", 0, "end\n");
}

/* More records than are ever kept: those that went come out right all the same. */
static void test_prune(void)
{
	struct columns c = parse("recvq,user");
	struct sort_opts o = { .n_shown = 1, .limit = 3 };
	struct written w = written();
	struct tabular *t;
	struct err e;

	assert(order_parse(sv("recvq"), c.v, c.n, &o.order, &e) == 0);
	assert(sort_new(&o, &w.tabular, &t) == 0);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (uint64_t i = 0; i < 50000; i++) {
		struct cell cells[] = { number(i * 7919 % 50021), string("somebody") };

		assert(t->ops->record(t, cells) == 0);
	}
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	check(&w, "50020\n50019\n50018\nend\n");
	columns_done(&c);
}

/* Of those with one number the first in order, as many as there may be. */
static void test_unique(void)
{
	static const uint64_t rows[][2] = {
		{ 5, 70 }, { 9, 71 }, { 9, 70 }, { 4, 72 }, { 9, 71 }, { 1, 73 }
	};
	struct columns c = parse("recvq,inode");
	struct sort_opts o = { .n_shown = 2, .limit = 3, .is_unique = true, .unique = 1 };
	struct written w = written();
	struct tabular *t;
	struct err e;

	assert(order_parse(sv("recvq"), c.v, c.n, &o.order, &e) == 0);
	assert(sort_new(&o, &w.tabular, &t) == 0);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (uint64_t i = 0; i < 50000; i++)
		assert(t->ops->record(t, (struct cell[]){ number(8), number(71) }) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert(t->ops->record(t, (struct cell[]){ number(rows[i][0]), number(rows[i][1]) }) == 0);
	for (size_t i = 0; i < 2; i++)
		assert(t->ops->record(t, (struct cell[]){ number(2), absent }) == 0);
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	check(&w, "9 71\n9 70\n4 72\nend\n");
	columns_done(&c);
}

/* Aggregates of shares are no whole numbers. */
static void test_shares(void)
{
	static const double shares[] = { 0.25, 1.25, 0.5 };
	struct columns c = {};
	struct group_opts o = { .limit = UINT64_MAX, .sort = sv("") };
	struct written w = written();
	struct group *g;
	struct err e;

	assert(columns_parse_by(&c, sv("state,max(accept.fill),sum(accept.fill),p50(accept.fill)"), "--by",
				&o, &e) == 0);
	assert(group_new(&o, c.v, &w.tabular, &g, &e) == 0);
	assert(group_tabular(g)->ops->list(group_tabular(g),
					   &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		struct cell cells[4] = { number(10) };

		for (size_t k = 1; k < ARRAY_SIZE(cells); k++)
			cells[k] = (struct cell){ .is_there = true,
						  .val = { .kind = VAL_REAL, .d = shares[i] } };
		assert(group_tabular(g)->ops->record(group_tabular(g), cells) == 0);
	}
	assert(group_tabular(g)->ops->end(group_tabular(g), NULL) == 0);
	(void)tabular_free(group_tabular(g));
	check(&w, "10 3 1 1.25 2 0.5\nend\n");
	columns_done(&c);
}

static void test_output_full(void)
{
	struct columns c = parse("recvq");
	struct sort_opts o = { .n_shown = 1, .limit = UINT64_MAX };
	struct written w = written();
	struct tabular *t;
	struct err e;

	w.room = 1;
	assert(order_parse(sv("recvq"), c.v, c.n, &o.order, &e) == 0);
	assert(sort_new(&o, &w.tabular, &t) == 0);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (uint64_t i = 0; i < 3; i++)
		assert(t->ops->record(t, (struct cell[]){ number(i) }) == 0);
	assert(t->ops->end(t, NULL) == -EPIPE);
	(void)tabular_free(t);
	check(&w, "2\nend\n");
	columns_done(&c);
}

/* Lists that follow one another have nothing of each other, and each has its own name and time. */
static void check_lists(struct tabular *t, const struct column *columns, size_t n)
{
	for (uint64_t k = 1; k <= 3; k++) {
		const struct listing l = { k == 2 ? "others" : "sockets", NULL, columns, n, k };

		assert(t->ops->list(t, &l) == 0);
		for (uint64_t i = 0; i < 4 - k; i++) {
			int r = t->ops->record(t, (struct cell[]){ number(10 * k + i % 2), number(i) });

			assert(r == 0 || r == -ECANCELED);
		}
		if (k < 3) /* the end ends the list, too */
			assert(t->ops->list_end(t) == 0);
	}
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
}

static void test_lists(void)
{
	struct columns c = parse("recvq,inode"), by = {};
	struct sort_opts o = { .n_shown = 1, .limit = 2 };
	struct group_opts go = { .limit = UINT64_MAX };
	struct written w = written();
	struct group *g;
	struct tabular *t;
	struct err e;

	assert(sort_new(&o, &w.tabular, &t) == 0);
	check_lists(t, c.v, c.n);
	check(&w, "sockets 1\n10\n11\nothers 2\n20\n21\nsockets 3\n30\nend\n");
	w = written();
	o.is_held = true;
	assert(sort_new(&o, &w.tabular, &t) == 0);
	check_lists(t, c.v, c.n);
	check(&w, "sockets 1\n10\n11\nothers 2\n20\n21\nsockets 3\n30\nend\n");
	w = written();
	assert(order_parse(sv("inode:desc"), c.v, c.n, &o.order, &e) == 0);
	assert(sort_new(&o, &w.tabular, &t) == 0);
	check_lists(t, c.v, c.n);
	check(&w, "sockets 1\n10\n11\nothers 2\n21\n20\nsockets 3\n30\nend\n");
	w = written();
	assert(columns_parse_by(&by, sv("recvq,sum(sendq)"), "--by", &go, &e) == 0);
	assert(group_new(&go, by.v, &w.tabular, &g, &e) == 0);
	check_lists(group_tabular(g), by.v, by.n);
	check(&w, "sockets 1\n10 2 0.667 2\n11 1 0.333 1\nothers 2\n20 1 0.5 0\n21 1 0.5 1\nsockets 3\n30 1 "
		  "1 0\nend\n");
	columns_done(&c);
	columns_done(&by);
}

struct seen { /* a record to count */
	const char *user;
	uint64_t uid, recvq;
};

static void check_grouped(const char *by, const char *sort, uint64_t limit, const char *expected)
{
	static const struct seen all[] = {
		{ "anna", 1, 10 }, { "bert", 2, 20 }, { "anna", 1, 30 },  { NULL, 0, 5 },
		{ "anna", 3, 20 }, { "bert", 2, 40 }, { "carl", 4, 100 },
	};
	struct group_opts o = { .sort = sv(sort), .limit = limit };
	struct columns c = {};
	struct written w = written();
	struct group *g;
	struct tabular *t;
	struct err e;

	assert(columns_parse_by(&c, sv(by), "--by", &o, &e) == 0);
	assert(group_new(&o, c.v, &w.tabular, &g, &e) == 0);
	t = group_tabular(g);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct cell cells[COLUMNS_MAX];

		for (size_t k = 0; k < c.n; k++)
			cells[k] = c.v[k].field == F_UID    ? number(all[i].uid)
				   : c.v[k].field != F_USER ? number(all[i].recvq)
				   : all[i].user            ? string(all[i].user)
							    : absent;
		assert(t->ops->record(t, cells) == 0);
	}
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	check(&w, expected);
	columns_done(&c);
}

static void test_group(void)
{
	check_grouped("user", "", UINT64_MAX, "anna 3 0.429\nbert 2 0.286\ncarl 1 0.143\n- 1 0.143\nend\n");
	check_grouped("user", "user:desc", UINT64_MAX,
		      "carl 1 0.143\nbert 2 0.286\nanna 3 0.429\n- 1 0.143\nend\n");
	check_grouped("user", "", 1, "anna 3 0.429\nothers 4 0.571\nend\n");
	check_grouped("user", "", 4, "anna 3 0.429\nbert 2 0.286\ncarl 1 0.143\n- 1 0.143\nend\n");
	check_grouped("sum(recvq)", "", UINT64_MAX, "7 1 225\nend\n");
	check_grouped("user,uid", "", 2, "anna 1 2 0.286\nbert 2 2 0.286\nothers others 3 0.429\nend\n");
	check_grouped("user,sum(recvq),min(recvq),max(recvq),avg(recvq),p50(recvq),p100(recvq)", "sum(recvq)",
		      2,
		      "carl 1 0.143 100 100 100 100 100 100\nanna 3 0.429 60 10 30 20 20 30\n"
		      "others 3 0.429 65 5 40 21.7 20 40\nend\n");
	/* How many different values, and the least; of what is left out together those of all. */
	check_grouped("user,distinct(recvq),any(recvq),distinct(uid),any(uid)", "", UINT64_MAX,
		      "anna 3 0.429 3 10 2 1\nbert 2 0.286 2 20 1 2\ncarl 1 0.143 1 100 1 4\n"
		      "- 1 0.143 1 5 1 0\nend\n");
	check_grouped("user,distinct(recvq),any(user)", "", 1,
		      "anna 3 0.429 3 anna\nothers 4 0.571 4 bert\nend\n");
}

static void test_owners(void)
{
	const struct owner two[] = { { .pid = 9, .fd = 4, .comm = sv_n("web", 3) },
				     { .pid = 9, .fd = 3, .comm = sv_n("web", 3) },
				     { .pid = 5, .fd = 3, .comm = sv_n("init", 4) } };
	struct cell cells[] = { { .is_there = true,
				  .val = { .kind = VAL_OWNERS, .owners = { .v = two, .n = 3 } } } };
	struct group_opts o = { .limit = UINT64_MAX };
	struct columns c = {};
	struct written w = written();
	struct group *g;
	struct tabular *t;
	struct err e;

	assert(columns_parse_by(&c, sv("process.name"), "--by", &o, &e) == 0);
	assert(group_new(&o, c.v, &w.tabular, &g, &e) == 0);
	t = group_tabular(g);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	assert(t->ops->record(t, cells) == 0);
	cells[0].val.owners.n = 2;
	assert(t->ops->record(t, cells) == 0);
	cells[0].val.owners.n = 0;
	assert(t->ops->record(t, cells) == 0);
	assert(t->ops->end(t, NULL) == 0);
	assert(w.columns[0].type == T_STR && w.columns[0].part == PART_NONE);
	(void)tabular_free(t);
	check(&w, "web 2 0.667\ninit 1 0.333\n- 1 0.333\nend\n");
	columns_done(&c);
}

static void test_counted_elsewhere(void)
{
	static const uint8_t addr[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	struct group_opts o = { .limit = UINT64_MAX };
	struct columns c = {};
	struct written w = written();
	struct group *g;
	struct tabular *t;
	struct err e;

	assert(columns_parse_by(&c, sv("peer.addr"), "--by", &o, &e) == 0);
	assert(c.v[0].prefix[0] == 32 && c.v[0].prefix[1] == 128);
	assert(group_new(&o, c.v, &w.tabular, &g, &e) == 0);
	t = group_tabular(g);
	assert(t->ops->list(t, &(struct listing){ "sockets", NULL, c.v, c.n, 0 }) == 0);
	for (size_t i = 0; i < 3; i++) {
		struct cell cell = { .is_there = true,
				     .val = { .kind = VAL_STR, .s = sv_n(addr[i % 2], 4) } };

		assert(group_count(g, &cell, 100 + i) == 0);
	}
	assert(t->ops->end(t, NULL) == 0);
	(void)tabular_free(t);
	check(&w, "10.0.0.1 202 0.667\n10.0.0.2 101 0.333\nend\n");
	columns_done(&c);
}

static void check_refused(const char *list, bool is_by, const char *why)
{
	struct group_opts o = {};
	struct columns c = {};
	struct err e;
	int r = is_by ? columns_parse_by(&c, sv(list), "--by", &o, &e)
		      : columns_parse(&c, sv(list), "--columns", &e);

	assert(r == -EINVAL || r == -E2BIG);
	if (!strstr(e.text, why)) {
		(void)fprintf(stderr, "%s: %s\n", list, e.text);
		assert(!"explained");
	}
	columns_done(&c);
}

static void test_columns(void)
{
	struct columns c = parse("tcp.bbr.*,peer.addr/24/64,peer.addr/48,local.addr/16");
	struct order order;
	struct err e;

	assert(!strncmp(c.v[0].name, "tcp.bbr.", 8) && c.n == 8);
	assert(!strcmp(c.v[5].name, "peer.addr/24/64") && c.v[5].prefix[0] == 24 && c.v[5].prefix[1] == 64);
	assert(c.v[6].prefix[0] == 32 && c.v[6].prefix[1] == 48);
	assert(c.v[7].prefix[0] == 16 && c.v[7].prefix[1] == 128);
	assert(columns_add_sorted(&c, sv("peer.addr/48:desc,tcp.rtt:asc"), &e) == 0 && c.n == 9);
	assert(order_parse(sv("peer.addr/48:desc,tcp.rtt:asc"), c.v, c.n, &order, &e) == 0);
	assert(order.n == 2 && order.key[0].column == 6 && order.key[0].is_descending);
	assert(order.key[1].column == 8 && !order.key[1].is_descending);
	assert(order_parse(sv("tcp.rtt:up"), c.v, c.n, &order, &e) == -EINVAL && strstr(e.text, "\"up\""));
	assert(order_parse(sv("tcp.rto"), c.v, c.n, &order, &e) == -EINVAL && strstr(e.text, "tcp.rto"));
	columns_done(&c);

	check_refused("nosuch", false, "\"nosuch\"");
	check_refused("", false, "a field is missing");
	check_refused("uid,", false, "between quotation marks");
	check_refused("uid, ,state", false, "a field is missing");
	check_refused("tcp.rt", false, "did you mean tcp.rtt?");
	check_refused("RECVQ", true, "did you mean recvq?");
	check_refused("port", false, "say local.port or peer.port");
	check_refused("addr/24", true, "say local.addr or peer.addr");
	check_refused("drops", true, "say mem.drops or tipc.drops");
	check_refused("count", false, "--by=FIELD");
	check_refused("sum(rtt)", false, "--by=FIELD");
	check_refused("nosuch.*", false, "nosuch.*");
	check_refused("peer.addr/129", false, "peer.addr/129");
	check_refused("peer.addr/64/24", false, "peer.addr/64/24");
	check_refused("uid/8", false, "uid/8");
	check_refused("sum(user)", true, "\"user\"");
	check_refused("sum(uid)", true, "\"uid\"");
	check_refused("sum(nosuch)", true, "\"nosuch\"");
	check_refused("sum()", true, "a field is missing");
	check_refused("p0(uid)", true, "p0(uid)");
	check_refused("sum(recvq),uid", true, "\"uid\"");
	check_refused("uid,uid,uid,uid,uid,uid,uid,uid,uid", true, "more than");
}

/* The names of the columns that @list makes, and of pairs what tables call them. */
static void check_names(const char *list, bool is_by, const char *expected)
{
	struct group_opts o = {};
	struct columns c = {};
	struct text t = {};
	struct err e = {};
	int r = is_by ? columns_parse_by(&c, sv(list), "--by", &o, &e)
		      : columns_parse(&c, sv(list), "--columns", &e);

	if (r < 0)
		(void)fprintf(stderr, "%s: %s\n", list, e.text);
	assert(r == 0);
	for (size_t i = 0; i < (is_by ? o.n_keys : c.n); i++)
		text_printf(&t, "%s%s%s%s", i ? " " : "", c.v[i].pair ? c.v[i].pair : "",
			    c.v[i].pair ? "=" : "", c.v[i].name);
	for (size_t i = 0; i < o.n_aggregates; i++)
		text_printf(&t, " %s", o.aggregates[i].name);
	text_char(&t, '\0');
	if (strcmp(t.p, expected) != 0)
		(void)fprintf(stderr, "%s: %s\n", list, t.p);
	assert(!strcmp(t.p, expected));
	text_done(&t);
	columns_done(&c);
}

static void test_short_names(void)
{
	struct columns c = {};
	struct group_opts o = {};
	struct order order;
	struct err e;

	check_names("sport,dport,rtt,pid", false, "local.port peer.port tcp.rtt process.pid");
	check_names("state , peer,\trtt", false, "state peer=peer.addr peer.port tcp.rtt");
	check_names("src,dst", false, "src=local.addr local.port dst=peer.addr peer.port");
	check_names("peer/24,dev,fwmark", false, "peer.addr/24 iface mark");
	check_names("peer,local/16,process,pid", true, "peer.addr local.addr/16 process.name process.pid");
	check_names("peer/24, count, sum( recvq)", true, "peer.addr/24 sum(recvq)");
	check_names("state,count,p99(rtt),max(cwnd)", true, "state p99(tcp.rtt) max(tcp.cwnd)");

	assert(columns_parse_by(&c, sv("peer/24,process"), "--by", &o, &e) == 0);
	assert(columns_parse_more(&c, sv("count,process,p99(rtt)"), "--columns", &o, &e) == 0);
	assert(o.n_keys == 2 && o.n_aggregates == 1);
	assert(columns_parse_more(&c, sv("recvq"), "--columns", &o, &e) == -EINVAL);
	assert(strstr(e.text, "say sum(recvq)"));
	assert(order_parse(sv("-peer, +process.name"), c.v, c.n, &order, &e) == 0 && order.n == 2);
	assert(order.key[0].column == 0 && order.key[0].is_descending);
	assert(order.key[1].column == 1 && !order.key[1].is_descending);
	assert(order_parse(sv("-peer:asc"), c.v, c.n, &order, &e) == -EINVAL && strstr(e.text, "-peer"));
	assert(order_parse(sv("state"), c.v, c.n, &order, &e) == -EINVAL);
	assert(strstr(e.text, "but peer.addr/24, process.name"));
	columns_done(&c);
}

int main(void)
{
	test_short_names();
	test_sort();
	test_prune();
	test_unique();
	test_shares();
	test_output_full();
	test_lists();
	test_group();
	test_owners();
	test_counted_elsewhere();
	test_columns();
	return 0;
}
