/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Answers of many hosts put together: any split gives the whole, and what is damaged is told with its host.
 */

#include <errno.h>

#include "fleet/carrier.h"
#include "fleet/merge.h"
#include "fleet/partial.h"
#include "ops/columns.h"
#include "ops/sketch.h"
#include "random.h"
#include "records.h"

enum { RECORDS_MAX = 3000, HOSTS = 12 };

struct record {
	uint8_t peer[4];
	uint64_t state, recvq, port;
	char user[4];
};

static struct record record[RECORDS_MAX];

static const char by[] =
	"state,peer.addr/24,sum(recvq),min(recvq),max(recvq),avg(recvq),p50(recvq),p99(recvq),"
	"distinct(local.port),any(user)";

/* What takes records of @list, and ends in @out. */
struct line {
	struct columns c;
	struct group_opts o;
	struct group *g;
	struct tabular *t, *end;
	struct out out;
};

static void open_line(struct line *l, const char *list, struct partial_opts *po, uint64_t limit)
{
	struct partial *p = NULL;
	struct err e;

	memset(l, 0, sizeof(*l));
	CHECK(columns_parse_by(&l->c, sv(list), "--by", &l->o, &e) == 0);
	CHECK(out_init_memory(&l->out) == 0);
	l->o.limit = limit;
	if (po) {
		po->by = list;
		po->limit = limit;
		po->has_limit = limit != UINT64_MAX;
		CHECK(partial_new(po, &l->out, &p) == 0);
		l->o.take = partial_take;
		l->o.take_ctx = p;
		l->end = partial_tabular(p);
	} else {
		CHECK(format_find(sv("csv"))->open(&(struct format_opts){}, &l->out, &l->end) == 0);
	}
	CHECK(group_new(&l->o, l->c.v, l->end, &l->g, &e) == 0);
	l->t = group_tabular(l->g);
	CHECK(l->t->ops->list(l->t, &(struct listing){ .name = "sockets", .columns = l->c.v, .n = l->c.n }) ==
	      0);
}

static void add(struct line *l, const struct record *r)
{
	struct cell cells[COLUMNS_MAX] = {};
	uint8_t masked[COLUMNS_MAX][4];

	for (size_t i = 0; i < l->c.n; i++) {
		unsigned int bits = l->c.v[i].prefix[0];

		switch (l->c.v[i].field) {
		case F_STATE: cells[i] = uint_cell(r->state); break;
		case F_RECVQ: cells[i] = r->recvq == UINT64_MAX ? absent : uint_cell(r->recvq); break;
		case F_SPORT: cells[i] = uint_cell(r->port); break;
		case F_DST:
			for (unsigned int k = 0; k < 4; k++)
				masked[i][k] = 8 * k < bits ? r->peer[k] : 0;
			cells[i] = bytes_cell((char *)masked[i], 4);
			break;
		default: cells[i] = bytes_cell(r->user, strlen(r->user)); break;
		}
	}
	CHECK(l->t->ops->record(l->t, cells) == 0);
}

/* Ends @l; returns what was written, to be freed. */
static char *close_line(struct line *l)
{
	char *text;

	CHECK(l->t->ops->end(l->t, NULL) == 0);
	text = strndup(l->out.buf, l->out.len);
	CHECK(text);
	(void)out_done(&l->out);
	(void)tabular_free(l->t);
	(void)tabular_free(l->end);
	columns_done(&l->c);
	return text;
}

struct merged {
	char *csv;
	struct notes notes;
	int result;
};

static void merged_done(struct merged *m)
{
	free(m->csv);
	notes_done(&m->notes);
}

