/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "report/overview.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "report/branch.h"
#include "report/subflows.h"

static const struct section {
	const char *name, *title, *filter, *by, *columns, *sort, *unique;
	uint64_t limit;
	bool has_netns;
} sections[] = {
#define SECTION(n, t, f, ...) { .name = n, .title = t, .filter = f, __VA_ARGS__ },
#include "report/overview.def"
};

struct overview {
	struct sink sink;
	struct overview_opts o;
	struct tabular *to;
	struct branch *branch;
	uint64_t at_us; /* of the run */
	bool is_open;   /* there is a run that has not ended */
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	const struct sink *lists = branch_sink(((const struct overview *)s)->branch);

	lists->ops->fields(lists, set);
}

static int begin(struct sink *s, uint64_t at_us)
{
	struct overview *o = (struct overview *)s;

	o->at_us = at_us;
	o->is_open = true;
	s->also_ask = 0;
	return sink_begin(branch_sink(o->branch), at_us);
}

static int row_in(struct sink *s, const struct row *row)
{
	struct sink *lists = branch_sink(((struct overview *)s)->branch);
	int r = lists->ops->row(lists, row);

	s->also_ask = lists->also_ask;
	return r;
}

static struct cell bytes(int64_t pages)
{
	return (struct cell){ .is_there = pages >= 0,
			      .val = { .kind = VAL_UINT,
				       .u = (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) } };
}

/* Whose memory is told, of the whole host. */
static const struct {
	const char *name, *limit;
	enum proc_counter pages;
} protocols[] = { { "tcp", "sys/net/ipv4/tcp_mem", COUNTER_TCP_MEM },
		  { "udp", "sys/net/ipv4/udp_mem", COUNTER_UDP_MEM } };

static void note_unread(struct notes *notes, const char *file, int r)
{
	struct err e;

	if (r < 0 && err_sys(&e, r, "memory of the protocols: /proc/%s", file) < 0)
		notes_add(notes, NOTE_ERROR, "%s", e.text);
}

/* Pages that a protocol may use, -1 when it is not known. Only the first network namespace has the file. */
static int64_t read_limit(const struct overview *o, const char *file)
{
	int64_t pages;
	int r = host_limit(o->o.host, file, &pages);

	if (r != -ENOENT)
		note_unread(o->o.notes, file, r);
	return pages;
}

/* The memory that the protocols use on the whole host, and may use. */
static int put_memory(struct overview *o)
{
	static const struct column columns[] = {
		{ .name = "protocol", .field = F_MAX, .type = T_STR },
		{ .name = "memory", .field = F_MAX, .type = T_BYTES },
		{ .name = "limit", .field = F_MAX, .type = T_BYTES },
		{ .name = "used", .field = F_MAX, .type = T_SHARE },
	};
	const struct listing l = { .name = "memory",
				   .title = "Memory of the host's protocols",
				   .columns = columns,
				   .n = ARRAY_SIZE(columns),
				   .at_us = o->at_us };
	struct proc_counter_errors errors;
	struct proc_counters counters;
	int r = o->to->ops->list(o->to, &l);

	host_counters(o->o.host, &counters, &errors);
	if (o->o.host->is_live)
		note_unread(o->o.notes, "net/sockstat", errors.sockstat);
	for (size_t i = 0; i < ARRAY_SIZE(protocols) && r == 0; i++) {
		int64_t used = counters.v[protocols[i].pages];
		int64_t limit = read_limit(o, protocols[i].limit);
		struct cell cells[] = { { .is_there = true,
					  .val = { .kind = VAL_STR, .s = sv(protocols[i].name) } },
					bytes(used),
					bytes(limit),
					{ .is_there = used >= 0 && limit > 0, .val = { .kind = VAL_REAL } } };

		if (cells[3].is_there)
			cells[3].val.d = (double)used / (double)limit;
		r = o->to->ops->record(o->to, cells);
	}
	return r < 0 ? r : o->to->ops->list_end(o->to);
}

static int end(struct sink *s)
{
	struct overview *o = (struct overview *)s;
	struct sink *lists = branch_sink(o->branch);
	int r = lists->ops->end(lists);

	o->is_open = false;
	return r < 0 ? r : put_memory(o);
}

static int nothing_yet(struct sink *)
{
	return 0;
}

static const struct sink_ops overview_ops = {
	.fields = fields_used, .begin = begin, .row = row_in, .end = end, .flush = nothing_yet
};

int overview_end(struct overview *o, const struct notes *notes)
{
	int r = o->is_open ? end(&o->sink) : 0; /* the run failed: the lists are there all the same */
	struct notes all = notes_of_end(notes, r);
	int k = o->to->ops->end(o->to, &all);

	return r < 0 ? r : k;
}

void overview_needs(const struct overview *o, struct fieldset *keys)
{
	branch_needs(o->branch, keys);
}

struct sink *overview_sink(struct overview *o)
{
	return &o->sink;
}

struct overview *overview_free(struct overview *o)
{
	if (!o)
		return NULL;
	(void)branch_free(o->branch);
	free(o);
	return NULL;
}

/* @list behind "netns" where namespaces have to be told apart; made in @t, which lasts as long. */
static const char *with_netns(const struct overview *o, const struct section *s, const char *list,
			      struct text *t)
{
	if (!list || !s->has_netns || !o->o.is_everywhere)
		return list;
	text_str(t, fields[F_NETNS].name);
	text_char(t, ',');
	text_str(t, list);
	text_char(t, '\0');
	return t->failed ? NULL : t->p;
}

static int add_section(struct overview *o, const struct section *s, const struct selection *sel,
		       struct err *e)
{
	const struct filter_env env = { .selected = sel->families, .want_tcp = true };
	const struct sv words[] = { sv(s->filter) };
	struct text by = {}, columns = {};
	const struct chain_opts co = { .name = s->name,
				       .title = s->title,
				       .by = with_netns(o, s, s->by, &by),
				       .columns = with_netns(o, s, s->columns, &columns),
				       .sort = s->sort,
				       .unique = s->unique,
				       .limit = s->limit,
				       .has_limit = true,
				       .has_subflows = subflows_are_possible(sel),
				       .is_one_of_many = true };
	struct filter *filter = NULL;
	struct chain *chain = NULL;
	int r = by.failed || columns.failed ? -ENOMEM : chain_new(&co, sel, o->to, &chain, e);

	text_done(&by);
	text_done(&columns);
	if (r == 0)
		r = filter_parse(&env, words, ARRAY_SIZE(words), &filter, e);
	if (r < 0) {
		(void)chain_free(chain);
		return r;
	}
	return branch_add(o->branch, chain, filter, UINT32_MAX);
}

int overview_new(const struct overview_opts *opts, const struct selection *sel, struct tabular *to,
		 struct overview **ret, struct err *e)
{
	_cleanup_(overview_freep) struct overview *o = calloc(1, sizeof(*o));
	int r = o ? branch_new(&o->branch) : -ENOMEM;

	if (r < 0)
		return r;
	o->sink.ops = &overview_ops;
	o->o = *opts;
	o->to = to;
	for (size_t i = 0; i < ARRAY_SIZE(sections) && r >= 0; i++)
		r = add_section(o, &sections[i], sel, e);
	if (r < 0)
		return r;
	*ret = take_ptr(o);
	return 0;
}
