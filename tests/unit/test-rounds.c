/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The first groups of many hosts in rounds: they are those of all groups, and few are sent. */

#include <unistd.h>

#include "fleet/merge.h"
#include "fleet/partial.h"
#include "ops/columns.h"
#include "random.h"
#include "records.h"

enum { HOSTS_MAX = 20, GROUPS_MAX = 100000, ROUNDS = 3, MANY_HOSTS = 4, FEW = 64 * 1024 };

static uint32_t count[HOSTS_MAX][GROUPS_MAX];

struct host {
	char name[32], boot[32];
	size_t at; /* bytes of its answer that were sent */
};

/* All that host @i writes when @asks is asked of it. */
static char *answer(struct host *h, size_t i, size_t n_groups, uint64_t limit, struct sv asks)
{
	FILE *file = tmpfile();
	struct partial_opts po = { .host = sv(h->name),
				   .boot = sv(h->boot),
				   .id = i,
				   .time_us = 1,
				   .asked = sv("tcp"),
				   .by = "local.port",
				   .limit = limit,
				   .has_limit = true,
				   .has_rounds = true };
	struct group_opts o = { .limit = limit };
	struct columns c = {};
	struct partial *p;
	struct group *g;
	struct tabular *t;
	struct out out;
	struct err e;
	char *text;

	CHECK(file && fwrite(asks.p, 1, asks.len, file) == asks.len && fflush(file) == 0);
	CHECK(lseek(fileno(file), 0, SEEK_SET) == 0);
	po.asks = fileno(file);
	CHECK(out_init_memory(&out) == 0);
	CHECK(partial_new(&po, &out, &p) == 0);
	o.take = partial_take;
	o.take_ctx = p;
	CHECK(columns_parse_by(&c, sv("local.port"), "--by", &o, &e) == 0);
	CHECK(group_new(&o, c.v, partial_tabular(p), &g, &e) == 0);
	t = group_tabular(g);
	CHECK(t->ops->list(t, &(struct listing){ .name = "sockets", .columns = c.v, .n = c.n }) == 0);
	for (size_t k = 0; k < n_groups; k++) {
		struct cell cell = uint_cell(k);

		if (count[i][k])
			CHECK(t->ops->count(t, &cell, count[i][k]) == 0);
	}
	CHECK(t->ops->end(t, NULL) == 0);
	text = strndup(out.buf, out.len);
	CHECK(text);
	(void)out_done(&out);
	(void)tabular_free(t);
	(void)tabular_free(partial_tabular(p));
	columns_done(&c);
	(void)fclose(file);
	return text;
}

/* Where the line of @kind that is number @n, from 1, ends. */
static size_t end_of(const char *text, const char *kind, unsigned int n)
{
	const char *p = text;

	while (n--) {
		p = strstr(p, kind);
		CHECK(p);
		p += strlen(kind);
	}
	return (size_t)(strchr(p, '\n') + 1 - text);
}

static void feed(struct merge *m, const char *name, struct sv bytes)
{
	struct text t = {};
	struct err e;

	while (bytes.p && bytes.len) {
		text_printf(&t, "%s: ", name);
		text_sv(&t, sv_take(&bytes, '\n'));
		text_char(&t, '\n');
	}
	CHECK(merge_bytes(m, sv_n(t.p ? t.p : "", t.len), false, &e) == (ssize_t)t.len);
	text_done(&t);
}

struct count_of {
	uint64_t n;
	size_t group;
};

static int compare(const void *a, const void *b)
{
	const struct count_of *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : (x->group > y->group) - (x->group < y->group);
}

/* What the answer is to begin with. */
static char *truth(size_t n_hosts, size_t n_groups, uint64_t limit)
{
	struct count_of *all = calloc(n_groups, sizeof(*all));
	struct text t = {};

	CHECK(all);
	for (size_t k = 0; k < n_groups; k++) {
		all[k].group = k;
		for (size_t i = 0; i < n_hosts; i++)
			all[k].n += count[i][k];
	}
	qsort(all, n_groups, sizeof(*all), compare);
	for (size_t k = 0; k < limit && k < n_groups && all[k].n; k++)
		text_printf(&t, "%zu,%llu,\n", all[k].group, (unsigned long long)all[k].n);
	text_char(&t, '\0');
	CHECK(!t.failed);
	free(all);
	return t.p;
}