/* All of @texts, in chunks of no particular size. */
static void merge_texts(struct merge_opts *o, char *const *texts, size_t n, struct merged *ret)
{
	struct tabular *csv;
	struct merge *m;
	struct out out;
	struct err e = {};

	*ret = (struct merged){};
	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("csv"))->open(&(struct format_opts){}, &out, &csv) == 0);
	o->to = csv;
	o->notes = &ret->notes;
	CHECK(merge_new(o, &m) == 0);
	for (size_t i = 0; i < n && ret->result >= 0; i++) {
		ssize_t taken;

		merge_begin(m);
		taken = merge_bytes(m, sv(texts[i]), true, &e);
		CHECK(taken < 0 || (size_t)taken == strlen(texts[i]));
		ret->result = taken < 0 ? (int)taken : 0;
		merge_end(m);
	}
	if (ret->result >= 0)
		ret->result = merge_answer(m, &e);
	CHECK(csv->ops->end(csv, &ret->notes) == 0);
	ret->csv = strndup(out.buf, out.len);
	(void)out_done(&out);
	(void)merge_free(m);
	(void)tabular_free(csv);
}

static struct partial_opts host_opts(size_t i)
{
	static char name[HOSTS][32], boot[HOSTS][32];

	(void)snprintf(name[i], sizeof(name[i]), "web%zu", i);
	(void)snprintf(boot[i], sizeof(boot[i]), "boot%zu", i);
	return (struct partial_opts){
		.host = sv(name[i]), .boot = sv(boot[i]), .id = i + 1, .time_us = 1000000, .asked = sv("tcp")
	};
}

static void fill(size_t n, unsigned int spread)
{
	for (size_t i = 0; i < n; i++) {
		record[i] =
			(struct record){ .peer = { 10, 0, (uint8_t)(pick(3 + spread)), (uint8_t)pick(4) },
					 .state = 1 + pick(3),
					 .recvq = pick(9) ? pick(1 + spread * spread * spread) : UINT64_MAX,
					 .port = pick(1 + 400 * spread) };
		record[i].user[0] = (char)('a' + pick(26));
		if (!pick(20))
			memcpy(record[i].user, "\n %", 4);
	}
}

static char *plain_answer(size_t n, const char *list)
{
	struct line l;

	open_line(&l, list, NULL, UINT64_MAX);
	for (size_t i = 0; i < n; i++)
		add(&l, &record[i]);
	return close_line(&l);
}

/* Puts the first @n records on @n_hosts at random; @texts are the partials. */
static void split(size_t n, size_t n_hosts, const char *list, uint64_t limit, char **texts)
{
	struct line *l = calloc(n_hosts, sizeof(*l));

	CHECK(l);
	for (size_t i = 0; i < n_hosts; i++) {
		struct partial_opts po = host_opts(i);

		open_line(&l[i], list, &po, limit);
	}
	for (size_t i = 0; i < n; i++)
		add(&l[pick((unsigned int)n_hosts)], &record[i]);
	for (size_t i = 0; i < n_hosts; i++)
		texts[i] = close_line(&l[i]);
	free(l);
}

static void free_all(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
}

static void shuffle(char **texts, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = pick((uint32_t)i);
		char *t = texts[i - 1];

		texts[i - 1] = texts[k];
		texts[k] = t;
	}
}

/* Any split is the whole; where nothing is more than near, it is the answer without partials. */
static void test_splits(void)
{
	for (unsigned int trial = 0; trial < 1000; trial++) {
		unsigned int spread = 1 + trial % 12;
		size_t n = pick(trial % 50 ? 120 : RECORDS_MAX), n_hosts = 1 + pick(HOSTS);
		struct merge_opts o = {};
		struct merged parts, whole;
		char *texts[HOSTS], *one[1];
		char *plain;

		fill(n, spread);
		plain = plain_answer(n, by);
		split(n, n_hosts, by, UINT64_MAX, texts);
		shuffle(texts, n_hosts);
		merge_texts(&o, texts, n_hosts, &parts);
		split(n, 1, by, UINT64_MAX, one);
		merge_texts(&o, one, 1, &whole);
		CHECK(parts.result == 0 && whole.result == 0);
		CHECK_STR(parts.csv, whole.csv);
		if (!parts.notes.text.len)
			CHECK_STR(parts.csv, plain);
		CHECK(!parts.notes.has_error);
		free_all(texts, n_hosts);
		free_all(one, 1);
		free(plain);
		merged_done(&parts);
		merged_done(&whole);
	}
}

/* By less than the hosts counted by it is as if that had been asked for; more is refused. */
static void test_coarser(void)
{
	static const struct {
		const char *by;
		int result;
	} cases[] = { { "state", 0 },
		      { "peer.addr/16,sum(recvq),p99(recvq)", 0 },
		      { "state,peer.addr/8,distinct(local.port)", 0 },
		      { "peer.addr/25", -EINVAL },
		      { "peer.addr", -EINVAL },
		      { "user", -EINVAL },
		      { "state,max(local.port)", -EINVAL } };

	fill(500, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct merge_opts o = { .by = cases[i].by };
		struct merged m;
		char *texts[HOSTS], *plain;

		split(500, 5, by, UINT64_MAX, texts);
		merge_texts(&o, texts, 5, &m);
		CHECK(m.result == cases[i].result);
		if (!cases[i].result) {
			plain = plain_answer(500, cases[i].by);
			CHECK_STR(m.csv, plain);
			free(plain);
		}
		free_all(texts, 5);
		merged_done(&m);
	}
}

static bool has_note(const struct merged *m, const char *what)
{
	const char *note = NULL;
	enum note kind;

	while ((note = notes_next(&m->notes, note, &kind)))
		if (strstr(note, what))
			return true;
	return false;
}

/* Cut at every byte: the other host is answered in full, and the one is named. */
static void test_cut(void)
{
	struct merge_opts o = {};
	char *texts[2];
	size_t len;

	fill(40, 2);
	split(40, 2, by, UINT64_MAX, texts);
	len = strlen(texts[0]);
	for (size_t n = 0; n < len; n++) {
		char *cut[2] = { strndup(texts[0], n), texts[1] };
		bool is_header = memchr(texts[0], '\n', n);
		struct merged m;

		merge_texts(&o, cut, 2, &m);
		CHECK(m.result == 0);
		if (n == len - 1) /* without the last line end it is whole */
			CHECK(!m.notes.has_error);
		else if (is_header)
			CHECK(m.notes.has_error && has_note(&m, "web0"));
		free(cut[0]);
		merged_done(&m);
	}
	free_all(texts, 2);
}

/* Each byte changed: never taken for whole unless the sum says so, and nothing else breaks. */
static void test_damaged(void)
{
	struct merge_opts o = {};
	char *texts[1];

	fill(30, 3);
	split(30, 1, by, UINT64_MAX, texts);
	for (size_t i = 0; i + 1 < strlen(texts[0]); i++) {
		char was = texts[0][i];
		struct merged m;

		texts[0][i] = (char)(was == '\n' ? ' ' : was ^ 1 << pick(7));
		if (!texts[0][i])
			texts[0][i] = '\n';
		merge_texts(&o, texts, 1, &m);
		CHECK(m.result < 0 || m.notes.has_error || m.notes.text.len);
		texts[0][i] = was;
		merged_done(&m);
	}
	free_all(texts, 1);
}

static char *with_prefix(const char *prefix, const char *text)
{
	struct text t = {};
	struct sv rest = sv(text);

	while (rest.p && rest.len) {
		text_str(&t, prefix);
		text_sv(&t, sv_take(&rest, '\n'));
		text_char(&t, '\n');
	}
	text_char(&t, '\0');
	CHECK(!t.failed);
	return t.p;
}

static void test_carriers(void)
{
	static const struct {
		const char *prefix[2], *csv;
	} cases[] = {
		{ { "web1: ", "web2: " }, "web1,1,0.5\nweb2,1,0.5\n" },
		{ { "web1\t", "web2\t" }, "web1,1,0.5\nweb2,1,0.5\n" },
		{ { "[pod/a/ss] ", "[pod/b/ss] " }, "pod/a/ss,1,0.5\npod/b/ss,1,0.5\n" },
		{ { "", "" }, "web0,1,0.5\nweb1,1,0.5\n" },
		{ { "fe80::1: ", "[::1]: " }, "[::1],1,0.5\nfe80::1,1,0.5\n" },
	};
	char *texts[2];

	memset(record, 0, sizeof(record[0]));
	for (size_t i = 0; i < 2; i++) {
		struct partial_opts po = host_opts(i);
		struct line l;

		open_line(&l, "state", &po, UINT64_MAX);
		add(&l, &record[0]);
		texts[i] = close_line(&l);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct merge_opts o = { .by = "host" };
		char *carried[2] = { with_prefix(cases[i].prefix[0], texts[0]),
				     with_prefix(cases[i].prefix[1], texts[1]) };
		struct merged m;

		merge_texts(&o, carried, 2, &m);
		CHECK(m.result == 0 && !m.notes.has_error);
		CHECK_STR(strchr(m.csv, '\n') + 1, cases[i].csv);
		merged_done(&m);
		free_all(carried, 2);
	}
	free_all(texts, 2);
}