/* The same lines of @csv, without shares. */
static char *found(const char *csv, uint64_t limit)
{
	const char *line = strchr(csv, '\n') + 1;
	struct text t = {};

	for (uint64_t i = 0; i < limit && *line && *line != '\\'; i++) {
		const char *comma = strchr(strchr(line, ',') + 1, ',');

		text_put(&t, line, (size_t)(comma - line));
		text_str(&t, ",\n");
		line = strchr(line, '\n') + 1;
	}
	text_char(&t, '\0');
	CHECK(!t.failed);
	return t.p;
}

/* Returns the most bytes that a host has sent. */
static size_t run(size_t n_hosts, size_t n_groups, uint64_t limit)
{
	struct notes notes = {};
	struct tabular *csv;
	struct merge_opts o = { .notes = &notes };
	struct host host[HOSTS_MAX] = {};
	struct text asks = {};
	struct merge *m;
	struct out out;
	struct err e;
	size_t most = 0;
	char *want, *got;

	CHECK(out_init_memory(&out) == 0);
	CHECK(format_find(sv("csv"))->open(&(struct format_opts){}, &out, &csv) == 0);
	o.to = csv;
	CHECK(merge_new(&o, &m) == 0);
	merge_begin(m);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < n_hosts; i++) {
			char *text;
			size_t end;

			(void)snprintf(host[i].name, sizeof(host[i].name), "n%zu", i);
			(void)snprintf(host[i].boot, sizeof(host[i].boot), "b%zu", i);
			text = answer(&host[i], i, n_groups, limit, sv_n(asks.p ? asks.p : "", asks.len));
			end = round < 2 ? end_of(text, "ss1w", round + 1) : strlen(text);
			feed(m, host[i].name, sv_n(text + host[i].at, end - host[i].at));
			host[i].at = end;
			most = end > most ? end : most;
			free(text);
		}
		CHECK(merge_is_waiting(m));
		CHECK(merge_ask(m, &asks) == (round < 2));
	}
	merge_end(m);
	CHECK(merge_answer(m, &e) == 0);
	CHECK(csv->ops->end(csv, &notes) == 0);
	CHECK(!notes.has_error && !notes.text.len);
	out_write(&out, "", 1);
	want = truth(n_hosts, n_groups, limit);
	got = found(out.buf, limit);
	CHECK_STR(got, want);
	CHECK(!strstr(out.buf, "at_most"));
	free(want);
	free(got);
	text_done(&asks);
	(void)merge_free(m);
	(void)tabular_free(csv);
	(void)out_done(&out);
	notes_done(&notes);
	return most;
}

static void test_random(void)
{
	for (unsigned int trial = 0; trial < 300; trial++) {
		size_t n_hosts = 1 + pick(HOSTS_MAX), n_groups = 1 + pick(200);
		uint32_t spread = 1 + pick(1 + trial);

		for (size_t i = 0; i < n_hosts; i++)
			for (size_t k = 0; k < n_groups; k++)
				count[i][k] =
					pick(3) ? pick(spread) / (1 + (uint32_t)((k * 7 + i) % n_groups)) +
							  pick(2)
						: 0;
		(void)run(n_hosts, n_groups, 1 + pick(12));
	}
}

/* The k-th fifty have a k-th of what the first have, give or take half of it on each host. */
static void test_many_groups(void)
{
	size_t most;

	for (size_t i = 0; i < MANY_HOSTS; i++)
		for (size_t k = 0; k < GROUPS_MAX; k++) {
			uint32_t mean = (uint32_t)(200000 / (k / 50 + 1));

			count[i][k] = 1 + mean / 2 + pick(mean + 1);
		}
	most = run(MANY_HOSTS, GROUPS_MAX, 20);
	printf("%zu bytes a host\n", most);
	CHECK(most <= FEW);
}

int main(void)
{
	test_random();
	test_many_groups();
	return 0;
}