/* A host cannot speak for another, nor twice. */
static void test_impostor(void)
{
	struct merge_opts o = { .by = "host" };
	struct partial_opts po = host_opts(0);
	char *text, *inner, *mixed[3];
	struct merged m;
	struct line l;

	open_line(&l, "state", &po, UINT64_MAX);
	add(&l, &record[0]);
	text = close_line(&l);
	inner = with_prefix("good: ", text);
	mixed[0] = with_prefix("evil: ", inner);
	mixed[1] = with_prefix("good: ", text);
	mixed[2] = mixed[1];
	merge_texts(&o, mixed, 3, &m);
	CHECK_STR(strchr(m.csv, '\n') + 1, "good,1,1\n");
	CHECK(has_note(&m, "evil") && has_note(&m, "more than one answer") && m.notes.has_error);
	merged_done(&m);
	free(text);
	free(inner);
	free_all(mixed, 2);
}

static void test_sketch(void)
{
	double v[2000];

	for (unsigned int trial = 0; trial < 200; trial++) {
		size_t n = 1 + pick(ARRAY_SIZE(v));
		struct sketch s;

		v[0] = pick(3);
		for (size_t i = 1; i < n; i++)
			v[i] = v[i - 1] + pick(2 + trial * trial);
		CHECK(sketch_make(&s, v, n) == 0);
		for (size_t rank = 1; rank <= n; rank += 1 + n / 50) {
			double d = sketch_at(&s, rank), off = d - v[rank - 1];

			CHECK((off < 0 ? -off : off) * 128 <= v[rank - 1]);
			CHECK(s.is_coarse || off == 0);
		}
		sketch_done(&s);
	}
}

/* With the first groups of each host only: what is told of the others holds. */
static void test_bounds(void)
{
	for (unsigned int trial = 0; trial < 1000; trial++) {
		size_t n = 20 + pick(200), n_hosts = 1 + pick(HOSTS);
		struct merge_opts o = {};
		char *texts[HOSTS], *plain;
		struct merged m;

		fill(n, 8);
		plain = plain_answer(n, "peer.addr");
		split(n, n_hosts, "peer.addr", 5, texts);
		merge_texts(&o, texts, n_hosts, &m);
		CHECK(m.result == 0);
		for (char *line = strchr(m.csv, '\n'); line && line[1] && line[1] != '\\';
		     line = strchr(line + 1, '\n')) {
			unsigned long count, most = 0, whole;
			char name[32], *in;
			double share;
			int got = sscanf(line + 1, "%31[^,],%lu,%lf,%lu", name, &count, &share, &most);

			CHECK(got >= 3);
			strcat(name, ",");
			in = strstr(plain, name);
			while (in && in[-1] != '\n')
				in = strstr(in + 1, name);
			CHECK(in);
			whole = strtoul(in + strlen(name), NULL, 10);
			CHECK(count <= whole && (got == 3 ? count == whole : whole <= most));
		}
		if (has_note(&m, "is certain")) {
			/* the first five of the whole, but for which of equals */
			char *p = plain, *q = m.csv;

			for (int i = 0; i < 5; i++) {
				p = strchr(p, '\n') + 1;
				q = strchr(q, '\n') + 1;
			}
			CHECK(*p && *q);
		}
		free(plain);
		free_all(texts, n_hosts);
		merged_done(&m);
	}
}

int main(void)
{
	test_splits();
	test_coarser();
	test_cut();
	test_damaged();
	test_carriers();
	test_impostor();
	test_sketch();
	test_bounds();
	return 0;
}
